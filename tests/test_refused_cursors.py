"""A cursor works only in the list that gave it, and an altered one is refused."""

import string
from base64 import urlsafe_b64decode, urlsafe_b64encode
from uuid import UUID

import pytest

from tests.support.api import expect
from tests.support.listings import NAMES, Listing, Stage, page
from tests.support.world import World

pytestmark = pytest.mark.anyio

LETTERS = string.ascii_uppercase + string.ascii_lowercase + string.digits + "-_"


ONE_LIST = {"author posts", "posts of author"}
"""Two addresses of one list."""


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
            if other != name and {other, name} != ONE_LIST:
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
