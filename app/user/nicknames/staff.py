"""Names that readers would take for the staff's, in any spelling."""

import re
import unicodedata
from functools import cache

from app.core.spelling import squeeze
from app.core.text import fold

_JAPANESE = re.compile(
    "[運运][営營营]|公式|官方|管理(?:者|人|员|員)|かんりしゃ|かんりにん|あどみん|おふぃしゃる"
)
_WHOLE = "うんえい|こうしき|すたっふ|さぽと|事務局|もでれた|お知らせ|しすてむ"
"""Kana of 運営 and 公式, スタッフ, サポート, モデレーター and システム, and two more words.

Only the whole name counts. Inside other words they are harmless (うん、えいが、スタッフォード…).
The app's own name may stand before them.
"""

_GROUPS = "(?:ちむ|さん|せんた|窓口|担当|一同)?"
_WHOLE_LATIN = ("staff", "support", "moderator", "moderators")
"""As above (supporter…)."""

_READ = {"linky": "りんき"}
"""How Japanese readers write our own name. It may stand before a role, but is a word of its own."""

_HARMLESS_JAPANESE = re.compile("非公式|公式戦(?!略)|運営業(?!務)")
_HARMLESS_LATIN = re.compile("badminton|unofficial|nonofficial|officially")

_STANDS_FOR = {
    "a": "4@", "e": "3", "i": "1l|!", "l": "1i|!", "o": "0", "s": "5$", "t": "7+",
}  # fmt: skip
"""Digits and signs that people read as a letter."""

_BETWEEN = r"[\W_]"

_LOOKS_LIKE = {
    "a": "аαɑᴀɐ", "c": "сϲᴄ", "d": "ԁᴅðᎠ", "e": "еεᴇ", "f": "ғꜰƒ", "i": "іιıɩɪ", "k": "кκᴋ",
    "l": "ӏʟ", "m": "мᴍ", "n": "пոɴηи", "o": "оοօᴏ", "p": "рρᴘ", "r": "гᴦʀ", "s": "ѕꜱ", "t": "тτᴛ",
    "u": "υսᴜ", "y": "уүʏ",
}  # fmt: skip
"""Cyrillic, Greek, Armenian and small capital letters that look like Latin ones."""

_FRAMED = (0x1F150, 0x1F170, 0x1F1E6)
"""The first of the white letters in circles, of those in squares, and of the letters of flags. NFKC
keeps them as they are.
"""


def passes_for_staff(name: str, app_name: str) -> bool:
    """Whether readers would take the name for that of an operator or an official account.

    So they would the app's own name. Width, case, accents, signs between letters and similar
    letters of other scripts make no difference.
    """
    squeezed = _HARMLESS_JAPANESE.sub("", squeeze(name))
    if _JAPANESE.search(squeezed) or _whole(app_name).fullmatch(squeezed):
        return True
    latin = _HARMLESS_LATIN.sub("", _as_latin(name))
    return any(pattern.search(latin) for pattern in (*_inside(), _whole_latin(app_name)))


@cache
def _whole(app_name: str) -> re.Pattern[str]:
    own = squeeze(app_name)
    if not own:
        return re.compile(f"(?:{_WHOLE}){_GROUPS}")
    before = "|".join(map(re.escape, filter(None, (own, _READ.get(own)))))
    return re.compile(f"(?:{re.escape(own)}|(?:{before})?(?:{_WHOLE})){_GROUPS}")


@cache
def _whole_latin(app_name: str) -> re.Pattern[str]:
    """The app's name takes part if it is written in Latin letters; `_whole` has the others."""
    own = "".join(char for char in _as_latin(app_name) if char.isalnum())
    names = (own,) if own.isascii() and own else ()
    before = "".join(f"(?:{_spaced(name)})?" for name in names)
    roles = "|".join(map(_spaced, (*names, *_WHOLE_LATIN)))
    return re.compile(f"^{_BETWEEN}*{before}(?:{roles})(?:{_spaced('team')})?$")


def _as_latin(name: str) -> str:
    """The name in lower-case Latin letters without accents. Signs stay where they are.

    A letter that only changes a sound (ー, ː) is a sign between Latin letters: readers skip it.
    """
    parts = unicodedata.normalize("NFD", fold(name).translate(_letters()))
    kinds = ((part, unicodedata.category(part)) for part in parts)
    return "".join("-" if kind == "Lm" else part for part, kind in kinds if kind[0] not in "MC")


@cache
def _letters() -> dict[int, str]:
    alike = {ord(char): letter for letter, chars in _LOOKS_LIKE.items() for char in chars}
    return alike | {first + at: chr(ord("a") + at) for first in _FRAMED for at in range(26)}


@cache
def _inside() -> tuple[re.Pattern[str], ...]:
    """Three patterns for each word: in one piece, with signs between all letters, or as a separate
    word with signs between some letters.

    So `a.d.m.i.n` and `ad-min` match, and `mad mint` does not.
    """
    patterns = []
    for word in ("admin", "official"):
        letters = _letters_of(word)
        alone = f"(?<![a-z]){f'{_BETWEEN}*'.join(letters)}(?![a-z])"
        patterns += ["".join(letters), f"{_BETWEEN}+".join(letters), alone]
    return tuple(map(re.compile, patterns))


def _spaced(word: str) -> str:
    """The letters of a word, with any signs behind each."""
    return "".join(f"{letter}{_BETWEEN}*" for letter in _letters_of(word))


def _letters_of(word: str) -> list[str]:
    return [f"[{letter}{_STANDS_FOR.get(letter, '')}]" for letter in word]
