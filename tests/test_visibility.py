"""A post or comment that becomes invisible is invisible in every list, and visible again in all.

All tests use one set-up: a post with comments and likes, read by its author and by a reader through
every list and every single read. Each way to become invisible is tried on it.
"""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from app.post.models import POST_MARKS
from tests.support.api import Api, expect
from tests.support.sql import sql
from tests.support.world import World, token

pytestmark = pytest.mark.anyio

KEPT = [table for table in POST_MARKS if table.mark.is_kept]
"""Marks with a list of posts."""

type Sight = dict[str, bool]
"""Whether the post or comment is visible, by the name of the list or read."""


async def holds(api: Api, path: str, wanted: str, key: str = "id", **params: Any) -> bool:
    """Whether a list has an item with this value."""
    response = await api.get(path, params={"limit": 100, **params})
    if response.status_code == 404:
        return False
    return wanted in [item[key] for item in expect(response, 200)["items"]]


async def set_moderation(world: World, table: str, thing: dict[str, Any], value: str) -> None:
    statement = f"UPDATE {table} SET moderation = :value WHERE id = CAST(:id AS uuid)"
    await sql(world, statement, value=value, id=thing["id"])


class Scene:
    """An author's post in a lounge. The author and a reader like it and comment on it."""

    def __init__(self, world: World) -> None:
        self.world = world

    async def start(self) -> "Scene":
        world = self.world
        self.author, self.reader = await world.member(), await world.member()
        self.lounge, self.word = await world.lounge(), f"抹茶{token()}"
        self.post = await world.post(self.author, self.lounge, title=self.word)
        self.comment = await world.comment(self.reader, self.post)
        self.reply = await world.comment(self.author, self.post, "返信", self.comment)
        for api in (self.author, self.reader):
            for table in KEPT:
                expect(await api.put(table.path().format(post_id=self.post["id"])), 204)
        return self

    async def post_seen_by(self, api: Api) -> Sight:
        post_id, author_id, lounge_id = self.post["id"], self.author.id, self.lounge["id"]
        own_comment = self.reply if api is self.author else self.comment
        comments = f"/posts/{post_id}/comments"
        seen = {
            "GET /posts": await holds(api, "/posts", post_id),
            "search": await holds(api, "/posts", post_id, q=self.word),
            "lounge filter": await holds(api, "/posts", post_id, lounge_id=lounge_id),
            "author filter": await holds(api, "/posts", post_id, author_id=author_id),
            "lounge": await holds(api, f"/lounges/{lounge_id}/posts", post_id),
            "author": await holds(api, f"/users/{author_id}/posts", post_id),
            **{
                table.mark.export: await holds(api, str(table.mark.listed_at), post_id)
                for table in KEPT
            },
            "itself": (await api.get(f"/posts/{post_id}")).status_code == 200,
            "comments": await holds(api, comments, self.comment["id"]),
            "replies": await holds(api, comments, self.reply["id"], parent_id=self.comment["id"]),
            "own comments": await holds(api, "/users/me/comments", own_comment["id"]),
        }
        if api is self.author:
            seen["own posts"] = await holds(api, "/users/me/posts", post_id)
        return seen

    async def notified_of_post(self, api: Api) -> Sight:
        """Whether the notifications show the comments on the post."""
        post_id = self.post["id"]
        count = expect(await api.get("/notifications/unread-count"), 200)["count"]
        return {
            "notifications": await holds(api, "/notifications", post_id, "post_id"),
            "unread": await holds(api, "/notifications", post_id, "post_id", unread=True),
            "unread count": count > 0,
        }

    async def all_writes_are_404(self, api: Api, *, own_comment_stays: bool) -> bool:
        """Whether every write to the post and its comments is answered 404.

        With `own_comment_stays` the caller has put the post away: their own comment and like are
        not tried. A caller's own comment is not deleted here: that works below every post.
        """
        path, form = f"/posts/{self.post['id']}", {"body": "まだ"}
        answers = [
            await api.patch(path, json=form),
            await api.delete(path),
            await api.put(f"{path}/like"),
            await api.post(f"{path}/comments", json=form),
        ]
        if not own_comment_stays:
            answers.append(await api.delete(f"{path}/like"))
        own_comment = self.reply if api is self.author else self.comment
        for comment in (self.comment, self.reply):
            if comment is own_comment and own_comment_stays:
                continue
            answers.append(await api.patch(f"/comments/{comment['id']}", json=form))
            if comment is not own_comment:
                answers.append(await api.delete(f"/comments/{comment['id']}"))
        return {answer.status_code for answer in answers} == {404}


type Act = Callable[[Scene], Awaitable[None]]


async def delete(scene: Scene) -> None:
    expect(await scene.author.delete(f"/posts/{scene.post['id']}"), 204)


async def hide(scene: Scene) -> None:
    await scene.world.hide_post(scene.post)


async def restore(scene: Scene) -> None:
    await scene.world.restore_post(scene.post)


async def hold(scene: Scene) -> None:
    await set_moderation(scene.world, "posts", scene.post, "held")


async def release(scene: Scene) -> None:
    await set_moderation(scene.world, "posts", scene.post, "visible")


async def mute(scene: Scene) -> None:
    expect(await scene.reader.put(f"/posts/{scene.post['id']}/mute"), 204)


async def unmute(scene: Scene) -> None:
    expect(await scene.reader.delete(f"/posts/{scene.post['id']}/mute"), 204)


async def mute_own(scene: Scene) -> None:
    expect(await scene.author.put(f"/posts/{scene.post['id']}/mute"), 204)


async def unmute_own(scene: Scene) -> None:
    expect(await scene.author.delete(f"/posts/{scene.post['id']}/mute"), 204)


async def block(scene: Scene) -> None:
    expect(await scene.reader.put(f"/users/{scene.author.id}/block"), 204)


async def unblock(scene: Scene) -> None:
    expect(await scene.reader.delete(f"/users/{scene.author.id}/block"), 204)


@pytest.mark.parametrize(
    ("make_invisible", "make_visible", "author_sees", "own_comment_stays"),
    [
        (delete, None, False, False),
        (hide, restore, False, False),
        (hold, release, True, False),
        (mute, unmute, True, True),
        (block, unblock, True, True),
    ],
)
async def test_an_invisible_post_is_in_no_list_and_refuses_writes(
    world: World,
    make_invisible: Act,
    make_visible: Act | None,
    author_sees: bool,
    own_comment_stays: bool,
) -> None:
    scene = await Scene(world).start()
    people = {scene.author: author_sees, scene.reader: False}
    for api in people:
        assert set((await scene.post_seen_by(api)).values()) == {True}
        assert set((await scene.notified_of_post(api)).values()) == {True}

    await make_invisible(scene)

    for api, sees in people.items():
        seen = await scene.post_seen_by(api)
        own_comments = {"own comments": sees or own_comment_stays}
        assert seen == dict.fromkeys(seen, sees) | own_comments
        if make_invisible is not hold:
            # The app never holds a post that has comments, so its notifications are not checked.
            notified_of_post = await scene.notified_of_post(api)
            assert notified_of_post == dict.fromkeys(notified_of_post, sees)
        if not sees:
            assert await scene.all_writes_are_404(api, own_comment_stays=own_comment_stays)

    if make_visible is not None:
        await make_visible(scene)
        for api in people:
            seen = {**await scene.post_seen_by(api), **await scene.notified_of_post(api)}
            assert seen == dict.fromkeys(seen, True)


@pytest.mark.parametrize("distance", [mute, block])
async def test_own_comments_on_a_muted_or_blocked_post_can_be_changed_and_deleted(
    world: World, distance: Act
) -> None:
    scene = await Scene(world).start()
    await distance(scene)
    path = f"/comments/{scene.comment['id']}"
    changed = expect(await scene.reader.patch(path, json={"body": "言い直し"}), 200)
    assert changed["body"] == "言い直し"
    (listed,) = await scene.reader.items("/users/me/comments")
    assert listed["body"] == "言い直し"
    expect(await scene.reader.delete(path), 204)
    assert await scene.reader.items("/users/me/comments") == []
    expect(await scene.reader.delete(path), 404, "comment_not_found")


async def test_muting_an_own_post_stops_its_notifications_and_hides_nothing(world: World) -> None:
    scene = await Scene(world).start()
    await mute_own(scene)
    for api in (scene.author, scene.reader):
        assert set((await scene.post_seen_by(api)).values()) == {True}
    assert set((await scene.notified_of_post(scene.author)).values()) == {False}

    # New comments are not notified either, but the post can be changed as before.
    later = await world.comment(scene.reader, scene.post)
    assert set((await scene.notified_of_post(scene.author)).values()) == {False}
    path = f"/posts/{scene.post['id']}"
    expect(await scene.author.patch(path, json={"body": "言い直し"}), 200)

    await unmute_own(scene)
    assert set((await scene.notified_of_post(scene.author)).values()) == {True}
    assert not await holds(scene.author, "/notifications", later["id"], "comment_id")
    expect(await scene.author.put(f"{path}/mute"), 204)
    expect(await scene.author.delete(path), 204)


async def test_muting_an_own_post_keeps_the_notifications_of_moderators(world: World) -> None:
    scene, admin = await Scene(world).start(), await world.admin()
    path = f"/admin/posts/{scene.post['id']}"
    for verb in ("hide", "restore"):
        expect(await admin.post(f"{path}/{verb}", json={"reason": "見直し"}), 204)
    await mute_own(scene)
    (notification,) = await scene.author.items("/notifications")
    assert (notification["type"], notification["post_id"]) == ("moderation", scene.post["id"])
    assert expect(await scene.author.get("/notifications/unread-count"), 200)["count"] == 1


async def test_the_author_sees_that_a_post_is_held(world: World) -> None:
    scene = await Scene(world).start()
    path = f"/posts/{scene.post['id']}"
    assert expect(await scene.author.get(path), 200)["moderation"] == "visible"
    await hold(scene)
    assert expect(await scene.author.get(path), 200)["moderation"] == "held"
    (listed,) = await scene.author.items("/users/me/posts")
    assert listed["moderation"] == "held"
    expect(await scene.reader.get(path), 404, "post_not_found")


async def test_a_mute_and_a_block_hide_nothing_from_others(world: World) -> None:
    scene = await Scene(world).start()
    other = await world.guest()
    await mute(scene)
    await block(scene)
    assert await holds(other, "/posts", scene.post["id"])
    assert await holds(other, f"/posts/{scene.post['id']}/comments", scene.comment["id"])
    assert expect(await other.get(f"/posts/{scene.post['id']}"), 200)["comment_count"] == 2
    assert not await holds(scene.reader, "/posts", scene.post["id"])


# Comments


async def comment_seen_by(scene: Scene, api: Api) -> Sight:
    """Where the author's reply is visible."""
    path, reply_id = f"/posts/{scene.post['id']}/comments", scene.reply["id"]
    change = await api.patch(f"/comments/{reply_id}", json={})
    assert change.status_code in (200, 403, 404)
    seen = {
        "replies": await holds(api, path, reply_id, parent_id=scene.comment["id"]),
        "itself": change.status_code != 404,
    }
    if api is scene.author:
        return seen | {"own comments": await holds(api, "/users/me/comments", reply_id)}
    return seen | {
        "notifications": await holds(api, "/notifications", reply_id, "comment_id"),
        "unread": await holds(api, "/notifications", reply_id, "comment_id", unread=True),
    }


async def delete_reply(scene: Scene) -> None:
    expect(await scene.author.delete(f"/comments/{scene.reply['id']}"), 204)


async def hide_reply(scene: Scene) -> None:
    await scene.world.hide_comment(scene.reply)


async def restore_reply(scene: Scene) -> None:
    await scene.world.restore_comment(scene.reply)


@pytest.mark.parametrize(
    ("make_invisible", "make_visible", "author_sees", "reader_sees"),
    [
        (delete_reply, None, False, False),
        (hide_reply, restore_reply, False, False),
        (block, unblock, True, False),
    ],
)
async def test_an_invisible_comment_is_in_no_list(
    world: World,
    make_invisible: Act,
    make_visible: Act | None,
    author_sees: bool,
    reader_sees: bool,
) -> None:
    scene = await Scene(world).start()
    # The post must be the reader's own: otherwise the block would hide the whole post.
    scene.post = await world.post(scene.reader, scene.lounge)
    scene.comment = await world.comment(scene.reader, scene.post)
    scene.reply = await world.comment(scene.author, scene.post, "返信", scene.comment)
    people = {scene.author: author_sees, scene.reader: reader_sees}
    for api in people:
        assert set((await comment_seen_by(scene, api)).values()) == {True}
    await make_invisible(scene)
    for api, sees in people.items():
        seen = await comment_seen_by(scene, api)
        assert seen == dict.fromkeys(seen, sees)
    if make_visible is not None:
        await make_visible(scene)
        for api in people:
            assert set((await comment_seen_by(scene, api)).values()) == {True}


async def test_only_the_author_sees_a_held_comment(world: World) -> None:
    scene = await Scene(world).start()
    path, parent = f"/posts/{scene.post['id']}/comments", scene.comment["id"]
    for state, reader_sees in (("visible", True), ("held", False), ("visible", True)):
        await set_moderation(world, "comments", scene.reply, state)
        assert await holds(scene.author, path, scene.reply["id"], parent_id=parent)
        assert await holds(scene.author, path, state, "moderation", parent_id=parent)
        assert await holds(scene.author, "/users/me/comments", scene.reply["id"])
        assert await holds(scene.reader, path, scene.reply["id"], parent_id=parent) == reader_sees


# Lounges and people


async def test_a_hidden_or_deleted_post_is_not_counted(world: World) -> None:
    scene = await Scene(world).start()
    other = await world.post(scene.author, scene.lounge)

    async def counts() -> tuple[int, int]:
        lounge = expect(await scene.reader.get(f"/lounges/{scene.lounge['id']}"), 200)
        profile = expect(await scene.reader.get(f"/users/{scene.author.id}"), 200)
        return lounge["post_count"], profile["post_count"]

    assert await counts() == (2, 2)
    await hide(scene)
    assert await counts() == (1, 1)
    await restore(scene)
    assert await counts() == (2, 2)
    await delete(scene)
    assert await counts() == (1, 1)
    expect(await scene.author.delete(f"/posts/{other['id']}"), 204)
    assert await counts() == (0, 0)


async def test_a_block_works_one_way_and_does_not_change_counts(world: World) -> None:
    scene = await Scene(world).start()
    await block(scene)
    own = await world.post(scene.reader, scene.lounge)
    comment = await world.comment(scene.author, own)
    expect(await scene.author.put(f"/posts/{own['id']}/like"), 204)
    assert await holds(scene.author, "/posts", own["id"])
    assert await holds(scene.author, f"/posts/{own['id']}/comments", comment["id"])
    assert not await holds(scene.reader, f"/posts/{own['id']}/comments", comment["id"])
    for api in (scene.author, scene.reader):
        post = expect(await api.get(f"/posts/{own['id']}"), 200)
        assert (post["comment_count"], post["like_count"]) == (1, 1)
    assert not await holds(scene.reader, "/notifications", comment["id"], "comment_id")
