"""Time slices: every lexeme of the search's index begins with the number of its post's slice.

So the index answers for four weeks at a time, the newest first, and a search stops when its page
is full. `linky_post_lexemes` makes the lexemes; what is here must fit it.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from uuid import UUID

from app.core.text import quoted_lexeme

_SLICE_MS = 2_419_200_000
"""Four weeks. It never changes without a new index."""

_LAST_SLICE = 9999
_MARKS = "。、・「」『』【】!?.,:;()~♪"
"""They begin no bigram, but are in the index as single characters."""

_TITLE = "\x01"
_LOUNGE = "\x02"


def slice_of(post_id: UUID) -> int:
    """The number of the slice of a post."""
    return min((post_id.int >> 80) // _SLICE_MS, _LAST_SLICE)


def beginning_of(number: int) -> UUID:
    """The least id of a slice."""
    return UUID(int=(number * _SLICE_MS) << 80)


def pairs_of(words: Sequence[str]) -> list[str]:
    """What the index has of words, each once: bigrams, and letters that are in no bigram."""
    return list(dict.fromkeys(pair for word in words for pair in _pairs_of_word(word)))


def _pairs_of_word(word: str) -> Iterator[str]:
    for letter, after in pairwise(word):
        yield letter if letter in _MARKS else letter + after
    if word[-2:-1] in _MARKS:  # Also where there is no letter before the last.
        yield word[-1]


def slice_query(
    number: int, pairs: Sequence[str], lounge_id: UUID | None, *, in_title: bool
) -> str:
    """A tsquery for the posts of a slice that have all the bigrams, and more."""
    beginning = f"{number:04}{_TITLE if in_title else ''}"
    lexemes = [quoted_lexeme(beginning + pair) + (":*" if len(pair) == 1 else "") for pair in pairs]
    if lounge_id is not None:
        lexemes.append(quoted_lexeme(f"{number:04}{_LOUNGE}{lounge_id.hex[-8:]}"))
    return " & ".join(lexemes)
