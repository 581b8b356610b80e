"""Whether a text holds a banned word, however it is spelled. Pure functions."""

import re
import unicodedata
from collections.abc import Iterable, Sequence

from app.utils.text import fold

_LINK = re.compile(
    r"https?://|\bwww\.|[a-z0-9-]+\.(?:com|net|org|jp|info|io|xyz|top|shop)\b", re.IGNORECASE
)
_TO_HIRAGANA = {code: code - 0x60 for code in range(0x30A1, 0x30F7)}
_MASK = "\0"
"""Stands for an allowed phrase: no word can reach across it."""


def squeeze(text: str) -> str:
    """The text as a stubborn reader sees it: folded, in hiragana, without anything between the
    letters: `シ ネ`, `ｼﾈ` and `し.ね` are the same.
    """
    folded = fold(text).translate(_TO_HIRAGANA)
    return "".join(char for char in folded if _is_letter(char))


def _is_letter(char: str) -> bool:
    # Letters, marks and numbers; the prolonged sound mark is only a stretched letter.
    return unicodedata.category(char)[0] in "LMN" and char != "ー"


def holds_banned_word(text: str, banned: Iterable[str], allowed: Sequence[str]) -> bool:
    """Whether the text has a banned word outside all allowed phrases. The lists are squeezed."""
    squeezed = squeeze(text)
    for phrase in sorted(allowed, key=len, reverse=True):
        squeezed = squeezed.replace(phrase, _MASK)
    return any(word in squeezed for word in banned)


def holds_link(text: str) -> bool:
    return _LINK.search(text) is not None
