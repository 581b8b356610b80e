"""Text as people write it in Japan: normal forms, what can't be seen, folding, bigrams."""

import unicodedata
from collections.abc import Iterable

from app.core.marks import has_too_many_marks, limit_marks

_INVISIBLE = frozenset({"Cc", "Cf", "Zs", "Zl", "Zp"})
_EDGES = "\t\n\r" + "".join(
    char for char in map(chr, range(0x3001)) if unicodedata.category(char)[0] == "Z"
)
"""What is trimmed. Python's own idea of space has control characters among it."""

FILLERS = frozenset("\u115f\u1160\u3164\uffa0\u2800")
"""Letters and a Braille cell that look like nothing; names made of them would be empty."""


_JOINER = "\u200d"
_FLAG_LETTERS = "".join(map(chr, range(0x1F1E6, 0x1F200)))
"""Two of them are a flag."""

_SKIN_TONES = map(chr, range(0x1F3FB, 0x1F400))
_TAGS = map(chr, range(0xE0020, 0xE0080))
_EXTENDING = frozenset({_JOINER, "\uff9e", "\uff9f", *_SKIN_TONES, *_TAGS})
"""What belongs to the character before it, beside the combining marks: half-width voicing too."""


MOST_COMPOSED = 4
"""NFC makes at most four code points into one (a Greek letter with three marks). So a text of more
than four times its field's length is too long after NFC as well, and need not be normalised.
"""


class ForbiddenCharacter(ValueError):
    """The text holds a control character or half of a surrogate pair."""


class TextTooLong(ValueError):
    """The text is longer than its field, in whatever normal form."""


class TooManyMarks(ValueError):
    """More combining marks in a row than any language has."""


def clean(text: str, *, longest: int, multiline: bool) -> str:
    """The text in NFC, trimmed, with plain newlines; "" if nothing in it can be seen.

    Raises TextTooLong and TooManyMarks before anything is normalised, but does not count the
    letters: up to four times `longest` may come back. Raises ForbiddenCharacter for control
    characters (but tab and newline in multi-line text) and lone surrogates, neither of which
    PostgreSQL or a client's JSON parser would take.
    """
    text = text.replace("\r\n", "\n") if multiline else text
    allowed = "\t\n" if multiline else ""
    # Trimmed first: a newline behind a title is an accident of the keyboard, no offence.
    text = text.strip(_EDGES)
    if len(text) > MOST_COMPOSED * longest:
        raise TextTooLong
    if has_too_many_marks(text):
        raise TooManyMarks
    if any(_forbidden(char) and char not in allowed for char in text):
        raise ForbiddenCharacter
    text = unicodedata.normalize("NFC", text)
    return text if any(_visible(char) for char in text) else ""


def _forbidden(char: str) -> bool:
    return unicodedata.category(char) in ("Cc", "Cs")


def _visible(char: str) -> bool:
    return unicodedata.category(char) not in _INVISIBLE and char not in FILLERS


def fold(text: str) -> str:
    """What a reader would call the same word: width, half-width kana and case are gone.

    Linear in the text, of any origin: marks that are too many in a row are left out.
    """
    text = unicodedata.normalize("NFKC", limit_marks(text))
    return unicodedata.normalize("NFKC", text.casefold())


def bigrams(folded: str) -> set[str]:
    """Each letter with the one behind it, and the last letter of each word by itself.

    So every letter begins some lexeme, and a prefix search finds words of one letter too.
    """
    return {word[i : i + 2] for word in folded.split() for i in range(len(word))}


def tsquery(folded: str) -> str:
    """A PostgreSQL tsquery of the words' bigrams: a superset of what holds all the words."""
    return " & ".join(dict.fromkeys(_terms(folded.split())))


def any_bigram(folded: str) -> str:
    """A PostgreSQL tsquery of whatever shares a bigram with the text."""
    return " | ".join(sorted(_quoted(bigram) for bigram in bigrams(folded)))


def _terms(words: Iterable[str]) -> list[str]:
    terms = []
    for word in words:
        if len(word) == 1:
            terms.append(f"{_quoted(word)}:*")
        terms.extend(sorted(_quoted(word[i : i + 2]) for i in range(len(word) - 1)))
    return terms


def _quoted(lexeme: str) -> str:
    return "'" + lexeme.replace("\\", "\\\\").replace("'", "''") + "'"


def like_pattern(word: str) -> str:
    """A LIKE pattern (escape character `\\`) for text that holds the word."""
    escaped = word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"


def cut_bytes(text: str, length: int) -> str:
    """The beginning of a text, at most `length` bytes of UTF-8, never ending inside a letter."""
    encoded = text.encode()
    if len(encoded) <= length:
        return text
    ellipsis = "…"
    room = max(length - len(ellipsis.encode()), 0)
    return _beginning(text, len(encoded[:room].decode(errors="ignore"))) + ellipsis


def cut(text: str, length: int) -> str:
    """The beginning of a text, at most `length` code points, on one line, with … where cut."""
    line = " ".join(text.split())
    return line if len(line) <= length else _beginning(line, length - 1) + "…"


def _beginning(text: str, end: int) -> str:
    """At most `end` code points: fewer where a letter, a family or a flag would be torn apart."""
    while end and _is_inside_a_letter(text, end):
        end -= 1
    return text[:end]


def _is_inside_a_letter(text: str, at: int) -> bool:
    """Whether one reads what stands on both sides as one (UAX #29, for what people write here)."""
    if text[at - 1] == _JOINER or _extends(text[at]):
        return True
    flags = len(text[:at]) - len(text[:at].rstrip(_FLAG_LETTERS))
    return text[at] in _FLAG_LETTERS and flags % 2 == 1


def _extends(char: str) -> bool:
    return char in _EXTENDING or unicodedata.category(char) in ("Mn", "Mc", "Me")
