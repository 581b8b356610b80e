"""Guests whose sessions have expired cannot come back: they are erased a month later."""

import pytest

from app.account.jobs import PERIODICS
from app.account.service import leaving
from app.api import JOBS
from app.auth.jobs import forget_what_is_over
from tests.support.api import Api, expect
from tests.support.auth import refresh
from tests.support.counts import wrong_counts
from tests.support.jobs import run_jobs
from tests.support.sql import count, sql
from tests.support.world import PASSWORD, World, token

(PERIODIC,) = PERIODICS


async def run_hourly_clean_up(world: World) -> None:
    """Run the hourly tasks and the jobs that they enqueue."""
    for handler in (PERIODIC.handler, forget_what_is_over):
        async with world.runtime.writing() as ctx:
            await handler(ctx)
    await run_jobs(world, JOBS)


async def exists(world: World, api: Api) -> bool:
    return await count(world, "users", "id = CAST(:id AS uuid)", id=api.id) == 1


async def test_a_guest_is_erased_a_month_after_the_last_session_and_counts_stay_right(
    world: World,
) -> None:
    guest, member, lounge = await world.guest(), await world.member(), await world.lounge()
    post = await world.post(member, lounge)
    for api in (guest, member):
        expect(await api.put(f"/lounges/{lounge['id']}/favorite"), 204)
    report = {"target_type": "post", "target_id": post["id"], "reason": "spam", "detail": ""}
    expect(await guest.post("/reports", json=report), 201)
    expect(await guest.put(f"/posts/{post['id']}/mute"), 204)
    expect(await guest.put(f"/users/{member.id}/block"), 204)
    for _ in range(36):  # The session expires after seven days.
        world.clock.advance(days=1)
        await run_hourly_clean_up(world)
        member.take(expect(await refresh(world, member.refresh_token), 200))
    assert await exists(world, guest)
    world.clock.advance(days=1, minutes=1)
    await run_hourly_clean_up(world)
    assert not await exists(world, guest)
    assert await wrong_counts(world) == []
    member.take(expect(await refresh(world, member.refresh_token), 200))
    shown = expect(await member.get(f"/lounges/{lounge['id']}"), 200)
    assert shown["favorite_count"] == 1
    assert await count(world, "reports", "reporter_id IS NOT NULL") == 0


async def test_a_guest_who_signed_out_is_erased_a_month_later(world: World) -> None:
    guest = await world.guest()
    world.clock.advance(days=2)
    form = {"refresh_token": guest.refresh_token}
    expect(await world.anonymous().post("/auth/logout", json=form), 204)
    world.clock.advance(days=29)
    await run_hourly_clean_up(world)
    assert await exists(world, guest)
    world.clock.advance(days=1, minutes=1)
    await run_hourly_clean_up(world)
    assert not await exists(world, guest)


async def test_returning_guests_and_inactive_members_are_kept(world: World) -> None:
    guest, member, upgraded = await world.guest(), await world.member(), await world.guest()
    form = {"email": f"{token()}@example.com", "password": PASSWORD, "nickname": "花子"}
    expect(await upgraded.post("/auth/guest/upgrade", json=form), 200)
    for _ in range(20):
        world.clock.advance(days=6)
        guest.take(expect(await refresh(world, guest.refresh_token), 200))
        await run_hourly_clean_up(world)
    assert [await exists(world, api) for api in (guest, member, upgraded)] == [True] * 3
    expect(await guest.patch("/users/me", json={"locale": "en"}), 200)


async def test_a_guest_without_a_session_row_is_erased_too(world: World) -> None:
    guest, young = await world.guest(), await world.guest()
    await sql(world, "DELETE FROM user_sessions")
    await sql(
        world,
        "UPDATE users SET created_at = created_at - interval '31 days' "
        "WHERE id = CAST(:id AS uuid)",
        id=guest.id,
    )
    await run_hourly_clean_up(world)
    assert [await exists(world, api) for api in (guest, young)] == [False, True]


async def test_idle_guests_are_erased_in_batches_and_a_job_may_run_twice(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_once = 20
    monkeypatch.setattr(leaving, "GUESTS_AT_ONCE", at_once)
    guests, jobs = at_once + 5, "entrypoint = 'account.end_idle_guest'"
    await sql(
        world,
        "INSERT INTO users (provider, nickname, role, created_at) "
        f"SELECT 'guest', 'ゲスト', 'guest', now() FROM generate_series(1, {guests})",
    )
    world.clock.advance(days=31)
    for waiting in (at_once, guests, guests):
        async with world.runtime.writing() as ctx:
            await PERIODIC.handler(ctx)
        assert await count(world, "pgqueuer", jobs) == waiting
    await sql(
        world,
        "INSERT INTO pgqueuer (priority, entrypoint, payload, status) "
        f"SELECT priority, entrypoint, payload, status FROM pgqueuer WHERE {jobs} LIMIT 3",
    )
    await run_jobs(world, JOBS)
    assert await count(world, "users", "role = 'guest'") == 0
