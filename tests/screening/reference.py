"""A reference implementation of screening: word by word and letter by letter, slow but simple."""

import unicodedata
from collections.abc import Iterator, Sequence

from app.core.text import FILLERS, fold

HIRAGANA = {code: code - 0x60 for code in range(0x30A1, 0x30F7)}
SMALL = dict(zip(range(0x31F0, 0x3200), "くしすとぬはひふへほむらりるれろ", strict=True))
REPEATS = "々〻ゝゞヽヾ"


def squeeze(text: str) -> str:
    folded = fold(text).translate({**HIRAGANA, **SMALL})
    return "".join(without_marks(char) for char in folded if is_letter(char))


def is_letter(char: str) -> bool:
    category = unicodedata.category(char)
    if category == "Lm":
        return char in REPEATS
    return category[0] in "LN" and char not in FILLERS


def without_marks(char: str) -> str:
    if "\u3040" <= char <= "\u30ff":
        return char
    parts = unicodedata.normalize("NFD", char)
    return "".join(part for part in parts if unicodedata.category(part)[0] != "M")


def holds_banned_word(text: str, banned: Sequence[str], allowed: Sequence[str]) -> bool:
    """Whether there is a hit that no exception contains as a whole."""
    squeezed = squeeze(text)
    return any(
        not any(
            begin <= first and last <= end
            for phrase in allowed
            for begin, end in places(squeezed, phrase)
        )
        for word in banned
        for first, last in places(squeezed, word)
    )


def places(text: str, word: str) -> Iterator[tuple[int, int]]:
    for begin in range(len(text)):
        if text.startswith(word, begin):
            yield begin, begin + len(word)
