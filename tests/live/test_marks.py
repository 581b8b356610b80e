"""What a user makes of a thing for themselves alone: their other devices are told, and no one else.

A mark is a field with `ViewerField`: nothing here or in `app/live` has the names of the fields,
except the acts that change what is not a declared mark.
"""

from typing import Any

from app.core.user_marks import mark_tables
from app.core.viewer_fields import fields_of_reader
from app.lounge.rows import Lounge
from app.post.rows import Post
from tests.support.api import expect
from tests.support.changes import Follower
from tests.support.live import live
from tests.support.world import World


def _level(level: str) -> dict[str, object]:
    return {"thing": "lounge", "notification_level": level}


ACTS: list[tuple[str, str, dict[str, Any] | None, dict[str, object]]] = [
    *(
        (method, table.path(), None, {"thing": table.thing, table.mark.field: method == "PUT"})
        for table in mark_tables()
        if table.mark.field
        for method in ("PUT", "DELETE")
    ),
    *(
        ("PUT", "/lounges/{lounge_id}/notifications", {"level": level}, _level(level))
        for level in ("all", "none")
    ),
]


def test_each_field_that_is_told_has_an_act_here() -> None:
    told = {
        name
        for shape in (Post, Lounge)
        for name, marker in fields_of_reader(shape).items()
        if marker.is_published
    }
    acted = {name for *_, put in ACTS for name in put} - {"thing"}
    assert told - acted == set(), "add what changes it to ACTS in tests/live/test_marks.py"


async def test_marks_are_told_to_ones_own_devices_alone(world: World) -> None:
    reader, other = await world.member(), await world.member()
    post = await world.post(await world.member())
    ids = {"post": post["id"], "lounge": post["lounge"]["id"]}
    of_path = {f"{thing}_id": thing_id for thing, thing_id in ids.items()}
    topics = (f"post:{ids['post']}", f"lounge:{ids['lounge']}")
    device = await Follower(reader, *topics).start()
    stranger = await Follower(other, *topics).start()
    for method, path, body, put in ACTS:
        how = {"json": body} if body else {}
        expect(await reader.call(method, path.format(**of_path), **how), 204)
        (told,) = [change for change in await device.look() if change["kind"] == "mark"]
        thing = str(put["thing"])
        assert (told["topic"], told["id"]) == ("me", ids[thing]), path
        assert told["put"] | put == told["put"], path
        shown = expect(await reader.get(f"/{thing}s/{ids[thing]}"), 200)
        assert told["put"] == {"thing": thing} | {k: shown[k] for k in told["put"] if k != "thing"}
        assert "has_new" not in told["put"]
        assert [c for c in await stranger.look() if c["kind"] == "mark"] == [], path


async def test_a_mark_that_changes_nothing_is_not_told(world: World) -> None:
    reader = await world.member()
    post = await world.post(await world.member())
    for name in ("like", "watch"):
        expect(await reader.put(f"/posts/{post['id']}/{name}"), 204)
    device = await Follower(reader).start()
    for name in ("like", "watch"):
        expect(await reader.put(f"/posts/{post['id']}/{name}"), 204)
    assert await device.look() == []


async def test_the_end_of_a_mark_on_what_one_has_muted_is_told(world: World) -> None:
    """The copy keeps the marks of what is gone, for its return."""
    reader = await world.member()
    post = await world.post(await world.member())
    path = f"/posts/{post['id']}"
    for name in ("like", "mute"):
        expect(await reader.put(f"{path}/{name}"), 204)
    device = await Follower(reader, f"post:{post['id']}").start()
    expect(await reader.delete(f"{path}/like"), 204)
    (told,) = [change for change in await device.look() if change["kind"] == "mark"]
    assert (told["put"]["thing"], told["put"]["liked"]) == ("post", False)


async def test_the_latest_state_of_marks_is_told_once(world: World) -> None:
    reader = await world.member()
    post = await world.post(await world.member())
    device = await Follower(reader).start()
    for call in (reader.put, reader.delete, reader.put):
        expect(await call(f"/posts/{post['id']}/like"), 204)
    (told,) = await device.look()
    assert told["put"]["liked"] is True


async def test_an_open_stream_of_the_same_user_is_told_and_others_are_not(
    committed_world: World,
) -> None:
    world = committed_world
    reader, other = await world.member(), await world.member()
    post = await world.post(await world.member())
    topic = f"post:{post['id']}"
    async with live(reader, topic) as stream, live(other, topic) as others:
        expect(await reader.put(f"/posts/{post['id']}/like"), 204)
        changes = await stream.changes("post", "mark")
        (told,) = [change for change in changes if change["kind"] == "mark"]
        assert (told["put"]["thing"], told["put"]["liked"]) == ("post", True)
        assert "liked" not in str(await others.changes("post"))
