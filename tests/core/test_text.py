"""Cutting text: a letter of several code points is kept whole or left out. What is empty."""

import unicodedata
from contextlib import suppress

import pytest

from app.core.text import ForbiddenCharacter, clean, cut, cut_bytes

LETTERS = [
    "a", "あ", "🍣", "e\u0301\u0323", "👨\u200d👩\u200d👧\u200d👦", "👍🏽",
    "❤\ufe0f", "1\ufe0f\u20e3", "🇯🇵", "ｶﾞ", "नि",
    "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
]  # fmt: skip


@pytest.mark.parametrize("letter", LETTERS)
def test_a_cut_is_always_between_letters(letter: str) -> None:
    text = letter * 8
    by_letters = [(cut(text, length), length) for length in range(1, len(text))]
    by_bytes = [(cut_bytes(text, length), length) for length in range(3, len(text.encode()))]
    assert all(len(shortened) <= length for shortened, length in by_letters)
    assert all(len(shortened.encode()) <= length for shortened, length in by_bytes)
    for shortened, _ in by_letters + by_bytes:
        assert shortened.endswith("…")
        assert set(shortened[:-1].split(letter)) == {""}


@pytest.mark.parametrize("letter", LETTERS)
def test_a_cut_keeps_as_much_as_fits(letter: str) -> None:
    text, size = letter * 8, len(letter.encode())
    assert cut(text, len(text)) == cut_bytes(text, 8 * size) == text
    assert cut(text, len(text) - 1) == letter * ((len(text) - 2) // len(letter)) + "…"
    # The … itself takes three bytes.
    assert cut_bytes(text, 8 * size - 1) == letter * ((8 * size - 4) // size) + "…"


def test_a_cut_text_has_one_line() -> None:
    assert cut("one\n two\tthree", 9) == "one two …"


@pytest.mark.parametrize(
    ("multiline", "allowed"), [(False, set()), (True, set("\t\n\u2028\u2029"))]
)
def test_control_characters_line_separators_and_surrogates_are_forbidden(
    multiline: bool, allowed: set[str]
) -> None:
    passed = set()
    every = set(map(chr, range(0x11000)))
    for char in every:
        # Between letters, so that it is not trimmed.
        with suppress(ForbiddenCharacter):
            clean(f"a{char}b", longest=3, multiline=multiline)
            passed.add(char)
    kinds = ("Cc", "Cs", "Zl", "Zp")
    forbidden = {char for char in every if unicodedata.category(char) in kinds}
    assert every - passed == forbidden - allowed


@pytest.mark.parametrize("separator", ["\r\n", "\u2028", "\u2029"])
def test_separators_of_lines_become_newlines(separator: str) -> None:
    text = f"{separator}一{separator}二{separator}{separator}三{separator}"
    assert clean(text, longest=10, multiline=True) == "一\n二\n\n三"
    assert clean(f"{separator}一{separator}", longest=10, multiline=False) == "一"


@pytest.mark.parametrize(
    "signs", ["\ufe0f", "\u034f", "\u180b\u180f", "\U000e0100", "\u17b4", "\ufff0"]
)
def test_a_text_of_invisible_signs_alone_is_empty(signs: str) -> None:
    assert clean(signs, longest=10, multiline=True) == ""
    # Beside a letter they stay: a kanji has forms, and an emoji too.
    assert clean(f"葛{signs}", longest=10, multiline=True) == f"葛{signs}"
