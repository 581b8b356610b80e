"""The client's address behind proxies: as Uvicorn's own middleware takes it."""

from typing import Any

import pytest
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from app.web.proxies import TrustedProxies

TRUSTED = ["10.0.0.1", "192.168.0.0/16", "2001:db8::1"]
PEERS = [("10.0.0.1", 1), ("192.168.7.7", 1), ("2001:db8:0::1", 1), ("203.0.113.9", 1), ("", 0)]
FORWARDED = ["198.51.100.7", "198.51.100.7, 10.0.0.1", "1.2.3.4, 198.51.100.7, 192.168.1.1", "x"]


async def client_of(middleware: type[Any], peer: Any, forwarded: str) -> list[Any]:
    """What the app sees in two requests of the same peer."""
    seen: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.append((scope["client"], scope["scheme"]))

    made = middleware(app, TRUSTED)
    for _ in range(2):
        headers = [(b"x-forwarded-for", forwarded.encode()), (b"x-forwarded-proto", b"https")]
        scope = {"type": "http", "scheme": "http", "client": peer, "headers": headers}
        await made(scope, None, None)
    return seen


@pytest.mark.parametrize("peer", [*PEERS, None])
@pytest.mark.parametrize("forwarded", FORWARDED)
async def test_the_client_is_the_one_that_uvicorn_finds(peer: Any, forwarded: str) -> None:
    own = await client_of(ProxyHeadersMiddleware, peer, forwarded)
    assert await client_of(TrustedProxies, peer, forwarded) == own
