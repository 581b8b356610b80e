"""A new user's picture: a job fetches it, from the provider's hosts only, and stores a copy."""

import logging
import socket
from collections.abc import Iterator, Sequence
from typing import Any

import httpx
import pytest
from PIL import Image

from app.api import JOBS
from app.core.settings.config import Settings
from app.integrations.identity import make_providers
from app.integrations.identity.pictures import (
    MAX_BYTES,
    PictureSource,
    fetch_picture,
)
from app.integrations.outbound_http import OutboundFailed, OutboundHttp, system_addresses
from tests.support.api import Api, expect
from tests.support.auth import nonce, send, sign_in
from tests.support.concurrent import happen_meanwhile
from tests.support.jobs import run_jobs
from tests.support.provider import Picture, Providers, running_providers
from tests.support.sql import count
from tests.support.storage import stored
from tests.support.world import World, picture

pytestmark = pytest.mark.usefixtures("idp")

PICTURE_HOSTS = {
    "line": ["profile.line-scdn.net", "sprofile.line-scdn.net", "obs.line-scdn.net"],
    "google": [f"lh{n}.googleusercontent.com" for n in (3, 4, 5, 6)],
}


async def sign_up(world: World, address: Any, provider: str = "google") -> Api:
    """Sign up with a picture at this address, and run the job that fetches it."""
    answer = await sign_in(world, provider, picture=address)
    api = world.anonymous().take(expect(answer, 201))
    await run_jobs(world, JOBS)
    return api


async def avatar_of(api: Api) -> Any:
    return expect(await api.get("/users/me"), 200)["avatar_url"]


def reasons(caplog: pytest.LogCaptureFixture) -> list[str]:
    messages = [r.msg for r in caplog.records if isinstance(r.msg, dict)]
    return [message["reason"] for message in messages if message["event"] == "picture_not_adopted"]


@pytest.mark.parametrize("provider", ["line", "google"])
async def test_the_providers_picture_is_stored_as_the_users_avatar(
    world: World, provider: str
) -> None:
    shown = Picture(picture(500, 300, "PNG"))
    address = world.idp.picture_url(provider, "me.png", shown)
    fresh = await nonce(world)
    token = world.idp.token(provider, nonce=fresh, picture=address)
    body = expect(await send(world, provider, token, nonce=fresh), 201)
    # The sign-in does not wait for the picture, and never returns the provider's address.
    assert body["user"]["avatar_url"] is None
    assert shown.asked == 0
    await run_jobs(world, JOBS)
    api = world.anonymous().take(body)
    url = await avatar_of(api)
    assert url.startswith("http://test/media/avatars/")
    data = (await api.get(url.removeprefix("http://test"))).content
    assert data.startswith(b"RIFF")
    path = world.runtime.settings.storage_dir / url.removeprefix("http://test/media/")
    with Image.open(path) as stored_picture:
        assert max(stored_picture.size) == 400
    assert await count(world, "users", "avatar_key LIKE '%127.0.0.1%'") == 0


async def test_the_picture_is_adopted_only_at_the_first_sign_in(world: World) -> None:
    expect(await sign_in(world, "line", sub="U1"), 201)
    shown = Picture(picture())
    address = world.idp.picture_url("line", "later", shown)
    expect(await sign_in(world, "line", sub="U1", picture=address), 200)
    await run_jobs(world, JOBS)
    assert shown.asked == 0


async def test_a_picture_that_is_chosen_while_the_providers_is_stored_is_kept(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = world.idp.picture_url("google", "me", Picture(picture()))
    api = world.anonymous().take(expect(await sign_in(world, "google", picture=address), 201))
    chosen = ""

    async def choose() -> None:
        nonlocal chosen
        answer = await api.upload(picture(), "/users/me/avatar", "PUT")
        chosen = expect(answer, 200)["avatar_url"]

    happen_meanwhile(monkeypatch, choose)
    await run_jobs(world, JOBS)
    assert chosen
    assert await avatar_of(api) == chosen
    # The provider's is not left in the store.
    assert len(stored(world)) == 1


async def test_a_redirect_within_the_providers_hosts_is_followed(world: World) -> None:
    target = world.idp.picture_url("line", "target", Picture(picture()))
    moved = Picture(status=302, headers={"Location": target})
    api = await sign_up(world, world.idp.picture_url("line", "moved", moved), "line")
    assert await avatar_of(api) is not None
    relative = Picture(status=301, headers={"Location": "target"})
    api = await sign_up(world, world.idp.picture_url("line", "relative", relative), "line")
    assert await avatar_of(api) is not None


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[Providers]:
    """Another server on this machine, which is not a host of the provider."""
    with running_providers() as other:
        yield other


async def test_a_redirect_to_another_host_is_refused(
    world: World, elsewhere: Providers, caplog: pytest.LogCaptureFixture
) -> None:
    secret = Picture(picture())
    target = elsewhere.picture_url("line", "secret", secret)
    moved = Picture(status=302, headers={"Location": target})
    with caplog.at_level(logging.WARNING):
        api = await sign_up(world, world.idp.picture_url("line", "moved", moved), "line")
    assert await avatar_of(api) is None
    assert secret.asked == 0
    assert reasons(caplog) == ["not one of the provider's hosts over https"]


@pytest.mark.parametrize(
    ("shown", "reason"),
    [
        (Picture(b"x" * 65536, endless=True), "too large"),
        (Picture(b"", headers={"Content-Length": str(MAX_BYTES + 1)}), "too large"),
        (Picture(b"cut", headers={"Content-Length": "100"}), "RemoteProtocolError"),
        (Picture(b"<svg onload='alert(1)'/>"), "unsupported_image"),
        (Picture(b""), "unsupported_image"),
        (Picture(b"\xff\xd8\xff\xe0broken"), "invalid_image"),
        (Picture(b"", status=404), "status 404"),
        (Picture(b"", status=503), "status 503"),
        (Picture(b"", status=302, headers={"Location": "/line/pictures/me"}), "too many redirects"),
        (Picture(b"", status=302, headers={"Location": "https://x:abc/"}), "RemoteProtocolError"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_an_unusable_picture_is_logged_and_leaves_no_avatar(
    world: World, caplog: pytest.LogCaptureFixture, shown: Picture, reason: str
) -> None:
    with caplog.at_level(logging.INFO):
        api = await sign_up(world, world.idp.picture_url("line", "me", shown), "line")
    assert await avatar_of(api) is None
    assert stored(world) == []
    assert reasons(caplog) == [reason]
    assert "pictures/me" not in caplog.text
    # The server can send no more than fits into the sockets' buffers.
    assert shown.sent < 4 * MAX_BYTES
    assert await count(world, "pgqueuer", "entrypoint = 'auth.adopt_picture'") == 0


async def test_a_picture_that_takes_too_long_is_given_up(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("app.integrations.identity.pictures.TOTAL_SECONDS", 0.3)
    with caplog.at_level(logging.WARNING):
        address = world.idp.picture_url("line", "me", Picture(slow=True))
        api = await sign_up(world, address, "line")
    assert await avatar_of(api) is None
    assert reasons(caplog) == ["too slow"]


@pytest.mark.parametrize("claimed", [None, "", 5, ["https://x"], {"url": "https://x"}])
async def test_a_missing_or_malformed_picture_claim_gives_no_avatar(
    world: World, claimed: Any
) -> None:
    assert await avatar_of(await sign_up(world, claimed)) is None


FOREIGN = [
    "http://{host}/p",
    "https://{host}:8443/p",
    "https://{host}.evil.example/p",
    "https://evil.example/{host}",
    "https://{host}@evil.example/p",
    "https://user@{host}/p",
    "https://evil.example#@{host}/",
    "https://{host}./p",
    "https://x.{host}/p",
    "ftp://{host}/p",
    "file:///etc/passwd",
    "//{host}/p",
    "{host}/p",
    "https:{host}",
    "https://127.0.0.1/p",
    "https://[::1]/p",
    "https://localhost/p",
    "https://169.254.169.254/latest/meta-data/",
    "http://169.254.169.254/latest/meta-data/",
    "https://2130706433/p",
    "https://0x7f.1/p",
    "javascript:alert(1)",
    "data:image/png;base64,AAAA",
    "https://" + "a" * 3000,
    "https://profile\u3002line-scdn.net\u2044@evil.example/p",
]


@pytest.mark.parametrize("address", FOREIGN)
async def test_only_the_providers_hosts_over_https_are_contacted(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any) -> None:
        raise AssertionError("a name was resolved or a connection was opened")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setattr(socket.socket, "connect", refuse)
    for hosts in PICTURE_HOSTS.values():
        source = PictureSource(frozenset(hosts))
        with pytest.raises(OutboundFailed):
            await fetch_picture(OutboundHttp(), address.format(host=hosts[0]), source)


@pytest.mark.parametrize(
    "host",
    [
        *("localhost", "127.0.0.1", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254"),
        *("100.64.0.1", "0.0.0.0", "224.0.0.1", "255.255.255.255", "::1", "fe80::1", "fd00::1"),
        *("::ffff:127.0.0.1", "::ffff:169.254.169.254", "::", "ff02::1"),
        *("64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::a00:1", "::10.0.0.1"),
        *("2002:a00:1::1", "240.0.0.1"),
    ],
)
async def test_a_host_that_resolves_to_a_private_address_is_refused(host: str) -> None:
    with pytest.raises(OutboundFailed, match="into its networks"):
        await fetch_from_host_at(host)


async def test_a_host_with_a_public_address_is_called_there(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    called: list[httpx.URL] = []

    async def keep(self: httpx.AsyncClient, request: httpx.Request, **_: object) -> httpx.Response:
        called.append(request.url)
        raise httpx.ConnectError("", request=request)

    monkeypatch.setattr(httpx.AsyncClient, "send", keep)
    for address in ("203.104.153.1", "2606:4700::1111"):
        with pytest.raises(OutboundFailed, match="ConnectError"):
            await fetch_from_host_at(address)
    assert [url.host for url in called] == ["203.104.153.1", "2606:4700::1111"]


async def fetch_from_host_at(address: str) -> bytes:
    """Fetch a picture from a provider's host whose name has this address."""

    async def resolve(host: str, port: int) -> Sequence[str]:
        return await system_addresses(address, port)

    source = PictureSource(frozenset({"pictures.example"}))
    return await fetch_picture(OutboundHttp(resolve), "https://pictures.example/p", source)


async def test_only_a_provider_without_tls_may_use_a_test_origin(
    settings: Settings, world: World
) -> None:
    clock = world.runtime.clock
    for name, provider in make_providers(settings, clock).items():
        assert sorted(provider.picture_source().hosts) == sorted(PICTURE_HOSTS.get(name, []))
        assert provider.picture_source().test_origin == world.idp.url
    urls = {f"{name}_discovery_url": "https://127.0.0.1/x" for name in ("line", "google", "apple")}
    for change in (urls, dict.fromkeys(urls)):
        changed = settings.model_copy(update=change)
        for provider in make_providers(changed, clock).values():
            assert provider.picture_source().test_origin is None


async def test_googles_picture_is_requested_in_the_size_that_we_show(
    settings: Settings, world: World
) -> None:
    google = make_providers(settings, world.runtime.clock)["google"]  # type: ignore[index]
    base = "https://lh3.googleusercontent.com/a/ACg8ocK"
    assert google.picture_address(f"{base}=s96-c") == f"{base}=s400-c"
    assert google.picture_address(base) == base
