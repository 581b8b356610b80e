"""Calls of the operator's services: where they may lead, and what an answer may be."""

import asyncio
from collections.abc import Sequence
from typing import Any

import httpx
import pytest
from pydantic import ValidationError

from app.core.settings.config import Settings
from app.core.settings.webhook_urls import hook_secret
from app.integrations.hooks.signatures import signature
from app.integrations.outbound_http import OutboundFailed, OutboundHttp
from tests.support.apps import SettingsOfTests
from tests.support.hooks import QUICK, SECRET, running_hook
from tests.support.stub_server import Response
from tests.support.world import token

pytestmark = pytest.mark.anyio

PRODUCTION = {
    "env": "production",
    "database_url": "postgresql://linky:x@localhost/linky",
    "jwt_keys": ("one:" + "k" * 40,),
    "public_url": "https://linky.example",
}
INSIDE = [
    "127.0.0.1", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "0.0.0.0", "10.0.0.1",
    "172.16.3.4", "192.168.1.1", "169.254.169.254", "100.64.0.1", "224.0.0.1", "255.255.255.255",
    "[::1]", "[::]", "[::ffff:127.0.0.1]", "[::ffff:10.0.0.1]", "[::127.0.0.1]", "[fe80::1]",
    "[fc00::1]", "[fd00:ec2::254]", "[64:ff9b::7f00:1]", "[64:ff9b::a00:1]", "[2002:7f00:1::]",
    "[2002:a00:1::1]", "[2001::1]", "[ff02::1]",
]  # fmt: skip


def settings(**values: Any) -> Settings:
    return SettingsOfTests(**values)


def resolving(*addresses: str) -> tuple[OutboundHttp, list[str]]:
    """A client whose resolver gives one address after the other, as rebinding does."""
    asked: list[str] = []

    async def resolve(host: str, port: int) -> Sequence[str]:
        asked.append(f"{host}:{port}")
        return [addresses[min(len(asked), len(addresses)) - 1]]

    return OutboundHttp(resolve=resolve, seconds=20), asked


async def call(hooks: OutboundHttp, url: str, *, loopback: bool = True, most: int = 1000) -> bytes:
    sent = await hooks.post(url, b"{}", {}, most_bytes=most, loopback_is_allowed=loopback)
    return str(sent.status).encode() + b" " + sent.body


@pytest.mark.parametrize("host", INSIDE)
async def test_no_address_of_ours_is_called_in_any_form(host: str) -> None:
    for name in ("webhook_url", "picture_check_url"):
        with pytest.raises(ValidationError, match="must not lead to this machine"):
            settings(**PRODUCTION, webhook_secret=SECRET, **{name: f"https://{host}/x"})
    # A name that leads there is found out at the call.
    with pytest.raises(OutboundFailed, match=r"into its networks|InvalidURL"):
        await call(OutboundHttp(seconds=20), f"https://{host}/x", loopback=False)


async def test_in_production_a_name_on_this_machine_and_plain_http_are_refused() -> None:
    for url, words in (
        ("https://localhost/x", "must not lead"),
        ("https://hooks.localhost./x", "must not lead"),
        ("http://hooks.example/x", "must begin with https"),
    ):
        with pytest.raises(ValidationError, match=words):
            settings(**PRODUCTION, picture_check_url=url)
    with pytest.raises(OutboundFailed, match="into its networks"):
        await call(OutboundHttp(seconds=20), "https://localhost/x", loopback=False)
    with pytest.raises(OutboundFailed, match="not https"):
        await call(OutboundHttp(seconds=20), "http://93.184.216.34/x", loopback=False)


async def test_development_calls_loopback_but_no_other_network_of_ours() -> None:
    settings(webhook_url="http://localhost:9000/x", webhook_secret="short")
    for url in ("http://169.254.169.254/latest", "http://10.0.0.1/x"):
        with pytest.raises(ValidationError, match="must not lead"):
            settings(picture_check_url=url)
        with pytest.raises(OutboundFailed, match="into its networks"):
            await call(OutboundHttp(seconds=20), url)


async def test_a_name_is_looked_up_once_and_the_checked_address_is_called() -> None:
    with running_hook(Response(200, b"hello")) as hook:
        hooks, asked = resolving("127.0.0.1", "192.0.2.1")
        url = f"http://hooks.example:{hook.port}/x"
        assert await call(hooks, url) == b"200 hello"
        assert asked == [f"hooks.example:{hook.port}"]
        assert hook.received[0].headers["host"] == f"hooks.example:{hook.port}"
        # The other way round: checked as public, and this machine a moment later.
        hooks, asked = resolving("192.0.2.1", "127.0.0.1")
        with pytest.raises(OutboundFailed, match="into its networks"):
            await call(hooks, url, loopback=True)
        assert len(asked) == len(hook.received) == 1


async def test_one_address_inside_among_several_is_enough_to_refuse() -> None:
    async def both(host: str, port: int) -> Sequence[str]:
        return ["93.184.216.34", "10.0.0.1"]

    with pytest.raises(OutboundFailed, match="into its networks"):
        await call(OutboundHttp(resolve=both, seconds=20), "https://hooks.example", loopback=False)


async def test_tls_asks_for_the_name_not_for_the_address(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[httpx.URL, str, str]] = []

    async def keep(self: httpx.AsyncClient, request: httpx.Request, **_: object) -> httpx.Response:
        named = request.extensions["sni_hostname"]
        seen.append((request.url, named, request.headers["host"]))
        raise httpx.ConnectError("", request=request)

    monkeypatch.setattr(httpx.AsyncClient, "send", keep)
    hooks, _ = resolving("93.184.216.34")
    with pytest.raises(OutboundFailed):
        await call(hooks, "https://日本.example/x", loopback=False)
    name = "xn--wgv71a.example"
    assert seen == [(httpx.URL("https://93.184.216.34/x"), name, name)]


@pytest.mark.parametrize(
    ("says", "words"),
    [
        (None, "too slow"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf", "RemoteProtocolError"),
        (b"\x00\xffgarbage\r\n\r\n", "RemoteProtocolError"),
        (b"", "RemoteProtocolError"),
        (b"HTTP/1.1 200 OK\r\nX: " + b"x" * 300_000, "RemoteProtocolError"),
        (Response(200, b"x" * 1001), "too large"),
        (Response(200, b"\x1f\x8b" + b"x" * 999, {"Content-Encoding": "gzip"}), "too large"),
    ],
)
async def test_a_bad_answer_is_a_failure_in_bounded_time(
    says: Response | bytes | None, words: str
) -> None:
    with running_hook(says) as hook:
        seconds = QUICK if says is None else 20
        with pytest.raises(OutboundFailed, match=words) as failed:
            await call(OutboundHttp(seconds=seconds), hook.url)
        assert "t0ken" not in str(failed.value)


async def test_a_redirect_is_not_followed() -> None:
    with running_hook() as inside, running_hook() as hook:
        hook.says = Response(302, headers={"Location": inside.url})
        assert await call(OutboundHttp(seconds=20), hook.url) == b"302 "
        assert (len(hook.received), inside.received) == (1, [])


async def test_a_name_that_is_unknown_or_hangs_is_a_failure() -> None:
    with pytest.raises(OutboundFailed):
        await call(OutboundHttp(seconds=20), f"https://{token()}.invalid/x", loopback=False)

    async def hang(host: str, port: int) -> Sequence[str]:
        await asyncio.Event().wait()
        return []

    with pytest.raises(OutboundFailed, match="too slow"):
        await call(
            OutboundHttp(resolve=hang, seconds=QUICK), "https://hooks.example", loopback=False
        )


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"webhook_url": "https://hooks.example"}, "must be set together"),
        ({"webhook_secret": SECRET}, "must be set together"),
        ({"webhook_url": "ftp://hooks.example"}, "must begin with https"),
        ({"webhook_url": "https:///x"}, "names no host"),
        ({"webhook_url": "https://a:b@hooks.example"}, "user name"),
        ({"webhook_url": "https://hooks.example/#x"}, "fragment"),
        ({"webhook_url": "https://hooks.example\\@127.0.0.1"}, "backslash"),
        ({"webhook_url": "https://hooks.example:99999"}, "not a web address"),
        ({"webhook_url": "https://hooks.example/" + "x" * 2000}, "longer than 2000"),
        ({"webhook_secret": "whsec_no base64!"}, "no valid base64"),
        ({"webhook_secret": "whsec_"}, "nothing behind"),
    ],
)
def test_a_wrong_setting_is_refused_in_words_without_its_value(
    changes: dict[str, str], words: str
) -> None:
    with pytest.raises(ValidationError, match=words) as refused:
        settings(**changes)
    assert "hooks.example" not in str(refused.value)


def test_a_short_secret_is_for_development_alone() -> None:
    hooks = {"webhook_url": "https://hooks.example"}
    for short in ("x" * 23, "whsec_" + "eHh4"):
        settings(**hooks, webhook_secret=short)
        with pytest.raises(ValidationError, match="at least 24 bytes"):
            settings(**PRODUCTION, **hooks, webhook_secret=short)
    safe = settings(**PRODUCTION, **hooks, webhook_secret=SECRET)
    assert SECRET not in repr(safe)
    assert settings(webhook_url="", webhook_secret="").webhook_url is None


def test_signatures_are_those_of_the_standards_own_example() -> None:
    secret = hook_secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    body = b'{"test": 2432232314}'
    signed = signature(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, body)
    assert signed == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    assert hook_secret("plain text") == b"plain text"
