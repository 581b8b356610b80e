"""Reduces a text to its letters, so that disguised words match a list of words."""

import unicodedata
from functools import lru_cache

from app.core.text import FILLERS, fold

_HIRAGANA = {code: code - 0x60 for code in range(0x30A1, 0x30F7)}
_SMALL = dict(zip(range(0x31F0, 0x3200), "くしすとぬはひふへほむらりるれろ", strict=True))
_TO_HIRAGANA: dict[int, int | str] = {**_HIRAGANA, **_SMALL}
_REPEATS = "々〻ゝゞヽヾ"
"""Modifier letters that repeat a letter. All others (ー, ː) only change a letter's sound."""


def squeeze(text: str) -> str:
    """The letters of the text, folded, in hiragana and without accents.

    Signs and spaces between letters are left out: `シ ネ`, `ｼﾈ` and `し.ね` are the same.
    """
    return "".join(map(_squeezed, fold(text)))


def letters_of(text: str) -> list[tuple[int, int]] | None:
    """For each letter of the squeezed text, from where to where the text has it.

    None where that can't be said: letters that only become one together, such as old Hangul.
    """
    places, squeezed, begin = list[tuple[int, int]](), "", 0
    for end in range(1, len(text) + 1):
        if end == len(text) or not _joins_the_letter_before(text[end]):
            letters = squeeze(text[begin:end])
            places += [(begin, end)] * len(letters)
            squeezed += letters
            begin = end
    return places if squeezed == squeeze(text) else None


def _joins_the_letter_before(char: str) -> bool:
    """Marks, and the voicing of half-width kana."""
    return char in "\uff9e\uff9f" or unicodedata.category(char)[0] == "M"


@lru_cache(maxsize=1 << 16)
def _squeezed(char: str) -> str:
    """Cached: without the cache, a text takes ten times as long."""
    char = char.translate(_TO_HIRAGANA)
    return _bare(char) if _is_letter(char) else ""


def _is_letter(char: str) -> bool:
    category = unicodedata.category(char)
    if category == "Lm":
        return char in _REPEATS
    # Marks that NFKC did not combine with a letter, and invisible fillers, are not letters.
    return category[0] in "LN" and char not in FILLERS


def _bare(char: str) -> str:
    """The letter without its accent. Kana keep their marks: が is another letter than か."""
    if "\u3040" <= char <= "\u30ff" or char.isascii():
        return char
    parts = unicodedata.normalize("NFD", char)
    return "".join(part for part in parts if unicodedata.category(part)[0] != "M")
