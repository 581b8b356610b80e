"""Leaving while suspended, with all that one wrote hidden: others' replies come back."""

import pytest

from app.api import JOBS
from tests.support.api import expect
from tests.support.changes import Follower
from tests.support.counts import wrong_counts
from tests.support.jobs import run_jobs
from tests.support.leaving import link_of, page
from tests.support.world import World

HIDE = {"status": "suspended", "hide_content": True, "reason": "規約違反"}


@pytest.mark.parametrize("much", [False, True])
async def test_replies_stay_below_the_placeholder(
    world: World, much: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    admin, author, leaver, other = [await world.admin(), *[await world.member() for _ in range(3)]]
    post = await world.post(author)
    answered = await world.comment(leaver, post)
    reply = await world.comment(other, post, parent=answered)
    await world.comment(leaver, post, parent=await world.comment(other, post))
    await world.comment(leaver, post)
    expect(await admin.patch(f"/admin/users/{leaver.id}", json=HIDE), 200)
    await run_jobs(world, JOBS)
    assert (await author.get(f"/comments/{reply['id']}")).status_code == 404
    assert (await author.get(f"/posts/{post['id']}")).json()["comment_count"] == 1
    follower = await Follower(author, f"post:{post['id']}").start()
    if much:
        monkeypatch.setattr("app.comment.service.author_content.DELETED_AT_ONCE", 1)

    await page(world, "POST", "/account/delete", data={"email": leaver.email})
    await run_jobs(world, JOBS)
    form = {"token": link_of(world.mailer, "/account/delete/confirm").partition("token=")[2]}
    await page(world, "POST", "/account/delete/confirm", data=form)
    await run_jobs(world, JOBS)

    place, _ = await author.items(f"/posts/{post['id']}/comments")
    assert (place["id"], place["deleted"], place["reply_count"]) == (answered["id"], True, 1)
    assert (place["author"]["id"], place["body"]) == (None, "")
    assert (await author.get(f"/comments/{reply['id']}")).status_code == 200
    assert (await author.get(f"/posts/{post['id']}")).json()["comment_count"] == 2
    told = await follower.look()
    assert answered["id"] in {change.get("id") for change in told if "put" in change}
    assert "reload" in {change["kind"] for change in told}
    assert await wrong_counts(world) == []
