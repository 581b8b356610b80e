"""Writing, reading, changing and deleting comments."""

import pytest
from sqlalchemy import text

from tests.support.api import UNKNOWN_ID, expect
from tests.support.beside import beside
from tests.support.lists import comment_count, comments
from tests.support.moderating import hold_comment
from tests.support.sql import count
from tests.support.world import World

FIELDS = {
    *("id", "post_id", "parent_id", "author", "body", "created_at", "updated_at", "deleted"),
    *("reply_count", "moderation"),
}


# Writing


async def test_a_new_comment_has_every_field_of_the_contract(world: World) -> None:
    author, reader = await world.member(), await world.member("読者")
    post = await world.post(author)
    answer = await reader.post(f"/posts/{post['id']}/comments", json={"body": "いいね"})
    comment = expect(answer, 201)
    assert set(comment) >= FIELDS
    assert comment["author"] == {"id": reader.id, "nickname": "読者", "avatar_url": None}
    assert comment["created_at"].endswith("Z")
    assert comment["post_id"] == post["id"]
    assert comment["parent_id"] is None
    assert (comment["deleted"], comment["reply_count"]) == (False, 0)
    assert await comments(author, post) == [comment]
    assert await comment_count(author, post) == 1
    assert await count(world, "comments") == 1


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("  両端の空白\n", "両端の空白"),
        ("か\u3099き", "がき"),
        ("か\u3099" * 2000, "が" * 2000),
        ("🍵" * 2000, "🍵" * 2000),
        ("一行目\r\n二行目\tタブ", "一行目\n二行目\tタブ"),
        ("<b>&amp;</b>' OR 1=1 --", "<b>&amp;</b>' OR 1=1 --"),
    ],
)
async def test_the_body_is_stored_as_written_in_its_normal_form(
    world: World, sent: str, kept: str
) -> None:
    author = await world.member()
    post = await world.post(author)
    comment = await world.comment(author, post, sent)
    assert comment["body"] == kept
    changed = await author.patch(f"/comments/{comment['id']}", json={"body": sent})
    assert expect(changed, 200)["body"] == kept
    assert (await comments(author, post))[0]["body"] == kept


BAD_BODIES = [
    (b'{"body": ""}', "body.body", "string_too_short"),
    (b'{"body": " \\n "}', "body.body", "string_too_short"),
    (b'{"body": "\\u200b\\u3164"}', "body.body", "string_too_short"),
    (b'{"body": "' + b"a" * 2001 + b'"}', "body.body", "string_too_long"),
    (b'{"body": "a\\u0000b"}', "body.body", "forbidden_character"),
    (b'{"body": "a\\u001bb"}', "body.body", "forbidden_character"),
    (b'{"body": "a\\ud800b"}', "body.body", "forbidden_character"),
    (b'{"body": 1}', "body.body", "string_type"),
    (b'{"body": ["a"]}', "body.body", "string_type"),
    (b'{"body": "a", "role": "admin"}', "body.role", "extra_forbidden"),
    (b'{"body": "a"', "body", "json_invalid"),
]


@pytest.mark.parametrize(("content", "field", "code"), BAD_BODIES)
async def test_a_bad_body_is_refused_by_its_field_and_writes_nothing(
    world: World, content: bytes, field: str, code: str
) -> None:
    author = await world.member()
    post = await world.post(author)
    comment = await world.comment(author, post)
    headers = {"Content-Type": "application/json"}
    calls = [("POST", f"/posts/{post['id']}/comments"), ("PATCH", f"/comments/{comment['id']}")]
    for method, path in calls:
        refused = await author.call(method, path, content=content, headers=headers)
        problem = expect(refused, 422, "validation_failed")
        assert [(error["field"], error["code"]) for error in problem["errors"]] == [(field, code)]
    assert [listed["body"] for listed in await comments(author, post)] == [comment["body"]]
    assert await comment_count(author, post) == 1


# Reading


async def test_comments_are_listed_oldest_first_and_replies_under_their_parent(
    world: World,
) -> None:
    author = await world.member()
    post, other = await world.post(author), await world.post(author)
    tops = [await world.comment(author, post, f"{i}") for i in range(3)]
    replies = [await world.comment(author, post, f"返信{i}", tops[1]) for i in range(3)]
    await world.comment(author, other)
    assert await author.ids(f"/posts/{post['id']}/comments") == [comment["id"] for comment in tops]
    assert [comment["reply_count"] for comment in await comments(author, post)] == [0, 3, 0]
    under = await comments(author, post, parent_id=tops[1]["id"])
    assert under == replies
    assert {comment["parent_id"] for comment in under} == {tops[1]["id"]}
    assert await comments(author, post, parent_id=tops[0]["id"]) == []
    assert await comment_count(author, post) == 6


async def test_own_comments_are_listed_newest_first_with_replies(world: World) -> None:
    author, reader = await world.member(), await world.member()
    post, other = await world.post(author), await world.post(author)
    first = await world.comment(reader, post)
    second = await world.comment(reader, other)
    third = await world.comment(reader, post, "返信", first)
    await world.comment(author, post)
    own_comments = await reader.items("/users/me/comments")
    assert [comment["id"] for comment in own_comments] == [third["id"], second["id"], first["id"]]
    assert {comment["author"]["id"] for comment in own_comments} == {reader.id}
    expect(await reader.delete(f"/comments/{first['id']}"), 204)
    assert await reader.ids("/users/me/comments") == [third["id"], second["id"]]
    await world.hide_post(other)
    assert await reader.ids("/users/me/comments") == [third["id"]]


# Parents


async def test_a_parent_is_a_top_level_comment_of_this_post_that_the_caller_sees(
    world: World,
) -> None:
    author, troll = await world.member(), await world.member()
    post, other = await world.post(author), await world.post(author)
    good = await world.comment(author, post, "親")
    reply = await world.comment(author, post, "返信", good)
    elsewhere = await world.comment(author, other)
    hidden, held = await world.comment(author, post), await world.comment(troll, post)
    placeholder, removed = await world.comment(author, post), await world.comment(author, post)
    await world.comment(author, post, "支え", placeholder)
    blocked = await world.comment(troll, post)
    path = f"/posts/{post['id']}/comments"
    for parent in (good, hidden, held, placeholder, removed, blocked):
        form = {"body": "返信", "parent_id": parent["id"]}
        made = expect(await author.post(path, json=form), 201)
        expect(await author.delete(f"/comments/{made['id']}"), 204)
    for deleted in (placeholder, removed):
        expect(await author.delete(f"/comments/{deleted['id']}"), 204)
    await world.hide_comment(hidden)
    await hold_comment(world, held)
    expect(await author.put(f"/users/{troll.id}/block"), 204)
    before = await comment_count(author, post)
    for parent_id in (
        *(reply["id"], elsewhere["id"], hidden["id"], held["id"], placeholder["id"]),
        *(removed["id"], blocked["id"], UNKNOWN_ID),
    ):
        form = {"body": "返信", "parent_id": parent_id}
        expect(await author.post(path, json=form), 422, "invalid_parent")
    assert await comment_count(author, post) == before
    expect(await author.post(path, json={"body": "返信", "parent_id": good["id"]}), 201)
    assert await comment_count(author, post) == before + 1


# Changing


@pytest.mark.parametrize("nothing", [{}, {"body": None}])
async def test_an_empty_change_changes_nothing(world: World, nothing: dict[str, None]) -> None:
    author = await world.member()
    post = await world.post(author)
    comment = await world.comment(author, post)
    assert expect(await author.patch(f"/comments/{comment['id']}", json=nothing), 200) == comment
    assert await comments(author, post) == [comment]


# Deleting


async def test_a_deleted_comment_without_replies_disappears(world: World) -> None:
    author, reader = await world.member(), await world.member()
    post = await world.post(author)
    comment = await world.comment(reader, post)
    path = f"/comments/{comment['id']}"
    expect(await reader.delete(path), 204)
    for api in (author, reader):
        assert await comments(api, post) == []
        expect(await api.delete(path), 404, "comment_not_found")
        expect(await api.patch(path, json={"body": "幽霊"}), 404, "comment_not_found")
    assert await comment_count(author, post) == 0
    async with beside(world.runtime) as db:
        assert await db.first(text("SELECT body FROM comments")) == ""


async def test_a_deleted_comment_stays_until_its_last_reply_is_deleted(world: World) -> None:
    author, reader = await world.member(), await world.member("読者")
    post = await world.post(author)
    parent = await world.comment(reader, post, "消す言葉")
    replies = [await world.comment(author, post, f"{i}", parent) for i in range(2)]
    expect(await reader.delete(f"/comments/{parent['id']}"), 204)
    for api in (author, reader):
        (place,) = await comments(api, post)
        assert place["id"] == parent["id"]
        assert (place["deleted"], place["body"], place["reply_count"]) == (True, "", 2)
        assert place["author"] == {"id": None, "nickname": "", "avatar_url": None}
        listed = await comments(api, post, parent_id=parent["id"])
        assert [comment["id"] for comment in listed] == [comment["id"] for comment in replies]
    assert await reader.items("/users/me/comments") == []
    path = f"/comments/{parent['id']}"
    expect(await reader.patch(path, json={"body": "復活"}), 404, "comment_not_found")
    expect(await reader.delete(path), 404, "comment_not_found")
    assert await comment_count(author, post) == 2

    expect(await author.delete(f"/comments/{replies[0]['id']}"), 204)
    assert [comment["reply_count"] for comment in await comments(author, post)] == [1]
    await world.hide_comment(replies[1])
    assert await comments(author, post) == []
    await world.restore_comment(replies[1])
    assert [comment["id"] for comment in await comments(author, post)] == [parent["id"]]
    expect(await author.delete(f"/comments/{replies[1]['id']}"), 204)
    assert await comments(author, post) == []
    assert await comment_count(author, post) == 0
    answer = await author.get(f"/posts/{post['id']}/comments", params={"parent_id": parent["id"]})
    expect(answer, 404, "comment_not_found")
