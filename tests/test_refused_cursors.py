"""A cursor works only in the list that gave it, and an altered one is refused."""

import re
import string
from base64 import urlsafe_b64decode, urlsafe_b64encode
from uuid import UUID

import pytest
from fastapi import FastAPI

from app.core.errors import InvalidCursor
from app.core.keyset import CursorSigner
from app.core.version import app_version
from tests.support.api import PREFIX, expect
from tests.support.listings import LISTS, NAMES, WORD, Listing, Row, Stage, ids_of, page
from tests.support.world import World

pytestmark = pytest.mark.anyio

LETTERS = string.ascii_uppercase + string.ascii_lowercase + string.digits + "-_"


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


async def test_a_cursor_works_only_for_its_caller(world: World) -> None:
    stage = await Stage(world).start()
    for name in NAMES:
        listing = stage.listing(name)
        for _ in range(2):
            await listing.add()
        cursor = (await page(listing, 1, None))["next_cursor"]
        other = await (world.admin() if listing.viewer is stage.admin else world.member())
        params = {**listing.params, "cursor": cursor}
        expect(await other.get(listing.path, params=params), 422, "invalid_cursor")


def filters_of(app: FastAPI, path: str) -> dict[str, str]:
    """The parameters of a list in the document that choose its rows, with a value of each."""
    document = app.openapi()
    parameters = document["paths"][path]["get"]["parameters"]
    chosen = {
        each["name"]: each["schema"]
        for each in parameters
        if each["in"] == "query" and each["name"] not in ("cursor", "limit")
    }
    return {name: value_of(schema, document) for name, schema in chosen.items()}


def value_of(schema: Row, document: Row) -> str:
    """A value that a schema allows, and that is not its default."""
    if "$ref" in schema:
        choices = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]["enum"]
        return str(choices[-1])  # The first one is the default.
    if schema["type"] == "boolean":
        return "true"
    return str(UUID(int=1)) if schema.get("format") == "uuid" else WORD


async def test_a_cursor_works_only_with_its_filters(world: World) -> None:
    stage = await Stage(world).start()
    refused = 0
    for name, listed in LISTS.items():
        path = re.sub(r"{\w+}", "{}", PREFIX + listed.path)
        (known,) = [
            each for each in world.app.openapi()["paths"] if re.sub(r"{\w+}", "{}", each) == path
        ]
        listing, filters = stage.listing(name), filters_of(world.app, known)
        if filters.keys() - listed.params.keys():
            for _ in range(2):
                await listing.add()
            cursor = (await page(listing, 1, None))["next_cursor"]
            for each in filters.keys() - listed.params.keys():
                params = {**listing.params, each: filters[each], "cursor": cursor}
                answer = await listing.viewer.get(listing.path, params=params)
                # An order by relevance needs words, and is refused before the cursor.
                is_late = filters[each] == "relevance" and "q" not in listing.params
                expect(answer, 422, "validation_failed" if is_late else "invalid_cursor")
                refused += 1
    assert refused > 20


async def test_a_cursor_goes_on_working_with_a_parameter_that_chooses_nothing(
    world: World,
) -> None:
    stage = await Stage(world).start()
    for _ in range(3):
        await stage.add_post()
    first = expect(await stage.viewer.get("/posts", params={"limit": 1}), 200)
    for same in ({"sort": "new"}, {"utm_source": "mail"}, {"limit": 50}):
        params = {"cursor": first["next_cursor"], **same}
        expect(await stage.viewer.get("/posts", params=params), 200)


async def test_a_cursor_of_a_comments_place_begins_with_it(world: World) -> None:
    stage = await Stage(world).start()
    await stage.add_comment()
    second = await stage.add_comment()
    reply = await stage.add_reply()
    for comment_id, parent in ((second, {}), (reply, {"parent_id": stage.top["id"]})):
        path = f"/comments/{comment_id}"
        there = expect(await stage.viewer.get(path, params={"context": True}), 200)
        path, params = f"/posts/{stage.post['id']}/comments", {**parent, "cursor": there["cursor"]}
        body = expect(await stage.viewer.get(path, params=params), 200)
        assert body["items"][0]["id"] == comment_id


FORMER = {
    "posts": "posts:None:None:",
    "search in lounge": "posts:{lounge_id}:None:紅",
    "likes": "post_likes",
    "comments": "comments:{post_id}",
    "replies": "comments:{post_id}:{parent_id}",
    "notifications": "notifications",
    "unread": "notifications:unread",
    "popular lounges": "lounges:popular:",
    "sessions": "sessions",
    "admin: users": "users:::",
    "admin: cases": "reports:open",
    "admin: reports of a case": "reports_of:{report_id}",
}
"""With what release 0.2 signs the cursors of some lists."""


def test_cursors_of_release_0_2_are_read_for_one_release() -> None:
    major, minor, *_ = map(int, app_version().split("."))
    assert (major, minor) < (0, 4), "delete `PageRequest.formerly`, its calls, and this test"


@pytest.mark.parametrize("name", FORMER)
async def test_cursors_of_release_0_2_are_read_and_made_while_it_may_serve(
    world: World, name: str
) -> None:
    stage = await Stage(world).start()
    listing = stage.listing(name)
    for _ in range(4):
        await listing.add()
    ids = {"lounge_id": stage.lounge["id"], "post_id": stage.post["id"]}
    ids |= {"parent_id": stage.top["id"], "report_id": stage.case["id"]}
    signer = CursorSigner(FORMER[name].format(**ids).encode(), world.runtime.settings)
    own = (await page(listing, 2, None))["next_cursor"]
    with pytest.raises(InvalidCursor):
        signer.read(own, None)

    world.runtime.may_serve_beside_previous = True
    made = (await page(listing, 2, None))["next_cursor"]
    world.runtime.may_serve_beside_previous = False

    assert signer.sign(signer.read(made, None), None) == made
    following = [ids_of(await page(listing, 1, cursor)) for cursor in (own, made)]
    assert following[0] == following[1] != []


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
