"""Kept answers that are too old are deleted in batches."""

import pytest

from app.web import jobs
from app.web.jobs import delete_old_answers
from tests.support.races import holding
from tests.support.sql import count, sql
from tests.support.world import World

ANSWERS = "idempotency_keys"
_OLD = """
    INSERT INTO idempotency_keys (user_id, key, fingerprint, status, body, created_at)
    SELECT :user_id, n::text, ''::bytea, 201, ''::bytea, now() - interval '25 hours'
    FROM generate_series(1, 7) AS n
"""


async def delete_some(world: World) -> None:
    async with world.runtime.writing() as ctx:
        await delete_old_answers(ctx)


async def test_a_run_deletes_batches_and_the_next_one_goes_on(
    committed_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "EXPIRED_KEY_BATCH_ROWS", 2)
    monkeypatch.setattr(jobs, "MAX_BATCHES", 2)
    world = committed_world
    await sql(world, _OLD, user_id=(await world.member()).id)
    await delete_some(world)
    assert await count(world, ANSWERS) == 3
    # An answer that a request has locked is left for the next run.
    async with holding(world, "SELECT FROM idempotency_keys WHERE key = '7' FOR UPDATE"):
        await delete_some(world)
        assert await count(world, ANSWERS) == 1
    await delete_some(world)
    assert await count(world, ANSWERS) == 0
