"""A whole server that knows our providers, and signing in to it with them."""

from pathlib import Path
from typing import Any

from tests.support.person import Person
from tests.support.provider import (
    APPLE,
    APPLE_KEY_ID,
    APPLE_TEAM,
    GOOGLE,
    GOOGLE_SECRET,
    LINE,
    LINE_SECRET,
    REDIRECT,
    Providers,
)
from tests.support.server import Server


def settings_for(providers: Providers, folder: Path) -> dict[str, str]:
    """The settings that lead a whole server to these providers."""
    urls = {
        f"LINKY_{name.upper()}_DISCOVERY_URL": (
            f"{providers.url}/{name}/.well-known/openid-configuration"
        )
        for name in providers.habits
    }
    return {
        **urls,
        "LINKY_GOOGLE_CLIENT_IDS": ",".join(GOOGLE),
        "LINKY_GOOGLE_CLIENT_SECRET": GOOGLE_SECRET,
        "LINKY_LINE_CHANNEL_ID": LINE[0],
        "LINKY_LINE_CHANNEL_SECRET": LINE_SECRET,
        "LINKY_APPLE_CLIENT_IDS": ",".join(APPLE),
        "LINKY_APPLE_TEAM_ID": APPLE_TEAM,
        "LINKY_APPLE_KEY_ID": APPLE_KEY_ID,
        "LINKY_APPLE_PRIVATE_KEY": str(providers.settings(folder)["apple_private_key"]),
        "LINKY_OAUTH_REDIRECT_URIS": REDIRECT,
    }


def by_sdk(url: str, providers: Providers, provider: str, sub: str, **claims: Any) -> Person:
    person = Person(url)
    nonce = person.call("POST", "/auth/nonce", 201)["nonce"]
    body = {"id_token": providers.token(provider, nonce=nonce, sub=sub, **claims), "nonce": nonce}
    if provider == "apple":
        body["authorization_code"] = providers.native_code("apple", APPLE[0], sub=sub)
    return person.take(person.call("POST", f"/auth/oauth/{provider}", 201, json=body))


def erasures(server: Server) -> str:
    return "\n".join(line for line in server.output().splitlines() if "account_erased" in line)
