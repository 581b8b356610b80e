"""Which passwords are good enough (NIST SP 800-63B, 3.1.1.2: length and a list, no recipes), and
how long an account waits after wrong ones (3.2.2).
"""

from datetime import timedelta
from functools import cache

from app.auth.exceptions import PasswordTooWeak
from app.core.errors import FieldError
from app.core.passwords import LONGEST, normal
from app.utils.text import fold

SHORTEST = 8

FREE_GUESSES = 5
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=10), timedelta(minutes=15)


def ensure_strong(password: str, *about_the_user: str, field: str = "body.password") -> None:
    """Raises PasswordTooWeak. `about_the_user` is what anybody would guess first."""
    composed = normal(password)
    if composed is None:
        raise _weak(field, "string_too_long", ("max_length", LONGEST))
    if len(composed) < SHORTEST:
        raise _weak(field, "string_too_short", ("min_length", SHORTEST))
    folded = fold(composed)
    if folded in _common_passwords() or folded in {fold(word) for word in about_the_user}:
        raise _weak(field, "common")


def _weak(field: str, code: str, *params: tuple[str, object]) -> PasswordTooWeak:
    return PasswordTooWeak(FieldError(field, code, params))


@cache
def _common_passwords() -> frozenset[str]:
    # Some megabytes that only a process where somebody signs up needs.
    from zxcvbn.frequency_lists import FREQUENCY_LISTS

    return frozenset(
        word for word in map(fold, FREQUENCY_LISTS["passwords"]) if len(word) >= SHORTEST
    )


def wait_after(wrong_in_a_row: int) -> timedelta:
    """How long nobody signs in by password, once so many were wrong: doubled with each from five.

    A slip of the finger costs seconds, and a guesser gets some hundred attempts a day.
    """
    beyond = wrong_in_a_row - FREE_GUESSES
    if beyond < 0:
        return timedelta()
    # The exponent is bounded, or the product would not fit into a timedelta.
    return min(FIRST_WAIT * (1 << min(beyond, 16)), LONGEST_WAIT)
