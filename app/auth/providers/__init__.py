"""LINE, Google and Apple: whose word on who somebody is we take."""

from app.auth.enums import SocialProvider
from app.auth.providers.apple import AppleProvider
from app.auth.providers.base import (
    BrowserAnswer,
    BrowserRequest,
    Identity,
    IdentityProvider,
    Redeemed,
    Refused,
)
from app.auth.providers.google import GoogleProvider
from app.auth.providers.line import LineProvider
from app.auth.providers.pictures import PictureRefused, fetch_picture
from app.core.clock import Clock
from app.core.config import Settings

__all__ = [
    "AppleProvider",
    "BrowserAnswer",
    "BrowserRequest",
    "Identity",
    "IdentityProvider",
    "PictureRefused",
    "Providers",
    "Redeemed",
    "Refused",
    "configured_providers",
    "fetch_picture",
    "make_providers",
]

type Providers = dict[SocialProvider, IdentityProvider]

_CLASSES: tuple[type[LineProvider | GoogleProvider | AppleProvider], ...] = (
    LineProvider,
    GoogleProvider,
    AppleProvider,
)


def make_providers(settings: Settings, clock: Clock) -> Providers:
    """All three, configured or not. They live as long as the process: they keep the keys."""
    return {one.name: one(settings, clock) for one in _CLASSES}


def configured_providers(settings: Settings) -> list[str]:
    """Those that the settings have enough of for native sign-in."""
    return [str(one.name) for one in _CLASSES if one.is_configured(settings)]
