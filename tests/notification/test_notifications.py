"""Notifications: who gets which, when they are hidden, and their texts."""

from dataclasses import replace
from uuid import UUID

import pytest

from app.notification.enums import NotificationType
from app.notification.kinds import ABOUT_POSTS
from app.notification.rows import NewNotification
from app.notification.service.notifications import NotificationService
from app.user.rows import LEFT_NICKNAME
from tests.support.api import UNKNOWN_ID, expect
from tests.support.notifications import add_unread, notification_kinds, unread_count
from tests.support.sql import sql
from tests.support.world import World

FIELDS = {
    *("id", "type", "read", "created_at", "actor", "post_id", "comment_id", "lounge_id"),
    *("lounge_request_id", "title", "body", "parent_id", "url"),
}


# Recipients


async def test_a_comment_notifies_the_author_of_the_post(world: World) -> None:
    author, reader = await world.member(), await world.member("読者")
    lounge = await world.lounge()
    post = await world.post(author, lounge, title="お茶の話")
    comment = await world.comment(reader, post, "熱いのが\n好きです")
    (note,) = await author.items("/notifications")
    assert set(note) >= FIELDS
    assert note == {
        **note,
        "type": "comment",
        "read": False,
        "actor": {"id": reader.id, "nickname": "読者", "avatar_url": None},
        "post_id": post["id"],
        "comment_id": comment["id"],
        "lounge_id": lounge["id"],
        "parent_id": None,
        "lounge_request_id": None,
        "url": comment["url"],
        "title": "読者さんが「お茶の話」にコメントしました",
        "body": "熱いのが 好きです",
    }
    assert note["created_at"].endswith("Z")
    assert await unread_count(author) == 1
    assert await notification_kinds(reader) == []


async def test_a_reply_notifies_the_authors_of_its_parent_and_of_the_post(world: World) -> None:
    author, first, second = [await world.member() for _ in range(3)]
    post = await world.post(author)
    parent = await world.comment(first, post)
    reply = await world.comment(second, post, "返信", parent)
    assert await notification_kinds(first) == [("reply", reply["id"])]
    assert await notification_kinds(author) == [("comment", reply["id"]), ("comment", parent["id"])]
    assert await notification_kinds(second) == []
    (note,) = await first.items("/notifications")
    assert (note["parent_id"], note["url"]) == (parent["id"], reply["url"])
    assert [note["parent_id"] for note in await author.items("/notifications")] == [
        *(parent["id"], None)
    ]


async def test_the_author_of_both_post_and_parent_is_notified_once(world: World) -> None:
    author, reader = await world.member(), await world.member()
    post = await world.post(author)
    parent = await world.comment(author, post)
    reply = await world.comment(reader, post, "返信", parent)
    assert await notification_kinds(author) == [("reply", reply["id"])]


async def test_own_comments_make_no_notification_for_their_author(world: World) -> None:
    author, reader = await world.member(), await world.member()
    post = await world.post(author)
    own = await world.comment(author, post)
    await world.comment(author, post, "自分に", own)
    assert await notification_kinds(author) == []
    readers_comment = await world.comment(reader, post)
    readers_reply = await world.comment(reader, post, "自分に返信", readers_comment)
    assert await notification_kinds(reader) == []
    assert await notification_kinds(author) == [
        ("comment", readers_reply["id"]),
        ("comment", readers_comment["id"]),
    ]


async def test_comments_of_a_blocked_user_never_notify(world: World) -> None:
    author, troll, reader = [await world.member() for _ in range(3)]
    post = await world.post(author)
    expect(await author.put(f"/users/{troll.id}/block"), 204)
    await world.comment(troll, post)
    notified = await world.comment(reader, post)
    assert await notification_kinds(author) == [("comment", notified["id"])]
    assert await unread_count(author) == 1
    expect(await author.delete(f"/users/{troll.id}/block"), 204)
    assert await notification_kinds(author) == [("comment", notified["id"])]
    again = await world.comment(troll, post)
    assert await notification_kinds(author) == [
        ("comment", again["id"]),
        ("comment", notified["id"]),
    ]


async def test_a_later_block_hides_notifications_until_it_is_lifted(world: World) -> None:
    author, troll, reader = [await world.member() for _ in range(3)]
    post = await world.post(author)
    first = await world.comment(troll, post)
    second = await world.comment(reader, post)
    everything = [("comment", second["id"]), ("comment", first["id"])]
    assert await notification_kinds(author) == everything
    expect(await author.put(f"/users/{troll.id}/block"), 204)
    assert await notification_kinds(author) == everything[:1]
    assert await unread_count(author) == 1
    expect(await author.delete(f"/users/{troll.id}/block"), 204)
    assert await notification_kinds(author) == everything
    assert await unread_count(author) == 2


async def test_muting_a_post_hides_and_stops_its_notifications(world: World) -> None:
    author, reader = await world.member(), await world.member()
    post = await world.post(author)
    before = await world.comment(reader, post)
    assert await notification_kinds(author) == [("comment", before["id"])]
    expect(await author.put(f"/posts/{post['id']}/mute"), 204)
    await world.comment(reader, post, "聞こえない")
    assert await notification_kinds(author) == []
    assert await unread_count(author) == 0
    expect(await author.delete(f"/posts/{post['id']}/mute"), 204)
    assert await notification_kinds(author) == [("comment", before["id"])]
    after = await world.comment(reader, post)
    assert await notification_kinds(author) == [("comment", after["id"]), ("comment", before["id"])]


async def test_another_users_mute_or_block_changes_nothing(world: World) -> None:
    author, reader, other = [await world.member() for _ in range(3)]
    post = await world.post(author)
    expect(await other.put(f"/posts/{post['id']}/mute"), 204)
    expect(await other.put(f"/users/{reader.id}/block"), 204)
    comment = await world.comment(reader, post)
    assert await notification_kinds(author) == [("comment", comment["id"])]


async def test_a_reply_on_a_blocked_authors_post_does_not_notify(world: World) -> None:
    author, reader, other = [await world.member() for _ in range(3)]
    post = await world.post(author)
    parent = await world.comment(reader, post)
    notified = await world.comment(other, post, "聞こえる", parent)
    assert await notification_kinds(reader) == [("reply", notified["id"])]
    expect(await reader.put(f"/users/{author.id}/block"), 204)
    await world.comment(other, post, "聞こえない", parent)
    assert await notification_kinds(reader) == []
    assert await unread_count(reader) == 0
    expect(await reader.delete(f"/users/{author.id}/block"), 204)
    assert await notification_kinds(reader) == [("reply", notified["id"])]


@pytest.mark.parametrize("column", ["actor_id", "post_author_id"])
@pytest.mark.parametrize("is_blocked", [True, False], ids=["blocked", "leaving"])
async def test_another_type_that_names_a_user_is_hidden_while_they_are_blocked_or_leave(
    world: World, column: str, is_blocked: bool
) -> None:
    """No such type names a user now. One that only a newer release knows may."""
    reader, other = await world.member(), await world.member()
    await add_unread(world, reader, 1, **{column: f"'{other.id}'"})
    assert (len(await reader.items("/notifications")), await unread_count(reader)) == (1, 1)
    if is_blocked:
        expect(await reader.put(f"/users/{other.id}/block"), 204)
    else:
        await sql(world, "INSERT INTO user_departures (user_id) VALUES (:id)", id=UUID(other.id))
    assert (await reader.items("/notifications"), await unread_count(reader)) == ([], 0)


async def test_a_notification_is_hidden_while_its_comment_or_post_is(world: World) -> None:
    author, reader = await world.member(), await world.member()
    post = await world.post(author)
    comment = await world.comment(reader, post)
    listed = [("comment", comment["id"])]
    assert await notification_kinds(author) == listed
    await world.hide_comment(comment)
    assert await notification_kinds(author) == []
    await world.restore_comment(comment)
    assert await notification_kinds(author) == listed
    await world.hide_post(post)
    assert (await notification_kinds(author), await unread_count(author)) == ([], 0)
    # Restoring the post does not undo hiding the comment.
    await world.hide_comment(comment)
    await world.restore_post(post)
    assert (await notification_kinds(author), await unread_count(author)) == ([], 0)
    await world.restore_comment(comment)
    assert (await notification_kinds(author), await unread_count(author)) == (listed, 1)
    expect(await reader.delete(f"/comments/{comment['id']}"), 204)
    assert (await notification_kinds(author), await unread_count(author)) == ([], 0)
    await world.comment(reader, post)
    assert await unread_count(author) == 1
    expect(await author.delete(f"/posts/{post['id']}"), 204)
    assert (await notification_kinds(author), await unread_count(author)) == ([], 0)


async def test_a_reply_is_told_only_while_the_reader_sees_what_it_stands_below(
    world: World,
) -> None:
    host, first, second = [await world.member() for _ in range(3)]
    post = await world.post(host)
    parent = await world.comment(first, post)
    reply = await world.comment(second, post, "返信", parent)
    both = [("comment", reply["id"]), ("comment", parent["id"])]
    assert await notification_kinds(host) == both

    expect(await host.put(f"/users/{first.id}/block"), 204)
    assert (await notification_kinds(host), await unread_count(host)) == ([], 0)
    assert await notification_kinds(first) == [("reply", reply["id"])]
    # A second reply, while the block is there, is not told either.
    later = await world.comment(second, post, "もう一つ", parent)
    assert await notification_kinds(host) == []
    expect(await host.delete(f"/users/{first.id}/block"), 204)
    both.insert(0, ("comment", later["id"]))
    assert (await notification_kinds(host), await unread_count(host)) == (both, 3)

    await world.hide_comment(parent)
    assert (await notification_kinds(host), await unread_count(host)) == ([], 0)
    assert await notification_kinds(first) == []
    await world.restore_comment(parent)
    assert await notification_kinds(host) == both

    expect(await first.delete(f"/comments/{parent['id']}"), 204)
    # The placeholder is seen, and the replies below it.
    assert await notification_kinds(host) == both[:2]


async def test_a_refused_comment_makes_no_notification(world: World) -> None:
    author, reader = await world.member(), await world.member()
    post = await world.post(author)
    form = {"body": "返信", "parent_id": UNKNOWN_ID}
    expect(await reader.post(f"/posts/{post['id']}/comments", json=form), 422, "invalid_parent")
    assert await notification_kinds(author) == []
    comment = await world.comment(reader, post)
    assert await notification_kinds(author) == [("comment", comment["id"])]


# Texts


async def test_the_text_is_in_the_accounts_locale_not_the_requests(world: World) -> None:
    author, reader = await world.member(), await world.member("Aoi")
    post = await world.post(author, title="Tea")
    parent = await world.comment(author, post)
    await world.comment(reader, post, "hello")
    await world.comment(reader, post, "hello", parent)
    titles = [notification["title"] for notification in await author.items("/notifications")]
    assert titles == [
        "Aoiさんがあなたのコメントに返信しました",
        "Aoiさんが「Tea」にコメントしました",
    ]
    expect(await author.patch("/users/me", json={"locale": "en"}), 200)
    answer = await author.get("/notifications", headers={"Accept-Language": "ja"})
    titles = [notification["title"] for notification in expect(answer, 200)["items"]]
    assert titles == ["Aoi replied to your comment", "Aoi commented on “Tea”"]


async def test_placeholders_in_names_and_texts_are_not_filled_in(world: World) -> None:
    author, reader = await world.member(), await world.member("{post}%s")
    post = await world.post(author, title="{actor}{0}")
    await world.comment(reader, post, "{body}")
    (note,) = await author.items("/notifications")
    assert note["title"] == "{post}%sさんが「{actor}{0}」にコメントしました"
    assert note["body"] == "{body}"


async def test_a_long_comment_is_cut_and_the_actors_current_name_is_shown(world: World) -> None:
    author, reader = await world.member(), await world.member("旧")
    post = await world.post(author)
    await world.comment(reader, post, "長" * 2000)
    expect(await reader.patch("/users/me", json={"nickname": "新"}), 200)
    (note,) = await author.items("/notifications")
    assert note["body"] == "長" * 119 + "…"
    assert note["actor"]["nickname"] == "新"
    assert note["title"].startswith("新さん")


async def test_an_actor_who_is_leaving_has_no_name_and_a_message_has_no_actor(world: World) -> None:
    """Before what they wrote is hidden, as where a write came late."""
    author, reader = await world.member(), await world.member("読者")
    await world.comment(reader, await world.post(author))
    await sql(world, "UPDATE users SET left_at = now() WHERE id = CAST(:id AS uuid)", id=reader.id)
    admin, reason = await world.admin(), {"reason": "荒らし"}
    expect(await admin.post(f"/admin/users/{author.id}/warn", json=reason), 201)
    message, note = await author.items("/notifications")
    assert message["actor"] is None
    assert note["actor"] == {"id": None, "nickname": LEFT_NICKNAME, "avatar_url": None}
    assert LEFT_NICKNAME in note["title"] + note["body"]


@pytest.mark.parametrize("kind", list(NotificationType))
@pytest.mark.parametrize("locale", ["ja", "en"])
async def test_every_type_has_a_title_without_an_actor_and_without_a_name(
    world: World, kind: NotificationType, locale: str
) -> None:
    reader = await world.member()
    expect(await reader.patch("/users/me", json={"locale": locale}), 200)
    writer = await world.member()
    comment = await world.comment(writer, await world.post(writer, title="理由"), "理由")
    new = NewNotification(UUID(reader.id), kind, params={"body": "理由"})
    if kind in ABOUT_POSTS:
        ids = {"post_id": UUID(comment["post_id"]), "comment_id": UUID(comment["id"])}
        new = replace(new, params={}, post_id=ids["post_id"], comment_id=ids["comment_id"])
    async with world.runtime.writing() as ctx:
        await NotificationService(ctx).notify(new)
    (note,) = await reader.items("/notifications")
    assert (note["type"], note["actor"]) == (kind, None)
    # What has happened to the account itself is in our words.
    assert (note["body"] == "理由") == (kind != NotificationType.SECURITY)
    assert "{" not in note["title"] + note["body"]
    title = note["title"].replace("理由", "")
    assert title.isascii() == (locale == "en" and "“" not in title)
    assert await unread_count(reader) == 1
