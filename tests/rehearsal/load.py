"""People who read and write all the time, and the ledger of what they were told is done."""

import asyncio
import random
import secrets
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx

from tests.support.waiting import HANG_SECONDS, until

PAUSE_SECONDS = 0.5
"""Of each person, between an answer and the next act."""


@dataclass(slots=True)
class Stage:
    """A part of the rehearsal, and what became of its requests."""

    name: str
    statuses: Counter[int] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)
    refused: int = 0
    """503 and broken connections."""

    other_5xx: int = 0
    slowest: float = 0.0
    acknowledged: set[str] = field(default_factory=set)
    """The texts of posts and comments that were answered by 201."""

    @property
    def requests(self) -> int:
        return self.statuses.total()


@dataclass(slots=True)
class Ledger:
    """What clients were told is done. The last stage is the one that runs."""

    stages: list[Stage] = field(default_factory=list)
    posts: dict[str, str] = field(default_factory=dict)
    """By text: the id."""

    comments: dict[str, str] = field(default_factory=dict)
    deleted: set[str] = field(default_factory=set)
    """The texts of comments that their authors have deleted."""

    hidden: set[str] = field(default_factory=set)
    """The ids of posts that an admin hides meanwhile: they may be missing for the others."""

    likes: dict[tuple[str, str], bool] = field(default_factory=dict)
    """By user and post: whether the user likes it."""

    def begin(self, name: str) -> None:
        self.stages.append(Stage(name))

    @property
    def now(self) -> Stage:
        return self.stages[-1]

    def fail(self, words: str) -> None:
        self.now.failures.append(words)


class Address:
    """Where requests go: to each server in turn, as a proxy does it."""

    def __init__(self) -> None:
        self._servers: tuple[str, ...] = ()
        self._turn = 0
        self._under_way: Counter[str] = Counter()

    async def move(self, *servers: str) -> None:
        """Requests that begin from now on go there. Waits for those that others still answer."""
        left, self._servers = set(self._servers) - set(servers), servers
        await until(lambda: not any(self._under_way[each] for each in left))

    @asynccontextmanager
    async def next_server(self) -> AsyncIterator[str]:
        self._turn += 1
        server = self._servers[self._turn % len(self._servers)]
        self._under_way[server] += 1
        try:
            yield server
        finally:
            self._under_way[server] -= 1


class Caller:
    """A person who is signed in, on whichever server answers."""

    def __init__(self, address: Address, ledger: Ledger, email: str, password: str) -> None:
        self._address, self.ledger = address, ledger
        self._client = httpx.AsyncClient(timeout=HANG_SECONDS)
        self.email, self._password = email, password
        self._tokens: dict[str, str] = {}
        self.id = ""

    async def ask(
        self, method: str, path: str, *good: int, key: str = "", **how: Any
    ) -> httpx.Response | None:
        """The answer; None if it was not one of those. The ledger has the failure then."""
        headers = {"X-Forwarded-For": "203.0.113.9"}
        if self._tokens:
            headers["Authorization"] = f"Bearer {self._tokens['access_token']}"
        if key:
            headers["Idempotency-Key"] = key
        stage, begun = self.ledger.now, time.monotonic()
        async with self._address.next_server() as server:
            url = f"{server}/api/v1{path}"
            try:
                response = await self._client.request(method, url, headers=headers, **how)
            except httpx.TransportError as error:
                stage.statuses[0] += 1
                stage.refused += 1
                stage.failures.append(f"{method} {path} at {server}: {error!r}")
                return None
        stage.slowest = max(stage.slowest, time.monotonic() - begun)
        status = response.status_code
        stage.statuses[status] += 1
        stage.refused += status == 503
        stage.other_5xx += status >= 500 and status != 503
        if status == 404 and any(each in path for each in self.ledger.hidden):
            return None
        if status not in (good or (200, 201, 204)):
            stage.failures.append(f"{method} {path} at {server}: {status} {response.text[:300]}")
            return None
        return response

    async def sign_in(self) -> "Caller":
        form = {"email": self.email, "password": self._password}
        answer = await self.ask("POST", "/auth/login", 200, json=form)
        assert answer is not None, self.ledger.now.failures
        self._tokens, self.id = answer.json()["tokens"], answer.json()["user"]["id"]
        return self

    async def refresh(self) -> None:
        form = {"refresh_token": self._tokens["refresh_token"]}
        if answer := await self.ask("POST", "/auth/refresh", 200, json=form):
            self._tokens = answer.json().get("tokens", answer.json())

    async def change_password(self) -> None:
        """And go on with the tokens that are left: this session stays."""
        new = secrets.token_urlsafe(16)
        form = {"current_password": self._password, "new_password": new}
        await self.ask("POST", "/auth/password/change", 204, json=form)
        self._password = new
        await self.sign_in()

    async def close(self) -> None:
        await self._client.aclose()


class Person(Caller):
    """One who reads and writes. The same person does one thing after the other."""

    def __init__(self, address: Address, ledger: Ledger, email: str, password: str) -> None:
        super().__init__(address, ledger, email, password)
        self._draw = random.Random(email)
        self._seen: list[dict[str, Any]] = []
        self._own: dict[str, str] = {}
        """The comments that are left, by text."""

        self._acts: dict[Callable[[], Awaitable[Any]], int] = {
            self.read_feed: 4,
            self.read_post: 4,
            self.read_inbox: 3,
            self.write_comment: 4,
            self.write_post: 2,
            self.like: 2,
            self.delete_comment: 1,
            self.refresh: 1,
        }

    async def live(self, over: asyncio.Event) -> None:
        await self.read_feed()
        acts = list(self._acts)
        while not over.is_set():
            (act,) = self._draw.choices(acts, list(self._acts.values()))
            await act()
            await asyncio.sleep(PAUSE_SECONDS)

    async def _pages(self, path: str, most: int = 2) -> list[dict[str, Any]]:
        """The next page may come from the other release, which must take the cursor."""
        items: list[dict[str, Any]] = []
        cursor: str | None = ""
        for _ in range(most):
            params = {"cursor": cursor} if cursor else {}
            answer = await self.ask("GET", path, 200, params=params)
            if answer is None:
                break
            items += answer.json()["items"]
            if not (cursor := answer.json()["next_cursor"]):
                break
        return items

    async def read_feed(self) -> None:
        self._seen = await self._pages("/posts") or self._seen

    async def read_post(self) -> None:
        post = self._draw.choice(self._seen)
        await self.ask("GET", f"/posts/{post['id']}", 200)
        await self._pages(f"/posts/{post['id']}/comments")

    async def read_inbox(self) -> None:
        await self._pages("/notifications")
        await self.ask("GET", "/notifications/unread-count", 200)

    async def write_comment(self) -> None:
        post, text = self._draw.choice(self._seen), secrets.token_hex(8)
        path = f"/posts/{post['id']}/comments"
        if made := await self._write(path, {"body": text}, text):
            self.ledger.comments[text] = self._own[text] = made

    async def write_post(self) -> None:
        text = secrets.token_hex(8)
        lounge = self._draw.choice(self._seen)["lounge"]["id"]
        form = {"lounge_id": lounge, "title": f"題 {text}", "body": text}
        if made := await self._write("/posts", form, text):
            self.ledger.posts[text] = made

    async def _write(self, path: str, form: dict[str, Any], text: str) -> str | None:
        """Every third is sent twice, as by a phone that got no answer: it is there once."""
        key, stage = secrets.token_hex(16), self.ledger.now
        times = 2 if self._draw.random() < 1 / 3 else 1
        made: set[str] = set()
        for _ in range(times):
            if answer := await self.ask("POST", path, 201, key=key, json=form):
                made.add(answer.json()["id"])
                stage.acknowledged.add(text)
        if len(made) > 1:
            self.ledger.fail(f"POST {path} with one key made {made}")
        return next(iter(made), None)

    async def like(self) -> None:
        post, likes = str(self._draw.choice(self._seen)["id"]), self._draw.random() < 0.7
        method = "PUT" if likes else "DELETE"
        if await self.ask(method, f"/posts/{post}/like"):
            self.ledger.likes[self.id, post] = likes

    async def delete_comment(self) -> None:
        if self._own:
            text, made = self._own.popitem()
            if await self.ask("DELETE", f"/comments/{made}", 204):
                self.ledger.deleted.add(text)


@asynccontextmanager
async def acting(people: Sequence[Person]) -> AsyncIterator[None]:
    """All of them act while the block runs. At its end each finishes what they began."""
    over = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        for person in people:
            group.create_task(person.live(over))
        try:
            yield
        finally:
            over.set()
