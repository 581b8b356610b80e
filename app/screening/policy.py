"""Whether a text holds a banned word, however it is spelled. Pure functions."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence

from app.core.errors import RateLimited
from app.utils.text import FILLERS, fold

POSTS_AN_HOUR = 5
"""What an account made just now may write."""

_LINK = re.compile(
    r"https?:/|hxxps?:|\bwww\.|[a-z0-9][a-z0-9-]*\.(?:[a-z]{2,24}/|"
    r"(?:com|net|org|jp|info|biz|io|xyz|top|shop|store|site|online|link|app|dev|club|page|work|"
    r"live|fun|vip|tokyo|me|ly|gg|ee|cc|tv|ru|cn|kr|tw|co|ai)(?![a-z0-9-]))"
)
"""In folded text. A domain is known by a slash behind it, or by one of the common endings."""

_HIRAGANA = {code: code - 0x60 for code in range(0x30A1, 0x30F7)}
_SMALL = dict(zip(range(0x31F0, 0x3200), "くしすとぬはひふへほむらりるれろ", strict=True))
_TO_HIRAGANA: dict[int, int | str] = {**_HIRAGANA, **_SMALL}
_REPEATS = "々〻ゝゞヽヾ"
"""Modifier letters that stand for a letter; all others (ー, ː) only stretch or colour one."""


def squeeze(text: str) -> str:
    """The text as a stubborn reader sees it: folded, in hiragana, without accents and without
    anything between the letters: `シ ネ`, `ｼﾈ` and `し.ね` are the same.
    """
    folded = fold(text).translate(_TO_HIRAGANA)
    return "".join(_bare(char) for char in folded if _is_letter(char))


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


def holds_banned_word(text: str, banned: Iterable[str], allowed: Sequence[str]) -> bool:
    """Whether the text has a banned word that no allowed phrase holds whole. The lists are
    squeezed.
    """
    squeezed = squeeze(text)
    found = [place for word in banned for place in _places(squeezed, word)]
    if not found:
        return False
    harmless = [place for phrase in allowed for place in _places(squeezed, phrase)]
    return any(
        not any(begin <= first and last <= end for begin, end in harmless) for first, last in found
    )


def _places(text: str, word: str) -> Iterator[tuple[int, int]]:
    """Where a word begins and ends, each time."""
    at = text.find(word)
    while at >= 0:
        yield at, at + len(word)
        at = text.find(word, at + 1)


def ensure_not_too_many(written_lately: int) -> None:
    """For an account made just now. Raises RateLimited."""
    if written_lately >= POSTS_AN_HOUR:
        raise RateLimited(headers={"Retry-After": "3600"})


def holds_link(text: str) -> bool:
    """Whether the text has a web address, in full width or with something invisible in it too."""
    shown = (char for char in fold(text) if unicodedata.category(char) != "Cf")
    return _LINK.search("".join(shown)) is not None
