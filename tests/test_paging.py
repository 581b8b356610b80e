"""Reading every list page by page while rows are added and removed: no row twice, none skipped.

A `Listing` knows how to add and remove its rows, so that one test covers all lists.
"""

import random
import string
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from tests.support.api import Api, expect
from tests.support.auth import another_session
from tests.support.sql import sql
from tests.support.world import World, token

pytestmark = pytest.mark.anyio

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
        self.world = world

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
        lounge_ids = await self.world.lounge(f"{random.choice('あいうアイウabcＡＢＣ㌖')}{token()}")
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

    def listing(self, name: str) -> Listing:
        """One of the lists, by its name."""
        lounge_id, writer, viewer = self.lounge["id"], self.writer, self.viewer
        posts = (viewer, self.add_post, self.remove_post)
        comments = (viewer, self.add_comment, self.remove_comment)
        lounges = (viewer, self.add_lounge, self.remove_lounge)
        path = f"/posts/{self.post['id']}/comments"
        listings = [
            Listing("posts", "/posts", *posts),
            Listing("lounge posts", f"/lounges/{lounge_id}/posts", *posts),
            Listing("author posts", f"/users/{writer.id}/posts", *posts),
            Listing("search", "/posts", *posts, {"q": WORD}),
            Listing("search in lounge", "/posts", *posts, {"q": WORD[:1], "lounge_id": lounge_id}),
            Listing(
                "lounge of author",
                "/posts",
                *posts,
                {"author_id": writer.id, "lounge_id": lounge_id},
            ),
            Listing(
                "own posts", "/users/me/posts", viewer, self.add_own_post, self.remove_own_post
            ),
            Listing("likes", "/users/me/likes", viewer, self.add_like, self.remove_like),
            Listing("comments", path, *comments),
            Listing(
                "replies",
                path,
                viewer,
                self.add_reply,
                self.remove_comment,
                {"parent_id": self.top["id"]},
            ),
            Listing(
                "own comments", "/users/me/comments", writer, self.add_comment, self.remove_comment
            ),
            Listing(
                "notifications",
                "/notifications",
                viewer,
                self.add_notification,
                self.remove_notification,
            ),
            Listing(
                "unread",
                "/notifications",
                viewer,
                self.add_notification,
                self.read_notification,
                {"unread": True},
            ),
            Listing("popular lounges", "/lounges", *lounges),
            Listing("new lounges", "/lounges", *lounges, {"sort": "new"}),
            Listing("lounges by name", "/lounges", *lounges, {"sort": "name"}),
            Listing(
                "favourites", "/lounges/favorites", viewer, self.add_favorite, self.remove_favorite
            ),
            Listing("recent", "/lounges/recent", viewer, self.add_view, self.remove_view),
            Listing("blocks", "/users/me/blocks", viewer, self.add_block, self.remove_block),
            Listing("sessions", "/auth/sessions", viewer, self.add_session, self.remove_session),
        ]
        (listing,) = [item for item in listings if item.name == name]
        return listing


NAMES = [
    *("posts", "lounge posts", "author posts", "search", "search in lounge", "lounge of author"),
    *("own posts", "likes", "comments", "replies", "own comments", "notifications", "unread"),
    *("popular lounges", "new lounges", "lounges by name", "favourites", "recent", "blocks"),
    "sessions",
]
LIMITS = (1, 3, 7)
LETTERS = string.ascii_uppercase + string.ascii_lowercase + string.digits + "-_"


async def page(listing: Listing, limit: int, cursor: str | None) -> Row:
    params = {**listing.params, "limit": limit} | ({"cursor": cursor} if cursor else {})
    body: Row = expect(await listing.viewer.get(listing.path, params=params), 200)
    return body


async def walk(
    listing: Listing, limit: int, between: Callable[[list[str]], Awaitable[None]]
) -> list[str]:
    """Read all pages and call `between` after each; returns all ids."""
    seen: list[str] = []
    cursor = None
    for _ in range(60):
        body = await page(listing, limit, cursor)
        ids = [item["id"] for item in body["items"]]
        seen += ids
        cursor = body["next_cursor"]
        if cursor is None:
            return seen
        assert len(ids) == limit, "only the last page is short"
        await between(seen)
    raise AssertionError("the walk never ends")


async def no_change(seen: list[str]) -> None:
    """Change nothing between two pages."""


class Changes:
    """Adds a row and removes another between two pages, so that their number stays similar."""

    def __init__(self, listing: Listing, chance: random.Random) -> None:
        self.listing = listing
        self.chance = chance
        self.present: list[str] = []
        self.begin()

    def begin(self) -> None:
        self.added: list[str] = []
        self.removed: list[str] = []

    async def apply(self, seen: list[str]) -> None:
        if len(self.added) < 3:
            self.added.append(await self.listing.add())
            self.present.append(self.added[-1])
        if len(self.removed) < 3:
            removed_id = self.present.pop(self.chance.randrange(len(self.present)))
            self.removed.append(removed_id)
            await self.listing.remove(removed_id)


@pytest.mark.parametrize("name", NAMES)
async def test_reading_all_pages_shows_each_row_once_while_rows_change(
    world: World, name: str
) -> None:
    listing = (await Stage(world).start()).listing(name)
    changes = Changes(listing, random.Random(name))
    changes.present = [await listing.add() for _ in range(8)]
    for limit in LIMITS:
        before = [item["id"] for item in (await page(listing, 100, None))["items"]]
        changes.begin()

        seen = await walk(listing, limit, changes.apply)

        added, removed = changes.added, changes.removed
        throughout = [row_id for row_id in before if row_id not in removed]
        assert len(seen) == len(set(seen)), "a row is shown twice"
        assert [row_id for row_id in seen if row_id in throughout] == throughout, "a row is skipped"
        assert set(seen) <= {*before, *added}
        assert added
        assert removed
    # Without changes, pages of one row give the same as one large page.
    whole = await walk(listing, 100, no_change)
    assert await walk(listing, 1, no_change) == whole
    assert set(whole) >= set(changes.present)


async def cursors(stage: Stage) -> dict[str, tuple[Listing, str]]:
    """A cursor of every list, given after its first row."""
    by_name: dict[str, tuple[Listing, str]] = {}
    for name in NAMES:
        listing = stage.listing(name)
        for _ in range(2):
            await listing.add()
        by_name[name] = listing, (await page(listing, 1, None))["next_cursor"]
    return by_name


async def test_a_cursor_works_only_in_its_own_list(world: World) -> None:
    by_name = await cursors(await Stage(world).start())
    for name, (listing, own) in by_name.items():
        assert (await page(listing, 1, own))["items"]
        for other, (_, cursor) in by_name.items():
            if other != name:
                refused = await listing.viewer.get(
                    listing.path, params={**listing.params, "cursor": cursor}
                )
                expect(refused, 422, "invalid_cursor")


async def test_a_cursor_of_another_posts_comments_or_another_search_is_refused(
    world: World,
) -> None:
    stage = await Stage(world).start()
    other = await world.post(stage.viewer, stage.lounge)
    for _ in range(2):
        await stage.add_comment()
        await stage.add_post()
    comments = await page(stage.listing("comments"), 1, None)
    search = await page(stage.listing("search"), 1, None)
    refusals = [
        (f"/posts/{other['id']}/comments", {"cursor": comments["next_cursor"]}),
        ("/posts", {"q": "別の言葉", "cursor": search["next_cursor"]}),
        ("/posts", {"cursor": search["next_cursor"]}),
    ]
    for path, params in refusals:
        expect(await stage.viewer.get(path, params=params), 422, "invalid_cursor")


@pytest.mark.parametrize("name", NAMES)
async def test_a_cursor_that_we_did_not_make_is_refused(world: World, name: str) -> None:
    stage = await Stage(world).start()
    listing = stage.listing(name)
    for _ in range(2):
        await listing.add()
    cursor = (await page(listing, 1, None))["next_cursor"]
    raw = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    other_id = raw.replace(raw[-4:-2], b"00") if raw[-4:-2] != b"00" else raw.replace(b"00", b"11")
    bad = [
        *("", " ", "x", "nonsense", "eyJpZCI6MX0=", "あ", "\x00", "0" * 3000, "A" * 60_000),
        *(cursor + "A", cursor + "!", cursor + "=", f" {cursor}", cursor[:-1], cursor[1:]),
        *(cursor.swapcase(), cursor * 2, cursor[:10] + "\n" + cursor[10:], str(UUID(int=0))),
        urlsafe_b64encode(other_id).decode().rstrip("="),
        urlsafe_b64encode(raw[12:]).decode().rstrip("="),
    ]
    for value in bad:
        refused = await listing.viewer.get(listing.path, params={**listing.params, "cursor": value})
        expect(refused, 422, "invalid_cursor")
    assert len((await page(listing, 1, cursor))["items"]) == 1


@pytest.mark.parametrize("name", ["posts", "comments", "lounges by name"])
async def test_a_cursor_with_any_changed_letter_is_refused(world: World, name: str) -> None:
    listing = (await Stage(world).start()).listing(name)
    for _ in range(2):
        await listing.add()
    cursor = (await page(listing, 1, None))["next_cursor"]
    for place, letter in enumerate(cursor):
        # The next letter. In the last place it changes only bits that base64 ignores.
        other = LETTERS[(LETTERS.index(letter) + 1) % 64]
        changed = cursor[:place] + other + cursor[place + 1 :]
        refused = await listing.viewer.get(
            listing.path, params={**listing.params, "cursor": changed}
        )
        expect(refused, 422, "invalid_cursor")


OUT_OF_RANGE = ("0", "-1", "101", "9" * 30)
NO_NUMBERS = ("abc", "", "1.5", "1e1", "null", " 1", "+1", "01", "1_0", "１")


@pytest.mark.parametrize("name", NAMES)
async def test_a_limit_must_be_a_number_from_1_to_100(world: World, name: str) -> None:
    listing = (await Stage(world).start()).listing(name)
    for limit in (*OUT_OF_RANGE, *NO_NUMBERS):
        refused = await listing.viewer.get(listing.path, params={**listing.params, "limit": limit})
        problem = expect(refused, 422, "validation_failed")
        assert [error["field"] for error in problem["errors"]] == ["query.limit"]
    await listing.add()
    assert len((await page(listing, 1, None))["items"]) == 1
    assert (await page(listing, 100, None))["items"]


async def test_a_page_has_twenty_rows_by_default(world: World) -> None:
    stage = await Stage(world).start()
    listing = stage.listing("comments")
    for _ in range(20):
        await listing.add()
    first = expect(await listing.viewer.get(listing.path), 200)
    assert len(first["items"]) == 20
    rest = await listing.viewer.get(listing.path, params={"cursor": first["next_cursor"]})
    assert len(expect(rest, 200)["items"]) == 1
    assert rest.json()["next_cursor"] is None
    # A list that ends exactly with a page has no next page.
    assert (await page(listing, 21, None))["next_cursor"] is None


async def test_lounges_whose_folded_names_are_very_long_can_be_paged(world: World) -> None:
    stage = await Stage(world).start()
    listing = stage.listing("lounges by name")
    lounge_ids = [(await world.lounge("ﷺ" * 48 + letter))["id"] for letter in "あいう"]
    lounge_ids += [(await world.lounge("㌖" * 48 + letter))["id"] for letter in "あいう"]
    assert set(await walk(listing, 1, no_change)) == {*lounge_ids, stage.lounge["id"]}


async def test_a_cursor_into_an_emptied_list_gives_an_empty_page(world: World) -> None:
    stage = await Stage(world).start()
    listing = stage.listing("likes")
    posts = [await listing.add() for _ in range(2)]
    cursor = (await page(listing, 1, None))["next_cursor"]
    for post_id in posts:
        await listing.remove(post_id)
    assert await page(listing, 5, cursor) == {"items": [], "next_cursor": None}
