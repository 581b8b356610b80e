"""The log says who has left, so that `linky leave-again` can repeat it after a restore."""

from uuid import UUID

import pytest
from structlog.testing import capture_logs

from app.account.service.leaving import LeavingService
from tests.support.api import expect
from tests.support.world import PASSWORD, World


async def test_who_has_left_is_logged_before_the_erasure(world: World) -> None:
    leaver = await world.member()
    with capture_logs() as logs:
        expect(await leaver.delete("/users/me", json={"password": PASSWORD}), 202)
    (left,) = [line for line in logs if line["event"] == "account_left"]
    assert left["user_id"] == leaver.id


async def test_a_leaving_that_was_rolled_back_is_not_logged(committed_world: World) -> None:
    world = committed_world
    member = await world.member()

    async def leave_and_fail() -> None:
        async with world.runtime.writing() as ctx:
            assert await ctx.service(LeavingService).leave_again(UUID(member.id))
            raise ZeroDivisionError

    with capture_logs() as logs, pytest.raises(ZeroDivisionError):
        await leave_and_fail()
    assert not [line for line in logs if line["event"] == "account_left"]
    expect(await member.get("/users/me"), 200)
