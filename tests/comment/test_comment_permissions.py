"""Who may see, write, change and delete comments."""

from typing import Any

import pytest

from tests.support.api import Api, expect
from tests.support.counts import wrong_counts
from tests.support.lists import comment_count, comments
from tests.support.moderating import ban, hold_comment
from tests.support.sql import count, sql
from tests.support.world import World

ROUTES = [
    ("GET", "/posts/{post}/comments", None),
    ("POST", "/posts/{post}/comments", {"body": "やあ"}),
    ("PATCH", "/comments/{comment}", {"body": "直しました"}),
    ("DELETE", "/comments/{comment}", None),
    ("GET", "/users/me/comments", None),
]


# Kinds of callers


@pytest.mark.parametrize(("method", "path", "body"), ROUTES)
async def test_every_route_needs_a_sign_in(
    world: World, method: str, path: str, body: dict[str, str] | None
) -> None:
    author = await world.member()
    post = await world.post(author)
    comment = await world.comment(author, post)
    url = path.format(post=post["id"], comment=comment["id"])
    refused = await world.anonymous().call(method, url, json=body)
    expect(refused, 401, "not_authenticated")
    assert refused.headers["www-authenticate"].startswith("Bearer")
    assert (await comments(author, post))[0]["body"] == comment["body"]
    assert (await author.call(method, url, json=body)).is_success


async def test_a_guest_can_read_but_not_write(world: World) -> None:
    author, guest = await world.member(), await world.guest()
    post = await world.post(author)
    comment = await world.comment(author, post)
    assert [listed["id"] for listed in await comments(guest, post)] == [comment["id"]]
    assert await guest.items("/users/me/comments") == []
    for method, path, body in ROUTES:
        if method != "GET":
            url = path.format(post=post["id"], comment=comment["id"])
            expect(await guest.call(method, url, json=body), 403, "guest_not_allowed")
            assert (await author.call(method, url, json=body)).is_success


async def test_a_user_who_has_not_accepted_the_terms_may_delete_but_not_publish(
    world: World,
) -> None:
    author = await world.member()
    post = await world.post(author)
    comment = await world.comment(author, post)
    world.configure(terms_version="2")
    form = {"body": "新しい言葉"}
    path = f"/posts/{post['id']}/comments"
    expect(await author.post(path, json=form), 403, "terms_required")
    expect(await author.patch(f"/comments/{comment['id']}", json=form), 403, "terms_required")
    assert [listed["body"] for listed in await comments(author, post)] == [comment["body"]]
    expect(await author.patch("/users/me", json={"terms_version": "2"}), 200)
    expect(await author.patch(f"/comments/{comment['id']}", json=form), 200)
    world.configure(terms_version="3")
    expect(await author.delete(f"/comments/{comment['id']}"), 204)


REFUSED_CALLERS = {
    "a session that has ended": (
        "UPDATE user_sessions SET ended_at = now() WHERE user_id = CAST(:id AS uuid)",
        401,
        "session_revoked",
    ),
    "a user who is suspended": (
        "UPDATE users SET status = 'suspended' WHERE id = CAST(:id AS uuid)",
        403,
        "account_suspended",
    ),
    "a guest": (
        "UPDATE users SET role = 'guest' WHERE id = CAST(:id AS uuid)",
        403,
        "guest_not_allowed",
    ),
    "a user without terms": (
        "UPDATE users SET terms_version = NULL WHERE id = CAST(:id AS uuid)",
        403,
        "terms_required",
    ),
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
    await sql(world, change, id=author.id)
    for form in ({"body": "前"}, {"body": "別"}, {"body": ""}, {}):
        expect(await author.post(path, json=form, key="k"), status, code)
    expect(await author.post(f"/posts/{author.id}/comments", json={"body": "前"}), status, code)
    expect(await author.post("/posts/x/comments", json={"body": "前"}), status, code)
    expect(await author.post(path, json={"body": "前"}, key="k" * 256), status, code)


# A post that the caller cannot see


async def delete_post(world: World, author: Api, reader: Api, post: dict[str, Any]) -> None:
    expect(await author.delete(f"/posts/{post['id']}"), 204)


async def hide_post(world: World, author: Api, reader: Api, post: dict[str, Any]) -> None:
    await world.hide_post(post)


async def mute_post(world: World, author: Api, reader: Api, post: dict[str, Any]) -> None:
    expect(await reader.put(f"/posts/{post['id']}/mute"), 204)


async def block_author(world: World, author: Api, reader: Api, post: dict[str, Any]) -> None:
    expect(await reader.put(f"/users/{author.id}/block"), 204)


@pytest.mark.parametrize(
    ("vanish", "own_comment_stays"),
    [(delete_post, False), (hide_post, False), (mute_post, True), (block_author, True)],
)
async def test_a_post_that_the_caller_cannot_see_takes_no_comments(
    world: World, vanish: Any, own_comment_stays: bool
) -> None:
    author, reader = await world.member(), await world.member()
    post = await world.post(author)
    comment = await world.comment(reader, post)
    path, form = f"/posts/{post['id']}/comments", {"body": "まだ見えます"}
    expect(await reader.post(path, json=form), 201)
    expect(await reader.patch(f"/comments/{comment['id']}", json=form), 200)
    assert len(await comments(reader, post)) == 2

    await vanish(world, author, reader, post)

    before = await count(world, "comments")
    expect(await reader.get(path), 404, "post_not_found")
    expect(await reader.get(path, params={"parent_id": comment["id"]}), 404, "post_not_found")
    expect(await reader.post(path, json=form), 404, "post_not_found")
    assert await count(world, "comments") == before
    if own_comment_stays:
        return  # What can be done to it has tests in tests/test_visibility.py.
    expect(await reader.patch(f"/comments/{comment['id']}", json=form), 404, "comment_not_found")
    deleted = await reader.delete(f"/comments/{comment['id']}")
    # Its author can still delete it, though they can't read it.
    expect(deleted, 204)
    expect(await reader.delete(f"/comments/{comment['id']}"), 404, "comment_not_found")
    assert await reader.items("/users/me/comments") == []


async def test_a_blocked_user_can_comment_and_the_blocker_does_not_see_it(
    world: World,
) -> None:
    author, troll, reader = await world.member(), await world.member(), await world.member()
    post = await world.post(author)
    before = await world.comment(troll, post, "前")
    expect(await author.put(f"/users/{troll.id}/block"), 204)
    after = await world.comment(troll, post, "後")
    assert await comments(author, post) == []
    for api in (troll, reader):
        assert [comment["id"] for comment in await comments(api, post)] == [
            before["id"],
            after["id"],
        ]
    for api in (author, troll, reader):
        assert await comment_count(api, post) == 2
    assert len(await troll.items("/users/me/comments")) == 2
    expect(await author.delete(f"/users/{troll.id}/block"), 204)
    assert len(await comments(author, post)) == 2


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


# A comment of another user


async def test_only_the_author_changes_or_deletes_a_comment(world: World) -> None:
    author, reader, admin = await world.member(), await world.member(), await world.admin()
    post = await world.post(author)
    comment = await world.comment(reader, post, "前")
    path = f"/comments/{comment['id']}"
    # The post's author and an admin may not do it either: admins hide comments instead.
    for other in (author, admin):
        expect(await other.patch(path, json={"body": "他人"}), 403, "not_author")
        expect(await other.delete(path), 403, "not_author")
    assert await comments(reader, post) == [comment]
    changed = expect(await reader.patch(path, json={"body": "後"}), 200)
    assert changed == {**comment, "body": "後", "updated_at": changed["updated_at"]}
    assert changed["updated_at"] > comment["updated_at"]
    assert await comments(author, post) == [changed]
    assert await comment_count(author, post) == 1


async def test_a_blocked_users_comment_is_not_found_rather_than_forbidden(world: World) -> None:
    author, troll = await world.member(), await world.member()
    post = await world.post(author)
    comment = await world.comment(troll, post)
    path = f"/comments/{comment['id']}"
    expect(await author.patch(path, json={"body": "x"}), 403, "not_author")
    expect(await author.delete(path), 403, "not_author")
    expect(await author.put(f"/users/{troll.id}/block"), 204)
    expect(await author.patch(path, json={"body": "x"}), 404, "comment_not_found")
    expect(await author.delete(path), 404, "comment_not_found")


# A comment that an admin hides, or that is held


async def test_a_hidden_comment_is_hidden_from_its_author_until_restored(world: World) -> None:
    author, reader = await world.member(), await world.member()
    post = await world.post(author)
    comment = await world.comment(reader, post)
    path = f"/comments/{comment['id']}"
    await world.hide_comment(comment)
    for api in (author, reader):
        assert await comments(api, post) == []
        expect(await api.patch(path, json={"body": "x"}), 404, "comment_not_found")
        expect(await api.delete(path), 404, "comment_not_found")
    assert await reader.items("/users/me/comments") == []
    assert await comment_count(author, post) == 0
    await world.restore_comment(comment)
    assert await comments(author, post) == [comment]
    assert await comment_count(author, post) == 1
    expect(await reader.delete(path), 204)


async def test_only_its_author_sees_and_changes_a_held_comment(world: World) -> None:
    author, reader = await world.member(), await world.member()
    post = await world.post(author)
    comment = await world.comment(reader, post)
    assert await comments(author, post) == [comment]
    await hold_comment(world, comment)
    assert await comments(author, post) == []
    assert await comments(reader, post) == [comment | {"moderation": "held"}]
    assert await reader.ids("/users/me/comments") == [comment["id"]]
    path = f"/comments/{comment['id']}"
    expect(await author.patch(path, json={"body": "x"}), 404, "comment_not_found")
    expect(await reader.patch(path, json={"body": "直した"}), 200)
