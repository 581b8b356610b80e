"""A client as docs/clients.md describes it: it keeps items with the position they are true for."""

import asyncio
import random
from typing import Any
from urllib.parse import urlencode

import httpx

from tests.support.api import PREFIX
from tests.support.live import Event, SocketStream
from tests.support.waiting import HANG_SECONDS

TRANSIENT = (httpx.TransportError, OSError)
FIELDS = ("body", "reply_count", "deleted", "moderation")


class Refused(Exception):
    """The server is not there, or says 503."""


class Client:
    """One phone. `shown` is what its screen shows: by post the comments, by id their words."""

    def __init__(self, access: str, post_ids: list[str], ports: list[int], seed: int) -> None:
        self._headers = {"Authorization": f"Bearer {access}"}
        self._access = access
        self._post_ids = post_ids
        self._ports = ports
        self._random = random.Random(seed)
        self.topics = [f"post:{post_id}" for post_id in post_ids]
        self.items: dict[str, tuple[int, str, str | None]] = {}
        """By comment: as of when, its post, and its words; None for what is gone."""

        self.away: set[str] = set()
        """Posts that are gone. Nothing below them is shown, own comments included."""

        self.badge = -1
        self.cursor: str | None = None
        self.cuts = self.events = self.doubled = self.resets = 0
        self._http = httpx.AsyncClient(timeout=HANG_SECONDS)

    async def close(self) -> None:
        await self._http.aclose()

    # One connection.

    async def follow(self, seconds: float | None) -> None:
        """Open a stream on any server, and follow it until it is cut. None: until it is quiet.

        Raises Refused.
        """
        port = self._random.choice(self._ports)
        budget = None if seconds is None else self._random.randrange(1, 6_000)
        try:
            stream = await SocketStream.open(
                port, self._access, *self.topics, last=self.cursor, most_bytes=budget
            )
        except (*TRANSIENT, EOFError) as error:
            raise Refused from error
        try:
            if stream.status != 200:
                raise Refused
            await self._take_all(stream, port, seconds)
        finally:
            await stream.cut()
            self.cuts += 1

    async def _take_all(self, stream: SocketStream, port: int, seconds: float | None) -> None:
        wait = 1.5 if seconds is None else self._random.uniform(0.05, seconds)
        while (event := await stream.next_within(wait)) is not None:
            await self._take(event, port)
            if seconds is not None and self._random.random() < 0.2:
                return

    async def _take(self, event: Event, port: int) -> None:
        if event.name == "hello" and self.badge < 0:
            await self._load(port)
        elif event.name == "changes":
            assert event.cursor is not None
            if self.cursor is not None and _position(event.cursor) <= _position(self.cursor):
                self.doubled += 1
            self.events += 1
            await self._apply(event.data, port)
        elif event.name == "reset":
            self.resets += 1
            await self._load(port, _position(event.cursor or ".0"))
        self.cursor = event.cursor or self.cursor

    async def catch_up(self) -> None:
        """By `GET /changes`, as an app does in the background. Raises Refused."""
        port, more = self._random.choice(self._ports), True
        while more and self.cursor is not None:
            query = {"since": self.cursor, "topics": ",".join(self.topics)}
            answer = (await self._get(port, "/changes", query)).json()
            if answer["reset"]:
                self.resets += 1
                await self._load(port)
            await self._apply(answer, port)
            self.cursor, more = answer["cursor"], answer["more"]

    # What it shows.

    async def _apply(self, told: dict[str, Any], port: int) -> None:
        as_of = _position(told["as_of"])
        for change in told["changes"]:
            if change["kind"] == "comment":
                post_id = change["topic"].removeprefix("post:")
                put = change.get("put")
                self._keep(change["id"], as_of, post_id, put and _words(put))
            elif change["kind"] == "badge":
                self.badge = change["unread"]
        if any(change["kind"] == "reload" for change in told["changes"]):
            await self._load(port, as_of)

    def _keep(self, comment_id: str, as_of: int, post_id: str, words: str | None) -> None:
        known = self.items.get(comment_id)
        if known is None or known[0] <= as_of:
            self.items[comment_id] = (as_of, post_id, words)

    async def _load(self, port: int, at_least: int = 0) -> None:
        """Fetch all lists, and keep what is newer than what the stream said.

        A list that is older than what it is loaded for is fetched again.
        """
        for post_id in self._post_ids:
            as_of, listed = await self._list(port, post_id, at_least)
            while as_of < at_least:
                await asyncio.sleep(0.1)
                as_of, listed = await self._list(port, post_id, at_least)
            for comment_id, words in listed.items():
                self._keep(comment_id, as_of, post_id, words)
            for comment_id, (known, of_post, _) in list(self.items.items()):
                if of_post == post_id and comment_id not in listed and known <= as_of:
                    self.items[comment_id] = (as_of, post_id, None)
        self.badge = await self._unread(port)

    async def _list(self, port: int, post_id: str, at_least: int = 0) -> tuple[int, dict[str, str]]:
        found: dict[str, str] = {}
        as_of, query = None, {"limit": "50"}
        while True:
            answer = await self._get(port, f"/posts/{post_id}/comments", query)
            self.away.discard(post_id)
            if answer.status_code == 404:  # Its author is blocked. The answer names no position.
                self.away.add(post_id)
                return at_least or _position(self.cursor or ".0"), {}
            # Of several pages the oldest holds for all.
            as_of = as_of or _position(answer.headers["linky-as-of"])
            page = answer.json()
            found |= {item["id"]: _words(item) for item in page["items"]}
            if page["next_cursor"] is None:
                return as_of, found
            query["cursor"] = page["next_cursor"]

    async def _unread(self, port: int) -> int:
        return int((await self._get(port, "/notifications/unread-count")).json()["count"])

    async def _get(self, port: int, path: str, query: dict[str, str] | None = None) -> Any:
        url = f"http://127.0.0.1:{port}{PREFIX}{path}?{urlencode(query or {})}"
        try:
            answer = await self._http.get(url, headers=self._headers)
        except TRANSIENT as error:
            raise Refused from error
        if answer.status_code == 503:
            raise Refused
        assert answer.status_code in (200, 404), answer.text
        return answer

    async def differences(self) -> list[str]:
        """How what it shows differs from the lists, fetched again."""
        port, wrong = self._ports[0], []
        for post_id in self._post_ids:
            was_away = post_id in self.away
            _, listed = await self._list(port, post_id)
            wrong += [f"post {post_id}"] * (was_away != (post_id in self.away))
            shown = {
                comment_id: words
                for comment_id, (_, of_post, words) in self.items.items()
                if of_post == post_id and words is not None and not was_away
            }
            wrong += [f"lost {each}" for each in listed.keys() - shown.keys()]
            wrong += [f"extra {each}" for each in shown.keys() - listed.keys()]
            both = listed.keys() & shown.keys()
            wrong += [f"stale {each}" for each in both if listed[each] != shown[each]]
        unread = await self._unread(port)
        return wrong if unread == self.badge else [*wrong, f"badge {self.badge}, not {unread}"]


def _position(cursor: str) -> int:
    return int(cursor.partition(".")[2])


def _words(comment: dict[str, Any]) -> str:
    return "/".join(str(comment[name]) for name in FIELDS)
