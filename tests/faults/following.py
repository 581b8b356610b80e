"""Phones that follow a post on a whole server through everything, and one that writes there."""

import asyncio
import secrets
import threading
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import httpx

from app.core.passwords.hashing import PasswordHasher
from app.runtime.runtime import Runtime
from tests.faults.ledger import Ledger
from tests.support.apps import SettingsOfTests
from tests.support.live import Event, SocketStream
from tests.support.people import LOWEST_COST, add_person
from tests.support.person import Person
from tests.support.waiting import HANG_SECONDS

KEYS = "test:" + "f" * 40
"""For LINKY_JWT_KEYS of the server, so that it takes the tokens of `tokens_of_people`."""

WRITE_PAUSE_SECONDS = 0.2
"""Slow enough that a phone which was away for a quarter of a minute can catch up."""

AGAIN_SECONDS = 0.5
"""After a refusal. `Retry-After` says more, but then few would come while the server is away."""


async def tokens_of_people(url: str, data_dir: Path, count: int) -> list[str]:
    """Access tokens of so many new people, past the server: registering takes a second each."""
    runtime = Runtime.build(SettingsOfTests(jwt_keys=(KEYS,), data_dir=data_dir), url)
    runtime.passwords = PasswordHasher(cost=LOWEST_COST)
    try:
        made = [
            await add_person(
                runtime,
                email=f"f{number}-{secrets.token_hex(4)}@example.com",
                nickname=f"客{number}",
                role="user",
            )
            for number in range(count)
        ]
    finally:
        await runtime.close()
    return [str(each["tokens"]["access_token"]) for each in made]


class Follower:
    """A phone that opens a stream, and comes back with its cursor whenever that ends."""

    def __init__(self, port: int, token: str, post_id: str) -> None:
        self._port, self._token, self._topic = port, token, f"post:{post_id}"
        self._cursor: str | None = None
        self.comments: list[str] = []
        """Each as often as it was told."""

        self.byes: Counter[str] = Counter()
        self.refusals: Counter[int] = Counter()
        self.cuts = 0
        """Streams that ended without a goodbye."""

        self.resets = 0
        self.follows = False
        """Whether it has a stream that has said hello."""

    async def follow(self) -> None:
        while True:
            try:
                await asyncio.sleep(await self._once())
            finally:
                self.follows = False

    async def _once(self) -> float:
        """One connection, to its end. Returns how long to wait for the next."""
        try:
            stream = await SocketStream.open(
                self._port, self._token, self._topic, last=self._cursor
            )
        except (OSError, EOFError):
            self.refusals[0] += 1
            return AGAIN_SECONDS
        try:
            if stream.status != 200:
                self.refusals[stream.status] += 1
                return AGAIN_SECONDS
            async for event in _events_of(stream):
                if event.name == "bye":
                    self.byes[event.data["reason"]] += 1
                    return (event.retry or 0) / 1000
                self._take(event)
            self.cuts += 1
            return AGAIN_SECONDS
        finally:
            await stream.cut()

    def _take(self, event: Event) -> None:
        self._cursor = event.cursor or self._cursor
        self.follows = True
        self.resets += event.name == "reset"
        if event.name == "changes":
            self.comments += [
                change["id"]
                for change in event.data["changes"]
                if change["kind"] == "comment" and "put" in change
            ]


async def _events_of(stream: SocketStream) -> AsyncIterator[Event]:
    while (event := await stream.next()) is not None:
        yield event


@contextmanager
def following(followers: Sequence[Follower]) -> Iterator[None]:
    """They follow while the block runs, in a thread of their own."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    async def all_of_them() -> None:
        await asyncio.gather(*(follower.follow() for follower in followers))

    followed = asyncio.run_coroutine_threadsafe(all_of_them(), loop)
    try:
        yield
        # A follower that failed must not look like one that was told nothing.
        assert not followed.done(), followed.exception()
    finally:
        followed.cancel()
        loop.call_soon_threadsafe(loop.stop)
        thread.join(HANG_SECONDS)
        loop.run_until_complete(_until_all_have_ended(asyncio.all_tasks(loop)))
        loop.close()


async def _until_all_have_ended(tasks: set[asyncio.Task[None]]) -> None:
    await asyncio.gather(*tasks, return_exceptions=True)


class Writer:
    """Comments on a post, one at a time, and repeats each until it is acknowledged."""

    def __init__(self, person: Person, post_id: str) -> None:
        self._person, self._path = person, f"/posts/{post_id}/comments"
        self._over = threading.Event()
        self.ledger = Ledger()
        self.written: list[str] = []
        """The ids of the comments, in their order."""

    @contextmanager
    def writing(self) -> Iterator["Writer"]:
        thread = threading.Thread(target=self._write_all, daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self._over.set()
            thread.join(HANG_SECONDS)
            assert not thread.is_alive(), "a comment was never acknowledged"

    def _write_all(self) -> None:
        while not self._over.wait(WRITE_PAUSE_SECONDS):
            body, key = secrets.token_hex(8), {"Idempotency-Key": secrets.token_hex(16)}
            self.ledger.attempted.add(body)
            while (written := self._write(body, key)) is None:
                threading.Event().wait(AGAIN_SECONDS)
            self.ledger.acknowledged.add(body)
            self.written.append(written)

    def _write(self, body: str, key: dict[str, str]) -> str | None:
        """The comment's id, or None if it is not acknowledged."""
        try:
            answer = self._person.send("POST", self._path, json={"body": body}, headers=key)
        except httpx.TransportError:
            self.ledger.broken += 1
            return None
        self.ledger.statuses[answer.status_code] += 1
        if answer.status_code not in (201, 409, 503):
            self.ledger.unexpected.append(f"{answer.status_code} {answer.text[:300]}")
        return str(answer.json()["id"]) if answer.status_code == 201 else None
