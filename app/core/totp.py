"""Time-based one-time codes (RFC 6238), and recovery codes for those who have lost their phone."""

import secrets
import unicodedata
from datetime import datetime

import pyotp

PERIOD = 30
"""Seconds that a code is shown for. Authenticator apps know no other."""

WINDOW = 1
"""A code works one step earlier and later: a phone's clock is wrong, and typing takes time."""

RECOVERY_CODES = 10
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
"""No letters or digits that look alike."""

_GROUPS, _GROUP = 4, 4
"""Sixteen letters make 79 bits. That is too many to try out, so a plain hash protects them."""


def new_secret() -> str:
    """160 bits in base32, as RFC 4226 recommends."""
    return pyotp.random_base32()


def matching_step(secret: str, code: str, now: datetime, *, after: int = 0) -> int | None:
    """None if no step has this code, or its step is not later than `after`."""
    present = int(now.timestamp()) // PERIOD
    totp = pyotp.TOTP(secret)
    for step in range(present - WINDOW, present + WINDOW + 1):
        if secrets.compare_digest(totp.generate_otp(step), code) and step > after:
            return step
    return None


def setup_address(secret: str, account: str, app_name: str) -> str:
    """The `otpauth` address that an authenticator app reads from the QR code.

    A colon parts the two names there, so neither may have one, not even encoded.
    """
    account, issuer = (name.replace(":", "：") for name in (account, app_name))
    return pyotp.TOTP(secret).provisioning_uri(name=account, issuer_name=issuer)


def qr_code(address: str) -> str:
    """The QR code as SVG, to stand in a page. It is drawn here: no other host learns the secret."""
    import segno

    code = segno.make(address, error="m", micro=False)
    return code.svg_inline(border=4, omitsize=True, light="#fff", svgclass="qr", lineclass=None)


def new_recovery_code() -> str:
    """Such as `k3ab-9xyz-…`, to write down."""
    letters = (secrets.choice(_LETTERS) for _ in range(_GROUPS * _GROUP))
    whole = "".join(letters)
    return "-".join(whole[at : at + _GROUP] for at in range(0, len(whole), _GROUP))


def normal_code(typed: str) -> str:
    """A code as it is compared: Japanese keyboards write wide digits, apps show a gap."""
    plain = unicodedata.normalize("NFKC", typed).lower()
    return "".join(char for char in plain if char.isascii() and char.isalnum())
