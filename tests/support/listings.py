"""Every list that is read page by page.

A `Listing` knows how to add and remove its rows, so that one test covers all lists.
"""

import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import text

from tests.support.api import Api, expect
from tests.support.auth import another_session
from tests.support.chance import SEED
from tests.support.sql import sql
from tests.support.world import World, token

type Row = dict[str, Any]
WORD = "紅茶"


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

    async def add_like(self) -> str:
        post_id = await self.add_post()
        expect(await self.viewer.put(f"/posts/{post_id}/like"), 204)
        return post_id

    async def remove_like(self, post_id: str) -> None:
        expect(await self.viewer.delete(f"/posts/{post_id}/like"), 204)

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
        lounge_ids = await self.world.lounge(f"{first}{token()}")
        return str(lounge_ids["id"])

    async def remove_lounge(self, lounge_id: str) -> None:
        closing = "UPDATE lounges SET closed_at = now() WHERE id = CAST(:id AS uuid)"
        await sql(self.world, closing, id=lounge_id)

    async def add_favorite(self) -> str:
        lounge_id = await self.add_lounge()
        expect(await self.viewer.put(f"/lounges/{lounge_id}/favorite"), 204)
        return lounge_id

    async def remove_favorite(self, lounge_id: str) -> None:
        expect(await self.viewer.delete(f"/lounges/{lounge_id}/favorite"), 204)

    async def add_view(self) -> str:
        lounge_id = await self.add_lounge()
        expect(await self.viewer.get(f"/lounges/{lounge_id}"), 200)
        return lounge_id

    async def remove_view(self, lounge_id: str) -> None:
        # The API can't remove a single view: only a 51st view removes the oldest.
        async with self.world.runtime.unit_of_work() as ctx:
            forget = "DELETE FROM lounge_recent_views WHERE lounge_id = CAST(:id AS uuid)"
            await ctx.session.execute(text(forget), {"id": lounge_id})

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

    # The lists.

    def listing(self, name: str) -> Listing:
        """One of the lists, by its name."""
        listings = [
            *self.lists_of_posts(),
            *self.lists_of_comments(),
            *self.lists_of_notifications(),
            *self.lists_of_lounges(),
            *self.lists_of_the_account(),
        ]
        (listing,) = [item for item in listings if item.name == name]
        return listing

    def lists_of_posts(self) -> list[Listing]:
        lounge_id, writer, viewer = self.lounge["id"], self.writer, self.viewer
        posts = (viewer, self.add_post, self.remove_post)
        own_posts = (viewer, self.add_own_post, self.remove_own_post)
        of_author = {"author_id": writer.id, "lounge_id": lounge_id}
        return [
            Listing("posts", "/posts", *posts),
            Listing("lounge posts", f"/lounges/{lounge_id}/posts", *posts),
            Listing("author posts", f"/users/{writer.id}/posts", *posts),
            Listing("search", "/posts", *posts, {"q": WORD}),
            Listing("search in lounge", "/posts", *posts, {"q": WORD[:1], "lounge_id": lounge_id}),
            Listing("lounge of author", "/posts", *posts, of_author),
            Listing("own posts", "/users/me/posts", *own_posts),
            Listing("likes", "/users/me/likes", viewer, self.add_like, self.remove_like),
        ]

    def lists_of_comments(self) -> list[Listing]:
        path = f"/posts/{self.post['id']}/comments"
        comments = (self.add_comment, self.remove_comment)
        replies = (self.add_reply, self.remove_comment)
        return [
            Listing("comments", path, self.viewer, *comments),
            Listing("replies", path, self.viewer, *replies, {"parent_id": self.top["id"]}),
            Listing("own comments", "/users/me/comments", self.writer, *comments),
        ]

    def lists_of_notifications(self) -> list[Listing]:
        path, viewer, add = "/notifications", self.viewer, self.add_notification
        return [
            Listing("notifications", path, viewer, add, self.remove_notification),
            Listing("unread", path, viewer, add, self.read_notification, {"unread": True}),
        ]

    def lists_of_lounges(self) -> list[Listing]:
        viewer = self.viewer
        lounges = (viewer, self.add_lounge, self.remove_lounge)
        favorites = (viewer, self.add_favorite, self.remove_favorite)
        return [
            Listing("popular lounges", "/lounges", *lounges),
            Listing("new lounges", "/lounges", *lounges, {"sort": "new"}),
            Listing("lounges by name", "/lounges", *lounges, {"sort": "name"}),
            Listing("favourites", "/lounges/favorites", *favorites),
            Listing("recent", "/lounges/recent", viewer, self.add_view, self.remove_view),
        ]

    def lists_of_the_account(self) -> list[Listing]:
        viewer = self.viewer
        return [
            Listing("blocks", "/users/me/blocks", viewer, self.add_block, self.remove_block),
            Listing("sessions", "/auth/sessions", viewer, self.add_session, self.remove_session),
        ]


NAMES = [
    *("posts", "lounge posts", "author posts", "search", "search in lounge", "lounge of author"),
    *("own posts", "likes", "comments", "replies", "own comments", "notifications", "unread"),
    *("popular lounges", "new lounges", "lounges by name", "favourites", "recent", "blocks"),
    "sessions",
]


async def page(listing: Listing, limit: int, cursor: str | None) -> Row:
    params = {**listing.params, "limit": limit} | ({"cursor": cursor} if cursor else {})
    body: Row = expect(await listing.viewer.get(listing.path, params=params), 200)
    return body
