"""Invisible signs that no script needs: with them one name can look like another.

Bidirectional controls, zero-width spaces, soft hyphens and the like (Unicode's category Cf, and a
few marks). A joiner is allowed where it joins: inside an emoji, and behind a letter of Arabic,
Indic and other scripts in which it changes what one reads.
"""

import re
import unicodedata

_NON_JOINER, _JOINER = "\u200c", "\u200d"
_ALSO = "\u034f\u17b4\u17b5"
"""Invisible marks: the grapheme joiner, and two vowels of Khmer."""

_VISIBLE = re.compile("[\u0600-\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd]")
"""Signs of Arabic, Syriac and Kaithi that stand around numbers."""

_JOINING = re.compile(
    "[\u0600-\u08ff\u0900-\u0dff\u1000-\u109f\u1780-\u18af\u1900-\u1c4f\ua800-\uaaff"
    "\ufb50-\ufdff\ufe70-\ufefe\U00010a00-\U00011fff\U0001e900-\U0001e95f]"
)
_IN_MONGOLIAN = re.compile("[\u1820-\u18aa]\u180e")
_TAGGED_FLAG = re.compile("\U0001f3f4[\U000e0020-\U000e007e]{1,15}\U000e007f")
"""A flag of a part of a country, such as England's."""

_SELECTOR = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]")


def without_hidden_signs(text: str) -> str:
    """The text without its hidden signs: what a reader sees."""
    kept = {at for flag in _TAGGED_FLAG.finditer(text) for at in range(*flag.span())}
    shown = (char for at, char in enumerate(text) if at in kept or not _is_hidden(text, at))
    return "".join(shown)


def _is_hidden(text: str, at: int) -> bool:
    char, before, behind = text[at], text[:at][-1:], text[at + 1 : at + 2]
    if char == _JOINER and _is_part_of_emoji(before) and _is_picture(behind):
        return False
    if char in (_JOINER, _NON_JOINER):
        return not _JOINING.match(before)
    if _SELECTOR.match(char):
        # It chooses the form of an emoji, of a digit on a key, or of a kanji. Latin letters have
        # one form only.
        return before.isascii() and before.isalpha()
    if _VISIBLE.match(char) or _IN_MONGOLIAN.match(before + char):
        return False
    return char in _ALSO or unicodedata.category(char) == "Cf"


def _is_part_of_emoji(char: str) -> bool:
    is_tone = "\U0001f3fb" <= char <= "\U0001f3ff"
    return is_tone or char in ("\ufe0f", "\U000e007f") or _is_picture(char)


def _is_picture(char: str) -> bool:
    return char != "" and unicodedata.category(char) in ("So", "Sm")
