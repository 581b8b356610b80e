"""Requests and decisions at the same moment, with real commits."""

import asyncio
from collections import Counter
from collections.abc import Sequence

import httpx
import pytest

from app.notification.jobs import JOBS
from tests.support.api import Api, expect
from tests.support.fakes import FakePush
from tests.support.jobs import run_jobs
from tests.support.moderating import ask
from tests.support.sql import count, sql
from tests.support.world import World

pytestmark = pytest.mark.anyio

ROUNDS = 50


async def outcomes(world: World) -> Counter[tuple[str, int, str | None]]:
    """For each request: its status, the number of lounges made, the notifications sent."""
    rows = await sql(
        world,
        """
        SELECT status, (SELECT count(*) FROM lounges WHERE lounges.name = request.name) AS made,
               array_to_string(ARRAY(SELECT type FROM notifications
                     WHERE lounge_request_id = request.id), ' ') AS told
        FROM lounge_requests request
        """,
    )
    return Counter((row["status"], row["made"], row["told"]) for row in rows)


APPROVED = ("approved", 1, "lounge_request_approved")
REJECTED = ("rejected", 0, "lounge_request_rejected")
WITHDRAWN = ("withdrawn", 0, "")


def one_wins(answers: Sequence[httpx.Response], *, status: int = 200) -> None:
    """The other caller gets 409 `already_decided`."""
    assert sorted(a.status_code for a in answers) == [status, 409]
    (lost,) = [a for a in answers if a.status_code == 409]
    expect(lost, 409, "already_decided")


async def test_of_two_approvals_at_once_one_wins_fifty_times(
    committed_world: World, push: FakePush
) -> None:
    world = committed_world
    member, one, other = await world.member(), await world.admin(), await world.admin()
    device = {"kind": "fid", "value": "one", "platform": "ios"}
    expect(await member.put("/notifications/devices/one", json=device), 204)
    for _ in range(ROUNDS):
        path = f"/admin/lounge-requests/{(await ask(member))['id']}/approve"
        one_wins(await asyncio.gather(one.post(path), other.post(path)))
    assert await outcomes(world) == {APPROVED: ROUNDS}
    assert await count(world, "audit_log") == await count(world, "lounges") == ROUNDS
    await run_jobs(world, JOBS)
    assert len(push.sent) == len({message.collapse_id for message, _ in push.sent}) == ROUNDS


async def test_of_approval_and_rejection_at_once_one_wins_fifty_times(
    committed_world: World,
) -> None:
    world = committed_world
    member, one, other = await world.member(), await world.admin(), await world.admin()
    for _ in range(ROUNDS):
        path = f"/admin/lounge-requests/{(await ask(member))['id']}"
        approve = one.post(f"{path}/approve")
        reject = other.post(f"{path}/reject", json={"reason": "重複"})
        one_wins(await asyncio.gather(approve, reject))
    found = await outcomes(world)
    assert found.total() == await count(world, "audit_log") == ROUNDS
    assert set(found) <= {APPROVED, REJECTED}


async def test_of_approval_and_withdrawal_at_once_one_wins_fifty_times(
    committed_world: World,
) -> None:
    world = committed_world
    member, admin = await world.member(), await world.admin()
    for _ in range(ROUNDS):
        request_id = (await ask(member))["id"]
        answers = await asyncio.gather(
            admin.post(f"/admin/lounge-requests/{request_id}/approve"),
            member.delete(f"/lounge-requests/{request_id}"),
        )
        one_wins(answers, status=204 if answers[1].is_success else 200)
    found = await outcomes(world)
    assert found.total() == ROUNDS
    assert set(found) <= {APPROVED, WITHDRAWN}
    assert found[APPROVED] == await count(world, "audit_log")


async def test_of_an_approval_and_an_admins_own_lounge_of_that_name_one_wins_fifty_times(
    committed_world: World,
) -> None:
    world = committed_world
    member, one, other = await world.member(), await world.admin(), await world.admin()
    for number in range(ROUNDS):
        request = await ask(member, f"ﾋﾛﾊﾞ {number}")
        form = {"name": f"ヒロバ {number}", "description": "話す"}
        path = f"/admin/lounge-requests/{request['id']}"
        approved, opened = await asyncio.gather(
            one.post(f"{path}/approve"), other.post("/admin/lounges", json=form)
        )
        assert sorted((approved.status_code, opened.status_code)) in ([200, 409], [201, 409])
        lost = opened if approved.is_success else approved
        expect(lost, 409, "lounge_name_taken")
        if opened.is_success:
            # The approval was rolled back: the request is pending, and can be rejected.
            expect(await one.post(f"{path}/reject", json={"reason": "同じ名前"}), 200)
    found = await outcomes(world)
    assert await count(world, "lounges") == found.total() == ROUNDS
    approvals = sum(number for (status, *_), number in found.items() if status == "approved")
    assert await count(world, "notifications", "type = 'lounge_request_approved'") == approvals
    assert await count(world, "audit_log", "action = 'lounge_request.approved'") == approvals


async def test_of_ten_requests_at_once_five_are_open(committed_world: World) -> None:
    member = await committed_world.member()
    forms = [{"name": f"部屋{i}", "description": "話す"} for i in range(10)]
    answers = await asyncio.gather(*[member.post("/lounge-requests", json=f) for f in forms])
    assert Counter(a.status_code for a in answers) == {201: 5, 409: 5}
    assert await count(committed_world, "lounge_requests") == 5


async def test_of_three_requests_for_a_name_at_once_one_wins_fifty_times(
    committed_world: World,
) -> None:
    members: list[Api] = [await committed_world.member() for _ in range(3)]
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
                # Makes the name free for the next round.
                path = f"/lounge-requests/{answer.json()['id']}"
                expect(await member.delete(path), 204)
            else:
                expect(answer, 409, "lounge_name_taken")
    assert await count(committed_world, "lounge_requests") == ROUNDS
