"""Every list that is read page by page.

A `Listing` knows how to add and remove its rows, so that one test covers all lists.
"""

import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from types import MethodType
from typing import Any

from sqlalchemy import text

import app.api  # noqa: F401 - all tables.
from app.core.user_marks import MarkTable, mark_tables
from tests.support.api import Api, expect
from tests.support.auth import another_session
from tests.support.chance import SEED
from tests.support.moderating import ask, case_of, hold_comment, report
from tests.support.sql import sql
from tests.support.world import World, token

type Row = dict[str, Any]
WORD, ROOM = "紅茶", "部屋"
_WHY = {"reason": "見直しました"}


@dataclass
class Listing:
    """A list as a viewer sees it, with functions that add and remove a row."""

    name: str
    path: str
    viewer: Api
    add: Callable[[], Awaitable[str]]
    remove: Callable[[str], Awaitable[None]]
    params: Row = field(default_factory=dict)


class Stage:
    """The set-up of the lists: a viewer, a writer, a lounge, a post and a comment."""

    def __init__(self, world: World) -> None:
        self.world, self.dice = world, random.Random(SEED)

    async def start(self) -> "Stage":
        world = self.world
        self.viewer, self.writer = await world.member(), await world.member()
        self.lounge = await world.lounge()
        self.post = await world.post(self.viewer, self.lounge)
        self.top = await world.comment(self.writer, self.post)
        self.admin = await world.admin()
        await report(self.writer, "lounge", self.lounge["id"])
        self.case = await case_of(self.admin, self.lounge["id"])
        return self

    # Adding and removing rows.

    async def add_post(self) -> str:
        lounge_ids = await self.world.post(self.writer, self.lounge, title=f"{WORD} {token()}")
        return str(lounge_ids["id"])

    async def remove_post(self, post_id: str) -> None:
        expect(await self.writer.delete(f"/posts/{post_id}"), 204)

    async def add_own_post(self) -> str:
        return str((await self.world.post(self.viewer, self.lounge))["id"])

    async def remove_own_post(self, post_id: str) -> None:
        expect(await self.viewer.delete(f"/posts/{post_id}"), 204)

    async def add_comment(self) -> str:
        return str((await self.world.comment(self.writer, self.post))["id"])

    async def add_reply(self) -> str:
        return str((await self.world.comment(self.writer, self.post, "返信", self.top))["id"])

    async def remove_comment(self, comment_id: str) -> None:
        expect(await self.writer.delete(f"/comments/{comment_id}"), 204)

    async def add_notification(self) -> str:
        await self.add_comment()
        newest = await self.viewer.get("/notifications", params={"limit": 1})
        (note,) = expect(newest, 200)["items"]
        return str(note["id"])

    async def remove_notification(self, notification_id: str) -> None:
        notes = await self.viewer.items("/notifications")
        (comment_id,) = [note["comment_id"] for note in notes if note["id"] == notification_id]
        await self.remove_comment(comment_id)

    async def read_notification(self, notification_id: str) -> None:
        form = {"ids": [notification_id]}
        expect(await self.viewer.post("/notifications/read", json=form), 204)

    async def add_lounge(self) -> str:
        first = self.dice.choice("あいうアイウabcＡＢＣ㌖")
        lounge_ids = await self.world.lounge(f"{first}{ROOM}{token()}")
        return str(lounge_ids["id"])

    async def remove_lounge(self, lounge_id: str) -> None:
        closing = "UPDATE lounges SET closed_at = now() WHERE id = CAST(:id AS uuid)"
        await sql(self.world, closing, id=lounge_id)

    async def add_closed_lounge(self) -> str:
        lounge_id = await self.add_lounge()
        await self.remove_lounge(lounge_id)
        return lounge_id

    async def add_view(self) -> str:
        lounge_id = await self.add_lounge()
        expect(await self.viewer.get(f"/lounges/{lounge_id}"), 200)
        return lounge_id

    async def remove_view(self, lounge_id: str) -> None:
        # The API can't remove a single view: only a 51st view removes the oldest.
        async with self.world.runtime.writing() as ctx:
            forget = "DELETE FROM lounge_recent_views WHERE lounge_id = CAST(:id AS uuid)"
            await ctx.db.execute(text(forget), id=lounge_id)

    async def add_block(self) -> str:
        blocked = await self.world.guest()
        expect(await self.viewer.put(f"/users/{blocked.id}/block"), 204)
        return blocked.id

    async def remove_block(self, user_id: str) -> None:
        expect(await self.viewer.delete(f"/users/{user_id}/block"), 204)

    async def add_session(self) -> str:
        device = await another_session(self.world, self.viewer)
        (current,) = [s["id"] for s in await device.items("/auth/sessions") if s["current"]]
        return str(current)

    async def remove_session(self, session_id: str) -> None:
        expect(await self.viewer.delete(f"/auth/sessions/{session_id}"), 204)

    async def add_request(self) -> str:
        made = await ask(self.viewer)
        # A user may have five that are pending.
        expect(await self.viewer.delete(f"/lounge-requests/{made['id']}"), 204)
        return str(made["id"])

    async def add_appeal(self) -> str:
        path = f"/admin/users/{self.viewer.id}/warn"
        expect(await self.admin.post(path, json={"reason": f"規約違反 {token()}"}), 201)
        (warning, *_) = await self.viewer.items("/notifications")
        form = {"notification_id": warning["id"], "text": "誤解です"}
        return str(expect(await self.viewer.post("/appeals", json=form), 201)["id"])

    async def add_user(self) -> str:
        return (await self.world.guest()).id

    async def add_announcement(self) -> str:
        form = {"title_ja": "題", "body_ja": "文", "push": False}
        return str(expect(await self.admin.post("/admin/announcements", json=form), 201)["id"])

    async def remove_announcement(self, announcement_id: str) -> None:
        expect(await self.admin.delete(f"/admin/announcements/{announcement_id}"), 204)

    async def add_held(self) -> str:
        comment_id = await self.add_comment()
        await hold_comment(self.world, {"id": comment_id})
        return comment_id

    async def remove_held(self, comment_id: str) -> None:
        expect(await self.admin.post(f"/admin/comments/{comment_id}/restore", json=_WHY), 204)

    async def add_case(self) -> str:
        lounge_id = await self.add_lounge()
        await report(self.viewer, "lounge", lounge_id)
        return str((await case_of(self.admin, lounge_id))["id"])

    async def remove_case(self, case_id: str) -> None:
        path = f"/admin/reports/{case_id}/resolve"
        expect(await self.admin.post(path, json={"action": "dismiss"}), 200)

    async def add_report(self) -> str:
        made = await report(await self.world.member(), "lounge", self.lounge["id"])
        return str(made["id"])

    async def add_own_report(self) -> str:
        return str((await report(self.viewer, "lounge", await self.add_lounge()))["id"])

    def remove_from(self, table: str) -> Callable[[str], Awaitable[None]]:
        """For rows that the API does not remove."""

        async def remove(row_id: str) -> None:
            statement = f"DELETE FROM {table} WHERE id = CAST(:id AS uuid)"
            await sql(self.world, statement, id=row_id)

        return remove

    def listing(self, name: str) -> Listing:
        listed = LISTS[name]
        viewer = {"viewer": self.viewer, "writer": self.writer, "admin": self.admin}[listed.viewer]
        ids = {
            "lounge_id": self.lounge["id"],
            "user_id": self.writer.id,
            "post_id": self.post["id"],
            "parent_id": self.top["id"],
            "report_id": self.case["id"],
        }
        params = {
            key: value.format(**ids) if isinstance(value, str) else value
            for key, value in listed.params.items()
        }
        remove = (
            self.remove_from(listed.remove)
            if isinstance(listed.remove, str)
            else MethodType(listed.remove, self)
        )
        add = MethodType(listed.add, self)
        return Listing(name, listed.path.format(**ids), viewer, add, remove, params)


@dataclass(frozen=True)
class Listed:
    """A list: its path, and what adds and removes a row. A table is what rows are deleted from."""

    path: str
    add: Callable[[Stage], Awaitable[str]]
    remove: Callable[[Stage, str], Awaitable[None]] | str
    params: Row = field(default_factory=dict)
    viewer: str = "viewer"
    statements: int = 1
    """How many it may cost, for any number of rows."""


def _of_mark(table: type[MarkTable]) -> Listed:
    """The list of what the viewer has marked."""

    async def add(stage: Stage) -> str:
        thing_id = await (stage.add_post() if table.thing == "post" else stage.add_lounge())
        path = table.path().format(**{f"{table.thing}_id": thing_id})
        expect(await stage.viewer.put(path), 204)
        return thing_id

    async def remove(stage: Stage, thing_id: str) -> None:
        path = table.path().format(**{f"{table.thing}_id": thing_id})
        expect(await stage.viewer.delete(path), 204)

    assert table.mark.listed_at is not None
    return Listed(table.mark.listed_at, add, remove)


_POSTS = (Stage.add_post, Stage.remove_post)
_COMMENTS = (Stage.add_comment, Stage.remove_comment)
_NOTIFICATIONS = "/notifications"
_LOUNGES = (Stage.add_lounge, Stage.remove_lounge)
_OF_POST = "/posts/{post_id}/comments"
# Of two statements the first asks whether the caller may ask.
_BY_ADMIN: Any = {"viewer": "admin", "statements": 2}

LISTS = {
    "posts": Listed("/posts", *_POSTS),
    "lounge posts": Listed("/lounges/{lounge_id}/posts", *_POSTS),
    "author posts": Listed("/users/{user_id}/posts", *_POSTS),
    # The ids, and their rows.
    "search": Listed("/posts", *_POSTS, {"q": WORD}, statements=2),
    "search in lounge": Listed(
        "/posts", *_POSTS, {"q": WORD[:1], "lounge_id": "{lounge_id}"}, statements=2
    ),
    "posts of author": Listed("/posts", *_POSTS, {"author_id": "{user_id}"}),
    "lounge of author": Listed(
        "/posts", *_POSTS, {"author_id": "{user_id}", "lounge_id": "{lounge_id}"}
    ),
    "own posts": Listed("/users/me/posts", Stage.add_own_post, Stage.remove_own_post),
    **{table.mark.export: _of_mark(table) for table in mark_tables() if table.mark.listed_at},
    "comments": Listed(_OF_POST, *_COMMENTS),
    # A second statement checks whether the reader may see the parent.
    "replies": Listed(
        _OF_POST,
        Stage.add_reply,
        Stage.remove_comment,
        {"parent_id": "{parent_id}"},
        statements=2,
    ),
    "own comments": Listed("/users/me/comments", *_COMMENTS, viewer="writer"),
    "notifications": Listed(_NOTIFICATIONS, Stage.add_notification, Stage.remove_notification),
    "unread": Listed(
        _NOTIFICATIONS, Stage.add_notification, Stage.read_notification, {"unread": True}
    ),
    "popular lounges": Listed("/lounges", *_LOUNGES),
    "new lounges": Listed("/lounges", *_LOUNGES, {"sort": "new"}),
    "lounges by name": Listed("/lounges", *_LOUNGES, {"sort": "name"}),
    "lounges by word": Listed("/lounges", *_LOUNGES, {"q": ROOM}),
    "recent": Listed("/lounges/recent", Stage.add_view, Stage.remove_view),
    "blocks": Listed("/users/me/blocks", Stage.add_block, Stage.remove_block),
    # A second statement checks the session, as for a write.
    "sessions": Listed("/auth/sessions", Stage.add_session, Stage.remove_session, statements=2),
    "requests": Listed("/lounge-requests", Stage.add_request, "lounge_requests"),
    "appeals": Listed("/appeals", Stage.add_appeal, "appeals"),
    "reports": Listed("/reports", Stage.add_own_report, "reports"),
    "admin: requests": Listed(
        "/admin/lounge-requests", Stage.add_request, "lounge_requests", {"status": "withdrawn"},
        **_BY_ADMIN,
    ),
    "admin: users": Listed("/admin/users", Stage.add_user, "users", **_BY_ADMIN),
    "admin: appeals": Listed("/admin/appeals", Stage.add_appeal, "appeals", **_BY_ADMIN),
    "admin: announcements": Listed(
        "/admin/announcements", Stage.add_announcement, Stage.remove_announcement, **_BY_ADMIN
    ),
    "admin: lounges": Listed("/admin/lounges", Stage.add_lounge, "lounges", **_BY_ADMIN),
    "admin: closed lounges": Listed(
        "/admin/lounges", Stage.add_closed_lounge, "lounges", {"closed": True, "q": ROOM},
        **_BY_ADMIN,
    ),
    # The ids, and their rows.
    "admin: posts": Listed("/admin/posts", *_POSTS, viewer="admin", statements=3),
    "admin: posts by word": Listed(
        "/admin/posts", *_POSTS, {"q": WORD}, viewer="admin", statements=3
    ),
    "admin: comments": Listed("/admin/comments", *_COMMENTS, viewer="admin", statements=2),
    "admin: held": Listed(
        "/admin/held-content", Stage.add_held, Stage.remove_held, **_BY_ADMIN
    ),
    "admin: cases": Listed(
        "/admin/reports", Stage.add_case, Stage.remove_case, {"status": "open"}, **_BY_ADMIN
    ),
    "admin: reports of a case": Listed(
        "/admin/reports/{report_id}/reports", Stage.add_report, "reports", **_BY_ADMIN
    ),
}  # fmt: skip
"""Every list of the API: tests/architecture/test_lists.py compares them with the document."""

NOT_PAGED = {
    "/users/me/identities": "one for each method",
    "/admin/audit-log": "nothing removes a row of it: tests/admin reads it page by page",
}

NAMES = list(LISTS)


async def page(listing: Listing, limit: int, cursor: str | None) -> Row:
    params = {**listing.params, "limit": limit} | ({"cursor": cursor} if cursor else {})
    body: Row = expect(await listing.viewer.get(listing.path, params=params), 200)
    return body


def ids_of(body: Row) -> list[str]:
    """The ids of a page's rows. What is muted stands within the row."""
    return [(item if "id" in item else item["post"])["id"] for item in body["items"]]
