"""`GET /live`: what opens, what is sent, and why a stream ends."""

from contextlib import AsyncExitStack
from datetime import datetime
from uuid import UUID, uuid4

import pytest

from app.live.hub.hub import Hub
from app.live.hub.streams import Streams
from app.live_log.changes import Kind
from tests.support.api import Api, expect
from tests.support.live import LiveStream, live, until_followed
from tests.support.world import World


@pytest.fixture
def world(committed_world: World) -> World:
    return committed_world


async def test_a_stream_says_hello_and_then_what_changes(world: World) -> None:
    author, reader = await world.member(), await world.member()
    post = await world.post(author)
    hidden = f"post:{uuid4()}"
    topics = [f"post:{post['id']}", hidden, f"lounge:{post['lounge']['id']}"]
    async with live(reader, *topics) as stream:
        assert stream.status == 200
        assert stream.headers["content-type"] == "text/event-stream"
        assert stream.headers["cache-control"] == "no-store"
        assert stream.headers["x-accel-buffering"] == "no"
        hello = await stream.next()
        assert hello is not None
        assert hello.name == "hello"
        assert hello.retry
        assert hello.data["topics"] == ["me", *topics]
        assert hello.data["gone"] == [hidden]
        assert hello.data["beat_seconds"] == 25
        datetime.fromisoformat(hello.data["ends_at"])
        written = await world.comment(author, post, "見えます")
        changes = await stream.changes("comment", "post")
        (comment,) = [change for change in changes if change["kind"] == "comment"]
        assert (comment["topic"], comment["id"]) == (topics[0], written["id"])
        shown = expect(await reader.get(f"/comments/{written['id']}"), 200)
        assert comment["put"] == {k: v for k, v in shown.items() if k in comment["put"]}
        assert "liked" not in comment["put"]
        posts = [change for change in changes if change["kind"] == "post"]
        assert posts[0]["put"]["comment_count"] == 1
        expect(await author.delete(f"/comments/{written['id']}"), 204)
        changes = await stream.changes("comment")
        assert {"topic": topics[0], "kind": "comment", "id": written["id"], "gone": True} in changes
        cursor = stream.last
    async with live(reader, *topics, last=cursor) as stream:
        hello = await stream.next()
        assert hello is not None
        assert hello.cursor == cursor
        second = await world.comment(author, post)
        changes = await stream.changes("comment")
        assert [c["id"] for c in changes if c["kind"] == "comment"] == [second["id"]]


async def test_a_stream_goes_on_from_a_cursor(world: World) -> None:
    author, reader = await world.member(), await world.member()
    post = await world.post(author)
    topic = f"post:{post['id']}"
    start = expect(await reader.get("/changes"), 200)["cursor"]
    kept, deleted = await world.comment(author, post), await world.comment(author, post)
    expect(await author.delete(f"/comments/{deleted['id']}"), 204)
    async with live(reader, topic, last=start) as stream:
        changes = (await stream.wait("changes")).data["changes"]
        told = {c["id"]: "put" in c for c in changes if c["kind"] == "comment"}
        assert told == {kept["id"]: True, deleted["id"]: False}
        later = await world.comment(author, post)
        changes = await stream.changes("comment")
        assert [c["id"] for c in changes if c["kind"] == "comment"] == [later["id"]]
        same = expect(await reader.get("/changes", params={"since": start, "topics": topic}), 200)
        assert same["cursor"] == stream.last
    for last, reason in ((f"00000000.{start.split('.')[1]}", "other_epoch"),
                         (f"{start.split('.')[0]}.999999999", "ahead")):  # fmt: skip
        async with live(reader, topic, last=last) as stream:
            reset = await stream.wait("reset")
            assert reset.data == {"reason": reason, "topics": None}
            another = await world.comment(author, post)
            changes = await stream.changes("comment")
            assert another["id"] in {c.get("id") for c in changes}


async def test_a_reset_of_the_log_reaches_open_streams(world: World) -> None:
    author, reader = await world.member(), await world.member()
    post = await world.post(author)
    async with live(reader, f"post:{post['id']}") as stream:
        await stream.wait("hello")
        await world.runtime.live_log.reset()
        reset = await stream.wait("reset")
        assert reset.data == {"reason": "other_epoch", "topics": None}
        await world.comment(author, post)
        assert await stream.changes("comment")


async def test_bad_requests_are_refused(world: World) -> None:
    reader = await world.member()
    many = [f"post:{uuid4()}" for _ in range(21)]
    for topics, last, code in (
        (many, None, "too_many_topics"), (["post:1"], None, "invalid_topic"),
        ([], "x", "invalid_cursor"), ([], "", "invalid_cursor"),
    ):  # fmt: skip
        async with live(reader, *topics, last=last) as stream:
            assert stream.status == 422
            assert f'"{code}"'.encode() in stream.body
    async with live(world.anonymous()) as stream:
        assert stream.status == 401
    head = await reader.call("HEAD", "/live")
    assert (head.status_code, head.headers["allow"]) == (405, "GET")
    await _suspend(world, reader)
    async with live(reader) as stream:
        assert stream.status == 403


async def _suspend(world: World, person: Api) -> None:
    admin = await world.admin()
    form = {"status": "suspended", "reason": "規約に反しました"}
    expect(await admin.patch(f"/admin/users/{person.id}", json=form), 200)


async def test_why_streams_end(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    one, two, three = [await world.member() for _ in range(3)]
    async with live(one) as stream, live(two) as other, live(three) as third:
        for each in (stream, other, third):
            await each.wait("hello")
        async with live(one) as newer:
            await newer.wait("hello")
            assert (await stream.rest())[-1].data == {"reason": "replaced"}
            await _suspend(world, two)
            assert (await other.rest())[-1].data == {"reason": "account_suspended"}
            expect(
                await three.post("/auth/logout", json={"refresh_token": three.refresh_token}), 204
            )
            assert (await third.rest())[-1].data == {"reason": "session_ended"}
            # A leap year: today may be 29 February.
            later = world.runtime.clock().replace(year=2096)
            monkeypatch.setattr(world.runtime, "clock", lambda: later)
            assert (await newer.rest())[-1].data == {"reason": "token_expired"}


async def test_five_streams_a_user_and_a_limit_for_all(world: World) -> None:
    world.app.state.hub = Hub(world.runtime)
    world.app.state.hub.streams = Streams(6)
    reader, other, late = await world.member(), await world.member(), await world.member()
    devices = [reader, *[await world.sign_in(_device(reader)) for _ in range(5)]]
    async with AsyncExitStack() as stack:
        streams = [await stack.enter_async_context(live(device)) for device in devices[:5]]
        await stack.enter_async_context(live(other))
        sixth = await stack.enter_async_context(live(devices[5]))
        await sixth.wait("hello")
        assert (await streams[0].rest())[-1].data == {"reason": "replaced"}
        refused = await stack.enter_async_context(live(late))
        assert refused.status == 503
        assert b'"live_full"' in refused.body
        assert int(refused.headers["retry-after"]) > 0
        again = await stack.enter_async_context(live(devices[5]))
        assert again.status == 200


async def test_guests_make_room_for_members_and_one_network_has_few(world: World) -> None:
    world.app.state.hub = Hub(world.runtime)
    world.app.state.hub.streams = Streams(4)
    guests = [await world.guest() for _ in range(4)]
    members = [await world.member() for _ in range(5)]
    async with AsyncExitStack() as stack:

        async def follow(api: Api, address: str) -> LiveStream:
            stream = await stack.enter_async_context(live(api, address=address))
            if stream.status == 200:
                await stream.wait("hello")
            return stream

        first = await follow(guests[0], "192.0.2.1")
        refused = await follow(guests[1], "192.0.2.1")
        assert (refused.status, b'"live_full"' in refused.body) == (503, True)
        others = [await follow(guests[1], "2001:db8::1"), await follow(members[0], "192.0.2.1")]
        assert (await follow(guests[2], "2001:db8::2")).status == 503, "the same /64"
        others.append(await follow(guests[2], "192.0.2.3"))
        assert [stream.status for stream in others] == [200] * 3
        assert (await follow(guests[3], "192.0.2.4")).status == 503, "no guest's place for a guest"
        assert (await follow(members[1], "192.0.2.5")).status == 200
        assert (await first.rest())[-1].data == {"reason": "replaced"}
        assert [(await follow(each, "192.0.2.6")).status for each in members[2:]] == [200, 200, 503]


def _device(api: Api) -> Api:
    device = api.sibling()
    device.email, device.password = api.email, api.password
    return device


async def test_a_block_and_an_event_in_one_batch(world: World) -> None:
    author, blocker, other = [await world.member() for _ in range(3)]
    post = await world.post(author)
    topic = f"post:{post['id']}"
    async with live(blocker, topic) as stream, live(other, topic) as control:
        await stream.wait("hello")
        await control.wait("hello")
        await until_followed(world, 2)
        hub = world.app.state.hub
        async with hub._turn:  # The hub reads all of it at once.
            expect(await blocker.put(f"/users/{author.id}/block"), 204)
            written = await world.comment(author, post, "針針針")
        assert written["id"] in {c.get("id") for c in await control.changes("comment")}
        changes = await stream.changes("reload", "author", "badge")
        assert {"topic": "me", "kind": "author", "id": author.id, "gone": True} in changes
        await world.comment(author, post, "針針針")
        await control.changes("comment")
        async with world.runtime.writing() as ctx:
            ctx.changed(UUID(blocker.id), Kind.BADGE, UUID(blocker.id))
        await stream.changes("badge")
        assert "針".encode() not in stream.raw


async def test_ones_own_id_as_that_of_a_post_changes_nothing(world: World) -> None:
    author, reader = await world.member(), await world.member()
    post = await world.post(author)
    wrong = [f"post:{author.id}", f"lounge:{UUID(int=0)}"]
    async with live(author, *wrong) as stream:
        hello = await stream.wait("hello")
        assert (hello.data["topics"], hello.data["gone"]) == (["me", *wrong], wrong)
        await until_followed(world, 1)
        await world.comment(reader, post)
        changes = await stream.changes("notification")
    (item,) = await author.items("/notifications")
    assert changes == [
        {"topic": "me", "kind": "notification", "id": item["id"], "put": item},
        {"topic": "me", "kind": "badge", "unread": 1, "more": False},
    ]


async def test_beats_move_the_cursor_on(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    reader = await world.member()
    async with live(reader) as stream:
        hello = await stream.wait("hello")
        monkeypatch.setattr("app.live.hub.events.BEAT_SECONDS", 0)
        async with world.runtime.writing() as ctx:
            ctx.changed(uuid4(), Kind.POST, uuid4())
        beat = await stream.wait("beat")
        while beat.cursor == hello.cursor:
            beat = await stream.wait("beat")
        assert beat.data == {}
        assert beat.cursor == expect(await reader.get("/changes"), 200)["cursor"]
