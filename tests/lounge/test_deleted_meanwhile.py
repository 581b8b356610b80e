"""A lounge whose opening an admin takes back while a user marks it or looks at it."""

import pytest

from tests.support.api import expect
from tests.support.races import holding, start, until_waiting
from tests.support.world import World


@pytest.mark.parametrize(
    ("method", "path", "form"),
    [
        ("GET", "", {}),
        ("PUT", "/favorite", {}),
        ("PUT", "/notifications", {"json": {"level": "all"}}),
    ],
    ids=["look", "favorite", "notifications"],
)
async def test_a_lounge_that_is_deleted_at_that_moment_is_not_found(
    committed_world: World, method: str, path: str, form: dict[str, object]
) -> None:
    world = committed_world
    reader, lounge = await world.member(), await world.lounge()
    async with holding(world, f"DELETE FROM lounges WHERE id = '{lounge['id']}' RETURNING id"):
        call = start(reader.call(method, f"/lounges/{lounge['id']}{path}", **form))
        await until_waiting(world, 1)
    expect(await call, 404, "lounge_not_found")
