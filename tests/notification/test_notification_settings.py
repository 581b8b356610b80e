"""A user's push settings."""

from typing import Any

import pytest

from app.notification.models import SETTINGS
from tests.support.api import expect
from tests.support.world import World

PATH = "/notifications/settings"
ALL_ON = dict.fromkeys(SETTINGS, True)


async def test_all_settings_are_on_by_default_and_change_one_by_one(world: World) -> None:
    member, other = await world.member(), await world.member()
    assert expect(await member.get(PATH), 200) == ALL_ON
    off = expect(await member.patch(PATH, json={"comment": False}), 200)
    assert off == {**ALL_ON, "comment": False}
    both = expect(await member.patch(PATH, json={"comment": True, "reply": False}), 200)
    assert both == {**ALL_ON, "reply": False}
    assert expect(await member.get(PATH), 200) == both
    assert expect(await other.get(PATH), 200) == ALL_ON


@pytest.mark.parametrize("nothing", [{}, {"comment": None}, dict.fromkeys(ALL_ON)])
async def test_null_changes_no_setting(world: World, nothing: dict[str, Any]) -> None:
    member = await world.member()
    assert expect(await member.patch(PATH, json=nothing), 200) == ALL_ON
    kept = expect(await member.patch(PATH, json=dict.fromkeys(ALL_ON, False)), 200)
    assert kept == dict.fromkeys(ALL_ON, False)
    assert expect(await member.patch(PATH, json=nothing), 200) == kept
    assert expect(await member.get(PATH), 200) == kept


async def test_a_type_switched_off_is_still_listed_and_counted(world: World) -> None:
    author, reader = await world.member(), await world.member()
    expect(await author.patch(PATH, json=dict.fromkeys(ALL_ON, False)), 200)
    post = await world.post(author)
    comment = await world.comment(reader, post)
    assert [
        notification["comment_id"] for notification in await author.items("/notifications")
    ] == [comment["id"]]
    assert expect(await author.get("/notifications/unread-count"), 200) == {
        "count": 1,
        "more": False,
    }
