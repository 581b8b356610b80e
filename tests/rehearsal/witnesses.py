"""People who only look, and what both releases show them: their notifications, and all else."""

import asyncio
import re
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from tests.rehearsal.installation import Installation
from tests.rehearsal.load import Caller
from tests.rehearsal.versions import Version
from tests.support.waiting import until

ADMIN = "admin@rehearsal.example"
STREAMS = ("/live",)
"""Reads that don't end."""

NO_5XX = range(200, 500)
PAGE = 100
ACTS = 5
"""On notifications of each witness, in each turn."""

_BUSIEST = """
    SELECT email FROM users JOIN notifications ON user_id = users.id
    WHERE email LIKE '%@bench.example' AND email <> ALL ($1)
    GROUP BY users.id ORDER BY count(DISTINCT post_id) DESC, users.id LIMIT $2
"""
_LATE = """
    SELECT count(*) FROM pgqueuer
    WHERE created <= $1 AND execute_after <= now() AND status::text <> 'failed'
"""

type View = dict[str, bool]
"""By notification: whether it is read."""


async def busiest(installation: Installation, except_: list[str], number: int) -> list[str]:
    """The addresses of those who are notified of most posts."""
    rows = await installation.ask(_BUSIEST, except_, number)
    return [row["email"] for row in rows]


@dataclass
class Witnesses:
    installation: Installation
    callers: list[Caller]
    admin: Caller
    actors: frozenset[str]
    """Who acts meanwhile: what they cause is not compared."""

    turn: int = 0

    async def view(self, moment: datetime, types: frozenset[str]) -> list[View]:
        """What there was at a moment, as each of them sees it now."""
        views = (self._view_of(each, moment, types) for each in self.callers)
        return await asyncio.gather(*views)

    async def _view_of(self, caller: Caller, moment: datetime, types: frozenset[str]) -> View:
        def compares(item: dict[str, Any]) -> bool:
            actor = (item["actor"] or {}).get("id")
            is_old = datetime.fromisoformat(item["created_at"]) <= moment
            return is_old and item["type"] in types and actor not in self.actors

        items = await self._inbox(caller)
        return {item["id"]: item["read"] for item in items if compares(item)}

    async def _inbox(self, caller: Caller) -> list[dict[str, Any]]:
        """The newest."""
        answer = await caller.ask("GET", "/notifications", 200, params={"limit": str(PAGE)})
        return list(answer.json()["items"]) if answer else []

    async def act(self, version: Version) -> None:
        """What takes notifications hidden, marks them, and makes those of new types."""
        self.turn += 1
        await asyncio.gather(*(self._act(each) for each in self.callers))
        await self._make_news(version)
        await self.until_told()

    async def _act(self, caller: Caller) -> None:
        about = await self._about(caller)
        if len(about) < ACTS:  # Each turn takes some hidden.
            about += await self._notify(caller)
        if len(about) < ACTS:
            self.admin.ledger.fail(f"{caller.email} has only {len(about)} notifications to act on")
            return
        muted, hidden, gone, blocked, read, *_ = about
        await caller.ask("PUT", f"/posts/{muted['post_id']}/mute")
        await self._hide("comments", hidden["comment_id"])
        self.admin.ledger.hidden.add(gone["post_id"])
        await self._hide("posts", gone["post_id"])
        if (actor := blocked["actor"]) and actor["id"] != self.admin.id:
            await caller.ask("PUT", f"/users/{actor['id']}/block")
        await caller.ask("POST", "/notifications/read", json={"ids": [read["id"]]})

    async def _about(self, caller: Caller) -> list[dict[str, Any]]:
        """The newest notifications of comments that the actors did not write."""
        return [
            item
            for item in await self._inbox(caller)
            if item["comment_id"] and (item["actor"] or {}).get("id") not in self.actors
        ]

    async def _notify(self, caller: Caller) -> list[dict[str, Any]]:
        """Make a notification for each act, of a comment by the admin on a post of its own."""
        posts = [(await self._publish(caller))[1] for _ in range(ACTS)]
        for post in posts:
            comment = {"body": "返事です。"}
            await self.admin.ask("POST", f"/posts/{post}/comments", 201, json=comment)
        await self.until_told()
        return [item for item in await self._about(caller) if item["post_id"] in posts]

    async def _hide(self, what: str, which: str) -> None:
        await self.admin.ask(
            "POST", f"/admin/{what}/{which}/hide", 204, 404, 409, json={"reason": "試験"}
        )

    async def _make_news(self, version: Version) -> None:
        """Of each type that releases have added since 0.1.0, if this one has its operation."""
        author, *readers = self.callers
        lounge, post = await self._publish(author)
        for reader in readers:
            if "put" in version.operations("/posts/{post_id}/watch"):
                await reader.ask("PUT", f"/posts/{post}/watch")
            if "put" in version.operations("/lounges/{lounge_id}/notifications"):
                path = f"/lounges/{lounge}/notifications"
                await reader.ask("PUT", path, json={"level": "all"})
            if "post" in version.operations("/admin/users/{user_id}/warn"):
                path = f"/admin/users/{reader.id}/warn"
                await self.admin.ask("POST", path, json={"reason": "試験"})
        if "post" in version.operations("/admin/announcements"):
            news = {"title_ja": f"お知らせ {self.turn}", "body_ja": "試験です。"}
            await self.admin.ask("POST", "/admin/announcements", 201, json=news)
        await readers[0].change_password()
        await author.ask("POST", f"/posts/{post}/comments", 201, json={"body": "続きです。"})
        await self._publish(author)

    async def _publish(self, author: Caller) -> tuple[str, str]:
        """Always in the same lounge. Returns its id and the post's."""
        lounges = await self.admin.ask("GET", "/lounges", 200)
        assert lounges is not None
        lounge = str(lounges.json()["items"][0]["id"])
        form = {"lounge_id": lounge, "title": "知らせ", "body": "試験です。"}
        post = await author.ask("POST", "/posts", 201, json=form)
        assert post is not None
        return lounge, str(post.json()["id"])

    async def until_told(self) -> None:
        """Wait until the jobs that there are at this moment are done."""
        now = datetime.now(UTC)

        async def is_done() -> bool:
            return bool((await self.installation.ask(_LATE, now))[0][0] == 0)

        await until(is_done)

    async def read_all(self, version: Version) -> None:
        """Each read of the release, by a member and an admin: none answers with a 5xx."""
        member = self.callers[1]
        about = [item for item in await self._inbox(member) if item["comment_id"]]
        known = {"{user_id}": member.id}
        for name in ("post_id", "comment_id", "lounge_id"):
            known |= {f"{{{name}}}": item[name] for item in about[:1]}
        paths = [
            re.sub(r"{\w+}", lambda part: str(known.get(part[0]) or uuid.uuid4()), path)
            for path in version.reads
            if path not in STREAMS
        ]
        await asyncio.gather(*(self._read(each, paths) for each in (member, self.admin)))

    async def _read(self, caller: Caller, paths: list[str]) -> None:
        for path in paths:
            await caller.ask("GET", path, *NO_5XX)


def differing(one: View, other: View) -> View:
    """What two views of the newest notifications don't have in common, as far as both reach back.

    Ids are in the order of time.
    """
    if not (one and other):
        return one | other
    floor = max(min(one), min(other))
    return {each: read for each, read in one.items() ^ other.items() if each >= floor}
