"""Suspensions with an end: the rules of `until`, and who is refused for how long."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from app.admin import jobs as admin_jobs
from app.admin.policy import FURTHEST
from app.core.days import rfc3339
from tests.support.api import Api, expect
from tests.support.jobs import run_jobs
from tests.support.moderating import case_of, report
from tests.support.sql import sql
from tests.support.world import World

WHY = {"reason": "規約違反"}


async def suspend(world: World, admin: Api, user: Api, **fields: Any) -> dict[str, Any]:
    until = (world.clock() + timedelta(minutes=20)).isoformat()
    form = {"status": "suspended", "until": until, **WHY, **fields}
    return dict(expect(await admin.patch(f"/admin/users/{user.id}", json=form), 200))


async def test_a_suspension_is_over_at_its_end_even_if_the_job_is_late(world: World) -> None:
    admin, user = await world.admin(), await world.member()
    shown = await suspend(world, admin, user)
    assert shown["until"].endswith("Z")
    refusal = expect(await user.post("/images"), 403, "account_suspended")
    assert "/account/appeal?token=" in refusal["appeal_url"]
    login = {"email": user.email, "password": user.password}
    again = expect(await user.post("/auth/login", json=login, auth=False), 403)
    assert again["appeal_url"] == refusal["appeal_url"]
    refresh = {"refresh_token": user.refresh_token}
    again = expect(await user.post("/auth/refresh", json=refresh, auth=False), 403)
    assert again["appeal_url"] == refusal["appeal_url"]
    listed = await admin.items("/admin/users", status="suspended")
    assert user.id in [item["id"] for item in listed]
    world.clock.advance(seconds=1200)
    expect(await user.post("/auth/refresh", json=refresh, auth=False), 200)
    user = await world.sign_in(user)
    await world.post(user)
    shown = expect(await admin.get(f"/admin/users/{user.id}"), 200)
    assert (shown["status"], shown["until"], shown["suspension_reason"]) == ("active", None, "")
    listed = await admin.items("/admin/users", status="suspended")
    assert user.id not in [item["id"] for item in listed]
    assert user.id in [i["id"] for i in await admin.items("/admin/users", status="active")]
    async with world.runtime.writing() as ctx:
        await admin_jobs.end_suspensions(ctx)
    assert await run_jobs(world, admin_jobs.JOBS) == 1
    (row,) = await sql(world, "SELECT * FROM users WHERE id = :id", id=UUID(user.id))
    assert (row["status"], row["suspended_until"], row["suspension_id"]) == ("active", None, None)
    async with world.runtime.writing() as ctx:
        await admin_jobs.end_suspensions(ctx)
    assert await run_jobs(world, admin_jobs.JOBS) == 0


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("2035-01-01T09:00:00.5+09:00", "2035-01-01T00:00:00.500000Z"),
        ("2035-01-01T00:00:00.1234567Z", "2035-01-01T00:00:00.123456Z"),
        ("2035-01-01t00:00:00.123456789z", "2035-01-01T00:00:00.123456Z"),
    ],
)
async def test_an_end_takes_any_fraction_of_a_second(world: World, sent: str, kept: str) -> None:
    """RFC 3339 sets no limit: .NET writes seven digits, Go up to nine."""
    admin, user = await world.admin(), await world.member()
    form = {"status": "suspended", "until": sent, **WHY}
    expect(await admin.patch(f"/admin/users/{user.id}", json=form), 200)
    (row,) = await sql(world, "SELECT suspended_until FROM users WHERE id = :id", id=UUID(user.id))
    assert row["suspended_until"] == datetime.fromisoformat(kept)


@pytest.mark.parametrize(
    ("form", "code"),
    [
        ({"status": "suspended", "until": "2020-01-01T00:00:00Z"}, "not_in_future"),
        ({"status": "suspended", "until": "2035-01-01T00:00:00"}, "date_time"),
        ({"status": "suspended", "until": "morgen"}, "date_time"),
        ({"status": "suspended", "until": 4102444800}, "date_time"),
        ({"status": "suspended", "until": "9999-12-31T23:59:59-12:00"}, "date_time"),
        ({"status": "active", "until": "2035-01-01T00:00:00Z"}, "only_when_suspended"),
        ({"until": "2035-01-01T00:00:00Z"}, "only_when_suspended"),
        ({"hide_content": True}, "only_when_suspended"),
        ({"status": "suspended", "hide_content": "yes"}, "bool_type"),
        ({"status": "suspended", "permanent": "yes"}, "bool_type"),
        ({"status": "active", "permanent": True}, "only_when_suspended"),
        ({"permanent": True}, "only_when_suspended"),
        (
            {"status": "suspended", "permanent": True, "until": "2035-01-01T00:00:00Z"},
            "end_or_permanent",
        ),
    ],
)
async def test_bad_times_are_refused_and_nothing_changes(
    world: World, form: dict[str, Any], code: str
) -> None:
    admin, user = await world.admin(), await world.member()
    refused = expect(await admin.patch(f"/admin/users/{user.id}", json={**form, **WHY}), 422)
    assert [error["code"] for error in refused["errors"]] == [code]
    assert (await admin.get(f"/admin/users/{user.id}")).json()["status"] == "active"
    assert (await user.delete("/lounges/recent")).status_code == 204


async def test_an_end_is_kept_until_it_is_moved_or_removed(world: World) -> None:
    admin, user = await world.admin(), await world.member()
    path = f"/admin/users/{user.id}"
    await suspend(world, admin, user)
    later = (world.clock() + timedelta(days=2)).isoformat()
    moved = expect(await admin.patch(path, json={"until": later}), 200)
    assert moved["until"] > (world.clock() + timedelta(days=1)).isoformat()
    for form in (
        {"hide_content": True},
        {"status": "suspended", "reason": "また"},
        {"status": "suspended", "permanent": False},
        {"permanent": False},
    ):
        assert expect(await admin.patch(path, json=form), 200)["until"] == moved["until"]
    both = {"permanent": True, "until": later}
    expect(await admin.patch(path, json=both), 422, "validation_failed")
    assert expect(await admin.patch(path, json={"permanent": True}), 200)["until"] is None
    world.clock.advance(seconds=3 * 24 * 3600)
    user_again = {"email": user.email, "password": user.password}
    expect(await user.post("/auth/login", json=user_again, auth=False), 403, "account_suspended")


async def test_a_new_suspension_does_not_get_the_end_of_one_that_is_over(world: World) -> None:
    """Also if the job has not noted yet that it is over."""
    admin, user = await world.admin(), await world.member()
    await suspend(world, admin, user)
    world.clock.advance(seconds=1200)
    form = {"status": "suspended", **WHY}
    assert expect(await admin.patch(f"/admin/users/{user.id}", json=form), 200)["until"] is None


async def test_an_end_is_at_most_ten_years_ahead(world: World) -> None:
    admin, user = await world.admin(), await world.member()
    post = await world.post(user)
    await report(await world.member(), "post", post["id"])
    case = await case_of(admin, post["id"])
    resolve, path = f"/admin/reports/{case['id']}/resolve", f"/admin/users/{user.id}"
    for until in (rfc3339(world.clock() + FURTHEST + timedelta(seconds=1)), "9999-12-31T23:59:59Z"):
        form = {"status": "suspended", "until": until, **WHY}
        for answer in (
            await admin.patch(path, json=form),
            await admin.post(resolve, json={"action": "suspend", "until": until}),
        ):
            problem = expect(answer, 422, "too_late")
            assert [(e["field"], e["code"]) for e in problem["errors"]] == [
                ("body.until", "too_late")
            ]
    assert expect(await admin.get(path), 200)["status"] == "active"
    form = {"status": "suspended", "until": rfc3339(world.clock() + FURTHEST), **WHY}
    expect(await admin.patch(path, json=form), 200)
