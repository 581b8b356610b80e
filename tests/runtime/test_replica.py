"""Two servers that read from a replica by streaming replication, whose replay can be paused."""

import asyncio
import gc
import re
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from signal import SIGCONT, SIGSTOP
from typing import Any, NamedTuple
from uuid import UUID

import httpx
import pytest
from prometheus_client import CollectorRegistry
from sqlalchemy import text

from app.core.config import Settings
from app.core.database_session import reader_of
from app.core.passwords.hashing import PasswordHasher
from app.live_log import Cursor, cursor_of
from app.runtime.replica import Failure, ReplicaAway, tracker
from app.runtime.replica.positions import slot_of
from app.runtime.replica.probe import Sighting
from app.runtime.replica.replica import Replica
from app.runtime.replica.together import Together
from app.runtime.replica.tracker import Tracker
from app.runtime.replica_metrics import ReplicaMetrics
from app.runtime.runtime import Runtime
from tests.support.api import Api, expect
from tests.support.apps import borrowed_app
from tests.support.memory import memory_folder
from tests.support.people import LOWEST_COST
from tests.support.replication import Replication, replicated_database
from tests.support.waiting import HANG_SECONDS, until
from tests.support.world import World, token

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Replication]:
    parent = memory_folder() or tmp_path_factory.getbasetemp()
    with tempfile.TemporaryDirectory(dir=parent, prefix="replication-") as folder:
        # PostgreSQL may run as another account, which must get in here.
        path = Path(folder)
        path.chmod(0o755)
        with replicated_database(path) as replication:
            yield replication


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A replica may be as far behind as it likes, so that a busy machine changes nothing."""
    monkeypatch.setattr(tracker, "MOST_BEHIND_SECONDS", HANG_SECONDS)


class Reads(NamedTuple):
    """How often a server read from the replica, and from the primary by reason."""

    replica: float
    primary: dict[str, float]


class Servers:
    """Two servers on the primary, which read from the replica."""

    def __init__(self, pair: Replication, worlds: list[World]) -> None:
        self.pair = pair
        self.one, self.two = worlds

    def on_two(self, caller: Api) -> Api:
        """The same caller, on the other server."""
        other = self.two.anonymous()
        other.user, other.access = caller.user, caller.access
        return other


@asynccontextmanager
async def serving(pair: Replication, settings: Settings, name: str) -> AsyncIterator[World]:
    settings = settings.model_copy(update={"database_replica_url": pair.replica.url})
    runtime = Runtime.build(settings, pair.primary.url)
    runtime.passwords = PasswordHasher(cost=LOWEST_COST)
    with borrowed_app(name, runtime) as app:
        app.state.worker = type("AliveWorker", (), {"alive": True})()
        async with (
            runtime.following_replica(),
            httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as http,
        ):
            try:
                yield World(app, runtime, http)
            finally:
                await runtime.close()


@contextmanager
def abandoned_connections() -> Iterator[None]:
    """Let connections end that were given up while the replica was silent.

    The driver then sets an error on a future that has no reader any more, and asyncio reports it.
    """
    loop = asyncio.get_running_loop()
    report = loop.get_exception_handler()

    def report_others(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        if isinstance(context.get("exception"), ConnectionError):
            return
        if report is None:
            loop.default_exception_handler(context)
        else:
            report(loop, context)

    loop.set_exception_handler(report_others)
    try:
        yield
    finally:
        gc.collect()  # reports what is left
        loop.set_exception_handler(report)


@pytest.fixture
async def servers(pair: Replication, settings: Settings) -> AsyncIterator[Servers]:
    pair.replica.start()
    await pair.resume()
    async with AsyncExitStack() as stack:
        worlds = [
            await stack.enter_async_context(serving(pair, settings, name))
            for name in ("one", "two")
        ]
        for world in worlds:
            await until(partial(_is_usable, world))
        with abandoned_connections():
            yield Servers(pair, worlds)
        await pair.resume()


def _is_usable(world: World) -> bool:
    return replica_of(world).is_usable


def replica_of(world: World) -> Replica:
    assert world.runtime.replica is not None
    return world.runtime.replica


async def reads_of(world: World) -> Reads:
    pattern = r'^linky_replica_reads_total\{place="(\w+)",reason="(\w*)"\} (.+)$'
    shown = world.runtime.metrics.render_process().decode()
    found = re.findall(pattern, shown, re.MULTILINE)
    times = {(place, reason): float(count) for place, reason, count in found if float(count)}
    replica = times.pop(("replica", ""), 0.0)
    return Reads(replica, {reason: count for (_, reason), count in times.items()})


async def test_everyone_reads_from_the_replica_once_it_has_what_they_wrote(
    servers: Servers,
) -> None:
    author = await servers.one.register()
    post = await servers.one.post(author)
    await servers.pair.catch_up()
    for world, caller in ((servers.one, author), (servers.two, servers.on_two(author))):
        before = await reads_of(world)
        assert await caller.ids("/users/me/posts") == [post["id"]]
        expect(await caller.get(f"/posts/{post['id']}"), 200)
        assert (await caller.items("/posts", q=post["title"]))[0]["id"] == post["id"]
        after = await reads_of(world)
        assert after.replica >= before.replica + 3
        assert after.primary == before.primary


async def test_own_writes_are_seen_on_every_server_while_the_replica_is_behind(
    servers: Servers,
) -> None:
    author, reader = await servers.one.register(), await servers.one.register()
    lounge = await servers.one.lounge()
    old = await servers.one.post(author, lounge)
    await servers.one.comment(reader, old)
    await servers.pair.pause()
    for first, second in ((author, servers.on_two(author)), (servers.on_two(author), author)):
        world = servers.one if first is author else servers.two
        post = await world.post(first, lounge)
        comment = await world.comment(first, post)
        expect(await first.put(f"/posts/{post['id']}/like"), 204)
        expect(await first.put(f"/lounges/{lounge['id']}/favorite"), 204)
        favorites = await second.ids("/lounges/favorites")
        assert favorites == [lounge["id"]]
        assert post["id"] in await second.ids("/users/me/posts")
        assert post["id"] in await second.ids(f"/lounges/{lounge['id']}/posts")
        assert await second.ids(f"/posts/{post['id']}/comments") == [comment["id"]]
        assert post["id"] in await second.ids("/users/me/likes")
        assert expect(await second.get(f"/posts/{post['id']}"), 200)["liked"] is True
        expect(await first.patch("/users/me", json={"bio": f"新しい {token()}"}), 200)
        bio = expect(await first.get("/users/me"), 200)["bio"]
        assert expect(await second.get("/users/me"), 200)["bio"] == bio


async def test_read_marks_and_blocks_are_seen_at_once_by_who_made_them(servers: Servers) -> None:
    author, reader = await servers.one.register(), await servers.one.register()
    post = await servers.one.post(author)
    await servers.one.comment(reader, post)
    await servers.pair.pause()
    other = servers.on_two(author)
    assert expect(await other.get("/notifications/unread-count"), 200)["count"] == 1
    expect(await author.post("/notifications/read", json={"all": True}), 204)
    assert expect(await other.get("/notifications/unread-count"), 200)["count"] == 0
    assert len(await other.ids(f"/posts/{post['id']}/comments")) == 1
    expect(await author.put(f"/users/{reader.id}/block"), 204)
    assert await other.ids(f"/posts/{post['id']}/comments") == []
    assert [blocked["id"] for blocked in await other.items("/users/me/blocks")] == [reader.id]


async def test_others_see_the_old_state_at_most_and_never_a_404(servers: Servers) -> None:
    author, reader = await servers.one.register(), await servers.one.register()
    lounge = await servers.one.lounge()
    old = await servers.one.post(author, lounge)
    await servers.pair.pause()
    before = await reads_of(servers.two)
    new = await servers.one.post(author, lounge)
    other = servers.on_two(reader)
    assert await other.ids(f"/lounges/{lounge['id']}/posts") == [old["id"]]
    assert (await reads_of(servers.two)).replica == before.replica + 1
    # A push may have brought the link already.
    expect(await other.get(f"/posts/{new['id']}"), 200)
    assert await other.ids(f"/posts/{new['id']}/comments") == []
    assert (await reads_of(servers.two)).primary["missing"] >= 1
    await servers.pair.resume()
    await until(lambda: _sees(other, lounge, [new["id"], old["id"]]))


async def test_an_answer_of_the_replica_carries_the_replicas_position(servers: Servers) -> None:
    author, reader = await servers.one.register(), await servers.one.register()
    lounge = await servers.one.lounge()
    log = servers.two.runtime.live_log
    await log.advance()
    await servers.pair.catch_up()
    await servers.pair.pause()
    await servers.one.post(author, lounge)
    state = await log.advance()
    before = await reads_of(servers.two)
    of_replica = await _as_of(servers.on_two(reader), lounge)
    of_primary = await _as_of(servers.on_two(author), lounge)
    after = await reads_of(servers.two)
    assert after.replica > before.replica
    assert after.primary.keys() - before.primary.keys() == {"own_write"}
    assert of_replica.epoch == of_primary.epoch == state.epoch
    # What the replica lacks is told from there on.
    assert of_replica.position < of_primary.position == state.top


async def _as_of(caller: Api, lounge: dict[str, Any]) -> Cursor:
    answer = await caller.get(f"/lounges/{lounge['id']}/posts")
    cursor = cursor_of(answer.headers["Linky-As-Of"])
    assert cursor is not None
    return cursor


async def _sees(caller: Api, lounge: dict[str, Any], ids: list[str]) -> bool:
    return await caller.ids(f"/lounges/{lounge['id']}/posts") == ids


async def test_a_new_account_is_there_on_every_server(servers: Servers) -> None:
    await servers.pair.pause()
    member, guest = await servers.one.register(), await servers.one.guest()
    for caller in (member, guest, servers.on_two(member), servers.on_two(guest)):
        assert expect(await caller.get("/users/me"), 200)["id"] == caller.id
    await servers.one.post(member)
    assert expect(await guest.get(f"/users/{member.id}"), 200)["post_count"] == 1


async def test_what_a_moderator_hides_is_gone_within_the_time_allowed(
    servers: Servers, monkeypatch: pytest.MonkeyPatch
) -> None:
    author, reader = await servers.one.register(), await servers.one.register()
    post = await servers.one.post(author)
    await servers.pair.pause()
    await servers.one.hide_post(post)
    other = servers.on_two(reader)
    expect(await other.get(f"/posts/{post['id']}"), 200)
    monkeypatch.setattr(tracker, "MOST_BEHIND_SECONDS", 0.3)
    await until(lambda: _is_not_found(other, f"/posts/{post['id']}"))
    assert replica_of(servers.two).is_usable is False
    assert (await reads_of(servers.two)).primary["away"] >= 1
    await servers.pair.resume()
    monkeypatch.setattr(tracker, "MOST_BEHIND_SECONDS", HANG_SECONDS)
    await until(lambda: replica_of(servers.two).is_usable)
    # It may be used before it has the act: it may be as far behind as it likes again.
    await until(lambda: _is_not_found(other, f"/posts/{post['id']}"))


async def _is_not_found(caller: Api, path: str) -> bool:
    return (await caller.get(path)).status_code == 404


async def test_after_a_crash_of_the_primary_nothing_is_read_until_the_replica_is_sure(
    servers: Servers,
) -> None:
    """A crash empties the table. The first to see that lays a floor that holds for all users."""
    author = await servers.one.register()
    await servers.pair.pause()
    post = await servers.one.post(author)
    async with servers.one.runtime.engine.begin() as connection:
        await connection.execute(text("DELETE FROM write_positions"))
    for caller in (author, servers.on_two(author)):
        for _ in range(3):
            assert await caller.ids("/users/me/posts") == [post["id"]]
            await asyncio.sleep(tracker.POLL_SECONDS)
    await servers.pair.resume()
    await until(lambda: _is_read_from_replica(servers.two, servers.on_two(author)))


async def _is_read_from_replica(world: World, caller: Api) -> bool:
    before = (await reads_of(world)).replica
    await caller.ids("/users/me/posts")
    return (await reads_of(world)).replica > before


async def test_positions_that_came_with_a_backup_are_forgotten(
    pair: Replication, settings: Settings, servers: Servers
) -> None:
    """This server's log has yet to reach them: their users would never leave the primary."""
    member = await servers.one.register()
    position = (
        f"UPDATE write_positions SET position = {2**62} WHERE slot = {slot_of(UUID(member.id))}"
    )
    await execute(servers.one, position)
    await member.ids("/users/me/posts")
    assert (await reads_of(servers.one)).primary["own_write"] >= 1
    async with serving(pair, settings, "restored") as world:
        member.app, member.http = world.app, world.http
        await until(lambda: _is_read_from_replica(world, member))


async def test_a_position_that_cannot_be_written_keeps_its_user_on_the_primary(
    servers: Servers,
) -> None:
    author = await servers.one.register()
    await servers.pair.pause()
    slot = slot_of(UUID(author.id))
    async with servers.one.runtime.engine.begin() as connection:
        # A server that writes the position now waits for this row, and gives up.
        await connection.execute(
            text("SELECT 1 FROM write_positions WHERE slot = :slot FOR UPDATE"), {"slot": slot}
        )
        post = await servers.one.post(author)
        assert await author.ids("/users/me/posts") == [post["id"]]
    await until(lambda: not replica_of(servers.one).positions._unwritten)
    assert await servers.on_two(author).ids("/users/me/posts") == [post["id"]]


async def test_a_statement_that_the_replica_cancels_is_run_on_the_primary(
    servers: Servers,
) -> None:
    pair, table = servers.pair, f"conflict_{token()}"
    await pair.replica.ask("ALTER SYSTEM SET max_standby_streaming_delay = 0")
    await pair.replica.ask("SELECT pg_reload_conf()")
    await execute(servers.one, f"CREATE TABLE {table} (id int)")
    await pair.catch_up()
    async with servers.one.runtime.reading_for(None) as ctx:
        reader = reader_of(ctx.session)
        assert reader is not None
        statement = f"SELECT count(*) FROM {table}, pg_sleep(0.6)"
        reading = asyncio.create_task(reader.fetch(statement, []))
        running = f"SELECT count(*) FROM pg_locks WHERE relation = '{table}'::regclass"
        await until(lambda: pair.replica.ask(running))
        await execute(servers.one, f"TRUNCATE {table}")
        assert [tuple(row) for row in await reading] == [(0,)]
    assert failures_of(servers.one) == {"conflict": 1}
    assert (await reads_of(servers.one)).primary == {"failed": 1}
    assert replica_of(servers.one).is_usable


async def execute(world: World, statement: str) -> None:
    async with world.runtime.engine.begin() as connection:
        await connection.execute(text(statement))


def failures_of(world: World) -> dict[str, float]:
    """How often the replica failed, by kind."""
    pattern = r'^linky_replica_failures_total\{failure="(\w+)"\} (.+)$'
    shown = world.runtime.metrics.render_process().decode()
    return {kind: float(times) for kind, times in re.findall(pattern, shown, re.MULTILINE)}


@pytest.mark.parametrize("how", ["killed", "halted"])
async def test_no_read_fails_when_the_replica_does(servers: Servers, how: str) -> None:
    """The process reads from the primary, says so, and comes back by itself."""
    author = await servers.one.register()
    lounge = await servers.one.lounge()
    post = await servers.one.post(author, lounge)
    await servers.pair.catch_up()
    done = asyncio.Event()
    readers = [asyncio.create_task(_read_until(done, author, lounge)) for _ in range(6)]
    await until(lambda: _is_read_from_replica(servers.one, author))
    if how == "killed":
        servers.pair.replica.kill()
    else:
        servers.pair.replica.send_to_all(SIGSTOP)
        # What is a moment old may still be read. A replica that says nothing gets too old.
    try:
        await until(lambda: not replica_of(servers.one).is_usable)
        ready = await servers.one.http.get("/health/ready")
        assert expect(ready, 200)["checks"]["replica"] == "down"
        assert await author.ids("/users/me/posts") == [post["id"]]
    finally:
        if how == "killed":
            await asyncio.to_thread(servers.pair.replica.start)
        else:
            servers.pair.replica.send_to_all(SIGCONT)
    await until(lambda: _is_read_from_replica(servers.one, author))
    done.set()
    assert {status for statuses in await asyncio.gather(*readers) for status in statuses} == {200}
    await until(lambda: _says_replica_is_ok(servers.one))


async def _says_replica_is_ok(world: World) -> bool:
    ready = await world.http.get("/health/ready")
    return bool(expect(ready, 200)["checks"]["replica"] == "ok")


async def _read_until(done: asyncio.Event, caller: Api, lounge: dict[str, Any]) -> list[int]:
    statuses = []
    while not done.is_set():
        statuses.append((await caller.get(f"/lounges/{lounge['id']}/posts")).status_code)
        await asyncio.sleep(0.005)
    return statuses


async def test_a_server_that_is_no_replica_of_ours_is_never_read(
    pair: Replication, settings: Settings, own_database: str
) -> None:
    for url, failure in ((pair.primary.url, "promoted"), (own_database, "promoted")):
        changed = settings.model_copy(update={"database_replica_url": url})
        runtime = Runtime.build(changed, pair.primary.url)
        async with runtime.following_replica():
            replica = runtime.replica
            assert replica is not None
            assert not replica.is_usable
            assert f'failure="{failure}"' in runtime.metrics.render_process().decode()
        await runtime.close()


async def test_without_the_setting_there_is_no_replica(world: World) -> None:
    assert world.runtime.replica is None
    runtime = Runtime.build(world.runtime.settings, "postgresql+asyncpg://linky@127.0.0.1:1/x")
    assert runtime.replica is None
    await runtime.close()


async def test_those_who_ask_while_a_statement_runs_share_the_next() -> None:
    """Its answer is not older than their question."""
    release, asked = asyncio.Event(), []

    async def run(slots: Sequence[int]) -> int:
        asked.append(list(slots))
        await release.wait()
        return len(asked)

    together = Together(run)
    first = asyncio.create_task(together.ask([1]))
    await until(lambda: asked)
    others = [asyncio.create_task(together.ask([slot])) for slot in (3, 2, 3)]
    await asyncio.sleep(0)
    others[0].cancel()
    release.set()
    assert await first == 1
    assert await asyncio.gather(*others[1:]) == [2, 2]
    assert asked == [[1], [2, 3]]


class SteppedClock:
    """Seconds that pass only when the test says so."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now

    def pass_until(self, condition: Callable[[], bool], act: Callable[[], None]) -> None:
        while not condition():
            self.now += 0.25
            act()


def test_a_replica_that_says_nothing_grows_old() -> None:
    clock = SteppedClock()
    followed = Tracker(ReplicaMetrics(CollectorRegistry()), clock)
    started = datetime(2026, 11, 26, tzinfo=UTC)
    followed.saw(clock.now, Sighting(flushed=50, replayed=40, server=started))
    assert followed.age > tracker.MOST_BEHIND_SECONDS
    followed.note_replayed(50)
    assert followed.age == 0
    clock.now += tracker.MOST_BEHIND_SECONDS
    followed.saw(clock.now, Sighting(flushed=90, replayed=60, server=started))
    assert followed.age == tracker.MOST_BEHIND_SECONDS
    clock.now += 0.1
    assert (followed.age > tracker.MOST_BEHIND_SECONDS, followed.is_usable) == (True, False)
    followed.note_replayed(90)
    assert (followed.age > tracker.MOST_BEHIND_SECONDS, followed.is_usable) == (False, True)


def test_a_replica_whose_reads_fail_rests_longer_each_time() -> None:
    clock = SteppedClock()
    followed = Tracker(ReplicaMetrics(CollectorRegistry()), clock)
    seen = Sighting(flushed=50, replayed=50, server=datetime(2026, 11, 26, tzinfo=UTC))
    rests = []
    for _ in range(10):
        followed.saw(clock.now, seen)
        assert followed.is_usable
        followed.suspect(ReplicaAway(Failure.REFUSED))
        began = clock.now
        clock.pass_until(lambda: followed.is_usable, lambda: followed.saw(clock.now, seen))
        rests.append(clock.now - began)
    assert rests == sorted(rests)
    assert (rests[0], rests[-1]) == (tracker.POLL_SECONDS, tracker.LONGEST_REST_SECONDS)


async def test_a_statement_that_takes_too_long_on_the_replica_is_made_on_the_primary(
    servers: Servers,
) -> None:
    await servers.pair.catch_up()
    async with servers.one.runtime.reading_for(None) as ctx:
        reader = reader_of(ctx.session)
        assert reader is not None
        # The replica gives up after 0.9 s, and the primary after 2.3 s.
        ((is_replica, _),) = await reader.fetch("SELECT pg_is_in_recovery(), pg_sleep(1.2)", [])
    assert not is_replica
    assert (await reads_of(servers.one)).primary == {"failed": 1}
    assert replica_of(servers.one).is_usable
