"""Requests and their decisions by many at once, with real commits."""

import asyncio
from collections import Counter
from typing import Any

import pytest

from tests.admin.helpers import ask, count
from tests.support.api import Api, expect
from tests.support.world import World

pytestmark = pytest.mark.anyio

ROUNDS = 50


async def test_of_two_admins_who_approve_at_once_one_wins_fifty_times(
    committed_world: World,
) -> None:
    world = committed_world
    member, one, other = await world.member(), await world.admin(), await world.admin()
    before = await count(world, "pgqueuer", "entrypoint = 'notification.send_push'")
    for number in range(1, ROUNDS + 1):
        request = await ask(member)
        path = f"/admin/lounge-requests/{request['id']}/approve"
        answers = await asyncio.gather(one.post(path), other.post(path))
        assert sorted(a.status_code for a in answers) == [200, 409]
        (lost,) = [a for a in answers if a.status_code == 409]
        expect(lost, 409, "already_decided")
        assert await count(world, "lounges") == number
        assert await count(world, "notifications") == number
        jobs = await count(world, "pgqueuer", "entrypoint = 'notification.send_push'")
        assert jobs - before == number
        assert await count(world, "audit_log") == number


async def test_approval_and_withdrawal_at_once_leave_one_decision(committed_world: World) -> None:
    world = committed_world
    member, admin = await world.member(), await world.admin()
    for _ in range(10):
        request = await ask(member)
        answers = await asyncio.gather(
            admin.post(f"/admin/lounge-requests/{request['id']}/approve"),
            member.delete(f"/lounge-requests/{request['id']}"),
        )
        assert Counter(a.is_success for a in answers) == {True: 1, False: 1}
        status = expect(await member.get(f"/lounge-requests/{request['id']}"), 200)["status"]
        lounges = await count(world, "lounges", "name = :name", name=request["name"])
        assert (status, lounges) in (("approved", 1), ("withdrawn", 0))


async def test_of_ten_requests_at_once_five_are_open(committed_world: World) -> None:
    member = await committed_world.member()
    forms = [{"name": f"部屋{i}", "description": "話す"} for i in range(10)]
    answers = await asyncio.gather(*[member.post("/lounge-requests", json=f) for f in forms])
    assert Counter(a.status_code for a in answers) == {201: 5, 409: 5}
    assert await count(committed_world, "lounge_requests") == 5


async def test_of_many_who_ask_for_one_name_at_once_one_may(committed_world: World) -> None:
    members: list[Api] = [await committed_world.member() for _ in range(6)]
    form: dict[str, Any] = {"name": "同じ名前", "description": "話す"}
    answers = await asyncio.gather(*[m.post("/lounge-requests", json=form) for m in members])
    assert Counter(a.status_code for a in answers) == {201: 1, 409: 5}
    for answer in answers:
        if answer.status_code == 409:
            expect(answer, 409, "lounge_name_taken")
