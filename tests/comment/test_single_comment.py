"""`GET /comments/{id}`: as its list shows it, and where it stands there."""

from typing import Any

import pytest

from app.comment.service import reading
from tests.support.api import Api, expect
from tests.support.sql import sql
from tests.support.world import World

IN_CONTEXT = {"context": "true"}


async def place(api: Api, comment: dict[str, Any]) -> dict[str, Any]:
    return dict(expect(await api.get(f"/comments/{comment['id']}", params=IN_CONTEXT), 200))


async def test_a_comment_is_as_its_list_shows_it(world: World) -> None:
    author, guest = await world.member(), await world.guest()
    post = await world.post(author)
    parent = await world.comment(author, post)
    reply = await world.comment(author, post, "返信", parent)
    listed = (await guest.items(f"/posts/{post['id']}/comments"))[0]
    assert expect(await guest.get(f"/comments/{parent['id']}"), 200) == listed
    assert expect(await guest.get(f"/comments/{reply['id']}"), 200) == reply
    assert reply["url"] == f"http://test/p/{post['id']}/c/{reply['id']}"
    assert reply["moderation"] == "visible"
    expect(await author.delete(f"/comments/{parent['id']}"), 204)
    left = expect(await guest.get(f"/comments/{parent['id']}"), 200)
    assert (left["deleted"], left["body"], left["author"]["id"]) == (True, "", None)
    expect(await author.delete(f"/comments/{reply['id']}"), 204)
    expect(await guest.get(f"/comments/{parent['id']}"), 404, "comment_not_found")


async def test_context_takes_a_boolean(world: World) -> None:
    author = await world.member()
    comment = await world.comment(author, await world.post(author))
    path = f"/comments/{comment['id']}"
    problem = expect(await author.get(path, params={"context": "maybe"}), 422, "validation_failed")
    assert problem["errors"][0]["field"] == "query.context"
    plain = expect(await author.get(path, params={"context": "false"}), 200)
    assert "position" not in plain
    assert "cursor" not in plain


async def test_the_place_of_a_comment_leads_to_the_page_that_begins_with_it(world: World) -> None:
    author, troll, reader = await world.member(), await world.member(), await world.member()
    post = await world.post(author)
    tops = [await world.comment(troll if i == 1 else author, post, f"{i}") for i in range(5)]
    replies = [await world.comment(author, post, f"返信{i}", tops[2]) for i in range(3)]
    path = f"/posts/{post['id']}/comments"
    for expected, comment in enumerate(tops):
        found = await place(reader, comment)
        assert found["position"] == expected
        page = expect(await reader.get(path, params={"cursor": found["cursor"], "limit": 2}), 200)
        assert [item["id"] for item in page["items"]] == [top["id"] for top in tops[expected:][:2]]
    found = await place(reader, replies[1])
    params = {"cursor": found["cursor"], "parent_id": tops[2]["id"]}
    page = expect(await reader.get(path, params=params), 200)
    assert (found["position"], page["items"]) == (1, replies[1:])
    expect(await reader.get(path, params={"cursor": found["cursor"]}), 422, "invalid_cursor")
    # What the reader does not see is not counted.
    expect(await reader.put(f"/users/{troll.id}/block"), 204)
    assert (await place(reader, tops[4]))["position"] == 3
    assert (await place(author, tops[4]))["position"] == 4


async def test_the_place_is_counted_so_far_and_no_further(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "COUNTED_BEFORE", 2)
    author = await world.member()
    post = await world.post(author)
    tops = [await world.comment(author, post, f"{i}") for i in range(4)]
    assert (await place(author, tops[2]))["position"] == 2
    beyond = await place(author, tops[3])
    assert beyond["position"] is None
    page = await author.items(f"/posts/{post['id']}/comments", cursor=beyond["cursor"])
    assert page == [tops[3]]


async def test_no_more_than_so_many_rows_are_read_for_a_place(world: World) -> None:
    author, troll = await world.member(), await world.member()
    post = await world.post(author)
    first, last = await world.comment(troll, post), await world.comment(author, post)
    await sql(
        world,
        "INSERT INTO comments (id, post_id, author_id, body) SELECT uuidv7(interval '-1 hour'), "
        "CAST(:post AS uuid), CAST(:author AS uuid), 'あ' FROM generate_series(1, 2500)",
        post=post["id"],
        author=troll.id,
    )
    assert (await place(author, last))["position"] is None
    expect(await author.put(f"/users/{troll.id}/block"), 204)
    # None of them is seen, and yet it is not known: only the nearest rows were read.
    assert (await place(author, last))["position"] is None
    expect(await author.get(f"/comments/{first['id']}"), 404, "comment_not_found")


async def test_a_reply_below_a_hidden_comment_has_no_place(world: World) -> None:
    """One's own words are never hidden from oneself."""
    writer, replier = await world.member(), await world.member()
    post = await world.post(writer)
    parent = await world.comment(writer, post)
    reply = await world.comment(replier, post, "返信", parent)
    await world.hide_comment(parent)
    own = await place(replier, reply)
    assert (own["position"], own["cursor"]) == (None, None)
