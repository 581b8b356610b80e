"""Rules for passwords and wrong guesses, for how long a proof counts, and who may sign up.

By NIST SP 800-63B: length and guesses count, not kinds of characters (3.1.1.2); wrong passwords
slow down the next attempt (3.2.2).
"""

import unicodedata
from datetime import datetime, timedelta

from app.auth.exceptions import PasswordTooWeak, ProofRequired, SignUpClosed
from app.auth.rows import SignUpMails
from app.core.field_errors import FieldCode
from app.core.field_texts import STRING_TOO_LONG, STRING_TOO_SHORT
from app.core.passwords.guessing import about_user, is_guessed_within
from app.core.passwords.hashing import LONGEST, normal
from app.core.settings.config import Settings
from app.core.texts import Text
from app.user.policy import Viewer

SHORTEST = 8
MIN_GUESSES = 6.5
"""How many guesses a strong password takes, as a power of ten
(docs/adr/0002-passwords-hashing-and-strength.md).

`Welcome2024!` takes 6.2. Eight random letters take 8, except one in 200 that contains a word.
"""

OUR_NAMES = ("linky", "リンキー")

COMMON = FieldCode(
    "common",
    Text(
        "推測されやすいパスワードです。別のものにしてください。",
        "This password is easy to guess. Choose another.",
    ),
)

FREE_GUESSES = 5
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=10), timedelta(minutes=15)

PROOF_LASTS = timedelta(minutes=10)
"""For how long a session has proved whose it is."""


def ensure_strong(password: str, *about: str, field: str = "password") -> None:
    """Raises PasswordTooWeak. `about` is what an attacker knows: the address and the nickname."""
    composed = normal(password)
    if composed is None:
        raise PasswordTooWeak(STRING_TOO_LONG.at(field, max_length=LONGEST))
    if len(composed) < SHORTEST:
        raise PasswordTooWeak(STRING_TOO_SHORT.at(field, min_length=SHORTEST))
    # NFKC turns wide letters into plain ones, as an attacker would. It may turn one letter into 18,
    # so the result is cut.
    plain = unicodedata.normalize("NFKC", composed)[:LONGEST]
    if is_guessed_within(MIN_GUESSES, plain, about_user(*OUR_NAMES, *about)):
        raise PasswordTooWeak(COMMON.at(field))


def wait_after(wrong_in_a_row: int) -> timedelta:
    """How long an address waits after so many wrong passwords. From the fifth on, it doubles.

    A typing error costs seconds, and an attacker gets about a hundred attempts a day.
    """
    beyond = wrong_in_a_row - FREE_GUESSES
    if beyond < 0:
        return timedelta()
    # Without the limit of the exponent, the product would not fit into a timedelta.
    return min(FIRST_WAIT * (1 << min(beyond, 16)), LONGEST_WAIT)


def ensure_sign_up_open(settings: Settings) -> None:
    """Raises SignUpClosed."""
    if settings.sign_up == "off":
        raise SignUpClosed


def ensure_proved(viewer: Viewer, now: datetime) -> None:
    """The caller's session has proved whose it is, a moment ago. Raises ProofRequired.

    A thief of a token must not get a sign-in method of their own to the account.
    """
    if viewer.proved_at is None or now - viewer.proved_at > PROOF_LASTS:
        raise ProofRequired


def blocks_sign_up(mails: SignUpMails) -> datetime | None:
    """The mail that must be an hour old before another sign-up. None if it may come now.

    Half of the mails is reserved for networks that have used few, so that one line can't close the
    registration by e-mail for everybody.
    """
    blocking = [] if mails.bounds_all is None else [mails.bounds_all]
    if mails.bounds_open is not None and mails.bounds_network is not None:
        blocking.append(min(mails.bounds_open, mails.bounds_network))
    return max(blocking, default=None)
