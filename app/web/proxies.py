"""Takes the client's address from trusted proxies, and remembers which peers those are."""

from functools import lru_cache
from typing import Any

from starlette.types import ASGIApp
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

REMEMBERED = 1000


class TrustedProxies(ProxyHeadersMiddleware):
    """Uvicorn's middleware. Uvicorn's parses the peer's address again at each request."""

    def __init__(self, app: ASGIApp, hosts: list[str]) -> None:
        super().__init__(app, hosts)  # type: ignore[arg-type]  # Uvicorn has types of its own.
        self.trusted_hosts = _Remembering(self.trusted_hosts)  # type: ignore[assignment]


class _Remembering:
    """Answers as Uvicorn's list of trusted hosts does.

    It remembers no `X-Forwarded-For`, which can be long: a client writes what it likes into it.
    """

    def __init__(self, hosts: Any) -> None:
        self._trusts = lru_cache(REMEMBERED)(hosts.__contains__)
        self.get_trusted_client_address = hosts.get_trusted_client_address

    def __contains__(self, host: str | None) -> bool:
        return bool(self._trusts(host))
