"""Invisible signs that no script needs: with them one name can look like another.

Bidirectional controls, zero-width spaces, soft hyphens, fillers and the like (Unicode's category
Cf, and what is invisible besides). A joiner is allowed where it joins: inside an emoji, and behind
a letter of Arabic, Indic and other scripts in which it changes what one reads. A selector is
allowed where there is a form to select.
"""

import re
import unicodedata

from app.core.text import FILLERS, IGNORABLE

_NON_JOINER, _JOINER = "\u200c", "\u200d"

_VISIBLE = re.compile("[\u0600-\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd]")
"""Signs of Arabic, Syriac and Kaithi that stand around numbers."""

_JOINING = re.compile(
    "[\u0600-\u08ff\u0900-\u0dff\u1000-\u109f\u1780-\u18af\u1900-\u1c4f\ua800-\uaaff"
    "\ufb50-\ufdff\ufe70-\ufefe\U00010a00-\U00011fff\U0001e900-\U0001e95f]"
)
_TAGGED_FLAG = re.compile("\U0001f3f4[\U000e0020-\U000e007e]{1,15}\U000e007f")
"""A flag of a part of a country, such as England's."""

_HAN = "\u3005-\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_SELECTED = re.compile(
    f"[{_HAN}][\ufe00-\ufe02\U000e0100-\U000e01ef]|[0-9#*\u2139\U00013000-\U0001345f][\ufe0e\ufe0f]"
    "|[\u1820-\u18aa][\u180b-\u180f]|[\u1000-\u109f\ua840-\ua877\uaa60-\uaa7f]\ufe00"
    "|[\u2801-\u28ff]\u2800"
)
"""A form of a kanji, a digit or sign as an emoji, hieroglyphs as people copy them, letters of
Mongolian, Myanmar and Phags-pa, and the space between words of Braille."""

_AS_PICTURE = "\ufe0e\ufe0f"
"""They choose whether a sign is shown as text or as an emoji. Keyboards add them to other signs,
and twice, too. Behind a letter they only make two names look the same."""


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
    if _VISIBLE.match(char) or _SELECTED.match(before + char):
        return False
    if char in _AS_PICTURE and _is_sign(before):
        return False
    is_ignorable = IGNORABLE.match(char) is not None
    return is_ignorable or char in FILLERS or unicodedata.category(char) == "Cf"


def _is_sign(char: str) -> bool:
    """Whether it is neither a letter, a digit nor a space, and not on every keyboard, as a plus."""
    is_plain = char.isalpha() or char.isdecimal() or char.isspace() or char in FILLERS
    return not is_plain and (char > "\u00ff" or (char != "" and char in "©®"))


def _is_part_of_emoji(char: str) -> bool:
    is_tone = "\U0001f3fb" <= char <= "\U0001f3ff"
    return is_tone or char in ("\ufe0f", "\U000e007f") or _is_picture(char)


def _is_picture(char: str) -> bool:
    return char != "" and unicodedata.category(char) in ("So", "Sm")
