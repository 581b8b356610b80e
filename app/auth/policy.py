"""Which passwords are good enough (NIST SP 800-63B, 3.1.1.2: length and guesses, no recipes), and
how long an account waits after wrong ones (3.2.2).
"""

import unicodedata
from datetime import timedelta

from app.auth.exceptions import PasswordTooWeak
from app.core.field_errors import FieldCode
from app.core.field_words import STRING_TOO_LONG, STRING_TOO_SHORT
from app.core.passwords.guessing import about_user, is_guessed_within
from app.core.passwords.hashing import LONGEST, normal
from app.core.words import Words

SHORTEST = 8
FEWEST_GUESSES = 6.5
"""As a power of ten. `Welcome2024!` takes 6.2, eight letters by chance take 8 (one in 200 of such
passwords holds a word by chance, and is refused). docs/adr/0046-guessable-passwords.md
"""

OUR_NAMES = ("linky", "リンキー")

COMMON = FieldCode(
    "common",
    Words(
        "推測されやすいパスワードです。別のものにしてください。",
        "This password is easy to guess. Please choose another.",
    ),
)

FREE_GUESSES = 5
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=10), timedelta(minutes=15)


def ensure_strong(password: str, *about: str, field: str = "password") -> None:
    """Raises PasswordTooWeak. `about` are the user's address and nickname: crackers know them."""
    composed = normal(password)
    if composed is None:
        raise PasswordTooWeak(STRING_TOO_LONG.at(field, max_length=LONGEST))
    if len(composed) < SHORTEST:
        raise PasswordTooWeak(STRING_TOO_SHORT.at(field, min_length=SHORTEST))
    # NFKC makes a wide letter a plain one, which is easily guessed, but may make one letter into
    # 18. So no more is kept than is read.
    plain = unicodedata.normalize("NFKC", composed)[:LONGEST]
    if is_guessed_within(FEWEST_GUESSES, plain, about_user(*OUR_NAMES, *about)):
        raise PasswordTooWeak(COMMON.at(field))


def wait_after(wrong_in_a_row: int) -> timedelta:
    """How long nobody signs in by password, once so many were wrong: doubled with each from five.

    A slip of the finger costs seconds, and a guesser gets some hundred attempts a day.
    """
    beyond = wrong_in_a_row - FREE_GUESSES
    if beyond < 0:
        return timedelta()
    # The exponent is bounded, or the product would not fit into a timedelta.
    return min(FIRST_WAIT * (1 << min(beyond, 16)), LONGEST_WAIT)
