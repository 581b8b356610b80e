"""Whether a text holds a banned word, however it is spelled. Pure functions."""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from itertools import filterfalse
from operator import itemgetter

from ahocorasick_rs import AhoCorasick

from app.core.errors import RateLimited
from app.core.spelling import squeeze
from app.core.text import fold

POSTS_AN_HOUR = 5
"""What an account made just now may write."""

_LINK = re.compile(
    r"https?:/|hxxps?:|\bwww\.|(?<=[a-z0-9-])\.(?:[a-z]{2,24}/|"
    r"(?:com|net|org|jp|info|biz|io|xyz|top|shop|store|site|online|link|app|dev|club|page|work|"
    r"live|fun|vip|tokyo|me|ly|gg|ee|cc|tv|ru|cn|kr|tw|co|ai)(?![a-z0-9-]))"
)
"""In folded text. A domain is known by a slash behind it, or by one of the common endings.

Only the letter before the dot is looked at: a pattern of the whole name would be tried from each
of its letters, which takes half a second for 10,000 of them.
"""


class WordList:
    """The banned words and the phrases that may hold one, both squeezed, ready to be looked for.

    One automaton (Aho-Corasick) finds all of them in one pass, however many there are.
    """

    def __init__(self, banned: Iterable[str], allowed: Iterable[str]) -> None:
        phrases = list(allowed)
        self._phrases = len(phrases)
        self._automaton = AhoCorasick([*phrases, *banned])

    def holds_banned_word(self, text: str) -> bool:
        """Whether the text has a banned word that no allowed phrase holds whole."""
        found = self._automaton.find_matches_as_indexes(squeeze(text), overlapping=True)
        # In the order of their beginnings, phrases first. So a word lies within a phrase if one
        # that began before it ends behind it.
        allowed_until = 0
        for number, _, end in sorted(found, key=_BEGIN_THEN_NUMBER):
            if number < self._phrases:
                allowed_until = max(allowed_until, end)
            elif end > allowed_until:
                return True
        return False


_BEGIN_THEN_NUMBER = itemgetter(1, 0)


def ensure_not_too_many(written_lately: int) -> None:
    """For an account made just now. Raises RateLimited."""
    if written_lately >= POSTS_AN_HOUR:
        raise RateLimited(retry_after=3600)


def holds_link(text: str) -> bool:
    """Whether the text has a web address, in full width or with something invisible in it too."""
    return _LINK.search("".join(filterfalse(_is_format, fold(text)))) is not None


@lru_cache(maxsize=1 << 14)
def _is_format(char: str) -> bool:
    return unicodedata.category(char) == "Cf"
