"""A post is decided on what its guard has read. What changes before the write still counts.

The tests change a row between the two statements, on a connection of their own. The guard has
locked no rows, so nothing waits.
"""

import pytest

from app.post.repository.writing import PostWriter
from tests.support.api import expect
from tests.support.counts import wrong_counts
from tests.support.lists import posts
from tests.support.races import change_before
from tests.support.sql import count
from tests.support.world import World

WRITTEN = ("posts", "post_search", "post_images", "connection_records", "idempotency_keys")


class Scene:
    """An author with two pictures, who writes into a lounge."""

    def __init__(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        self.world = world
        self._monkeypatch = monkeypatch

    async def start(self) -> "Scene":
        world = self.world
        self.author, self.lounge = await world.member(), await world.lounge()
        self.images = [(await world.image(self.author))["id"] for _ in range(2)]
        self.form = {
            "lounge_id": self.lounge["id"],
            "title": "題",
            "body": "文",
            "image_ids": self.images,
        }
        self.params = {"image": self.images[1]}
        return self

    def before_the_write(self, change: str) -> None:
        """Let another transaction change something, once, before the next post is written."""
        change_before(self.world, self._monkeypatch, PostWriter, change, self.params)

    async def written(self) -> dict[str, int]:
        tables = {table: await count(self.world, table) for table in WRITTEN}
        return tables | {"used": await count(self.world, "images", "unattached_since IS NULL")}


@pytest.fixture
async def scene(committed_world: World, monkeypatch: pytest.MonkeyPatch) -> Scene:
    return await Scene(committed_world, monkeypatch).start()


NO_IMAGE = "DELETE FROM images WHERE id = CAST(:image AS uuid)"
REFUSALS = {
    "the lounge is closed": ("UPDATE lounges SET closed_at = now()", 409, "lounge_closed"),
    "a picture is deleted": (NO_IMAGE, 422, "image_not_available"),
    "the author leaves": ("UPDATE user_sessions SET ended_at = now()", 401, "session_revoked"),
}


@pytest.mark.parametrize("case", REFUSALS)
async def test_a_change_before_the_write_refuses_it_and_nothing_is_written(
    scene: Scene, case: str
) -> None:
    change, status, code = REFUSALS[case]
    before = await scene.written()
    scene.before_the_write(change)
    expect(await scene.author.post("/posts", json=scene.form, key="k"), status, code)
    assert await scene.written() == before


async def test_a_picture_that_another_post_takes_before_the_write_is_refused(scene: Scene) -> None:
    scene.before_the_write(
        "UPDATE images SET unattached_since = NULL WHERE id = CAST(:image AS uuid)"
    )
    before = await scene.written()
    response = await scene.author.post("/posts", json=scene.form)
    expect(response, 422, "image_not_available")
    assert await scene.written() == {**before, "used": 1}


async def test_a_picture_that_needs_a_review_again_before_the_write_holds_the_post(
    scene: Scene,
) -> None:
    """An admin has shown a post with the picture, and takes that back at this moment."""
    before = await scene.written()
    scene.before_the_write("UPDATE images SET needs_review = true WHERE id = CAST(:image AS uuid)")
    made = expect(await scene.author.post("/posts", json=scene.form, key="k"), 201)
    assert made["moderation"] == "held"
    added = dict.fromkeys(WRITTEN, 1) | {"post_images": 2, "used": 2}
    assert await scene.written() == {name: n + added[name] for name, n in before.items()}
    assert await posts(await scene.world.member()) == []
    assert await wrong_counts(scene.world) == []


async def test_a_key_that_got_its_answer_before_the_write_replays_it(scene: Scene) -> None:
    form = {**scene.form, "image_ids": []}
    first = await scene.author.post("/posts", json=form, key="first")
    expect(first, 201)
    before = await scene.written()
    # As if the first request had kept its answer just after the guard looked for it.
    scene.before_the_write(
        "INSERT INTO idempotency_keys SELECT user_id, 'k', fingerprint, status, location, body,"
        " created_at FROM idempotency_keys WHERE key = 'first'"
    )
    again = await scene.author.post("/posts", json=form, key="k")
    assert (again.status_code, again.content) == (201, first.content)
    assert again.headers["location"] == first.headers["location"]
    assert again.headers["idempotency-replayed"] == "true"
    assert await scene.written() == {**before, "idempotency_keys": 2}
    assert await wrong_counts(scene.world) == []


async def test_the_answer_is_what_a_look_at_the_post_shows(scene: Scene) -> None:
    answer = await scene.author.post("/posts", json={**scene.form, "image_ids": scene.images[::-1]})
    made = expect(answer, 201)
    assert [image["id"] for image in made["images"]] == scene.images[::-1]
    assert answer.headers["location"] == f"/api/v1/posts/{made['id']}"
    assert answer.content == (await scene.author.get(f"/posts/{made['id']}")).content
    assert await posts(scene.author) == [made["id"]]
    assert await wrong_counts(scene.world) == []
