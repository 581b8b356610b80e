"""People who write on one server and look for it on the other at once, and the oracle."""

import asyncio
import secrets
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import asyncpg
import httpx

from app.lounge.service import LoungeService
from app.runtime.runtime import Runtime
from tests.replication.parts import Stage
from tests.support.apps import SettingsOfTests
from tests.support.person import Person
from tests.support.sql import plain_url
from tests.support.waiting import HANG_SECONDS

PAUSE_SECONDS = 0.05


@dataclass(slots=True)
class Ledger:
    """What the clients saw."""

    acknowledged: list[str] = field(default_factory=list)
    """The texts of comments with an answer 201."""

    unseen: list[str] = field(default_factory=list)
    """Those that their own author did not see on the other server, right after the answer."""

    good_reads: int = 0
    refused: Counter[int] = field(default_factory=Counter)
    """503, and 0 for broken connections."""

    other: Counter[int] = field(default_factory=Counter)
    good_at: list[float] = field(default_factory=list)

    def count(self, status: int) -> bool:
        """Whether an answer is good."""
        if status in (0, 503):
            self.refused[status] += 1
        elif status >= 400:
            self.other[status] += 1
        else:
            self.good_at.append(time.monotonic())
        return 0 < status < 400


class Load:
    """Some writers and readers, until they are told to stop."""

    def __init__(self, stage: Stage, people: list[Person], lounge: str, post: str) -> None:
        self.ledger = Ledger()
        self._people = people
        self._lounge, self._post = lounge, post
        self._clients = [
            httpx.AsyncClient(base_url=f"{server.url}/api/v1", timeout=HANG_SECONDS)
            for server in stage.servers
        ]
        self._done = asyncio.Event()

    async def __aenter__(self) -> Ledger:
        self._tasks = [
            *(asyncio.create_task(self._write(number)) for number in range(len(self._people))),
            *(asyncio.create_task(self._read(number)) for number in range(4)),
        ]
        return self.ledger

    async def __aexit__(self, *_: object) -> None:
        self._done.set()
        await asyncio.gather(*self._tasks)
        for client in self._clients:
            await client.aclose()

    async def _write(self, number: int) -> None:
        turn = number
        while not self._done.is_set():
            turn += 1
            here, there = self._clients[turn % 2], self._clients[(turn + 1) % 2]
            text = secrets.token_hex(8)
            path, body = f"/posts/{self._post}/comments", {"body": text}
            if await self._ask(here, number, "POST", path, json=body) is not None:
                self.ledger.acknowledged.append(text)
                own = await self._ask(there, number, "GET", "/users/me/comments?limit=5")
                if own is not None and text not in [one["body"] for one in own["items"]]:
                    self.ledger.unseen.append(text)
            await asyncio.sleep(PAUSE_SECONDS)

    async def _read(self, number: int) -> None:
        path = f"/lounges/{self._lounge}/posts"
        while not self._done.is_set():
            client = self._clients[number % 2]
            if await self._ask(client, number % len(self._people), "GET", path) is not None:
                self.ledger.good_reads += 1
            await asyncio.sleep(PAUSE_SECONDS / 5)

    async def _ask(
        self, client: httpx.AsyncClient, number: int, method: str, path: str, **how: Any
    ) -> Any:
        """The answer's body, or None."""
        headers = self._people[number].headers
        try:
            answer = await client.request(method, path, headers=headers, **how)
        except httpx.TransportError:
            self.ledger.count(0)
            return None
        return answer.json() if self.ledger.count(answer.status_code) else None


async def post_of(stage: Stage, person: Person) -> tuple[str, str]:
    """A lounge and a post in it."""
    runtime = Runtime.build(SettingsOfTests(), stage.databases.primary.url)
    async with runtime.writing() as ctx:
        lounge = str((await LoungeService(ctx).open("部屋", "試験用のラウンジ")).id)
    await runtime.close()
    return lounge, str(person.publish(lounge, "題")["id"])


async def kept(stage: Stage, ledger: Ledger) -> Counter[str]:
    """How often each acknowledged comment is in the database."""
    connection = await asyncpg.connect(plain_url(stage.databases.primary.url))
    try:
        rows = await connection.fetch(
            "SELECT body FROM comments WHERE body = ANY ($1::text[])", ledger.acknowledged
        )
    finally:
        await connection.close()
    return Counter(row["body"] for row in rows)
