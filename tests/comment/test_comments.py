"""A first look at the loop."""

import pytest

from tests.support.api import expect
from tests.support.world import World

pytestmark = pytest.mark.anyio


async def test_a_comment_tells_the_author(world: World) -> None:
    author, reader = await world.member(), await world.member("読者")
    post = await world.post(author, image_ids=[(await world.image(author))["id"]])
    comment = await world.comment(reader, post)
    (note,) = await author.items("/notifications")
    assert note["comment_id"] == comment["id"]
    assert note["actor"]["nickname"] == "読者"
    assert expect(await author.get("/notifications/unread-count"), 200) == {"count": 1}


async def test_races(committed_world: World) -> None:
    author = await committed_world.member()
    assert (await committed_world.post(author))["comment_count"] == 0
