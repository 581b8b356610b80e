"""Whether a text has a banned word, in any spelling. Pure functions."""

import math
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import filterfalse
from operator import itemgetter

from ahocorasick_rs import AhoCorasick

from app.core.errors import RateLimited
from app.core.spelling import letters_of, squeeze
from app.core.text import fold

POSTS_AN_HOUR = 5
"""How many posts a new account may write in an hour. Comments have a limit of their own."""

AN_HOUR = timedelta(hours=1)

_LINK = re.compile(
    r"https?:/|hxxps?:|\bwww\.|(?<=[a-z0-9-])\.(?:[a-z]{2,24}/|"
    r"(?:com|net|org|jp|info|biz|io|xyz|top|shop|store|site|online|link|app|dev|club|page|work|"
    r"live|fun|vip|tokyo|me|ly|gg|ee|cc|tv|ru|cn|kr|tw|co|ai)(?![a-z0-9-]))"
)
"""A link in folded text. A domain has a slash behind it, or one of the common endings.

The pattern checks only the letter before the dot. A pattern for the whole name would be tried from
each of its letters, which takes half a second for 10,000 letters.
"""


@dataclass(frozen=True, slots=True)
class FoundWord:
    """A banned word in a text, by its key, and where it is in the squeezed text."""

    key: str
    begin: int
    end: int


class WordList:
    """Finds the banned words, and the allowed phrases that may contain one. All are squeezed.

    One automaton (Aho-Corasick) finds all words and phrases in one pass over the text.
    """

    def __init__(self, banned: Iterable[str], allowed: Iterable[str]) -> None:
        phrases, self._banned = list(allowed), list(banned)
        self._phrases = len(phrases)
        self._automaton = AhoCorasick([*phrases, *self._banned])

    def find_banned_words(self, text: str) -> list[FoundWord]:
        """The banned words that the text has outside of allowed phrases, in their order."""
        matches = self._automaton.find_matches_as_indexes(squeeze(text), overlapping=True)
        allowed_until, found = 0, list[FoundWord]()
        for number, begin, end in sorted(matches, key=_BEGIN_THEN_NUMBER):
            if number < self._phrases:
                allowed_until = max(allowed_until, end)
            elif end > allowed_until:
                found.append(FoundWord(self._banned[number - self._phrases], begin, end))
        return found

    def holds_banned_word(self, text: str) -> bool:
        matches = self._automaton.find_matches_as_indexes(squeeze(text), overlapping=True)
        # Sorted by where they begin, phrases first. So a word is inside a phrase if a phrase that
        # was seen before ends at the word's end or later.
        allowed_until = 0
        for number, _, end in sorted(matches, key=_BEGIN_THEN_NUMBER):
            if number < self._phrases:
                allowed_until = max(allowed_until, end)
            elif end > allowed_until:
                return True
        return False


_BEGIN_THEN_NUMBER = itemgetter(1, 0)


def places_of(text: str, found: Sequence[FoundWord]) -> list[tuple[int, int]]:
    """From where to where a text has banned words, in its order. Those that touch are one place."""
    letters, places = letters_of(text) if found else None, list[tuple[int, int]]()
    if letters is None:
        return places
    for word in found:
        begin, end = letters[word.begin][0], letters[word.end - 1][1]
        if places and begin <= places[-1][1]:
            begin, last = places.pop()
            end = max(end, last)
        places.append((begin, end))
    return places


def ensure_not_too_many(written_at: Sequence[datetime], now: datetime) -> None:
    """Limits a new account by the times of its posts in the last hour. Raises RateLimited.

    It may post again when its fifth last post is an hour old.
    """
    if len(written_at) >= POSTS_AN_HOUR:
        free_at = sorted(written_at)[-POSTS_AN_HOUR] + AN_HOUR
        raise RateLimited(math.ceil((free_at - now).total_seconds()))


def holds_link(text: str) -> bool:
    """Whether the text has a web address, even in full width or with invisible characters."""
    return _LINK.search("".join(filterfalse(_is_format, fold(text)))) is not None


@lru_cache(maxsize=1 << 14)
def _is_format(char: str) -> bool:
    return unicodedata.category(char) == "Cf"
