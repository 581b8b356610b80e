"""Finding posts, comments and users by text, id or address, in any state."""

from itertools import product
from random import Random
from typing import Any

import pytest

from app.comment.repository import finding as statements
from app.core.sql import search
from app.post.repository import search as post_search
from tests.support.api import UNKNOWN_ID, Api, expect
from tests.support.lists import walk
from tests.support.moderating import hold_comment
from tests.support.sql import sql
from tests.support.world import World

HIDE = {"reason": "規約違反のため"}


async def found(admin: Api, kind: str, **params: Any) -> list[str]:
    return [item["id"] for item in await walk(admin, f"/admin/{kind}", **params)]


async def states(admin: Api, kind: str, **params: Any) -> dict[str, str]:
    items = await walk(admin, f"/admin/{kind}", **params)
    return {item["id"]: item["moderation"] for item in items}


async def test_posts_are_found_by_words_in_any_state_but_deleted(world: World) -> None:
    admin, author = await world.admin(), await world.member()
    shown = await world.post(author, title="紅茶の時間")
    hidden = await world.post(author, body="ｺｳﾁｬ、コウチャ")
    held = await world.post(author, body="コウチャを売ります")
    deleted = await world.post(author, title="コウチャ")
    expect(await admin.post(f"/admin/posts/{hidden['id']}/hide", json=HIDE), 204)
    await sql(world, "UPDATE posts SET moderation = 'held' WHERE id::text = :id", id=held["id"])
    expect(await author.delete(f"/posts/{deleted['id']}"), 204)
    every = {shown["id"]: "visible", hidden["id"]: "hidden", held["id"]: "held"}
    assert await states(admin, "posts") == every
    assert list(await states(admin, "posts")) == sorted(every, reverse=True)
    assert await found(admin, "posts", q="コウチャ") == [held["id"], hidden["id"]]
    assert await found(admin, "posts", q="ｺｳﾁｬ 売") == [held["id"]]
    assert await found(admin, "posts", q="紅茶") == [shown["id"]]
    for state in ("visible", "held", "hidden"):
        (one,) = [id_ for id_, is_ in every.items() if is_ == state]
        assert await found(admin, "posts", moderation=state) == [one]
    (post,) = await admin.items("/admin/posts", q="紅茶")
    assert (post["lounge"], post["author"]["id"]) == (shown["lounge"], author.id)


async def test_comments_are_found_by_words_in_any_state_but_deleted(world: World) -> None:
    admin, author = await world.admin(), await world.member()
    post = await world.post(author)
    shown = await world.comment(author, post, "紅茶がいい")
    hidden = await world.comment(author, post, "ＣＯＦＦＥＥがいい")
    held = await world.comment(author, post, "Coffee?", parent=shown)
    deleted = await world.comment(author, post, "coffee")
    expect(await admin.post(f"/admin/comments/{hidden['id']}/hide", json=HIDE), 204)
    await hold_comment(world, held)
    expect(await author.delete(f"/comments/{deleted['id']}"), 204)
    every = {shown["id"]: "visible", hidden["id"]: "hidden", held["id"]: "held"}
    assert await states(admin, "comments") == every
    assert await found(admin, "comments", q="coffee") == [held["id"], hidden["id"]]
    assert await found(admin, "comments", q="coffee いい") == [hidden["id"]]
    assert await found(admin, "comments", moderation="held") == [held["id"]]
    (comment,) = await admin.items("/admin/comments", q="紅茶")
    assert (comment["lounge"], comment["post_id"]) == (post["lounge"], post["id"])
    # With their post they are gone.
    expect(await author.delete(f"/posts/{post['id']}"), 204)
    assert await found(admin, "comments") == []


async def test_an_author_and_a_lounge_narrow_both_lists(world: World) -> None:
    admin, one, other = await world.admin(), await world.member(), await world.member()
    here, there = await world.lounge(), await world.lounge()
    mine, elsewhere = await world.post(one, here), await world.post(one, there)
    others = await world.post(other, here)
    comment = await world.comment(one, others)
    answer = await world.comment(other, elsewhere)
    await world.hide_post(mine)
    assert await found(admin, "posts", author_id=one.id) == [elsewhere["id"], mine["id"]]
    assert await found(admin, "posts", lounge_id=here["id"]) == [others["id"], mine["id"]]
    both = {"author_id": one.id, "lounge_id": here["id"]}
    assert await found(admin, "posts", **both) == [mine["id"]]
    assert await found(admin, "posts", **both, q="本文") == [mine["id"]]
    assert await found(admin, "comments", author_id=one.id) == [comment["id"]]
    assert await found(admin, "comments", lounge_id=there["id"]) == [answer["id"]]
    assert await found(admin, "comments", **both, q="コメント") == [comment["id"]]
    assert await found(admin, "comments", author_id=UNKNOWN_ID) == []


async def test_no_filter_misses_a_post_or_finds_one_twice(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Short steps, and no or enough time: each page ends in a walk, between slices, or in one.
    draw = Random(7)
    admin, authors = await world.admin(), [await world.member() for _ in range(2)]
    lounges = [await world.lounge() for _ in range(2)]
    made = [
        await world.post(draw.choice(authors), lounges[draw.random() < 0.05 or number < 4])
        for number in range(90)
    ]
    change = "UPDATE posts SET moderation = :state WHERE id::text = :id"
    for post in made:
        if (state := draw.choice(["visible", "visible", "hidden", "held"])) != "visible":
            await sql(world, change, state=state, id=post["id"])
    every = await sql(world, "SELECT * FROM posts ORDER BY id DESC")
    monkeypatch.setattr(post_search, "STEP", 5)
    monkeypatch.setattr(post_search, "LONG_STEP", 9)
    for budget, lounge_id, moderation in product(
        (0, 60), (None, *(each["id"] for each in lounges)), (None, "visible", "hidden", "held")
    ):
        author_id, q = draw.choice([None, None, authors[0].id]), draw.choice([None, "本文"])
        monkeypatch.setattr(post_search, "BUDGET_SECONDS", budget)
        chosen = {"lounge_id": lounge_id, "author_id": author_id, "moderation": moderation}
        chosen = {name: value for name, value in chosen.items() if value is not None}
        wanted = [
            str(row["id"])
            for row in every
            if all(str(row[name]) == value for name, value in chosen.items())
        ]
        asked = chosen | ({} if q is None else {"q": q})
        assert await found(admin, "posts", **asked) == wanted, (budget, asked)


async def test_an_id_and_the_address_of_a_link_find_their_thing(world: World) -> None:
    admin, author = await world.admin(), await world.member()
    post = await world.post(author)
    comment = await world.comment(author, post)
    await world.hide_comment(comment)
    for query in (post["id"], post["id"].upper(), post["url"], f" {post['url']}?utm=x "):
        assert await found(admin, "posts", q=query) == [post["id"]], query
        assert await found(admin, "comments", q=query) == []
    for query in (comment["id"], comment["url"]):
        assert await found(admin, "comments", q=query) == [comment["id"]], query
    assert await found(admin, "posts", q=comment["url"]) == [post["id"]]
    assert await found(admin, "posts", q=UNKNOWN_ID) == []
    assert await found(admin, "posts", q=post["id"], moderation="hidden") == []
    assert await found(admin, "comments", q=comment["url"], moderation="hidden") == [comment["id"]]


async def test_a_user_is_found_by_id(world: World) -> None:
    admin, member = await world.admin(), await world.member()
    assert await found(admin, "users", q=member.id) == [member.id]
    assert await found(admin, "users", q=member.id, role="admin") == []
    assert await found(admin, "users", q=member.email.partition("@")[0]) == [member.id]
    assert await found(admin, "users", q=UNKNOWN_ID) == []


async def test_a_search_for_comments_stops_after_its_time_and_goes_on_from_there(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    admin, author = await world.admin(), await world.member()
    post = await world.post(author)
    made = [await world.comment(author, post, f"{number} 番") for number in range(7)]
    monkeypatch.setattr(statements, "STEP", 2)
    monkeypatch.setattr(search, "BUDGET_SECONDS", 0)
    statements._walk.cache_clear()
    first = expect(await admin.get("/admin/comments", params={"q": "0 番"}), 200)
    assert first["items"] == []
    assert first["next_cursor"]
    assert await found(admin, "comments", q="0 番") == [made[0]["id"]]
    assert await found(admin, "comments") == [comment["id"] for comment in reversed(made)]
    statements._walk.cache_clear()
