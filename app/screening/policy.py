"""Whether a text has a banned word, in any spelling. Pure functions."""

import math
import re
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import filterfalse
from operator import itemgetter

from ahocorasick_rs import AhoCorasick

from app.core.errors import RateLimited
from app.core.spelling import squeeze
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


class WordList:
    """Finds the banned words, and the allowed phrases that may contain one. All are squeezed.

    One automaton (Aho-Corasick) finds all words and phrases in one pass over the text.
    """

    def __init__(self, banned: Iterable[str], allowed: Iterable[str]) -> None:
        phrases, self._banned = list(allowed), list(banned)
        self._phrases = len(phrases)
        self._automaton = AhoCorasick([*phrases, *self._banned])

    def find_banned_words(self, text: str) -> list[str]:
        """The keys of the banned words that the text has outside of allowed phrases."""
        matches = self._automaton.find_matches_as_indexes(squeeze(text), overlapping=True)
        allowed_until, keys = 0, dict[str, None]()
        for number, _, end in sorted(matches, key=_BEGIN_THEN_NUMBER):
            if number < self._phrases:
                allowed_until = max(allowed_until, end)
            elif end > allowed_until:
                keys[self._banned[number - self._phrases]] = None
        return list(keys)

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
