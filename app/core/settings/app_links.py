"""The apps that open our links: how their settings are written, and where the stores have them."""

import re
from collections.abc import Sequence

_APPLE_ID = re.compile(r"[A-Z0-9]{10}\.[A-Za-z0-9.-]+")
_ANDROID_APP = re.compile(r"[A-Za-z0-9_.]+:([0-9A-Fa-f]{2}:){31}[0-9A-Fa-f]{2}")
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*")
_TAKEN = ("javascript", "data", "vbscript", "http", "https", "file")


def ensure_apple_ids(value: tuple[str, ...]) -> tuple[str, ...]:
    if not all(map(_APPLE_ID.fullmatch, value)):
        raise ValueError("each is written TEAMID.bundle.identifier")
    return value


def ensure_android_apps(value: tuple[str, ...]) -> tuple[str, ...]:
    if not all(map(_ANDROID_APP.fullmatch, value)):
        raise ValueError("each is written package:SHA256, the fingerprint as 32 pairs with colons")
    return value


def ensure_own_scheme(value: str) -> str:
    if not _SCHEME.fullmatch(value) or value in _TAKEN:
        raise ValueError("is the app's own scheme, such as linky")
    return value


def package_and_key(app: str) -> tuple[str, str]:
    """The package, and the fingerprint of its certificate."""
    package, _, fingerprint = app.partition(":")
    return package, fingerprint.upper()


def google_play_url(apps: Sequence[str]) -> str | None:
    """The address of the first app."""
    if not apps:
        return None
    return f"https://play.google.com/store/apps/details?id={package_and_key(apps[0])[0]}"
