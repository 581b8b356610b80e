"""Every column that counts rows: a recount finds what is wrong, and mends it while others write."""

from uuid import UUID

import pytest

from app.api import COUNTS
from app.core.counts import Count, mend
from tests.post.helpers import sql
from tests.support.api import expect
from tests.support.counts import wrong_counts
from tests.support.world import World

pytestmark = pytest.mark.anyio


async def counted_world(world: World) -> None:
    """One row at least of whatever is counted."""
    author, reader = await world.member(), await world.member()
    post = await world.post(author)
    top = await world.comment(reader, post)
    await world.comment(author, post, "返信", top)
    expect(await reader.put(f"/posts/{post['id']}/like"), 204)
    expect(await reader.put(f"/lounges/{post['lounge']['id']}/favorite"), 204)
    report = {"target_type": "post", "target_id": post["id"], "reason": "spam"}
    expect(await reader.post("/reports", json=report), 201)


@pytest.mark.parametrize("count", COUNTS, ids=lambda count: count.kind)
async def test_a_wrong_count_is_found_and_mended(world: World, count: Count) -> None:
    for _ in range(2):
        await counted_world(world)
    assert await wrong_counts(world) == []
    table, column = count.kind.split(".")
    wrong = "now()" if column == "last_posted_at" else f"{column} + 2"
    await sql(world, f"UPDATE {table} SET {column} = {wrong}")
    found = await wrong_counts(world)
    assert found
    assert {one.kind for one in found} == {count.kind}
    async with world.runtime.unit_of_work() as ctx:
        mended = [await mend(ctx.session, count, one.id) for one in found]
        assert await mend(ctx.session, count, UUID(int=0)) is None
        assert await mend(ctx.session, count, found[0].id) is None
    assert mended == found
    assert await wrong_counts(world) == []
