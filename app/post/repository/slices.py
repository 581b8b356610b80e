"""Time slices: every lexeme of the search's index begins with the number of its post's slice.

So the index answers for four weeks at a time, the newest first, and a search stops when its page
is full. `linky_post_lexemes` makes the lexemes; what is here must fit it.
"""

from collections.abc import Sequence
from uuid import UUID

from app.core.text import quoted_lexeme

_SLICE_MS = 2_419_200_000
"""Four weeks. It never changes without a new index."""

_LAST_SLICE = 9999
_TITLE = "\x01"
_LOUNGE = "\x02"


def slice_of(post_id: UUID) -> int:
    """The number of the slice of a post."""
    return min((post_id.int >> 80) // _SLICE_MS, _LAST_SLICE)


def beginning_of(number: int) -> UUID:
    """The least id of a slice."""
    return UUID(int=(number * _SLICE_MS) << 80)


def pairs_of(words: Sequence[str]) -> list[str]:
    """The bigrams of words, each once. A word of one letter is itself."""
    pairs = (word[i : i + 2] for word in words for i in range(max(1, len(word) - 1)))
    return list(dict.fromkeys(pairs))


def slice_query(
    number: int, pairs: Sequence[str], lounge_id: UUID | None, *, in_title: bool
) -> str:
    """A tsquery for the posts of a slice that have all the bigrams, and more."""
    beginning = f"{number:04}{_TITLE if in_title else ''}"
    lexemes = [quoted_lexeme(beginning + pair) + (":*" if len(pair) == 1 else "") for pair in pairs]
    if lounge_id is not None:
        lexemes.append(quoted_lexeme(f"{number:04}{_LOUNGE}{lounge_id.hex[-8:]}"))
    return " & ".join(lexemes)
