"""Phones with the Python client: their apps end at any moment, and open again from the disk."""

import asyncio
import json
import random
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import httpx
from linky_client import (
    AsyncLinky,
    AsyncLive,
    FileCopyStore,
    MemoryStore,
    OfflineCopy,
    RetryPolicy,
    Waiting,
    models,
)
from linky_client.copy_records import Listing
from linky_client.live_events import ServerEvent

from tests.cuts.network import CuttingNetwork
from tests.support.api import PREFIX
from tests.support.waiting import HANG_SECONDS

APP_SECONDS = (0.5, 4.0)
BROKEN_ENDS = 0.5
"""How often the end of an app tears the line that it was writing."""

KEPT_IF_BROKEN = 0.3
FIELDS = ("body", "reply_count", "deleted", "moderation")
POST_FIELDS = ("title", "comment_count", "like_count", "moderation")
FOLLOWED_REPLIES = 2

type Words = dict[str, str]


class CountingLive(AsyncLive):
    """The client as it is, but that it counts its events."""

    events = doubled = resets = 0

    def take(self, event: ServerEvent) -> None:
        known = self.copy.cursor
        if event.name == "changes":
            self.events += 1
            assert event.cursor is not None
            if known and known.epoch == event.cursor.epoch:
                self.doubled += event.cursor.position <= known.position
        self.resets += event.name == "reset"
        super().take(event)


class Phone:
    """One device of a user. What it shows is what its client's copy shows."""

    def __init__(
        self,
        tokens: Mapping[str, object],
        post_ids: Sequence[str],
        ports: Sequence[int],
        folder: Path,
        seed: int,
        *,
        is_broken: bool = False,
    ) -> None:
        self._store = MemoryStore()
        self._store.write("tokens", json.dumps(tokens))
        self._headers = {"Authorization": f"Bearer {tokens['access_token']}"}
        self._post_ids = post_ids
        self._ports = ports
        self._path = folder / f"phone-{seed}.copy"
        self._random = random.Random(seed)
        self._is_broken = is_broken
        self._events = self._doubled = 0
        self.ends = self.items = 0
        self.network = CuttingNetwork(ports, self._random)
        self._live: CountingLive | None = None
        self._linky: AsyncLinky | None = None

    @property
    def cuts(self) -> int:
        return self.network.cuts

    @property
    def events(self) -> int:
        return self._events + (self._live.events if self._live else 0)

    @property
    def doubled(self) -> int:
        return self._doubled + (self._live.doubled if self._live else 0)

    async def use(self) -> None:
        """Open the app, look at the posts for a while, and end it in any moment."""
        live = self._open()
        live.start()
        await asyncio.sleep(self._random.uniform(*APP_SECONDS))
        self._follow_replies(live)
        await asyncio.sleep(self._random.uniform(*APP_SECONDS))
        await self._end()

    def _open(self) -> CountingLive:
        client = httpx.AsyncClient(transport=self.network)
        self._linky = AsyncLinky(
            f"http://127.0.0.1:{self._ports[0]}",
            store=self._store,
            http=client,
            policy=RetryPolicy(first_wait=0.01),
        )
        # The server spreads those who come back over ten seconds.
        self._live = CountingLive(
            self._linky, FileCopyStore(self._path), waiting=Waiting(longest=0.1)
        )
        if self._is_broken:
            self._break(self._live.copy)
        for post_id in self._post_ids:
            self._live.follow_post(post_id)
        return self._live

    def _break(self, copy: OfflineCopy) -> None:
        """Drop most of what is told, by streams and by `GET /changes`."""
        whole = copy.apply

        def apply(changes: Sequence[models.Change], *rest: Any) -> None:
            whole([one for one in changes if self._random.random() < KEPT_IF_BROKEN], *rest)

        copy.apply = apply  # type: ignore[method-assign, assignment]

    def _follow_replies(self, live: AsyncLive) -> None:
        post_id = self._random.choice(self._post_ids)
        for comment in live.copy.comments_of(post_id)[:FOLLOWED_REPLIES]:
            live.follow_replies(post_id, comment.id)

    async def _end(self) -> None:
        assert self._live is not None
        assert self._linky is not None
        await self._live.stop()
        self._live.close()
        await self._linky.transport.aclose()
        self.network = self._with_counts(self.network)
        self._events += self._live.events
        self._doubled += self._live.doubled
        self._live = None
        self.ends += 1
        if self._path.exists() and self._random.random() < BROKEN_ENDS:
            data = self._path.read_bytes()
            self._path.write_bytes(data[: len(data) - self._random.randrange(1, 200)])

    def _with_counts(self, before: CuttingNetwork) -> CuttingNetwork:
        network = CuttingNetwork(self._ports, self._random)
        network.cuts = before.cuts
        return network

    # The comparison.

    async def differences(self) -> list[str]:
        """Open the app a last time, and compare what it shows with the lists, fetched again."""
        self.network.is_quiet = True
        live = self._open()
        async with httpx.AsyncClient(headers=self._headers, timeout=HANG_SECONDS) as http:
            top = (await self._get(http, "/changes")).json()["cursor"]
            live.start()
            await self._wait_for(live, int(top.partition(".")[2]))
            wrong = [
                line for post_id in self._post_ids for line in await self._of(http, live, post_id)
            ]
            wrong += await self._of_notifications(http, live)
        self.items = len(live.copy._items)
        await self._end()
        return wrong

    async def _wait_for(self, live: CountingLive, top: int) -> None:
        """Wait until all was told and loaded, to the end of each list."""
        try:
            async with asyncio.timeout(HANG_SECONDS):
                while not (live.is_live and live.copy.cursor and live.copy.cursor.position >= top):
                    await asyncio.sleep(0.05)
                while missing := self._missing(live):
                    for one in missing:
                        await live.load_more(one.kind, one.topic, one.root)
                    await asyncio.sleep(0.05)
        except TimeoutError:
            copy, missing = live.copy, self._missing(live)
            raise TimeoutError(
                f"live {live.is_live}, {copy.cursor}, not {top}: {missing}"
            ) from None

    @staticmethod
    def _missing(live: CountingLive) -> list[Listing]:
        lists = [one for one in live.copy._lists.values() if live.copy.has_roots(one)]
        return [one for one in lists if one.is_due or not one.is_complete]

    async def _of(self, http: httpx.AsyncClient, live: AsyncLive, post_id: str) -> list[str]:
        copy = live.copy
        answer = await self._get(http, f"/posts/{post_id}")
        fresh = _words(answer.json(), POST_FIELDS) if answer.status_code == 200 else None
        post = copy.post(post_id)
        shown = None if post is None else _words(post.to_json(), POST_FIELDS)
        wrong = [] if shown == fresh else [f"post {post_id}: {shown}, not {fresh}"]
        path = f"/posts/{post_id}/comments"
        wrong += _compare(
            await self._all(http, path),
            {one.id: _words(one.to_json()) for one in copy.comments_of(post_id)},
        )
        roots = [
            one.root
            for one in copy._lists.values()
            if one.kind == "replies" and one.subject == post_id
        ]
        for root in roots:
            replies = {one.id: _words(one.to_json()) for one in copy.replies_to(post_id, root)}
            wrong += _compare(await self._all(http, path, parent_id=root), replies)
        return wrong

    async def _of_notifications(self, http: httpx.AsyncClient, live: AsyncLive) -> list[str]:
        names = ("read", "title", "body")
        shown = {one.id: _words(one.to_json(), names) for one in live.copy.notifications()}
        fresh = await self._all(http, "/notifications", names)
        unread = (await self._get(http, "/notifications/unread-count")).json()["count"]
        badge = live.copy.unread
        wrong = [] if unread == badge else [f"badge {badge}, not {unread}"]
        return wrong + [f"notification {line}" for line in _compare(fresh, shown)]

    async def _all(
        self, http: httpx.AsyncClient, path: str, names: Sequence[str] = FIELDS, **query: str
    ) -> Words:
        """A whole list; nothing where the server says that there is none."""
        found: Words = {}
        while True:
            answer = await self._get(http, path, limit="100", **query)
            if answer.status_code == 404:
                return {}
            page = answer.json()
            found |= {item["id"]: _words(item, names) for item in page["items"]}
            if page["next_cursor"] is None:
                return found
            query["cursor"] = page["next_cursor"]

    async def _get(self, http: httpx.AsyncClient, path: str, **query: str) -> httpx.Response:
        url = f"http://127.0.0.1:{self._ports[0]}{PREFIX}{path}"
        answer = await http.get(url, params=query)
        assert answer.status_code in (200, 404), answer.text
        return answer


def _words(item: Mapping[str, object], names: Sequence[str] = FIELDS) -> str:
    return "/".join(str(item[name]) for name in names)


def _compare(fresh: Words, shown: Words) -> list[str]:
    wrong = [f"lost {each}" for each in fresh.keys() - shown.keys()]
    wrong += [f"extra {each}" for each in shown.keys() - fresh.keys()]
    both = fresh.keys() & shown.keys()
    return wrong + [f"stale {each}: {shown[each]}" for each in both if fresh[each] != shown[each]]
