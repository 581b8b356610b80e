"""The job behind each notification: what goes to which phone, and when nothing does."""

from typing import Any

import pytest
from sqlalchemy import text

from app.notification.jobs import JOBS
from tests.support.api import Api, expect
from tests.support.fakes import FakePush
from tests.support.jobs import run_jobs
from tests.support.notifications import register_device, unread_count
from tests.support.world import World

pytestmark = pytest.mark.anyio


async def phone(world: World, nickname: str | None = None) -> Api:
    """Somebody with one device of their own."""
    member = await world.member(nickname)
    await register_device(member, f"i-{member.id}", f"token-{member.id}")
    return member


def values(push: FakePush) -> list[str]:
    """The address of every message, in the order of sending."""
    return [target.value for _, targets in push.sent for target in targets]


async def test_each_device_gets_one_message_with_badge_and_data(
    world: World, push: FakePush
) -> None:
    author, reader = await phone(world), await phone(world, "読者")
    await register_device(author, "tablet", "token-2", kind="fid", platform="android")
    lounge = await world.lounge()
    post = await world.post(author, lounge, title="お茶")
    comment = await world.comment(reader, post, "熱い")
    assert push.sent == []
    assert await run_jobs(world, JOBS) == 1
    ((message, targets),) = push.sent
    (note,) = await author.items("/notifications")
    assert message.title == note["title"] == "読者さんが「お茶」にコメントしました"
    assert message.body == "熱い"
    assert message.badge == 1
    assert message.data == {
        "type": "comment",
        "post_id": post["id"],
        "comment_id": comment["id"],
        "lounge_id": lounge["id"],
        "notification_id": note["id"],
        "url": f"http://test/api/v1/posts/{post['id']}",
    }
    assert message.collapse_id == note["id"]
    assert [(one.kind, one.value, one.platform) for one in targets] == [
        ("fcm_token", f"token-{author.id}", "ios"),
        ("fid", "token-2", "android"),
    ]
    assert await run_jobs(world, JOBS) == 0
    assert len(push.sent) == 1


async def test_the_badge_is_the_count_of_unread_ones_at_the_time(
    world: World, push: FakePush
) -> None:
    author, reader, troll = await phone(world), await world.member(), await world.member()
    post = await world.post(author)
    await world.comment(troll, post)
    await world.comment(reader, post)
    await run_jobs(world, JOBS)
    expect(await author.put(f"/users/{troll.id}/block"), 204)
    await world.comment(reader, post)
    await run_jobs(world, JOBS)
    assert [message.badge for message, _ in push.sent] == [2, 2, 2]
    expect(await author.post("/notifications/read", json={"all": True}), 204)
    await world.comment(reader, post)
    await run_jobs(world, JOBS)
    assert push.sent[-1][0].badge == await unread_count(author) == 1


async def test_the_block_of_another_user_does_not_change_the_badge(
    world: World, push: FakePush
) -> None:
    author, reader, other = await phone(world), await world.member(), await world.member()
    await world.comment(reader, await world.post(other))
    expect(await other.put(f"/users/{reader.id}/block"), 204)
    await world.comment(reader, await world.post(author))
    await run_jobs(world, JOBS)
    assert [message.badge for message, _ in push.sent] == [1]
    assert await unread_count(author) == 1


async def test_the_message_is_in_the_recipients_locale(world: World, push: FakePush) -> None:
    author, reader = await phone(world), await phone(world, "Aoi")
    expect(await author.patch("/users/me", json={"locale": "en"}), 200)
    post = await world.post(author, title="Tea")
    parent = await world.comment(reader, post)
    await world.comment(author, post, "返信", parent)
    await run_jobs(world, JOBS)
    titles = {targets[0].value: message.title for message, targets in push.sent}
    assert titles == {
        f"token-{author.id}": "Aoi commented on “Tea”",
        f"token-{reader.id}": f"{author.user['nickname']}さんがあなたのコメントに返信しました",
    }


async def test_a_reply_goes_once_to_everyone_it_concerns(world: World, push: FakePush) -> None:
    author, first, second = [await phone(world) for _ in range(3)]
    post = await world.post(author)
    parent = await world.comment(first, post)
    await run_jobs(world, JOBS)
    push.sent.clear()
    await world.comment(second, post, "返信", parent)
    await run_jobs(world, JOBS)
    assert sorted(values(push)) == sorted([f"token-{author.id}", f"token-{first.id}"])
    own = await world.comment(author, post)
    push.sent.clear()
    await world.comment(second, post, "返信", own)
    await run_jobs(world, JOBS)
    assert values(push) == [f"token-{author.id}"]


async def test_nobody_without_a_device_is_pushed_to(world: World, push: FakePush) -> None:
    author, reader = await world.member(), await phone(world)
    await world.comment(reader, await world.post(author))
    assert await run_jobs(world, JOBS) == 1
    assert push.sent == []
    assert await unread_count(author) == 1


@pytest.mark.parametrize(
    ("switch", "comment_pushed", "reply_pushed"),
    [
        ({}, True, True),
        ({"push_enabled": False}, False, False),
        ({"comment": False}, False, True),
        ({"reply": False}, True, False),
        ({"lounge_request": False}, True, True),
    ],
)
async def test_what_is_switched_off_is_not_pushed(
    world: World,
    push: FakePush,
    switch: dict[str, bool],
    comment_pushed: bool,
    reply_pushed: bool,
) -> None:
    author, reader = await phone(world), await world.member()
    post = await world.post(author)
    parent = await world.comment(author, post)
    expect(await author.patch("/notifications/settings", json=switch), 200)
    await world.comment(reader, post)
    await world.comment(reader, post, "返信", parent)
    assert await run_jobs(world, JOBS) == 2
    kinds = [message.data["type"] for message, _ in push.sent]
    assert ("comment" in kinds, "reply" in kinds) == (comment_pushed, reply_pushed)
    assert len(kinds) == comment_pushed + reply_pushed
    assert await unread_count(author) == 2


async def switch_off(world: World, author: Api, reader: Api, comment: dict[str, Any]) -> None:
    expect(await author.patch("/notifications/settings", json={"push_enabled": False}), 200)


async def read_it(world: World, author: Api, reader: Api, comment: dict[str, Any]) -> None:
    expect(await author.post("/notifications/read", json={"all": True}), 204)


async def block(world: World, author: Api, reader: Api, comment: dict[str, Any]) -> None:
    expect(await author.put(f"/users/{reader.id}/block"), 204)


async def mute(world: World, author: Api, reader: Api, comment: dict[str, Any]) -> None:
    expect(await author.put(f"/posts/{comment['post_id']}/mute"), 204)


async def delete_comment(world: World, author: Api, reader: Api, comment: dict[str, Any]) -> None:
    expect(await reader.delete(f"/comments/{comment['id']}"), 204)


async def hide_comment(world: World, author: Api, reader: Api, comment: dict[str, Any]) -> None:
    await world.hide_comment(comment)


async def delete_post(world: World, author: Api, reader: Api, comment: dict[str, Any]) -> None:
    expect(await author.delete(f"/posts/{comment['post_id']}"), 204)


async def hide_post(world: World, author: Api, reader: Api, comment: dict[str, Any]) -> None:
    await world.hide_post({"id": comment["post_id"]})


async def log_out(world: World, author: Api, reader: Api, comment: dict[str, Any]) -> None:
    form = {"refresh_token": author.refresh_token}
    expect(await author.post("/auth/logout", json=form), 204)


async def remove_device(world: World, author: Api, reader: Api, comment: dict[str, Any]) -> None:
    expect(await author.delete(f"/notifications/devices/i-{author.id}"), 204)


async def erase(world: World, author: Api, reader: Api, comment: dict[str, Any]) -> None:
    async with world.runtime.unit_of_work() as ctx:
        await ctx.session.execute(text("DELETE FROM notifications"))


async def wait(world: World, author: Api, reader: Api, comment: dict[str, Any]) -> None:
    """Nothing happens meanwhile."""


@pytest.mark.parametrize(
    "meanwhile",
    [
        *(switch_off, read_it, block, mute, delete_comment, hide_comment, delete_post, hide_post),
        *(log_out, remove_device, erase, wait),
    ],
)
async def test_nothing_is_pushed_that_is_no_longer_wanted_or_there(
    world: World, push: FakePush, meanwhile: Any
) -> None:
    author, reader = await phone(world), await world.member()
    comment = await world.comment(reader, await world.post(author))
    await meanwhile(world, author, reader, comment)
    assert await run_jobs(world, JOBS) == 1
    assert values(push) == ([f"token-{author.id}"] if meanwhile is wait else [])


async def test_a_phone_that_changed_hands_is_pushed_to_for_its_new_user(
    world: World, push: FakePush
) -> None:
    author, reader = await phone(world), await world.member()
    post = await world.post(author)
    await world.comment(reader, post)
    await register_device(reader, "i-new", f"token-{author.id}")
    own = await world.post(reader)
    await world.comment(author, own)
    assert await run_jobs(world, JOBS) == 2
    ((message, targets),) = push.sent
    assert message.data["post_id"] == own["id"]
    assert [one.value for one in targets] == [f"token-{author.id}"]
