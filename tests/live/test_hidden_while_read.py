"""A post or comment that is hidden between reading the log and loading what changed.

What is loaded is then newer than the log that was read. If it is shown again before the next look,
both acts are one `put`, and what changed below it must not be lost.
"""

import asyncio
from typing import Any

import pytest

from app.comment.repository.reading import CommentReader
from app.comment.service.reading import CommentService
from app.live.service.resolving import LiveService
from app.live_log.log import LiveLog
from tests.support.api import expect
from tests.support.changes import Follower
from tests.support.concurrent import happen_at
from tests.support.live import LiveStream, live, until_followed
from tests.support.live_copy import Copy, Item
from tests.support.waiting import HANG_SECONDS
from tests.support.world import World

AFTER_THE_LOG: dict[str, tuple[type, str]] = {
    "changes": (LiveLog, "since"),
    "stream": (LiveLog, "after"),
}
"""What reads the log. Then everything is loaded that changed."""

BEFORE_THE_COMMENTS: dict[str, tuple[type, str]] = {
    "changes": (CommentService, "list_these"),
    "stream": (CommentService, "list_for_many"),
}
"""What loads the comments. The posts are loaded by then."""


class Scene:
    """A post with a thread and a reply to it, and a reader's copy of them."""

    def __init__(self, world: World) -> None:
        self.world = world

    async def start(self) -> "Scene":
        world = self.world
        self.author, self.reader = await world.member(), await world.member()
        lounge = await world.lounge()
        self.post = await world.post(self.author, lounge)
        self.topic = f"post:{self.post['id']}"
        self.thread = await world.comment(self.author, self.post)
        self.reply = await world.comment(self.author, self.post, "返信", self.thread)
        self.copy = await self._fetched()
        return self

    async def _fetched(self) -> Copy:
        copy = Copy(self.reader, self.post["lounge"]["id"])
        copy.followed = [self.post["id"]]
        await copy.fetch()
        return copy

    async def take(self, told: list[Item]) -> None:
        for change in told:
            await self.copy.apply(change)

    async def ensure_right(self) -> None:
        assert self.copy.shown == (await self._fetched()).shown

    # What happens below.

    async def write(self) -> Any:
        return await self.world.comment(self.author, self.post)

    async def answer(self) -> Any:
        return await self.world.comment(self.author, self.post, "返信", self.thread)

    async def edit(self) -> Any:
        path = f"/comments/{self.reply['id']}"
        return expect(await self.author.patch(path, json={"body": "直した"}), 200)

    async def delete(self) -> Any:
        return expect(await self.author.delete(f"/comments/{self.reply['id']}"), 204)

    async def hide(self) -> Any:
        return await self.world.hide_comment(self.reply)

    # What is hidden above.

    def hide_at(self, patch: pytest.MonkeyPatch, moment: str, how: str, above: str) -> None:
        """Hide it once the log is read, or right before the comments of a poll are loaded."""
        after = moment == "log"
        owner, name = (AFTER_THE_LOG if after else BEFORE_THE_COMMENTS)[how]
        happen_at(patch, owner, name, lambda: self.hide_above(above), after=after)

    async def hide_above(self, above: str) -> None:
        if above == "post":
            await self.world.hide_post(self.post)
        else:
            await self.world.hide_comment(self.thread)

    async def show_above(self, above: str) -> None:
        if above == "post":
            await self.world.restore_post(self.post)
        else:
            await self.world.restore_comment(self.thread)


CASES = [
    *(("post", act) for act in ("write", "answer", "edit", "delete", "hide")),
    *(("comment", act) for act in ("answer", "edit", "delete", "hide")),
]
"""What is hidden, and what happens below it before."""


@pytest.mark.parametrize(("above", "act"), CASES)
@pytest.mark.parametrize("moment", ["log", "comments"])
async def test_who_asks_loses_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch, moment: str, above: str, act: str
) -> None:
    scene = await Scene(world).start()
    follower = await Follower(scene.reader, scene.topic).start()
    await getattr(scene, act)()
    scene.hide_at(monkeypatch, moment, "changes", above)
    await scene.take(await follower.look())
    await scene.show_above(above)
    await scene.take(await follower.look())
    await scene.ensure_right()


async def test_who_blocked_the_author_is_told_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene = await Scene(world).start()
    expect(await scene.reader.put(f"/users/{scene.author.id}/block"), 204)
    follower = await Follower(scene.reader, scene.topic).start()
    await scene.edit()
    scene.hide_at(monkeypatch, "log", "changes", "post")
    assert await follower.look() == []


async def test_changes_below_what_was_hidden_before_are_not_told(world: World) -> None:
    scene = await Scene(world).start()
    follower = await Follower(scene.reader, scene.topic).start()
    await scene.hide_above("post")
    assert [change["id"] for change in await follower.look()] == [scene.post["id"]]
    await scene.hide()
    assert await follower.look() == []


async def test_who_finds_nothing_below_a_post_asks_for_the_post(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The rule of the guide: what was loaded at such a moment is loaded again."""
    scene = await Scene(world).start()
    follower = await Follower(scene.reader, scene.topic).start()
    await scene.hide_above("post")
    await scene.take(await follower.look())
    await scene.show_above("post")
    told = await follower.look()
    happen_at(monkeypatch, CommentReader, "list_top_level", lambda: scene.hide_above("post"))
    await scene.take(told)
    await scene.show_above("post")
    await scene.take(await follower.look())
    await scene.ensure_right()


@pytest.mark.parametrize(
    ("above", "act"), [("post", "edit"), ("post", "write"), ("comment", "edit")]
)
@pytest.mark.parametrize("moment", ["log", "comments"])
async def test_who_has_a_stream_loses_nothing(
    committed_world: World, monkeypatch: pytest.MonkeyPatch, moment: str, above: str, act: str
) -> None:
    world = committed_world
    scene = await Scene(world).start()
    async with live(scene.reader, scene.topic) as stream:
        await stream.wait("hello")
        await until_followed(world, 1)
        scene.hide_at(monkeypatch, moment, "stream", above)
        # Shown again before the next look, which finds both acts.
        is_shown = asyncio.Event()

        async def show() -> None:
            await scene.show_above(above)
            is_shown.set()

        happen_at(monkeypatch, LiveService, "load", show, after=True)
        await getattr(scene, act)()
        async with asyncio.timeout(HANG_SECONDS):
            await is_shown.wait()
        last = await scene.write()
        await scene.take(await told_until(stream, last["id"]))
    await scene.ensure_right()


async def told_until(stream: LiveStream, comment_id: str) -> list[Item]:
    """What is told, up to the event that has this comment."""
    told: list[Item] = []
    while comment_id not in [change.get("id") for change in told]:
        told += (await stream.wait("changes")).data["changes"]
    return told
