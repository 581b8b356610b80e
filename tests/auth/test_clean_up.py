"""The hourly clean-up works in batches, one transaction each, and reads along an index."""

import pytest
from sqlalchemy import text

from app.api import JOBS
from tests.support.auth import another_session, clean_up, devices
from tests.support.jobs import run_jobs
from tests.support.notifications import register_device
from tests.support.races import holding
from tests.support.sql import count, sql
from tests.support.world import World

SESSIONS = """
INSERT INTO user_sessions (user_id, user_agent, created_at, expires_at, ended_at)
SELECT CAST(:id AS uuid), 'x', now() - interval '40 days', now() - interval '30 days', {ended}
FROM generate_series(1, :number)
"""
NONCES = """
INSERT INTO auth_nonces (nonce_hash, expires_at)
SELECT sha256(n::text::bytea), now() - interval '1 day' FROM generate_series(1, :number) n
"""
NEXT_BATCH = "entrypoint = 'auth.forget_more'"


async def old_sessions(world: World, user_id: str, number: int, ended: str = "NULL") -> None:
    await sql(world, SESSIONS.format(ended=ended), id=user_id, number=number)


@pytest.mark.parametrize("join", ["hashjoin", "nestloop", "mergejoin"])
async def test_each_transaction_of_the_clean_up_deletes_one_batch(
    world: World, monkeypatch: pytest.MonkeyPatch, join: str
) -> None:
    # Every join strategy must stop at a batch: a LIMIT inside a nested loop applies per row.
    others = {"hashjoin", "nestloop", "mergejoin", "hashagg", "material", "sort"} - {join}
    for other in others:
        await sql(world, f"SET LOCAL enable_{other} = off")
    monkeypatch.setattr("app.auth.service.clean_up.EXPIRED_BATCH_ROWS", 2)
    member, guest = await world.member(), await world.guest()
    # The guest's old sessions come first and stay. They must not block the member's.
    await old_sessions(world, guest.id, 3, ended="now() - interval '35 days'")
    await old_sessions(world, member.id, 5)
    await sql(world, NONCES, number=5)
    nonces, over, jobs = [], [], []
    for _ in range(3):
        await clean_up(world)
        nonces.append(await count(world, "auth_nonces"))
        jobs.append(await count(world, "pgqueuer", NEXT_BATCH))
    assert nonces == [3, 1, 0]
    assert jobs == [1, 2, 3]
    over.append(await count(world, "user_sessions"))
    await run_jobs(world, JOBS)
    over.append(await count(world, "user_sessions"))
    assert over == [2 + 3 + 5, 2 + 3]
    guests = "user_id = CAST(:id AS uuid)"
    assert await count(world, "user_sessions", guests, id=guest.id) == 1 + 3
    assert await count(world, "pgqueuer", NEXT_BATCH) == 0


async def test_sessions_over_the_age_limit_are_ended_in_batches(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.auth.service.clean_up.EXPIRED_BATCH_ROWS", 2)
    phone = await world.member()
    await register_device(phone, "phone-0001")
    for number in range(4):
        await register_device(await another_session(world, phone), f"tablet-{number:03}")
    world.clock.advance(days=2)
    world.configure(session_max_days=1)
    await clean_up(world)
    assert len(await devices(world)) == 3
    await run_jobs(world, JOBS)
    assert await devices(world) == []


async def test_the_clean_up_skips_locked_rows(committed_world: World) -> None:
    world = committed_world
    member = await world.member()
    await old_sessions(world, member.id, 3)
    await sql(world, NONCES, number=3)
    one_session = "SELECT id FROM user_sessions WHERE expires_at < now() LIMIT 1 FOR UPDATE"
    one_nonce = "SELECT 1 FROM auth_nonces LIMIT 1 FOR UPDATE"
    async with holding(world, one_session) as held:
        await held.execute(text(one_nonce))
        await clean_up(world)
        assert await count(world, "auth_nonces") == 1
        assert await count(world, "user_sessions", "expires_at < now()") == 1
    await clean_up(world)
    assert await count(world, "auth_nonces") == 0
    assert await count(world, "user_sessions", "expires_at < now()") == 0
