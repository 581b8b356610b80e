"""What streams do when the hub, the database or a client fails."""

import asyncio
import re
import socket
import time
from contextlib import AsyncExitStack
from functools import partial
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
import uvicorn
from asyncpg.exceptions import QueryCanceledError
from structlog.testing import capture_logs

from app.cli.server import Server
from app.live import policy
from app.live.hub import fan_out, hub
from app.live.hub.streams import MAX_UNSENT_BYTES, Stream
from app.live.service.resolving import LiveService
from app.live_log.log import LiveLog
from app.notification_delivery.repository.of_many import ManyReadersRepository
from app.web import entry
from app.web.http_protocol import HttpProtocol
from tests.support.api import expect
from tests.support.live import LiveStream, SocketStream, live, until_followed
from tests.support.waiting import HANG_SECONDS, until
from tests.support.world import World


@pytest.fixture
def world(committed_world: World) -> World:
    return committed_world


async def test_a_hub_that_fails_in_mid_batch_loses_and_doubles_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    author, one, two = [await world.member() for _ in range(3)]
    post = await world.post(author)
    topic = f"post:{post['id']}"
    items_of, sent = policy.items_of, 0

    def items_of_one(*arguments: Any) -> Any:
        nonlocal sent
        sent += 1
        if sent == 2:
            raise RuntimeError("a bug")
        return items_of(*arguments)

    async with live(one, topic) as first, live(two, topic) as second:
        streams = [first, second]
        for stream in streams:
            await stream.wait("hello")
        await until_followed(world, 2)
        monkeypatch.setattr(fan_out, "items_of", items_of_one)
        monkeypatch.setattr(hub, "RECOVERY_SECONDS", HANG_SECONDS)  # It is looked at below.
        with capture_logs() as logs:
            written = await world.comment(author, post)
            before = [await stream.rest() for stream in streams]
        assert [entry["event"] for entry in logs if entry["log_level"] == "error"] == [
            "live_hub_failed"
        ]
        assert [events[-1].data for events in before] == [{"reason": "trouble"}] * 2
        async with live(one) as refused:
            assert refused.status == 503
            assert int(refused.headers["retry-after"]) > 0
    monkeypatch.setattr(hub, "RECOVERY_SECONDS", 0)
    monkeypatch.setattr(world.app.state.hub, "_refuses_until", 0)
    async with (
        live(one, topic, last=first.last) as third,
        live(two, topic, last=second.last) as fourth,
    ):
        # Only who did not get the event before gets it now.
        later = await world.comment(author, post)
        for events, stream in ((before[0], third), (before[1], fourth)):
            ids = [
                c["id"] for e in events[:-1] for c in e.data["changes"] if c["kind"] == "comment"
            ]
            while later["id"] not in ids:
                ids += [c["id"] for c in await stream.changes("comment") if c["kind"] == "comment"]
            assert ids == [written["id"], later["id"]]


def _comments(changes: list[dict[str, Any]]) -> list[str]:
    return [change["id"] for change in changes if change["kind"] == "comment"]


async def test_while_the_log_can_not_be_read_streams_end_and_recover(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    author, reader = await world.member(), await world.member()
    post = await world.post(author)
    topic = f"post:{post['id']}"
    advance = LiveLog.advance

    async def away(*_: Any) -> Any:
        raise ConnectionRefusedError

    async with live(reader, topic) as stream:
        await stream.wait("hello")
        await until_followed(world, 1)
        monkeypatch.setattr(hub, "FRESH_SECONDS", 0.3)
        monkeypatch.setattr(LiveLog, "advance", away)
        written = await world.comment(author, post)
        assert [event.data for event in await stream.rest()] == [{"reason": "trouble"}]
    async with live(reader, topic) as refused:
        assert refused.status == 503
    monkeypatch.setattr(LiveLog, "advance", advance)
    monkeypatch.setattr(world.app.state.hub, "_refuses_until", 0)
    async with live(reader, topic, last=stream.last) as stream:
        changes = await stream.changes("comment")
        assert _comments(changes) == [written["id"]]


async def test_one_failed_look_is_tried_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    author, reader = await world.member(), await world.member()
    post = await world.post(author)
    load, failed = LiveService.load, 0

    async def fails_once(*arguments: Any) -> Any:
        nonlocal failed
        failed += 1
        if failed == 1:
            raise ConnectionResetError
        return await load(*arguments)

    async with live(reader, f"post:{post['id']}") as stream:
        await stream.wait("hello")
        await until_followed(world, 1)
        monkeypatch.setattr(LiveService, "load", fails_once)
        written = await world.comment(author, post)
        changes = await stream.changes("comment")
        assert _comments(changes) == [written["id"]]
        assert failed > 1


async def test_a_badge_that_takes_too_long_ends_its_users_stream_alone(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    admin = await world.admin()
    slow, *others = people = [await world.member() for _ in range(4)]
    count = ManyReadersRepository.count_unread

    async def count_others(repository: ManyReadersRepository, user_ids: Any) -> Any:
        if UUID(slow.id) in user_ids:
            raise QueryCanceledError
        return await count(repository, user_ids)

    monkeypatch.setattr(ManyReadersRepository, "count_unread", count_others)
    async with AsyncExitStack() as stack:
        first, *rest = [await stack.enter_async_context(live(person)) for person in people]
        await until_followed(world, len(people))
        form = {"title_ja": "お知らせ", "body_ja": "本文", "push": False}
        announced = expect(await admin.post("/admin/announcements", json=form), 201)
        assert [event.data for event in await first.rest()][1:] == [{"reason": "trouble"}]
        for stream, other in zip(rest, others, strict=True):
            told, badge = await stream.changes("badge")
            assert (told["id"], badge["unread"], badge["more"]) == (announced["id"], 1, False)
            expect(await other.get("/changes", params={"since": first.last}), 200)
        # Nothing was told to the one, so it comes back to the same change, and to the same end.
        async with live(slow, last=first.last) as again:
            assert [event.data for event in await again.rest()][1:] == [{"reason": "trouble"}]
        asked = await slow.get("/changes", params={"since": first.last})
        expect(asked, 503, "service_unavailable")
        monkeypatch.setattr(ManyReadersRepository, "count_unread", count)
        async with live(slow, last=first.last) as later:
            assert [c["kind"] for c in await later.changes("badge")] == ["notification", "badge"]


async def test_a_client_that_does_not_read_costs_its_queue(world: World) -> None:
    reader = await world.member()
    ended = _ended_as_slow(world)
    claims = world.runtime.tokens.decode(reader.access)
    topics: Any = None
    stream = Stream(claims, world.runtime.clock(), topics, "127.0.0.1")
    large = b"x" * (MAX_UNSENT_BYTES * 2)
    stream.push(large)  # It alone is not held against a client that reads.
    assert await stream.next() == large
    for _ in range(3):
        stream.push(b"x" * (MAX_UNSENT_BYTES // 2))
    assert b"too_slow" in (await stream.next() or b"")
    assert await stream.next() is None
    stream = Stream(claims, world.runtime.clock(), topics, "127.0.0.1")
    for _ in range(65):
        stream.push(b"x")
    assert b"too_slow" in (await stream.next() or b"")
    assert _ended_as_slow(world) == ended + 2


def _ended_as_slow(world: World) -> float:
    figures = world.app.state.metrics.render_process().decode()
    found = re.search(r'linky_live_byes_total\{reason="too_slow"\} (.*)', figures)
    return float(found[1]) if found else 0.0


class Running:
    """The app of a world on a real server in the loop of the test."""

    def __init__(self, world: World) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        config = uvicorn.Config(world.app, http=HttpProtocol, lifespan="off", log_config=None)
        config.load()
        self.server = Server(config, world.app, lambda: None)
        self.server.lifespan = config.lifespan_class(config)

    async def start(self) -> "Running":
        await self.server.startup([self.listener])
        return self


async def test_a_server_that_stops_says_goodbye_to_all_streams(world: World) -> None:
    people = [await world.member() for _ in range(60)]
    running = await Running(world).start()
    streams = [await SocketStream.open(running.port, person.access) for person in people]
    for stream in streams:
        await stream.wait("hello")
    # They count neither as reads at work, nor in the times of answers.
    assert entry.reads.count == 0
    stalled = await SocketStream.open(running.port, (await world.member()).access, reads=False)
    await until(lambda: len(world.app.state.hub.streams) == 61)
    # Here Uvicorn itself has no limit, and would wait for the stalled reader without an end.
    async with asyncio.timeout(HANG_SECONDS):
        await running.server.shutdown([running.listener])
    retries = set()
    for stream in streams:
        (bye,) = [event for event in await stream.rest() if event.name != "beat"]
        assert (bye.name, bye.data) == ("bye", {"reason": "deploy"})
        retries.add(bye.retry)
    assert len(retries) > 30
    for stream in (*streams, stalled):
        await stream.cut()
    running.listener.close()
    async with live(people[0]) as refused:
        assert refused.status == 503


async def test_a_gone_client_leaves_nothing_behind(world: World) -> None:
    reader = await world.member()
    timed = _timed(world)
    running = await Running(world).start()
    stream = await SocketStream.open(running.port, reader.access)
    await stream.wait("hello")
    hub_of_app = world.app.state.hub
    await until_followed(world, 1)
    used = {name: used for name, (used, _) in world.runtime.connections().items()}
    assert used == dict.fromkeys(used, 0)
    await stream.cut()
    await until(lambda: len(hub_of_app.streams) == 0)
    await until(lambda: hub_of_app._task is None)
    assert world.runtime.log_signal.hook is None
    figures = world.app.state.metrics.render_process().decode()
    assert "linky_live_streams 0.0" in figures
    assert f"linky_live_streams_most {float(world.runtime.settings.live_streams)}" in figures
    assert 'linky_http_requests_total{method="GET",route="/api/v1/live",status="200"}' in figures
    assert _timed(world) == timed
    await running.server.shutdown([running.listener])
    running.listener.close()


def _timed(world: World) -> float:
    """How many answers of the route are in the histogram of times."""
    figures = world.app.state.metrics.render_process().decode()
    found = re.search(
        r'linky_http_request_seconds_count\{method="GET",route="/api/v1/live"\} (.*)', figures
    )
    return float(found[1]) if found else 0.0


async def test_a_stream_ends_on_the_other_server_too(world: World) -> None:
    """Two hubs with one database, as two processes have them."""
    reader, other = await world.member(), await world.member()
    first, second = hub.Hub(world.runtime), hub.Hub(world.runtime)
    streams: list[LiveStream] = []
    world.app.state.hub = first
    async with live(reader) as on_first:
        world.app.state.hub = second
        async with live(other) as on_second:
            streams += [on_first, on_second]
            for stream in streams:
                await stream.wait("hello")
            world.runtime.log_signal.hook = None  # Neither hears of the commits.
            for person in (reader, other):
                form = {"refresh_token": person.refresh_token}
                expect(await person.post("/auth/logout", json=form), 204)
            for stream in streams:
                assert (await stream.rest())[-1].data == {"reason": "session_ended"}
    await first.close()


async def test_after_a_failure_no_stream_opens_for_a_while(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader = await world.member()
    clock = SimpleNamespace(monotonic=time.monotonic)
    monkeypatch.setattr(hub, "time", clock)
    advance = LiveLog.advance

    async def fail(*_: Any) -> Any:
        clock.monotonic = lambda: 1_000.0
        raise RuntimeError("a bug")

    async with live(reader) as stream:
        await stream.wait("hello")
        await until_followed(world, 1)
        monkeypatch.setattr(LiveLog, "advance", fail)
        assert [event.data for event in await stream.rest()] == [{"reason": "trouble"}]
    monkeypatch.setattr(LiveLog, "advance", advance)
    for now, status in ((1_000.0, 503), (1_000.9, 503), (1_001.0, 200)):
        clock.monotonic = partial(float, now)
        async with live(reader) as stream:
            assert stream.status == status, now
