"""The installation that `linky doctor` checks."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

import httpx

from app.core.clock import Clock, utc_now
from app.core.counts import Count
from app.core.settings.config import Settings
from app.runtime.runtime import Runtime

HTTP_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Installation:
    """What checks need: the parts of the app from inside, and its public URL from outside.

    `http_port` is where plain HTTP is answered. `http` never follows a redirect.
    """

    settings: Settings
    runtime: Runtime
    http: httpx.AsyncClient
    url: str
    http_port: int
    counts: Sequence[Count]
    clock: Clock = utc_now

    @property
    def address(self) -> SplitResult:
        return urlsplit(self.url)

    @property
    def is_https(self) -> bool:
        return self.address.scheme == "https"


@asynccontextmanager
async def open_installation(
    settings: Settings,
    database_url: str,
    *,
    url: str | None = None,
    http_port: int = 80,
    counts: Sequence[Count] = (),
) -> AsyncIterator[Installation]:
    """The installation with these settings. Clients reach it at `url` (or LINKY_PUBLIC_URL)."""
    runtime = Runtime.build(settings, database_url)
    try:
        async with httpx.AsyncClient(timeout=HTTP_SECONDS) as http:
            base = (url or settings.base_url).rstrip("/")
            yield Installation(settings, runtime, http, base, http_port, counts)
    finally:
        await runtime.close()
