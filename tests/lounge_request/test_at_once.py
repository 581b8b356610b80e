"""Concurrent requests and decisions, with real commits."""

import asyncio
from collections import Counter
from collections.abc import Sequence

import httpx
import pytest

from tests.support.api import Api, expect
from tests.support.chance import times
from tests.support.fakes import FakePush
from tests.support.jobs import NOTIFICATION_JOBS as JOBS
from tests.support.jobs import run_jobs
from tests.support.moderating import ask
from tests.support.sql import count, sql
from tests.support.world import World

ROUNDS = times(5, 50)


@pytest.fixture
def world(committed_world: World) -> World:
    return committed_world


async def outcomes(world: World) -> Counter[tuple[str, int, str | None]]:
    """How many requests have each status, number of lounges made and notifications sent."""
    rows = await sql(
        world,
        """
        SELECT status, (SELECT count(*) FROM lounges WHERE lounges.name = request.name) AS made,
               array_to_string(ARRAY(SELECT type FROM notifications
                     WHERE lounge_request_id = request.id), ' ') AS notified
        FROM lounge_requests request
        """,
    )
    return Counter((row["status"], row["made"], row["notified"]) for row in rows)


APPROVED = ("approved", 1, "lounge_request_approved")
REJECTED = ("rejected", 0, "lounge_request_rejected")
WITHDRAWN = ("withdrawn", 0, "")


def assert_one_wins(answers: Sequence[httpx.Response], *, status: int = 200) -> None:
    """One request succeeds; the other gets 409 `already_decided`."""
    assert sorted(a.status_code for a in answers) == [status, 409]
    (refused,) = [a for a in answers if a.status_code == 409]
    expect(refused, 409, "already_decided")


async def test_one_of_two_concurrent_approvals_wins(world: World, push: FakePush) -> None:
    member, admin_a, admin_b = await world.member(), await world.admin(), await world.admin()
    device = {"kind": "fid", "value": "one", "platform": "ios"}
    expect(await member.put("/notifications/devices/one", json=device), 204)
    for _ in range(ROUNDS):
        path = f"/admin/lounge-requests/{(await ask(member))['id']}/approve"
        assert_one_wins(await asyncio.gather(admin_a.post(path), admin_b.post(path)))
    assert await outcomes(world) == {APPROVED: ROUNDS}
    assert await count(world, "audit_log") == await count(world, "lounges") == ROUNDS
    await run_jobs(world, JOBS)
    assert len(push.sent) == len({message.collapse_id for message, _ in push.sent}) == ROUNDS


@pytest.mark.parametrize("ending", [REJECTED, WITHDRAWN], ids=lambda ending: ending[0])
async def test_one_of_a_concurrent_approval_and_another_end_wins(
    world: World, ending: tuple[str, int, str]
) -> None:
    member, admin_a, admin_b = await world.member(), await world.admin(), await world.admin()
    for _ in range(ROUNDS):
        own = f"/lounge-requests/{(await ask(member))['id']}"
        approve, reject = f"/admin{own}/approve", f"/admin{own}/reject"
        other = (
            member.delete(own)
            if ending == WITHDRAWN
            else admin_b.post(reject, json={"reason": "重複"})
        )
        answers = await asyncio.gather(admin_a.post(approve), other)
        is_withdrawn = ending == WITHDRAWN and answers[1].is_success
        assert_one_wins(answers, status=204 if is_withdrawn else 200)
    counted = await outcomes(world)
    assert counted.total() == ROUNDS
    assert set(counted) <= {APPROVED, ending}
    logged = counted[APPROVED] + counted[REJECTED]
    assert logged == await count(world, "audit_log")


async def test_one_of_a_concurrent_approval_and_a_new_lounge_of_that_name_wins(
    world: World,
) -> None:
    member, admin_a, admin_b = await world.member(), await world.admin(), await world.admin()
    for number in range(ROUNDS):
        request = await ask(member, f"ﾋﾛﾊﾞ {number}")
        form = {"name": f"ヒロバ {number}", "description": "話す"}
        path = f"/admin/lounge-requests/{request['id']}"
        approved, opened = await asyncio.gather(
            admin_a.post(f"{path}/approve"), admin_b.post("/admin/lounges", json=form)
        )
        assert sorted((approved.status_code, opened.status_code)) in ([200, 409], [201, 409])
        refused = opened if approved.is_success else approved
        expect(refused, 409, "lounge_name_taken")
        if opened.is_success:
            # The approval was rolled back: the request is pending, and can be rejected.
            expect(await admin_a.post(f"{path}/reject", json={"reason": "同じ名前"}), 200)
    counted = await outcomes(world)
    assert await count(world, "lounges") == counted.total() == ROUNDS
    approvals = sum(number for (status, *_), number in counted.items() if status == "approved")
    assert await count(world, "notifications", "type = 'lounge_request_approved'") == approvals
    assert await count(world, "audit_log", "action = 'lounge_request.approved'") == approvals


async def test_five_of_ten_concurrent_requests_are_accepted(world: World) -> None:
    member = await world.member()
    forms = [{"name": f"部屋{i}", "description": "話す"} for i in range(10)]
    answers = await asyncio.gather(*[member.post("/lounge-requests", json=f) for f in forms])
    assert Counter(a.status_code for a in answers) == {201: 5, 409: 5}
    assert await count(world, "lounge_requests") == 5


async def test_one_of_three_concurrent_requests_for_a_name_wins(world: World) -> None:
    members: list[Api] = [await world.member() for _ in range(3)]
    for _ in range(ROUNDS):
        forms = [
            {"name": name, "description": "話す"} for name in ("カメラ部", "ｶﾒﾗ部", "カメラ部 ")
        ]
        answers = await asyncio.gather(
            *[m.post("/lounge-requests", json=f) for m, f in zip(members, forms, strict=True)]
        )
        assert Counter(a.status_code for a in answers) == {201: 1, 409: 2}
        for member, answer in zip(members, answers, strict=True):
            if answer.is_success:
                # Frees the name for the next round.
                path = f"/lounge-requests/{answer.json()['id']}"
                expect(await member.delete(path), 204)
            else:
                expect(answer, 409, "lounge_name_taken")
    assert await count(world, "lounge_requests") == ROUNDS
