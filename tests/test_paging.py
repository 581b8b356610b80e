"""Reading every list page by page while rows are added and removed: no row twice, none skipped."""

import random
from collections.abc import Awaitable, Callable

import pytest

from tests.support.api import expect
from tests.support.listings import NAMES, Listing, Stage, ids_of, page
from tests.support.world import World

pytestmark = pytest.mark.anyio

LIMITS = (1, 3, 7)


async def walk(
    listing: Listing, limit: int, between: Callable[[list[str]], Awaitable[None]]
) -> list[str]:
    """Read all pages and call `between` after each; returns all ids."""
    seen: list[str] = []
    cursor = None
    for _ in range(60):
        body = await page(listing, limit, cursor)
        ids = ids_of(body)
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
        before = ids_of(await page(listing, 100, None))
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
