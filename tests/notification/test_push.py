"""The push job of each notification: which phones get which message, and when none is sent."""

from uuid import UUID

import pytest

from app.notification.enums import NotificationType
from app.notification.kinds import KINDS
from app.notification.rows import NewNotification
from app.notification.service.notifications import NotificationService
from tests.support.api import Api, expect
from tests.support.fakes import FakePush
from tests.support.jobs import NOTIFICATION_JOBS as JOBS
from tests.support.jobs import run_jobs
from tests.support.moderating import ask
from tests.support.notifications import register_device, unread_count
from tests.support.world import World

TYPES: dict[NotificationType, tuple[str, str | None]] = {
    NotificationType.COMMENT: ("comments", "comment"),
    NotificationType.REPLY: ("comments", "reply"),
    NotificationType.WATCHED: ("comments", "watched"),
    NotificationType.LOUNGE_POST: ("lounge_posts", "lounge_post"),
    NotificationType.LOUNGE_REQUEST_APPROVED: ("lounge_requests", "lounge_request"),
    NotificationType.LOUNGE_REQUEST_REJECTED: ("lounge_requests", "lounge_request"),
    NotificationType.ANNOUNCEMENT: ("announcements", "announcement"),
    NotificationType.MODERATION: ("moderation", None),
    NotificationType.REPORT_RESOLVED: ("moderation", None),
    NotificationType.WARNING: ("moderation", None),
    NotificationType.APPEAL_DECIDED: ("moderation", None),
    NotificationType.SECURITY: ("moderation", None),
}
"""The Android channel of each type, and the setting that switches its push off."""


def test_the_table_of_channels_and_settings_has_each_type() -> None:
    kinds = {name: (kind.channel, kind.setting) for name, kind in KINDS.items()}
    assert kinds == TYPES, "tests/notification/test_push.py: TYPES differs from KINDS"


async def member_with_phone(world: World, nickname: str | None = None) -> Api:
    """A member with one device."""
    member = await world.member(nickname)
    await register_device(member, f"i-{member.id}", f"token-{member.id}")
    return member


def values(push: FakePush) -> list[str]:
    """The address of every message, in the order of sending."""
    return [target.value for _, targets in push.sent for target in targets]


async def test_each_device_gets_one_message_with_badge_and_data(world: World) -> None:
    author, reader = await member_with_phone(world), await member_with_phone(world, "読者")
    await register_device(author, "tablet", "token-2", kind="fid", platform="android")
    lounge = await world.lounge()
    post = await world.post(author, lounge, title="お茶")
    comment = await world.comment(reader, post, "熱い")
    assert world.push.sent == []
    assert await run_jobs(world, JOBS) == 1
    ((message, targets),) = world.push.sent
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
        "url": comment["url"],
    }
    assert message.data["url"] == note["url"]
    assert message.collapse_id == note["id"]
    assert [(target.kind, target.value, target.platform) for target in targets] == [
        ("fcm_token", f"token-{author.id}", "ios"),
        ("fid", "token-2", "android"),
    ]
    assert await run_jobs(world, JOBS) == 0
    assert len(world.push.sent) == 1


async def notify_of_each_type(world: World, reader: Api) -> None:
    """Notify a reader once of each type. The pushes wait for `run_jobs`."""
    own = [kind for kind in NotificationType if kind != NotificationType.ANNOUNCEMENT]
    writer = await world.member()
    comment = await world.comment(writer, await world.post(writer))
    post_id, comment_id = UUID(comment["post_id"]), UUID(comment["id"])
    async with world.runtime.writing() as ctx:
        for kind in own:
            new = NewNotification(UUID(reader.id), kind, post_id=post_id, comment_id=comment_id)
            await NotificationService(ctx).notify(new)
    form = {"title_ja": "お知らせ", "body_ja": "本文", "push": True}
    expect(await (await world.admin()).post("/admin/announcements", json=form), 201)


async def test_each_type_is_pushed_through_its_android_channel(world: World) -> None:
    await notify_of_each_type(world, await member_with_phone(world))
    await run_jobs(world, JOBS)
    pushed = {message.data["type"]: message.channel for message, _ in world.push.sent}
    assert pushed == {name: kind.channel for name, kind in KINDS.items()}


@pytest.mark.parametrize(
    "setting", sorted({kind.setting for kind in KINDS.values() if kind.setting})
)
async def test_a_setting_stops_waiting_pushes_of_its_types_alone(
    world: World, setting: str
) -> None:
    reader = await member_with_phone(world)
    await notify_of_each_type(world, reader)
    expect(await reader.patch("/notifications/settings", json={setting: False}), 200)
    await run_jobs(world, JOBS)
    pushed = {message.data["type"] for message, _ in world.push.sent}
    assert pushed == {name for name, kind in KINDS.items() if kind.setting != setting}


async def test_the_push_of_an_approval_names_the_request_and_the_lounge(world: World) -> None:
    admin, member = await world.admin(), await member_with_phone(world)
    request = await ask(member)
    expect(await admin.post(f"/admin/lounge-requests/{request['id']}/approve"), 200)
    await run_jobs(world, JOBS)
    ((message, _),) = world.push.sent
    (note,) = await member.items("/notifications")
    assert message.data == {
        "type": "lounge_request_approved",
        "notification_id": note["id"],
        "lounge_id": note["lounge_id"],
        "lounge_request_id": request["id"],
        "url": note["url"],
    }
    assert None not in message.data.values()


async def test_the_badge_is_the_current_count_of_unread_notifications(world: World) -> None:
    author = await member_with_phone(world)
    reader, troll = await world.member(), await world.member()
    post = await world.post(author)
    await world.comment(troll, post)
    await world.comment(reader, post)
    await run_jobs(world, JOBS)
    expect(await author.put(f"/users/{troll.id}/block"), 204)
    await world.comment(reader, post)
    await run_jobs(world, JOBS)
    assert [message.badge for message, _ in world.push.sent] == [2, 2, 2]
    expect(await author.post("/notifications/read", json={"all": True}), 204)
    await world.comment(reader, post)
    await run_jobs(world, JOBS)
    assert world.push.sent[-1][0].badge == await unread_count(author) == 1


async def test_the_message_is_in_the_recipients_locale(world: World) -> None:
    author, reader = await member_with_phone(world), await member_with_phone(world, "Aoi")
    expect(await author.patch("/users/me", json={"locale": "en"}), 200)
    post = await world.post(author, title="Tea")
    parent = await world.comment(reader, post)
    await world.comment(author, post, "返信", parent)
    await run_jobs(world, JOBS)
    titles = {targets[0].value: message.title for message, targets in world.push.sent}
    assert titles == {
        f"token-{author.id}": "Aoi commented on “Tea”",
        f"token-{reader.id}": f"{author.user['nickname']}さんがあなたのコメントに返信しました",
    }
