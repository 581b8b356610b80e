"""Comments that were held for review and are released: which users are notified."""

from typing import Any, NamedTuple

import pytest

from app.account.jobs import JOBS
from app.comment.jobs import JOBS as COMMENT_JOBS
from tests.support.api import Api, expect
from tests.support.changes import Follower
from tests.support.counts import wrong_counts
from tests.support.fakes import FakePush
from tests.support.jobs import NOTIFICATION_JOBS as PUSH_JOBS
from tests.support.jobs import run_jobs
from tests.support.leaving import leave
from tests.support.moderating import ban
from tests.support.notifications import notification_kinds, register_device
from tests.support.world import World

BANNED = "ばくだん"


class Scene(NamedTuple):
    """A post's author, a user who comments, a user whose reply is held, and an admin."""

    world: World
    author: Api
    commenter: Api
    replier: Api
    admin: Api
    post: dict[str, Any]

    async def held(self, writer: Api, parent: dict[str, Any] | None = None) -> dict[str, Any]:
        return await self.world.comment(writer, self.post, BANNED, parent)

    async def release(self, comment: dict[str, Any]) -> None:
        path = f"/admin/comments/{comment['id']}/restore"
        expect(await self.admin.post(path, json={"reason": "問題なし"}), 204)
        assert await wrong_counts(self.world) == []

    async def replies(self, parent: dict[str, Any]) -> list[str]:
        return await self.author.ids(f"/posts/{self.post['id']}/comments", parent_id=parent["id"])


@pytest.fixture
async def scene(world: World) -> Scene:
    author, commenter, replier = [await world.member() for _ in range(3)]
    admin = await world.admin()
    await ban(admin, BANNED)
    return Scene(world, author, commenter, replier, admin, await world.post(author))


@pytest.mark.parametrize("erased", [False, True])
async def test_a_held_reply_to_a_leaver_can_be_released(scene: Scene, erased: bool) -> None:
    world, author, commenter, replier, _, _ = scene
    top = await world.comment(commenter, scene.post)
    reply = await scene.held(replier, top)
    await world.comment(author, scene.post, "返信", top)
    await leave(commenter)
    if erased:
        await run_jobs(world, JOBS)
    await scene.release(reply)
    assert reply["id"] in await scene.replies(top)
    # The placeholder has no author to notify. The post's author is notified.
    assert ("comment", reply["id"]) in await notification_kinds(author)


async def test_releasing_a_reply_to_a_deleted_comment_does_not_notify_its_author(
    scene: Scene,
) -> None:
    world, author, commenter, replier, _, _ = scene
    top = await world.comment(commenter, scene.post)
    reply = await scene.held(replier, top)
    expect(await commenter.delete(f"/comments/{top['id']}"), 204)
    await scene.release(reply)
    assert await scene.replies(top) == [reply["id"]]
    assert await notification_kinds(commenter) == []
    assert ("comment", reply["id"]) in await notification_kinds(author)


@pytest.mark.parametrize("above", ["hidden", "held"])
async def test_a_reply_released_below_what_is_not_shown_is_told_when_that_is(
    scene: Scene, above: str, push: FakePush
) -> None:
    world, author, commenter, replier, _, _ = scene
    top = await world.comment(commenter, scene.post)
    reply = await scene.held(replier, top)
    await register_device(author, "phone")
    follower = await Follower(author).start()
    if above == "hidden":
        await hide(scene, top)
    else:
        expect(await commenter.patch(f"/comments/{top['id']}", json={"body": BANNED}), 200)
    await scene.release(reply)
    await run_jobs(world, PUSH_JOBS)
    assert await notification_kinds(author) == []
    assert reply["id"] not in follower.raw
    assert [message for message, _ in push.sent] == []
    await scene.release(top)
    told = [("comment", reply["id"]), ("comment", top["id"])]
    assert await notification_kinds(author) == told
    assert ("reply", reply["id"]) in await notification_kinds(commenter)
    assert "reload" in {change["kind"] for change in await follower.look()}
    # Once.
    await hide(scene, reply)
    await scene.release(reply)
    assert await notification_kinds(author) == told


@pytest.mark.parametrize("is_reply", [False, True])
async def test_what_is_released_below_a_hidden_post_is_told_when_that_is_shown(
    scene: Scene, is_reply: bool, push: FakePush
) -> None:
    world, author, commenter, replier, _, post = scene
    top = await world.comment(commenter, post)
    comment = await scene.held(replier, top if is_reply else None)
    await world.hide_post(post)
    follower = await Follower(author).start()
    await register_device(author, "phone")
    await scene.release(comment)
    await run_jobs(world, PUSH_JOBS)
    assert await notification_kinds(author) == await notification_kinds(commenter) == []
    assert [message for message, _ in push.sent] == []
    await world.restore_post(post)
    assert await notification_kinds(author) == [("comment", comment["id"]), ("comment", top["id"])]
    kinds = await notification_kinds(commenter)
    assert kinds == ([("reply", comment["id"])] if is_reply else [])
    told = [change for change in await follower.look() if change["kind"] == "notification"]
    assert comment["id"] in {change["put"]["comment_id"] for change in told}
    assert await wrong_counts(world) == []


async def test_a_reply_on_a_held_post_is_told_when_the_post_is_released(
    scene: Scene, push: FakePush
) -> None:
    """Only the author of a held post can comment on it."""
    world, author, commenter, _, admin, post = scene
    top = await world.comment(commenter, post)
    expect(await author.patch(f"/posts/{post['id']}", json={"body": BANNED}), 200)
    await register_device(commenter, "phone")
    reply = await world.comment(author, post, "返信", top)
    await run_jobs(world, PUSH_JOBS)
    assert await notification_kinds(commenter) == []
    path = f"/admin/posts/{post['id']}/restore"
    expect(await admin.post(path, json={"reason": "問題なし"}), 204)
    await run_jobs(world, PUSH_JOBS)
    assert await notification_kinds(commenter) == [("reply", reply["id"])]
    assert [message for message, _ in push.sent] == []


async def test_releasing_a_comment_notifies_even_if_its_author_has_muted_the_post(
    scene: Scene,
) -> None:
    world, author, commenter, replier, _, post = scene
    top = await world.comment(commenter, post)
    comment, reply = await scene.held(replier), await scene.held(replier, top)
    expect(await replier.put(f"/posts/{post['id']}/mute"), 204)
    await scene.release(comment)
    await scene.release(reply)
    assert await notification_kinds(author) == [
        ("comment", reply["id"]),
        ("comment", comment["id"]),
        ("comment", top["id"]),
    ]
    assert await notification_kinds(commenter) == [("reply", reply["id"])]


async def test_a_user_who_has_muted_the_post_is_not_notified_of_a_release(scene: Scene) -> None:
    world, author, commenter, replier, _, post = scene
    top = await world.comment(commenter, post)
    reply = await scene.held(replier, top)
    expect(await commenter.put(f"/posts/{post['id']}/mute"), 204)
    await scene.release(reply)
    assert await notification_kinds(commenter) == []
    assert ("comment", reply["id"]) in await notification_kinds(author)


async def test_who_watches_gets_the_push_when_the_comment_is_released(
    scene: Scene, push: FakePush
) -> None:
    watcher = await scene.world.member()
    await register_device(watcher, "phone")
    expect(await watcher.put(f"/posts/{scene.post['id']}/watch"), 204)
    comment = await scene.held(scene.replier)
    # A job that ran now would notify, hidden, and leave nothing to push for the release.
    assert await run_jobs(scene.world, COMMENT_JOBS) == 0
    await scene.release(comment)
    await run_jobs(scene.world, [*COMMENT_JOBS, *PUSH_JOBS])
    pushed = [(message.data["type"], message.data["comment_id"]) for message, _ in push.sent]
    assert pushed == [("watched", comment["id"])]


@pytest.mark.parametrize("words", ["返信です", BANNED])
async def test_a_held_comment_takes_no_reply_from_its_author(scene: Scene, words: str) -> None:
    own = await scene.held(scene.replier)
    form = {"body": words, "parent_id": own["id"]}
    answer = await scene.replier.post(f"/posts/{scene.post['id']}/comments", json=form)
    expect(answer, 422, "invalid_parent")
    await scene.release(own)
    await scene.world.comment(scene.replier, scene.post, words, own)
    assert await wrong_counts(scene.world) == []


async def hide(scene: Scene, comment: dict[str, Any]) -> None:
    path = f"/admin/comments/{comment['id']}/hide"
    expect(await scene.admin.post(path, json={"reason": "規約違反"}), 204)


async def test_what_was_hidden_while_it_was_held_is_told_when_it_is_shown(scene: Scene) -> None:
    world, author, commenter, replier, _, post = scene
    watcher = await world.member()
    expect(await watcher.put(f"/posts/{post['id']}/watch"), 204)
    top = await world.comment(commenter, post)
    comment, reply = await scene.held(replier), await scene.held(replier, top)
    told = [("comment", reply["id"]), ("comment", comment["id"]), ("comment", top["id"])]
    # Shown, hidden and shown again, it is told once.
    for _ in range(2):
        for held in (comment, reply):
            await hide(scene, held)
        for held in (comment, reply):
            await scene.release(held)
        await run_jobs(world, COMMENT_JOBS)
        assert await notification_kinds(author) == told
        assert await notification_kinds(commenter) == [("reply", reply["id"])]
        assert await notification_kinds(watcher) == [
            ("watched", comment["id"]),
            ("watched", top["id"]),
        ]


@pytest.mark.parametrize(("edited", "hidden_too"), [(False, True), (True, True), (True, False)])
async def test_what_was_visible_before_is_not_told_again(
    scene: Scene, edited: bool, hidden_too: bool
) -> None:
    """Its notification may have had no reader: then there is none that says that it was told."""
    world, author, _, replier, _, post = scene
    expect(await author.put(f"/posts/{post['id']}/mute"), 204)
    if edited:
        comment = await world.comment(replier, post)
        expect(await replier.patch(f"/comments/{comment['id']}", json={"body": BANNED}), 200)
    else:
        comment = await scene.held(replier)
        await hide(scene, comment)
        await scene.release(comment)
    if hidden_too:
        await hide(scene, comment)
    expect(await author.delete(f"/posts/{post['id']}/mute"), 204)
    await run_jobs(world, COMMENT_JOBS)
    latecomer = await world.member()
    expect(await latecomer.put(f"/posts/{post['id']}/watch"), 204)
    await scene.release(comment)
    await run_jobs(world, COMMENT_JOBS)
    assert await notification_kinds(author) == []
    assert await notification_kinds(latecomer) == []
