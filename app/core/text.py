"""Text as people write it in Japan: cleaning, folding, bigrams, cutting."""

import re
import unicodedata
from collections.abc import Iterable

from app.core.combining_marks import has_too_many_marks, limit_marks

_INVISIBLE = frozenset({"Cc", "Cf", "Zs", "Zl", "Zp"})
_EDGES = "\t\n\r" + "".join(
    char for char in map(chr, range(0x3001)) if unicodedata.category(char)[0] == "Z"
)
"""What is trimmed. Python's `strip` would also remove control characters."""

FILLERS = frozenset("\u115f\u1160\u3164\uffa0\u2800")
"""Letters and a Braille cell that are invisible. A name made of them would look empty."""

IGNORABLE = re.compile(
    "[\u034f\u17b4\u17b5\u180b-\u180d\u180f\u2065\ufe00-\ufe0f\ufff0-\ufff8\U000e0000-\U000e0fff]"
)
"""Marks without a shape of their own, and what Unicode keeps free for more of them: variation
selectors, the grapheme joiner, vowels of Khmer that are not written. With category Cf and the
fillers these are what Unicode calls default ignorable.
"""


_JOINER = "\u200d"
_FLAG_LETTERS = "".join(map(chr, range(0x1F1E6, 0x1F200)))
"""Two of them make a flag."""

_SKIN_TONES = map(chr, range(0x1F3FB, 0x1F400))
_TAGS = map(chr, range(0xE0020, 0xE0080))
_EXTENDING = frozenset({_JOINER, "\uff9e", "\uff9f", *_SKIN_TONES, *_TAGS})
"""Besides combining marks, these belong to the character before them: half-width voicing too."""


MAX_COMPOSED = 4
"""NFC combines at most four code points into one (a Greek letter with three marks). So a text over
four times the length of its field is too long after NFC too, and is refused before normalising.
"""


_NEWLINES = re.compile("\r\n|[\u2028\u2029]")
"""What counts as a newline: that of Windows, and Unicode's own line and paragraph separators."""

_FORBIDDEN = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_FORBIDDEN_IN_LINES = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
"""Control characters, separators of lines and surrogates; the second without tab and newline.
Unicode never adds any.

A look at the category of each character takes a hundred times as long.
"""


class ForbiddenCharacter(ValueError):
    """The text has a control character, a separator of lines or half of a surrogate pair."""


class TextTooLong(ValueError):
    """The text is longer than its field, in every normal form."""


class TooManyMarks(ValueError):
    """More combining marks in a row than any language has."""


def clean(text: str, *, longest: int, multiline: bool) -> str:
    """The text in NFC, trimmed, with plain newlines. Returns "" if nothing in it is visible.

    Raises TextTooLong and TooManyMarks before it normalises. The result can still be longer than
    `longest`, up to four times: the caller checks its length. Raises ForbiddenCharacter for control
    characters and line separators (in multi-line text tab and newline are allowed, and separators
    become newlines), and for lone surrogates: PostgreSQL or a client's JSON parser would refuse
    them.
    """
    text = _NEWLINES.sub("\n", text) if multiline else text
    # Trimmed first: a newline at the end of a title is only a slip of the keyboard.
    text = text.strip(_EDGES)
    if len(text) > MAX_COMPOSED * longest:
        raise TextTooLong
    if has_too_many_marks(text):
        raise TooManyMarks
    if (_FORBIDDEN_IN_LINES if multiline else _FORBIDDEN).search(text):
        raise ForbiddenCharacter
    text = unicodedata.normalize("NFC", text)
    return text if any(_visible(char) for char in text) else ""


def _visible(char: str) -> bool:
    is_shape = unicodedata.category(char) not in _INVISIBLE and char not in FILLERS
    return is_shape and not IGNORABLE.match(char)


def fold(text: str) -> str:
    """The text without differences of width and case: what a reader takes for the same word.

    Linear in the length of the text: excess marks in a row are left out.
    """
    text = unicodedata.normalize("NFKC", limit_marks(text))
    return unicodedata.normalize("NFKC", text.casefold())


def words_of(folded: str) -> tuple[str, ...]:
    """Each word once."""
    return tuple(dict.fromkeys(folded.split()))


def bigrams(folded: str) -> set[str]:
    """Each pair of letters of each word, and the last letter of each word.

    So every letter begins a lexeme, and a prefix search finds words of a single letter too.
    """
    return {word[i : i + 2] for word in folded.split() for i in range(len(word))}


def tsquery(folded: str) -> str:
    """Matches all texts that have the words, and some more."""
    return " & ".join(dict.fromkeys(_terms(folded.split())))


def any_bigram(folded: str) -> str:
    """Matches texts that share a bigram with this one."""
    return " | ".join(sorted(quoted_lexeme(bigram) for bigram in bigrams(folded)))


def _terms(words: Iterable[str]) -> list[str]:
    terms = []
    for word in words:
        if len(word) == 1:
            terms.append(f"{quoted_lexeme(word)}:*")
        terms.extend(sorted(quoted_lexeme(word[i : i + 2]) for i in range(len(word) - 1)))
    return terms


def quoted_lexeme(lexeme: str) -> str:
    """As a tsquery writes it."""
    return "'" + lexeme.replace("\\", "\\\\").replace("'", "''") + "'"


def like_pattern(word: str) -> str:
    """Matches texts that contain the word. The escape character is `\\`."""
    escaped = word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"


def cut_bytes(text: str, length: int) -> str:
    """The beginning of a text: at most `length` bytes of UTF-8, not cut inside a letter."""
    encoded = text.encode()
    if len(encoded) <= length:
        return text
    ellipsis = "…"
    room = max(length - len(ellipsis.encode()), 0)
    return _beginning(text, len(encoded[:room].decode(errors="ignore"))) + ellipsis


def cut(text: str, length: int) -> str:
    """The beginning of a text on a single line: at most `length` code points, … where it is cut."""
    line = " ".join(text.split())
    return line if len(line) <= length else _beginning(line, length - 1) + "…"


def cut_paragraphs(text: str, length: int) -> str:
    """The beginning of a text with its lines: at most `length` code points, … where it is cut."""
    return text if len(text) <= length else _beginning(text, length - 1).rstrip() + "…"


def first_letter(text: str) -> str:
    """What readers take for one letter: an emoji of a family or a flag is whole."""
    ends = range(1, len(text))
    return text[: next((end for end in ends if not _is_inside_a_letter(text, end)), len(text))]


def _beginning(text: str, end: int) -> str:
    """At most `end` code points; fewer if a letter, an emoji of a family or a flag would be cut."""
    while end and _is_inside_a_letter(text, end):
        end -= 1
    return text[:end]


def _is_inside_a_letter(text: str, at: int) -> bool:
    """Whether the characters on both sides are read as one (a part of UAX #29)."""
    if text[at - 1] == _JOINER or _extends(text[at]):
        return True
    flags = len(text[:at]) - len(text[:at].rstrip(_FLAG_LETTERS))
    return text[at] in _FLAG_LETTERS and flags % 2 == 1


def _extends(char: str) -> bool:
    return char in _EXTENDING or unicodedata.category(char) in ("Mn", "Mc", "Me")
