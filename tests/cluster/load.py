"""Writers and readers who remember what they were told, and the oracle that asks the database."""

import asyncio
import json
import secrets
import ssl
import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import asyncpg
import httpx

from tests.cluster.parts import ADMIN_EMAIL, Cluster
from tests.support.person import Person
from tests.support.site import DOMAIN, Site
from tests.support.sql import plain_url
from tests.support.waiting import HANG_SECONDS

WRITERS, READERS = 24, 6
WRITE_PAUSE_SECONDS = 0.5
"""Two writes a second, as many as a user may do."""

READ_PAUSE_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class Failure:
    """A request that got no good answer."""

    method: str
    request_id: str
    status: int
    """0 for a connection that broke."""


@dataclass(slots=True)
class Ledger:
    """What the clients saw."""

    acknowledged: set[str] = field(default_factory=set)
    """The texts of writes with an answer 201."""

    attempted: set[str] = field(default_factory=set)
    failures: list[Failure] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    slowest: float = 0.0
    last_failure_at: float | None = None

    def refused(self) -> int:
        """503 and broken connections."""
        return sum(failure.status in (0, 503) for failure in self.failures)

    def other(self) -> int:
        return len(self.failures) - self.refused()


def client_of(site: Site) -> httpx.AsyncClient:
    """A client that comes through nginx, with TLS."""
    context = ssl.create_default_context(cafile=str(site.folder / "fullchain.pem"))
    return httpx.AsyncClient(
        base_url=f"https://127.0.0.1:{site.https}/api/v1",
        headers={"Host": DOMAIN},
        verify=context,
        timeout=HANG_SECONDS,
    )


def direct_client(url: str, address: str) -> httpx.AsyncClient:
    """A client of one server, that claims to be a proxy for this address."""
    return httpx.AsyncClient(
        base_url=f"{url}/api/v1", headers={"X-Forwarded-For": address}, timeout=HANG_SECONDS
    )


def member(cluster: Cluster, number: int) -> Person:
    """Register a user, from an address of their own."""
    server = cluster.servers[number % len(cluster.servers)]
    return Person(server.url, f"利用者{number}", f"198.51.100.{number + 1}").register()


def admin(cluster: Cluster) -> Person:
    person = Person(cluster.servers[0].url, address="198.51.100.250")
    person.email = ADMIN_EMAIL
    return person.sign_in()


def post_of(author: Person) -> tuple[str, str]:
    """A lounge and a post in it; returns their ids."""
    lounge = author.open_lounge(f"部屋 {secrets.token_hex(4)}")
    return lounge, str(author.publish(lounge, "題")["id"])


class Load:
    """People who write and read through nginx. Each waits for an answer before the next request."""

    def __init__(self, site: Site, members: Sequence[Person], lounge: str, post: str) -> None:
        self._site, self._members = site, members
        self._lounge, self._post = lounge, post
        self.ledger = Ledger()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Ledger]:
        """The load while the block runs. At its end each finishes what it began."""
        over = asyncio.Event()
        async with client_of(self._site) as client, asyncio.TaskGroup() as group:
            for number, member in enumerate(self._members):
                group.create_task(self._write(client, member, over, has_key=number % 2 == 0))
            for number in range(READERS):
                group.create_task(self._read(client, self._members[number], over))
            try:
                yield self.ledger
            finally:
                over.set()

    async def _write(
        self, client: httpx.AsyncClient, member: Person, over: asyncio.Event, *, has_key: bool
    ) -> None:
        """Posts and comments in turn. With a key, as phones do it, until it is acknowledged."""
        turn = 0
        while not over.is_set():
            turn += 1
            text = secrets.token_hex(8)
            self.ledger.attempted.add(text)
            key = {"Idempotency-Key": secrets.token_hex(16)} if has_key else {}
            while not await self._send(client, member, text, key, turn % 2 == 0):
                if not has_key:
                    break
                await asyncio.sleep(WRITE_PAUSE_SECONDS)
            await asyncio.sleep(WRITE_PAUSE_SECONDS)

    async def _send(
        self,
        client: httpx.AsyncClient,
        member: Person,
        text: str,
        key: dict[str, str],
        is_post: bool,
    ) -> bool:
        if is_post:
            path, form = "/posts", {"lounge_id": self._lounge, "title": "題", "body": text}
        else:
            path, form = f"/posts/{self._post}/comments", {"body": text}
        response = await self._ask(client, "POST", path, member, key, json=form)
        if response is None or response.status_code != 201:
            return False
        self.ledger.acknowledged.add(text)
        return True

    async def _read(self, client: httpx.AsyncClient, member: Person, over: asyncio.Event) -> None:
        turn = 0
        while not over.is_set():
            turn += 1
            path = "/posts" if turn % 2 else f"/posts/{self._post}/comments"
            await self._ask(client, "GET", path, member, {})
            await asyncio.sleep(READ_PAUSE_SECONDS * len(self._members) / 12)

    async def _ask(
        self,
        client: httpx.AsyncClient,
        method: str,
        path: str,
        member: Person,
        headers: dict[str, str],
        **how: Any,
    ) -> httpx.Response | None:
        request_id, begun = secrets.token_hex(8), time.monotonic()
        headers = member.headers | headers | {"X-Request-ID": request_id}
        try:
            response = await client.request(
                method, path, headers=headers, extensions={"sni_hostname": DOMAIN}, **how
            )
            status = response.status_code
        except httpx.TransportError:
            response, status = None, 0
        self.ledger.statuses[status] += 1
        self.ledger.slowest = max(self.ledger.slowest, time.monotonic() - begun)
        if status not in (200, 201):
            self.ledger.failures.append(Failure(method, request_id, status))
            self.ledger.last_failure_at = time.monotonic()
        return response


@dataclass(frozen=True, slots=True)
class Kept:
    """What the database has of a ledger."""

    lost: int
    twice: int


_FOUND = """
    SELECT body, count(*) AS times
    FROM (SELECT body FROM posts UNION ALL SELECT body FROM comments) AS written
    WHERE body = ANY($1) GROUP BY body
"""
_WRONG_COUNTS = """
    SELECT count(*) FROM posts AS p
    WHERE comment_count <> (SELECT count(*) FROM comments WHERE post_id = p.id)
"""
_JOBS = "SELECT count(*) AS waiting, count(*) FILTER (WHERE status = 'failed') FROM pgqueuer"


async def kept(cluster: Cluster, ledger: Ledger) -> Kept:
    rows = await ask(cluster, _FOUND, list(ledger.attempted))
    times = {row["body"]: row["times"] for row in rows}
    lost = len(ledger.acknowledged - times.keys())
    return Kept(lost, sum(count > 1 for count in times.values()))


async def wrong_counts(cluster: Cluster) -> int:
    """How many posts have another number of comments than they say."""
    return int((await ask(cluster, _WRONG_COUNTS))[0][0])


async def jobs(cluster: Cluster) -> tuple[int, int]:
    """How many jobs there are, and how many of them were given up."""
    (row,) = await ask(cluster, _JOBS)
    return int(row[0]), int(row[1])


async def ask(cluster: Cluster, statement: str, *values: Any) -> list[asyncpg.Record]:
    connection = await asyncpg.connect(plain_url(cluster.database))
    try:
        return list(await connection.fetch(statement, *values))
    finally:
        await connection.close()


def lines_of(site: Site, failures: Sequence[Failure]) -> dict[str, dict[str, Any]]:
    """By request: what nginx logged of it."""
    wanted = {failure.request_id for failure in failures}
    lines = (site.folder / "logs" / "access.log").read_text(encoding="utf-8").splitlines()
    entries = [json.loads(line) for line in lines]
    return {entry["request_id"]: entry for entry in entries if entry["request_id"] in wanted}
