"""Lists in which many rows that the viewer doesn't see stand between two that the viewer does."""

from typing import Any

import pytest

from app.core.walk import STEP
from tests.support.api import Api, expect
from tests.support.sql import sql
from tests.support.world import World

pytestmark = pytest.mark.anyio

_COMMENTS = """
INSERT INTO comments (post_id, author_id, parent_id, body, deleted_at, moderation)
SELECT post_id, author_id, parent_id, body, {deleted_at}, '{moderation}'
FROM comments, generate_series(1, {number}) WHERE comments.id = '{like}'
"""
_POSTS = """
INSERT INTO posts (lounge_id, author_id, title, body, deleted_at, moderation)
SELECT lounge_id, author_id, title, body, {deleted_at}, '{moderation}'
FROM posts, generate_series(1, {number}) WHERE posts.id = '{like}'
"""
DELETED = {"deleted_at": "now()", "moderation": "visible"}
HIDDEN = {"deleted_at": "NULL", "moderation": "hidden"}


async def pages(api: Api, path: str, **params: Any) -> list[list[str]]:
    """The ids of each page of a list, in pages of two."""
    found: list[list[str]] = []
    cursor: dict[str, str] = {}
    while True:
        body = expect(await api.get(path, params={"limit": 2, **params, **cursor}), 200)
        found.append([item["id"] for item in body["items"]])
        if body["next_cursor"] is None:
            return found
        cursor = {"cursor": body["next_cursor"]}
        assert len(found) < 20, "the list does not end"


@pytest.mark.parametrize("of_replies", [False, True])
@pytest.mark.parametrize("gone", [DELETED, HIDDEN], ids=["deleted", "hidden"])
async def test_a_page_of_a_thread_passes_a_bounded_number_of_comments(
    world: World, gone: dict[str, str], of_replies: bool
) -> None:
    author, reader = await world.member(), await world.member()
    post = await world.post(author)
    parent = await world.comment(author, post) if of_replies else None
    params = {"parent_id": parent["id"]} if parent else {}

    async def add() -> str:
        return str((await world.comment(author, post, parent=parent))["id"])

    path = f"/posts/{post['id']}/comments"
    before = [await add(), await add(), await add()]
    await sql(world, _COMMENTS.format(like=before[0], number=2 * STEP, **gone))
    after = [await add()]
    # Of each walk the last row belongs to the next page.
    assert await pages(reader, path, **params) == [before[:2], before[2:], [], after]


@pytest.mark.parametrize("gone", [DELETED, HIDDEN], ids=["deleted", "hidden"])
async def test_a_page_of_posts_passes_a_bounded_number_of_them(
    world: World, gone: dict[str, str]
) -> None:
    author, reader = await world.member(), await world.member()
    lounge, other = await world.lounge(), await world.lounge()
    old = [(await world.post(author, lounge))["id"] for _ in range(3)][::-1]
    await sql(world, _POSTS.format(like=old[0], number=2 * STEP, **gone))
    new = [(await world.post(author, lounge))["id"]]
    in_steps = [new, [], old[:2], old[2:]]
    assert await pages(reader, "/posts") == in_steps
    assert await pages(reader, f"/users/{author.id}/posts") == in_steps
    both = {"lounge_id": lounge["id"], "author_id": author.id}
    assert await pages(reader, "/posts", **both) == in_steps
    # The index of a lounge has no deleted posts. Hidden ones are passed.
    at_once = [new + old[:1], old[1:]]
    assert await pages(reader, f"/lounges/{lounge['id']}/posts") == at_once
    # An author's posts elsewhere are passed like others that are not in the list.
    elsewhere = {"lounge_id": other["id"], "author_id": author.id}
    assert await pages(reader, "/posts", **elsewhere) == [[], [], []]


@pytest.mark.parametrize("number", [STEP - 3, STEP - 2, STEP - 1, STEP])
async def test_a_walk_that_ends_at_a_row_that_is_seen_loses_and_repeats_nothing(
    world: World, number: int
) -> None:
    author = await world.member()
    post = await world.post(author)
    first = await world.comment(author, post)
    await sql(world, _COMMENTS.format(like=first["id"], number=number, **DELETED))
    last = [(await world.comment(author, post))["id"] for _ in range(3)]
    found = await pages(author, f"/posts/{post['id']}/comments")
    assert [comment_id for page in found for comment_id in page] == [first["id"], *last]
