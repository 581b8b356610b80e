"""The settings that lead the app to the fake providers.

Their secrets and keys are made up once and kept in the data folder. So tokens stay valid after a
restart, and `linky worker` and `linky doctor` beside `linky dev` know the same.
"""

import os
import secrets
from functools import partial
from urllib.parse import urlsplit

from joserfc.jwk import ECKey
from pydantic import SecretStr

from app.core.clock import Clock
from app.core.files import FileInMemory
from app.core.settings.config import Settings
from app.integrations.identity import configured_providers
from app.integrations.identity.enums import SocialProvider
from linky_dev.fake_providers.provider import Client, FakeProvider

LINE_CHANNEL = "1234567890"
GOOGLE_CLIENTS = tuple(
    f"{platform}.stand-in.apps.googleusercontent.com" for platform in ("web", "ios", "android")
)
APPLE_CLIENTS = ("com.example.linky", "com.example.linky.web")
"""The app's bundle id, and the Services ID for the browser."""

FIREBASE_PROJECT = "123456789012"

_ISSUERS = {
    SocialProvider.LINE: "https://access.line.me",
    SocialProvider.GOOGLE: "https://accounts.google.com",
    SocialProvider.APPLE: "https://appleid.apple.com",
}
_SETTINGS_OF_PROVIDERS = (
    *("google_client_ids", "google_client_secret", "google_discovery_url"),
    *("line_channel_id", "line_channel_secret", "line_discovery_url"),
    *("apple_client_ids", "apple_team_id", "apple_key_id"),
    *("apple_private_key", "apple_discovery_url"),
)

_LINE_SECRET, _GOOGLE_SECRET = "dev/line-secret", "dev/google-secret"
_APPLE_KEY = "dev/apple-key.pem"

type FakeProviders = dict[SocialProvider, FakeProvider]


def own_address(settings: Settings) -> str:
    """The address at which the server reaches itself. A browser may use another one."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.host, settings.host)  # noqa: S104
    return f"http://[{host}]:{settings.port}" if ":" in host else f"http://{host}:{settings.port}"


def go_past_proxies(settings: Settings) -> None:
    """Let this process ask its own fake providers directly: a proxy of the environment can't reach
    them.

    The lower-case name is the one that counts where both are set.
    """
    host = urlsplit(own_address(settings)).hostname or ""
    kept = os.environ.get("no_proxy") or os.environ.get("NO_PROXY") or ""
    os.environ["no_proxy"] = ",".join(part for part in (kept, host) if part)


def needs_fake_providers(settings: Settings) -> bool:
    """In development, if no provider has any setting."""
    unset = not any(getattr(settings, name) for name in _SETTINGS_OF_PROVIDERS)
    return unset and not settings.is_production


def with_fake_providers(settings: Settings) -> Settings:
    """The settings with made-up clients at the fake providers. Unchanged if a provider has
    settings.
    """
    if not needs_fake_providers(settings):
        return settings
    discovery = {
        f"{name}_discovery_url": (
            f"{own_address(settings)}/dev/{name}/.well-known/openid-configuration"
        )
        for name in SocialProvider
    }
    made_up = {
        **discovery,
        "app_check_project": settings.app_check_project or FIREBASE_PROJECT,
        "app_check_jwks_url": f"{own_address(settings)}/dev/app-check/keys",
        "line_api_url": f"{own_address(settings)}/dev/line",
        "line_channel_id": LINE_CHANNEL,
        "line_channel_secret": SecretStr(settings.kept(_LINE_SECRET, _fresh_secret)),
        "google_client_ids": GOOGLE_CLIENTS,
        "google_client_secret": SecretStr(settings.kept(_GOOGLE_SECRET, _fresh_secret)),
        "apple_client_ids": APPLE_CLIENTS,
        "apple_team_id": "STANDIN001",
        "apple_key_id": "STANDIN002",
        "apple_private_key": FileInMemory(settings.kept(_APPLE_KEY, _fresh_apple_key)),
    }
    return settings.model_copy(update=made_up)


def beside_dev(settings: Settings) -> Settings:
    """For a process beside `linky dev`: with the fake providers that it has made here, if any."""
    has_fake_providers = (settings.data_dir / _LINE_SECRET).exists()
    return with_fake_providers(settings) if has_fake_providers else settings


def _fresh_secret() -> str:
    return secrets.token_hex(16)


def _fresh_apple_key() -> str:
    return ECKey.generate_key("P-256").as_pem(private=True).decode()


def make_fake_providers(settings: Settings, clock: Clock) -> FakeProviders:
    """`settings` come from `with_fake_providers`. Empty if a real provider is set."""
    own = f"{own_address(settings)}/dev/"
    urls = (settings.line_discovery_url, settings.google_discovery_url)
    if settings.is_production or not all(url and url.startswith(own) for url in urls):
        return {}
    pictures = f"{own}people"
    return {
        name: FakeProvider(
            name,
            _ISSUERS[name],
            "ES256" if name == SocialProvider.LINE else "RS256",
            _client(settings, name),
            pictures,
            clock,
            partial(settings.kept, f"dev/{name}-signing-key.pem"),
        )
        for name in SocialProvider
        if str(name) in configured_providers(settings)
    }


def _client(settings: Settings, name: SocialProvider) -> Client:
    match name:
        case SocialProvider.LINE:
            return Client((LINE_CHANNEL,), LINE_CHANNEL, _value(settings.line_channel_secret))
        case SocialProvider.GOOGLE:
            secret = _value(settings.google_client_secret)
            return Client(GOOGLE_CLIENTS, GOOGLE_CLIENTS[0], secret)
        case SocialProvider.APPLE:
            file = settings.apple_private_key
            key = ECKey.import_key(file.read_bytes()) if file else None
            return Client(APPLE_CLIENTS, APPLE_CLIENTS[-1], None, key)


def _value(secret: SecretStr | None) -> str | None:
    return secret.get_secret_value() if secret else None
