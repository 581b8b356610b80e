"""Lists of comments whose post, or the comment above, is hidden at the moment of one statement."""

import pytest

from app.comment.repository.reading import CommentReader
from tests.support.api import Api, expect
from tests.support.concurrent import happen_at
from tests.support.world import World

TOP_LEVEL, REPLIES = "list_top_level", "list_replies"


class Scene:
    """A post with a comment and a reply, which a reader loads."""

    async def start(self, world: World) -> "Scene":
        author, self.reader = await world.member(), await world.member()
        self.world, self.post = world, await world.post(author)
        self.comment = await world.comment(author, self.post)
        self.reply = await world.comment(author, self.post, "返信", self.comment)
        self.path = f"/posts/{self.post['id']}/comments"
        return self

    def query(self, name: str) -> dict[str, str]:
        return {"parent_id": self.comment["id"]} if name == REPLIES else {}

    async def hide(self) -> None:
        await self.world.hide_post(self.post)

    async def show(self) -> None:
        await self.world.restore_post(self.post)


@pytest.mark.parametrize("name", [TOP_LEVEL, REPLIES])
async def test_a_post_that_is_shown_again_at_once_has_its_comments(
    world: World, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    scene = await Scene().start(world)
    happen_at(monkeypatch, CommentReader, name, scene.show, after=True)
    happen_at(monkeypatch, CommentReader, name, scene.hide)
    listed = await scene.reader.ids(scene.path, **scene.query(name))
    assert listed == [(scene.comment if name == TOP_LEVEL else scene.reply)["id"]]


@pytest.mark.parametrize("name", [TOP_LEVEL, REPLIES])
async def test_a_post_that_stays_hidden_is_not_found(
    world: World, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    scene = await Scene().start(world)
    happen_at(monkeypatch, CommentReader, name, scene.hide)
    await _refused(scene.reader, scene, name, "post_not_found")


async def test_a_comment_above_is_missed_only_below_a_post_that_is_shown(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who gets 404 may drop the comment: it is not the post that is hidden at this moment."""
    scene = await Scene().start(world)
    happen_at(monkeypatch, CommentReader, "find", scene.show, after=True)
    happen_at(monkeypatch, CommentReader, "find", scene.hide)
    assert await scene.reader.ids(scene.path, **scene.query(REPLIES)) == [scene.reply["id"]]
    await world.hide_comment(scene.comment)
    await _refused(scene.reader, scene, REPLIES, "comment_not_found")


async def _refused(reader: Api, scene: Scene, name: str, code: str) -> None:
    response = await reader.get(scene.path, params=scene.query(name))
    assert expect(response, 404)["code"] == code
