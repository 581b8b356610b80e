"""The identity providers: LINE, Google and Apple."""

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
    "providers_with_browser",
]

type Providers = dict[SocialProvider, IdentityProvider]

_CLASSES: tuple[type[LineProvider | GoogleProvider | AppleProvider], ...] = (
    LineProvider,
    GoogleProvider,
    AppleProvider,
)


def make_providers(settings: Settings, clock: Clock) -> Providers:
    """All three, configured or not. They cache the providers' keys, so keep them."""
    return {provider.name: provider(settings, clock) for provider in _CLASSES}


def configured_providers(settings: Settings) -> list[str]:
    """The providers whose settings allow a sign-in by an app's SDK."""
    return [str(provider.name) for provider in _CLASSES if provider.is_configured(settings)]


def providers_with_browser(providers: Providers) -> list[SocialProvider]:
    """The providers whose settings allow a sign-in by the browser."""
    return [name for name, provider in providers.items() if provider.offers_browser()]
