"""Estimates how many guesses a cracker needs for a password."""

import re
import unicodedata
from collections.abc import Callable, Sequence
from functools import cache, partial
from pathlib import Path

from app.core.spelling import squeeze

LONG = 25
"""No cracker can try all passwords of this length; only known words are weak. zxcvbn gets fewer
letters, because its time is quadratic in them.
"""

SHORTEST_WORD = 4
"""Letters of a word that makes a long password weak if the password only repeats it. In ASCII one
letter is enough: crackers repeat those. A kana that is repeated so often is on no list.
"""

_DATE = re.compile(r"(?:明治|大正|昭和|平成|令和)?(\d{1,4})年(\d{1,2})月(\d{1,2})日?")
_AROUND = re.compile(r"(?s)([\W\d_]*)(.*?)([\W\d_]*)")
_WORD = re.compile(r"[^\W_]+")
_RUN = re.compile(r"\d+|\D")

_SAME_SIGNS = str.maketrans("@$!|+{[<", "45117(((")
"""Signs that stand for the same letter become one sign. Otherwise zxcvbn tries every combination of
them, which takes up to a second.
"""

_SHIFTED = (str.maketrans("!@#$%^&*()", "1234567890"), str.maketrans("!\"#$%&'()", "123456789"))
"""The digits whose keys give these signs with Shift, on an American and on a Japanese keyboard."""

_RECITED = (
    "あいうえおかきくけこさしすせそたちつてとなにぬねのはひふへほまみむめもやゆよらりるれろわをん",
    "いろはにほへとちりぬるをわかよたれそつねならむうゐのおくやまけふこえてあさきゆめみしゑひもせす",
    *(
        "あかさたなはまやらわ",
        "どれみふぁそらしど",
        "一二三四五六七八九十",
        "日月火水木金土日月火水木金土",
    ),
    *("いちにさんしごろくしちはちきゅうじゅう", "いちにさんよんごろくななはちきゅうじゅう"),
    *("ひふみよいむなやここのたり", "子丑寅卯辰巳午未申酉戌亥", "甲乙丙丁戊己庚辛壬癸"),
)
"""What people in Japan count or recite. A part is guessed as early as the whole, backwards too."""

SHORTEST_RECITED = 3


type Estimate = Callable[[str], float]
"""Returns the power of ten of the guesses that a text takes."""


def is_guessed_within(most: float, password: str, about: Sequence[str]) -> bool:
    """Whether a password in NFKC takes at most 10^`most` guesses. `about` is tried first.

    This runs on the event loop, so it stops as soon as it finds a way to guess the password.
    """
    dated = _DATE.sub(r"\1/\2/\3", password)
    known = [word.lower().translate(_SAME_SIGNS) for word in about]
    # The cache lives for this call only: no password stays in memory.
    estimate = cache(partial(_estimate, known))
    return any(
        _is_part_guessed(most - extra, part, known, estimate)
        for form, extra in _forms(dated, known).items()
        if (part := _short(form)) is not None
    )


def _forms(dated: str, about: Sequence[str]) -> dict[str, float]:
    """Variants of the text to estimate, and the additional guesses for each.

    Spaces and capitals hide `a B c D` from zxcvbn. A password with the user's own words at both
    ends has at least three parts for zxcvbn, which then never estimates few guesses. And it knows
    rows and walks of a keyboard, but not those that are typed with Shift now and then.
    """
    typed = "".join(dated.lower().split())
    plain = typed.translate(_SAME_SIGNS)
    rest = plain
    for word in sorted(about, key=len, reverse=True):  # The whole address before its parts.
        rest = rest.replace(word, "")
    unshifted = (typed.translate(keys).translate(_SAME_SIGNS) for keys in _SHIFTED)
    return {rest: 1, plain: 1, **dict.fromkeys(unshifted, 1), dated.translate(_SAME_SIGNS): 0}


def _short(text: str) -> str | None:
    """The text; of a long one the word that it repeats, or None.

    The last repetition may be cut off.
    """
    if len(text) < LONG:
        return text
    lengths = range(1, min(LONG, len(text) // 2 + 1))
    word = next((text[:each] for each in lengths if text.startswith(text[each:])), None)
    return word if word and (len(word) >= SHORTEST_WORD or word.isascii()) else None


def about_user(*texts: str) -> list[str]:
    """The words of a user's address or name that a cracker tries; no single letters."""
    words = {word for text in texts for word in (text, *_WORD.findall(text))}
    folded = {unicodedata.normalize("NFKC", word).lower() for word in words}
    return sorted(word for word in folded if len(word) >= (3 if word.isascii() else 2))


def _is_part_guessed(most: float, part: str, about: Sequence[str], estimate: Estimate) -> bool:
    """Guessed as a whole by zxcvbn, or as a word with digits and signs around it.

    zxcvbn gives ten thousand guesses for each part that it finds, so that `Summer2024!` takes as
    many as eight letters by chance. Crackers try words with a year and a sign much earlier.
    """
    if estimate(part) <= most:
        return True
    match = _AROUND.fullmatch(part)
    assert match is not None
    before, word, after = match.groups()
    around = 0.0
    for run in _RUN.findall(before) + _RUN.findall(after):
        around += estimate(run) if run.isdecimal() else 1
        if around > most:
            return False
    return around + _estimate_of_word(word, about, estimate) <= most


def _estimate_of_word(word: str, about: Sequence[str], estimate: Estimate) -> float:
    bare = squeeze(word)
    if bare in _japanese_words() or bare in map(squeeze, about) or _is_recited(bare):
        return 1
    return estimate(word)


def _is_recited(bare: str) -> bool:
    return len(bare) >= SHORTEST_RECITED and any(bare in whole for whole in _recited())


def _estimate(about: list[str], text: str) -> float:
    if not text:
        return 0
    # Several megabytes of words. Only a process that checks a new password loads them.
    from zxcvbn_rs_py import zxcvbn

    return zxcvbn(text, about).guesses_log10


@cache
def _japanese_words() -> frozenset[str]:
    """The passwords that crackers try first in Japan. zxcvbn's own lists are English."""
    lines = Path(__file__).with_name("japanese_passwords.txt").read_text(encoding="utf-8")
    return frozenset(squeeze(word) for word in lines.split())


@cache
def _recited() -> tuple[str, ...]:
    return tuple(text for whole in map(squeeze, _RECITED) for text in (whole, whole[::-1]))
