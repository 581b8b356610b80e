"""A second tap on the button that warns: it answers with the first warning, and notifies nobody."""

import asyncio
from typing import Any

from tests.support.api import Api, expect
from tests.support.races import holding, start, until_waiting
from tests.support.sql import count
from tests.support.world import World

WHY = {"reason": "規約違反のため"}


async def warn(admin: Api, user: Api, status: int, **fields: Any) -> dict[str, Any]:
    answer = await admin.post(f"/admin/users/{user.id}/warn", json={**WHY, **fields})
    return dict(expect(answer, status))


async def warnings_of(admin: Api, user: Api) -> tuple[int, int]:
    """How many warnings count, and how many the user was notified of."""
    told = [item for item in await user.items("/notifications") if item["type"] == "warning"]
    return (await admin.get(f"/admin/users/{user.id}")).json()["warning_count"], len(told)


async def test_the_same_warning_within_a_minute_is_the_first_one(world: World) -> None:
    admin, user = await world.admin(), await world.member()
    post = await world.post(user)
    about = {"target_type": "post", "target_id": post["id"]}
    first = await warn(admin, user, 201)
    first_about = await warn(admin, user, 201, **about)
    assert await warn(admin, user, 200) == first
    assert await warn(admin, user, 200, **about) == first_about
    assert await warnings_of(admin, user) == (2, 2)
    log = await admin.items("/admin/audit-log")
    assert [entry["action"] for entry in log] == ["user.warned"] * 2
    world.clock.advance(seconds=61)
    assert (await warn(admin, user, 201))["id"] != first["id"]
    assert await warnings_of(admin, user) == (3, 3)


async def test_another_warning_is_a_new_one(world: World) -> None:
    admin, other, user = await world.admin(), await world.admin(), await world.member()
    posts = [await world.post(user) for _ in range(2)]
    about = [{"target_type": "post", "target_id": post["id"]} for post in posts]
    await warn(admin, user, 201)
    await warn(other, user, 201)
    await warn(admin, user, 201, reason="別の理由")
    for each in about:
        await warn(admin, user, 201, **each)
    await warn(admin, await world.member(), 201)
    assert await warnings_of(admin, user) == (5, 5)


async def test_a_warning_that_was_withdrawn_can_be_given_again(world: World) -> None:
    admin, user = await world.admin(), await world.member()
    await warn(admin, user, 201)
    (told,) = await user.items("/notifications")
    form = {"notification_id": told["id"], "text": "誤解です"}
    appeal = expect(await user.post("/appeals", json=form), 201)
    path = f"/admin/appeals/{appeal['id']}/decide"
    expect(await admin.post(path, json={"decision": "overturn"}), 200)
    await warn(admin, user, 201)
    assert (await admin.get(f"/admin/users/{user.id}")).json()["warning_count"] == 1


async def test_of_two_taps_at_once_one_warns(committed_world: World) -> None:
    world = committed_world
    admin, user = await world.admin(), await world.member()
    path = f"/admin/users/{user.id}/warn"
    lock = "SELECT id FROM users WHERE id = CAST(:id AS uuid) FOR NO KEY UPDATE"
    async with holding(world, lock, id=user.id):
        calls = [start(admin.post(path, json=WHY, key=key)) for key in (None, "b")]
        await until_waiting(world, 2)
    answers = await asyncio.gather(*calls)
    assert sorted(answer.status_code for answer in answers) == [200, 201]
    assert answers[0].json() == answers[1].json()
    assert await warnings_of(admin, user) == (1, 1)
    assert await count(world, "user_warnings") == 1
    # The key has its own answer.
    replayed = await admin.post(path, json=WHY, key="b")
    assert (replayed.status_code, replayed.json()) == (answers[1].status_code, answers[1].json())
