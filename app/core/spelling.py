"""A text's words, however they are spelled: disguised words match the list of words too."""

import unicodedata
from functools import lru_cache

from app.core.text import FILLERS, fold

_HIRAGANA = {code: code - 0x60 for code in range(0x30A1, 0x30F7)}
_SMALL = dict(zip(range(0x31F0, 0x3200), "くしすとぬはひふへほむらりるれろ", strict=True))
_TO_HIRAGANA: dict[int, int | str] = {**_HIRAGANA, **_SMALL}
_REPEATS = "々〻ゝゞヽヾ"
"""Modifier letters that stand for a letter; all others (ー, ː) only stretch or colour one."""


def squeeze(text: str) -> str:
    """The text as a stubborn reader sees it: folded, in hiragana, without accents and without
    anything between the letters: `シ ネ`, `ｼﾈ` and `し.ね` are the same.
    """
    return "".join(map(_squeezed, fold(text)))


@lru_cache(maxsize=1 << 16)
def _squeezed(char: str) -> str:
    """Cached: looking up each letter again takes ten times as long."""
    char = char.translate(_TO_HIRAGANA)
    return _bare(char) if _is_letter(char) else ""


def _is_letter(char: str) -> bool:
    category = unicodedata.category(char)
    if category == "Lm":
        return char in _REPEATS
    # A mark that did not melt into its letter, and a filler that looks like nothing, are between.
    return category[0] in "LN" and char not in FILLERS


def _bare(char: str) -> str:
    """Without its accent. Kana keep theirs: が is another letter than か."""
    if "\u3040" <= char <= "\u30ff" or char.isascii():
        return char
    parts = unicodedata.normalize("NFD", char)
    return "".join(part for part in parts if unicodedata.category(part)[0] != "M")
