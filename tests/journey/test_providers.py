"""People who sign in with LINE, Google or Apple, from registration to erasure, over real HTTP.

The server runs with its worker. Fake providers stand in for the real ones.
"""

import re
import secrets
from collections.abc import Iterator
from datetime import UTC, datetime
from http.cookies import SimpleCookie
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from tests.journey.provider_journey import by_sdk, erasures, settings_for
from tests.support.jose import s256
from tests.support.person import Person
from tests.support.provider import APPLE, REDIRECT, Picture, Providers, running_providers
from tests.support.quick_linky import QUICK_LINKY
from tests.support.server import Server
from tests.support.waiting import HANG_SECONDS, wait_until
from tests.support.world import picture


@pytest.fixture
def providers() -> Iterator[Providers]:
    with running_providers() as providers:
        providers.reset(lambda: datetime.now(UTC))
        yield providers


@pytest.fixture
def server(tmp_path: Path, own_database: str, providers: Providers) -> Iterator[Server]:
    settings = settings_for(providers, tmp_path)
    server = Server(
        tmp_path / "data", (*QUICK_LINKY, "serve"), LINKY_DATABASE_URL=own_database, **settings
    )
    try:
        yield server.start()
    finally:
        server.clean_up()


def through_the_provider(begun: httpx.Response) -> str:
    """Follow the redirects to the provider and back; returns the address of the last redirect."""
    assert begun.status_code == 302, begun.text
    cookies = SimpleCookie(begun.headers["set-cookie"])
    (cookie,) = (f"{name}={morsel.value}" for name, morsel in cookies.items())
    at_provider = httpx.get(begun.headers["location"], timeout=HANG_SECONDS)
    if at_provider.status_code == 302:
        back = httpx.get(
            at_provider.headers["location"], headers={"Cookie": cookie}, timeout=HANG_SECONDS
        )
    else:
        form = at_provider.json()
        back = httpx.post(
            form["action"], data=form["fields"], headers={"Cookie": cookie}, timeout=HANG_SECONDS
        )
    assert back.status_code == 302, back.text
    return str(back.headers["location"])


def by_browser(url: str, provider: str) -> Person:
    person, verifier = Person(url), secrets.token_urlsafe(40)
    asked = {"redirect_uri": REDIRECT, "code_challenge": s256(verifier), "state": "the app's"}
    begun = person.send("GET", f"/auth/oauth/{provider}/authorize", params=asked)
    ended = through_the_provider(begun)
    assert ended.startswith(REDIRECT)
    answer = {key: values[0] for key, values in parse_qs(urlsplit(ended).query).items()}
    assert answer["state"] == "the app's"
    body = {"code": answer["code"], "code_verifier": verifier}
    return person.take(person.call("POST", "/auth/oauth/exchange", 200, json=body))


def test_accounts_of_providers_work_from_sign_in_to_erasure(
    server: Server, providers: Providers
) -> None:
    for provider in ("line", "google", "apple"):
        sign_in_use_and_leave(server, providers, provider)


def sign_in_use_and_leave(server: Server, providers: Providers, provider: str) -> None:
    sub = f"{provider}-{secrets.token_hex(4)}"
    address = providers.picture_url(provider, sub, Picture(picture(200, 200)))
    claims = {} if provider == "apple" else {"picture": address, "name": "山田 花子"}
    phone = by_sdk(server.url, providers, provider, sub, **claims)
    avatar = ""
    if provider != "apple":
        avatar = wait_until("a picture", lambda: phone.call("GET", "/users/me", 200)["avatar_url"])
        assert avatar.startswith(f"{server.url}/media/")
        assert httpx.get(avatar, timeout=HANG_SECONDS).status_code == 200

    providers[provider].user = {"sub": sub}
    laptop = by_browser(server.url, provider)
    assert laptop.id == phone.id
    reader = Person(server.url, "読み手").register()
    assert reader.call("GET", f"/users/{phone.id}", 200)["avatar_url"] == (avatar or None)

    # The person removed the app and deletes the account in a browser.
    ended = through_the_provider(
        httpx.get(f"{server.url}/account/delete/{provider}", timeout=HANG_SECONDS)
    )
    (token,) = re.findall(
        r'name="token" value="([^"]+)"', httpx.get(ended, timeout=HANG_SECONDS).text
    )
    confirm = f"{server.url}/account/delete/confirm"
    assert httpx.post(confirm, data={"token": token}, timeout=HANG_SECONDS).status_code == 200
    assert phone.code("PATCH", "/users/me", 401, json={"bio": "?"}) == "session_revoked"
    assert reader.code("GET", f"/users/{phone.id}", 404) == "user_not_found"
    wait_until("erased", lambda: phone.id in erasures(server))
    if avatar:
        assert wait_until(
            "no picture", lambda: httpx.get(avatar, timeout=HANG_SECONDS).status_code == 404
        )
    else:
        # The SDK's token, and the browser's latest token.
        wait_until("revoked", lambda: len(providers["apple"].revoked) == 2)
        assert {form["client_id"] for form in providers["apple"].revoked} == set(APPLE)
