"""Who may see, write, change and delete comments."""

import pytest

from tests.support.api import expect
from tests.support.counts import wrong_counts
from tests.support.lists import comment_count, comments
from tests.support.moderating import ban
from tests.support.sql import sql
from tests.support.world import World

ENDED, USERS = "UPDATE user_sessions SET ended_at = now()", "UPDATE users SET"
REFUSED_CALLERS = {
    "a session that has ended": (ENDED, 401, "session_revoked"),
    "a user who is suspended": (f"{USERS} status = 'suspended'", 403, "account_suspended"),
    "a guest": (f"{USERS} role = 'guest'", 403, "guest_not_allowed"),
    "a user without terms": (f"{USERS} terms_version = NULL", 403, "terms_required"),
}


@pytest.mark.parametrize("case", REFUSED_CALLERS)
async def test_who_may_not_comment_learns_nothing_else(world: World, case: str) -> None:
    """The caller is refused before the form, the key and the post are looked at."""
    change, status, code = REFUSED_CALLERS[case]
    world.configure(terms_version="2")
    author = await world.member()
    expect(await author.patch("/users/me", json={"terms_version": "2"}), 200)
    post = await world.post(author)
    path = f"/posts/{post['id']}/comments"
    expect(await author.post(path, json={"body": "前"}, key="k"), 201)
    await sql(world, change)
    for form in ({"body": "前"}, {"body": "別"}, {"body": ""}, {}):
        expect(await author.post(path, json=form, key="k"), status, code)
    expect(await author.post(f"/posts/{author.id}/comments", json={"body": "前"}), status, code)
    expect(await author.post("/posts/x/comments", json={"body": "前"}), status, code)
    expect(await author.post(path, json={"body": "前"}, key="k" * 256), status, code)


@pytest.mark.parametrize("turn", ["hide", "hold"])
@pytest.mark.parametrize("has_reply", [False, True])
async def test_authors_delete_what_they_wrote_below_a_post_that_they_cannot_see(
    world: World, turn: str, has_reply: bool
) -> None:
    author, reader, other = await world.member(), await world.member(), await world.member()
    post = await world.post(author)
    thread = await world.comment(other, post)
    reply = await world.comment(reader, post, "返信", thread)
    comment = await world.comment(reader, post)
    if has_reply:
        await world.comment(other, post, "返信", comment)
    if turn == "hide":
        await world.hide_post(post)
    else:
        await ban(await world.admin(), "禁句")
        expect(await author.patch(f"/posts/{post['id']}", json={"body": "禁句"}), 200)
    for own in (comment, reply):
        path = f"/comments/{own['id']}"
        tag = {"If-Match": '"00000000.0"'}
        expect(await reader.delete(path, headers=tag), 412, "precondition_failed")
        expect(await other.delete(path), 404, "comment_not_found")
        expect(await author.delete(path), 403 if turn == "hold" else 404)
        expect(await reader.delete(path), 204)
        expect(await reader.delete(path), 404, "comment_not_found")
        expect(await reader.get(path), 404, "comment_not_found")
        expect(await reader.patch(path, json={"body": "x"}), 404, "comment_not_found")
    assert await wrong_counts(world) == []
    export = expect(await reader.get("/users/me/export"), 200)
    assert export["comments"] == []
    await world.restore_post(post)
    listed = await comments(other, post)
    assert [each["deleted"] for each in listed] == [False, *[True] * has_reply]
    assert await comment_count(other, post) == 1 + has_reply
    assert await wrong_counts(world) == []
