"""How many guesses a cracker needs for a password."""

import re
import unicodedata
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from app.utils.spelling import squeeze

PART = 32
"""Letters that zxcvbn sees at once: its time is quadratic in them."""

_DATE = re.compile(r"(?:明治|大正|昭和|平成|令和)?(\d{1,4})年(\d{1,2})月(\d{1,2})日?")
_AROUND = re.compile(r"(?s)([\W\d_]*)(.*?)([\W\d_]*)")
_WORD = re.compile(r"[^\W_]+")
_RUN = re.compile(r"\d+|\D")

_SAME_SIGNS = str.maketrans("@$!|+{[<", "45117(((")
"""Signs that stand for the same letter. zxcvbn tries each choice among those that a password has,
which takes it a second for all of them.
"""


def guesses(password: str, about: Sequence[str]) -> float:
    """The power of ten of the guesses that a password in NFKC takes; `about` is tried first.

    A long password is as good as its best part.
    """
    text = _DATE.sub(r"\1/\2/\3", password).translate(_SAME_SIGNS)
    parts = [text[at : at + PART] for at in range(0, max(len(text), 1), PART)]
    known = [word.lower().translate(_SAME_SIGNS) for word in about]
    return max(_guesses_by_any_way(part, known) for part in parts)


def about_user(*texts: str) -> list[str]:
    """The words of a user's address or name that are worth trying: not single letters."""
    words = {word for text in texts for word in (text, *_WORD.findall(text))}
    folded = {unicodedata.normalize("NFKC", word).lower() for word in words}
    return sorted(word for word in folded if len(word) >= (3 if word.isascii() else 2))


def _guesses_by_any_way(part: str, about: Sequence[str]) -> float:
    # Spaces and capitals hide `a B c D` from zxcvbn. A password with the user's own words at both
    # ends has at least three parts for zxcvbn, which then never estimates few guesses.
    plain = "".join(part.lower().split())
    rest = plain
    for word in about:
        rest = rest.replace(word, "")
    simpler = [1 + _guesses(other, about) for other in {plain, rest} - {part}]
    return min([_guesses(part, about), *simpler])


def _guesses(part: str, about: Sequence[str]) -> float:
    """The whole as zxcvbn sees it, or a word with digits and signs around it if that is less.

    zxcvbn gives ten thousand guesses for each part that it finds, so that `Summer2024!` takes as
    many as eight letters by chance. Crackers try words with a year and a sign much earlier.
    """
    found = _AROUND.fullmatch(part)
    assert found is not None
    before, word, after = found.groups()
    runs = _RUN.findall(before) + _RUN.findall(after)
    around = sum(_estimate(run, about) if run.isdecimal() else 1 for run in runs)
    return min(_estimate(part, about), around + _estimate_of_word(word, about))


def _estimate_of_word(word: str, about: Sequence[str]) -> float:
    bare = squeeze(word)
    if bare in _japanese_words() or bare in map(squeeze, about):
        return 1
    return _estimate(word, about)


def _estimate(text: str, about: Sequence[str]) -> float:
    if not text:
        return 0
    # Some megabytes of words. Only a process in which somebody chooses a password needs them.
    from zxcvbn_rs_py import zxcvbn

    return zxcvbn(text, list(about)).guesses_log10


@cache
def _japanese_words() -> frozenset[str]:
    """What is tried first in Japan; zxcvbn's own lists are English."""
    lines = Path(__file__).with_name("japanese_passwords.txt").read_text(encoding="utf-8")
    return frozenset(squeeze(word) for word in lines.split())
