"""A mark can be taken from a post that the caller has muted, or whose author they have blocked."""

from typing import Any

import pytest

from app.post.models import POST_MARKS
from tests.support.api import Api, expect
from tests.support.moderating import report
from tests.support.sql import count
from tests.support.world import World


async def put_away(how: str, api: Api, post: dict[str, Any], author: Api) -> None:
    path = f"/users/{author.id}/block" if how == "block" else f"/posts/{post['id']}/mute"
    expect(await api.put(path), 204)
    expect(await api.get(f"/posts/{post['id']}"), 404, "post_not_found")


@pytest.mark.parametrize("how", ["block", "mute"])
async def test_marks_end_and_are_not_counted_any_more(world: World, how: str) -> None:
    author, reader = await world.member(), await world.member()
    post = await world.post(author)
    path = f"/posts/{post['id']}"
    marks = [table for table in POST_MARKS if table.mark.field]
    for table in marks:
        expect(await reader.put(f"{path}/{table.mark.act}"), 204)
    await put_away(how, reader, post, author)
    for table in marks:
        for _ in range(2):
            expect(await reader.delete(f"{path}/{table.mark.act}"), 204)
        expect(await reader.put(f"{path}/{table.mark.act}"), 404, "post_not_found")
    assert expect(await author.get(path), 200)["like_count"] == 0
    expect(await reader.delete(f"{path}/mute"), 204)
    for table in POST_MARKS:
        assert await count(world, table.__tablename__) == 0


async def test_what_a_moderator_hid_keeps_its_marks(world: World) -> None:
    author, reader = await world.member(), await world.member()
    post = await world.post(author)
    expect(await reader.put(f"/posts/{post['id']}/like"), 204)
    await world.hide_post(post)
    expect(await reader.delete(f"/posts/{post['id']}/like"), 404, "post_not_found")


@pytest.mark.parametrize("how", ["block", "mute"])
async def test_what_was_put_away_can_still_be_reported(world: World, how: str) -> None:
    author, reader, admin = await world.member(), await world.member(), await world.admin()
    post = await world.post(author)
    comment = await world.comment(author, post, "ひどい言葉")
    reply = await world.comment(author, post, "もっとひどい言葉", parent=comment)
    await put_away(how, reader, post, author)
    for kind, thing in (("post", post), ("comment", comment), ("comment", reply)):
        await report(reader, kind, thing["id"])
    copies = [case["snapshot"]["body"] for case in await admin.items("/admin/reports")]
    assert sorted(copies) == sorted([post["body"], comment["body"], reply["body"]])
    # A placeholder has no words to report.
    expect(await author.delete(f"/comments/{comment['id']}"), 204)
    form = {"target_type": "comment", "target_id": comment["id"], "reason": "spam"}
    expect(await (await world.member()).post("/reports", json=form), 404, "target_not_found")
