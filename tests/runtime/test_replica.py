"""What people see on two servers that read from a replica which may be behind."""

import asyncio
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import pytest

from app.core.settings.config import Settings
from app.live_log.log import Cursor, cursor_of
from app.runtime.replica import tracker
from app.runtime.replica.positions import Batched, slot_of
from app.runtime.runtime import Runtime
from tests.runtime.replica_servers import (
    Servers,
    execute,
    is_read_from_replica,
    reads_of,
    replica_of,
    serving,
)
from tests.support.api import Api, expect
from tests.support.replication import Replication
from tests.support.waiting import HANG_SECONDS, until
from tests.support.world import World, token

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("patient_reads")]


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
    await execute(servers.one, "DELETE FROM write_positions")
    for caller in (author, servers.on_two(author)):
        for _ in range(3):
            assert await caller.ids("/users/me/posts") == [post["id"]]
            await asyncio.sleep(tracker.POLL_SECONDS)
    await servers.pair.resume()
    await until(lambda: is_read_from_replica(servers.two, servers.on_two(author)))


async def test_positions_that_came_with_a_backup_are_forgotten(
    pair: Replication, settings: Settings, servers: Servers
) -> None:
    """This server's log has yet to reach them: their users would never leave the primary."""
    member = await servers.one.register()
    slot, position = slot_of(UUID(member.id)), 2**62

    async def is_held_to_the_primary() -> bool:
        # Again and again: the server may write the user's own position once more, or forget this
        # one, because its probe begins again.
        await execute(
            servers.one,
            f"INSERT INTO write_positions (slot, position) VALUES ({slot}, {position})"
            " ON CONFLICT (slot) DO UPDATE SET position = excluded.position",
        )
        await member.ids("/users/me/posts")
        return "own_write" in (await reads_of(servers.one)).primary

    await until(is_held_to_the_primary)
    async with serving(pair, settings, "restored") as world:
        member.app, member.http = world.app, world.http
        await until(lambda: is_read_from_replica(world, member))


async def test_a_position_that_cannot_be_written_keeps_its_user_on_the_primary(
    servers: Servers,
) -> None:
    author = await servers.one.register()
    await servers.pair.pause()
    slot = slot_of(UUID(author.id))
    async with servers.one.runtime.writing() as ctx:
        # A server that writes the position now waits for this row, and gives up.
        await ctx.db.driver("SELECT 1 FROM write_positions WHERE slot = $1 FOR UPDATE", slot)
        post = await servers.one.post(author)
        assert await author.ids("/users/me/posts") == [post["id"]]
    await until(lambda: not replica_of(servers.one).positions._unwritten)
    assert await servers.on_two(author).ids("/users/me/posts") == [post["id"]]


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

    together = Batched(run)
    first = asyncio.create_task(together.ask([1]))
    await until(lambda: asked)
    others = [asyncio.create_task(together.ask([slot])) for slot in (3, 2, 3)]
    await asyncio.sleep(0)
    others[0].cancel()
    release.set()
    assert await first == 1
    assert await asyncio.gather(*others[1:]) == [2, 2]
    assert asked == [[1], [2, 3]]
