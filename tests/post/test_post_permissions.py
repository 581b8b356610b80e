"""Who may see, write, change and delete posts."""

from typing import Any

from app.post.rows import Post
from tests.support.api import OK, UNKNOWN_ID, Api, expect, outcome
from tests.support.lists import check, posts
from tests.support.sql import count, sql
from tests.support.world import World, picture

WORDS = {"title": "題", "body": "文"}
HELD = "UPDATE posts SET moderation = 'held' WHERE id = :id"


async def posts_out_of_sight(
    world: World, author: Api, reader: Api, lounge: dict[str, Any]
) -> list[str]:
    """The ids of posts that the reader may not see, one of each kind."""
    hidden = await world.post(author, lounge)
    await world.hide_post(hidden)
    held = await world.post(author, lounge)
    await sql(world, HELD, id=held["id"])
    deleted = await world.post(author, lounge)
    expect(await author.delete(f"/posts/{deleted['id']}"), 204)
    blocked = await world.member()
    of_blocked = await world.post(blocked, lounge)
    expect(await reader.put(f"/users/{blocked.id}/block"), 204)
    assert await posts(blocked, "/users/me/posts") == [of_blocked["id"]]
    assert await posts(reader, f"/users/{blocked.id}/posts") == []
    return [post["id"] for post in (hidden, held, deleted, of_blocked)]


async def test_another_users_post_can_be_read_but_neither_changed_nor_deleted(
    world: World,
) -> None:
    author, other = await world.member(), await world.member()
    post = await world.post(author)
    path = f"/posts/{post['id']}"
    expect(await other.patch(path, json={"title": "乗っ取り"}), 403, "not_author")
    expect(await other.delete(path), 403, "not_author")
    assert expect(await other.get(path), 200) == post
    assert expect(await author.patch(path, json={"title": "新題"}), 200)["title"] == "新題"
    expect(await author.delete(path), 204)


async def test_a_post_that_the_caller_may_not_see_is_not_found_by_any_route(world: World) -> None:
    author, reader = await world.member(), await world.member()
    lounge = await world.lounge()
    seen = await world.post(author, lounge)
    expect(await reader.put(f"/posts/{seen['id']}/like"), 204)
    unseen = await posts_out_of_sight(world, author, reader, lounge)
    for post_id in [*unseen, UNKNOWN_ID]:
        path = f"/posts/{post_id}"
        for method, url, how in [
            ("GET", path, {}),
            ("PATCH", path, {"json": {"title": "他"}}),
            ("DELETE", path, {}),
            ("PUT", f"{path}/like", {}),
            ("PUT", f"{path}/mute", {}),
        ]:
            expect(await reader.call(method, url, **how), 404, "post_not_found")
        # A mark can be taken from what the reader has blocked themselves.
        wanted = OK if post_id == unseen[-1] else "post_not_found"
        for mark in ("like", "mute", "watch"):
            assert outcome(await reader.delete(f"{path}/{mark}")) == wanted
        expect(await reader.get(f"/posts/{post_id}/comments"), 404)
    for path, params in [
        ("/posts", {}),
        ("/posts", {"lounge_id": lounge["id"]}),
        ("/posts", {"q": "本文です"}),
        (f"/lounges/{lounge['id']}/posts", {}),
        ("/users/me/likes", {}),
        (f"/users/{author.id}/posts", {}),
    ]:
        assert await posts(reader, path, **params) == [seen["id"]], path
    assert await count(world, "post_likes") == 1
    assert await count(world, "post_mutes") == 0


async def test_a_suspended_user_can_read_but_not_write(world: World) -> None:
    author = await world.member()
    post = await world.post(author)
    path = f"/posts/{post['id']}"
    status = "UPDATE users SET status = :status WHERE id = :id"
    calls: list[tuple[str, str, dict[str, Any]]] = [
        ("POST", "/posts", {"json": {"lounge_id": post["lounge"]["id"], **WORDS}}),
        ("PATCH", path, {"json": {"title": "新"}}),
        ("PUT", f"{path}/like", {}),
        ("DELETE", f"{path}/like", {}),
        ("PUT", f"{path}/mute", {}),
        ("DELETE", f"{path}/mute", {}),
        ("DELETE", path, {}),
    ]
    await sql(world, status, status="suspended", id=author.id)
    for method, url, how in calls:
        expect(await author.call(method, url, **how), 403, "account_suspended")
    assert expect(await author.get(path), 200) == post
    assert await count(world, "posts") == 1
    await sql(world, status, status="active", id=author.id)
    for method, url, how in calls:
        assert (await author.call(method, url, **how)).is_success


async def test_a_user_who_has_not_accepted_the_terms_cannot_publish(world: World) -> None:
    author = await world.member()
    post = await world.post(author)
    path = f"/posts/{post['id']}"
    runtime = world.runtime
    runtime.settings = runtime.settings.model_copy(update={"terms_version": "2"})
    shown: list[tuple[str, str, dict[str, Any]]] = [
        ("POST", "/posts", {"json": {"lounge_id": post["lounge"]["id"], **WORDS}}),
        ("PATCH", path, {"json": {"title": "新"}}),
        ("PUT", f"{path}/like", {}),
        ("POST", "/images", {"files": {"file": ("a", picture())}}),
    ]
    for method, url, how in shown:
        expect(await author.call(method, url, **how), 403, "terms_required")
    assert await count(world, "posts") == 1
    for method, url in [("GET", path), ("DELETE", f"{path}/like"), ("PUT", f"{path}/mute")]:
        assert (await author.call(method, url)).is_success
    assert (await author.delete(f"{path}/mute")).is_success
    expect(await author.patch("/users/me", json={"terms_version": "2"}), 200)
    for method, url, how in shown:
        assert (await author.call(method, url, **how)).is_success
    expect(await author.delete(path), 204)


async def test_a_malformed_id_is_not_found_in_a_path_and_wrong_in_a_query(world: World) -> None:
    api = await world.member()
    post = await world.post(api)
    for spelled in ["x", "0", post["id"].upper(), f"{{{post['id']}}}", post["id"].replace("-", "")]:
        expect(await api.get(f"/posts/{spelled}"), 404)
        expect(await api.delete(f"/posts/{spelled}"), 404)
        for name in ["lounge_id", "author_id"]:
            body = expect(await api.get("/posts", params={name: spelled}), 422)
            assert [error["field"] for error in body["errors"]] == [f"query.{name}"]
    assert await posts(api) == [post["id"]]


async def test_only_the_author_sees_a_held_post_and_no_user_a_hidden_post(world: World) -> None:
    author, reader = await world.member(), await world.member()
    post = await world.post(author)
    path = f"/posts/{post['id']}"
    await sql(world, HELD, id=post["id"])
    held = expect(await author.get(path), 200)
    check(Post, held)
    assert held == post | {"moderation": "held"}
    assert await posts(author) == await posts(author, "/users/me/posts") == [post["id"]]
    assert await posts(author, q="本文") == [post["id"]]
    changed = expect(await author.patch(path, json={"title": "直した"}), 200)
    assert (changed["title"], changed["moderation"]) == ("直した", "held")
    expect(await reader.get(path), 404)
    await world.restore_post(post)
    assert expect(await reader.get(path), 200)["moderation"] == "visible"
    await world.hide_post(post)
    expect(await author.get(path), 404)
    expect(await author.patch(path, json={"title": "x"}), 404, "post_not_found")
    expect(await author.delete(path), 404, "post_not_found")
    assert await posts(author, "/users/me/posts") == []
