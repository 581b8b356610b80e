"""The identity providers: LINE, Google and Apple."""

from app.core.clock import Clock
from app.core.settings.config import Settings
from app.integrations.identity.apple import AppleProvider
from app.integrations.identity.base import IdentityProvider
from app.integrations.identity.enums import SocialProvider
from app.integrations.identity.google import GoogleProvider
from app.integrations.identity.line import LineProvider

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
