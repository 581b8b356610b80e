"""Writing, reading, changing and deleting posts."""

import asyncio
from typing import Any
from uuid import UUID

from app.image.jobs import JOBS
from app.post.rows import Post
from tests.support.api import UNKNOWN_ID, Api, expect
from tests.support.jobs import run_jobs
from tests.support.lists import check, posts
from tests.support.sql import count, sql
from tests.support.storage import stored
from tests.support.things import example
from tests.support.world import World

WORDS = {"title": "題", "body": "文"}


async def images(world: World, owner: Api, number: int) -> list[str]:
    return [(await world.image(owner))["id"] for _ in range(number)]


def image_ids(post: dict[str, Any]) -> list[str]:
    return [image["id"] for image in post["images"]]


async def unattached(world: World) -> set[str]:
    rows = await sql(world, "SELECT id FROM images WHERE unattached_since IS NOT NULL")
    return {str(row["id"]) for row in rows}


# Writing


async def test_a_new_post_has_every_field_of_the_contract(world: World) -> None:
    author, lounge = await world.member("書き手"), await world.lounge("部屋")
    image = await world.image(author)
    form = {"lounge_id": lounge["id"], "title": "  題名 ", "body": "一\r\n二\t三\n"}
    response = await author.post("/posts", json={**form, "image_ids": [image["id"]]})
    post = expect(response, 201)
    check(Post, post)
    assert response.headers["location"] == f"/api/v1/posts/{post['id']}"
    assert response.headers["cache-control"].startswith("private")
    times = {"created_at": None, "updated_at": None}
    assert post | times == {
        **example("/posts/{post_id}"),
        "id": post["id"],
        "lounge": {"id": lounge["id"], "name": "部屋"},
        "author": {"id": author.id, "nickname": "書き手", "avatar_url": None},
        "title": "題名",
        "body": "一\n二\t三",
        "images": [image],
        "comment_count": 0,
        "like_count": 0,
        "moderation": "visible",
        "url": f"http://test/p/{post['id']}",
        **times,
    }
    assert UUID(post["id"]).version == 7
    assert expect(await author.get(response.headers["location"][len("/api/v1") :]), 200) == post


async def test_every_field_is_validated(world: World) -> None:
    author, lounge = await world.member(), await world.lounge()
    good: dict[str, Any] = {"lounge_id": lounge["id"], "title": "題" * 100, "body": "文" * 10_000}
    post = expect(await author.post("/posts", json=good), 201)
    emoji = {**good, "title": "😀" * 100, "body": "か\u3099" * 10_000, "image_ids": []}
    assert expect(await author.post("/posts", json=emoji), 201)["body"] == "が" * 10_000
    titles: list[Any] = ["", "  ", "題" * 101, "a\0b", "a\nb", "\u200b", "\ufe0f\u034f", 1, None]
    bodies: list[Any] = ["", " \n", "文" * 10_001, "a\0", "\x1b[1m", "\u2800", [], None]
    lounge_ids: list[Any] = ["", "x", 1, None, UNKNOWN_ID[1:], f"{UNKNOWN_ID} "]
    wrong: list[tuple[str, Any]] = [
        *(("title", value) for value in titles),
        *(("body", value) for value in bodies),
        *(("lounge_id", value) for value in lounge_ids),
        *[("image_ids", "x"), ("image_ids", {}), ("image_ids", [UNKNOWN_ID] * 2)],
        ("image_ids.0", ["x"]),
        *(
            (name, str(post["id"]))
            for name in ["role", "author_id", "id", "moderation", "created_at"]
        ),
    ]
    for field, value in wrong:
        sent = {**good, field.partition(".")[0]: value}
        body = expect(await author.post("/posts", json=sent), 422, "validation_failed")
        assert {error["field"] for error in body["errors"]} == {f"body.{field}"}, (field, value)
        if field != "lounge_id" and value is not None:
            change = {field.partition(".")[0]: value}
            response = await author.patch(f"/posts/{post['id']}", json=change)
            body = expect(response, 422, "validation_failed")
            assert {error["field"] for error in body["errors"]} == {f"body.{field}"}
    for name in ["lounge_id", "title", "body"]:
        less = {key: value for key, value in good.items() if key != name}
        body = expect(await author.post("/posts", json=less), 422)
        assert [(e["field"], e["code"]) for e in body["errors"]] == [(f"body.{name}", "missing")]
    expect(await author.post("/posts", json={**good, "body": "文" * 100_000}), 413)
    unknown = {**good, "lounge_id": UNKNOWN_ID}
    expect(await author.post("/posts", json=unknown), 404, "lounge_not_found")
    assert await count(world, "posts") == 2
    assert expect(await author.get(f"/posts/{post['id']}"), 200) == post


async def test_ten_images_keep_their_order_and_eleven_are_refused(world: World) -> None:
    author, lounge = await world.member(), await world.lounge()
    made = await images(world, author, 11)
    form = {"lounge_id": lounge["id"], **WORDS}
    refused = await author.post("/posts", json={**form, "image_ids": made})
    body = expect(refused, 422, "validation_failed")
    assert [error["field"] for error in body["errors"]] == ["body.image_ids"]
    assert await unattached(world) == set(made)
    ten = [made[n] for n in (7, 2, 9, 0, 10, 4, 1, 8, 3, 5)]
    post = expect(await author.post("/posts", json={**form, "image_ids": ten}), 201)
    assert image_ids(post) == ten
    check(Post, post)
    (listed,) = await author.items("/posts")
    assert listed == post
    assert await unattached(world) == {made[6]}
    more = {"image_ids": made}
    expect(await author.patch(f"/posts/{post['id']}", json=more), 422, "validation_failed")


async def test_an_unavailable_image_is_refused_and_nothing_is_written(world: World) -> None:
    author, other = await world.member(), await world.member()
    lounge = await world.lounge()
    own_image, taken = await images(world, author, 2)
    (foreign,) = await images(world, other, 1)
    holder = await world.post(author, lounge, image_ids=[taken])
    plain = await world.post(author, lounge)
    form = {"lounge_id": lounge["id"], **WORDS}
    for wrong in [foreign, UNKNOWN_ID, taken]:
        for ids in [[own_image, wrong], [wrong, own_image], [wrong]]:
            refused = await author.post("/posts", json={**form, "image_ids": ids})
            expect(refused, 422, "image_not_available")
            change = {"title": "変えた", "image_ids": ids}
            refused = await author.patch(f"/posts/{plain['id']}", json=change)
            expect(refused, 422, "image_not_available")
    twice = await author.post("/posts", json={**form, "image_ids": [own_image, own_image]})
    expect(twice, 422, "validation_failed")
    assert await unattached(world) == {own_image, foreign}
    assert await posts(author) == [plain["id"], holder["id"]]
    assert expect(await author.get(f"/posts/{plain['id']}"), 200) == plain
    assert expect(await author.get(f"/lounges/{lounge['id']}"), 200)["post_count"] == 2
    good = await author.post("/posts", json={**form, "image_ids": [own_image]})
    assert image_ids(expect(good, 201)) == [own_image]


# Changing


async def test_a_change_changes_what_is_sent_and_nothing_else(world: World) -> None:
    author = await world.member()
    first, second = await images(world, author, 2)
    post = await world.post(author, title="旧題", body="旧文", image_ids=[first])
    path = f"/posts/{post['id']}"
    nulls = {"title": None, "body": None, "image_ids": None}
    for nothing in [{}, nulls]:
        assert expect(await author.patch(path, json=nothing), 200) == post
    changes: list[dict[str, Any]] = [
        {"title": "新題"},
        {"body": "新文", "title": None},
        {"image_ids": [second]},
    ]
    last = post
    for change in changes:
        now = expect(await author.patch(path, json=change), 200)
        check(Post, now)
        sent = {name: value for name, value in change.items() if value is not None}
        if "image_ids" in sent:
            assert image_ids(now) == sent.pop("image_ids")
            last = last | {"images": now["images"]}
        assert now["updated_at"] > last["updated_at"]
        assert now == last | sent | {"updated_at": now["updated_at"]}
        last = now
    assert expect(await author.get(path), 200) == last
    assert await posts(author, q="新題 新文") == [post["id"]]
    assert await posts(author, q="旧") == []
    assert expect(await author.patch(path, json={"image_ids": []}), 200)["images"] == []


async def test_images_are_replaced_in_order_and_detached_images_can_be_used_again(
    world: World,
) -> None:
    author, lounge = await world.member(), await world.lounge()
    a, b, c, d = await images(world, author, 4)
    post = await world.post(author, lounge, image_ids=[a, b, c])
    path = f"/posts/{post['id']}"
    for ids in [[c, a, b], [d, c], [a, d, c, b], [b]]:
        now = expect(await author.patch(path, json={"image_ids": ids}), 200)
        assert image_ids(now) == ids
        assert await unattached(world) == {a, b, c, d} - set(ids)
    again = await world.post(author, lounge, image_ids=[d, a])
    assert image_ids(again) == [d, a]
    refused = await author.patch(path, json={"image_ids": [b, a]})
    expect(refused, 422, "image_not_available")
    assert image_ids(expect(await author.get(path), 200)) == [b]
    # A detached image may stay for a day, from the moment when it is detached.
    await sql(world, "UPDATE images SET created_at = now() - interval '9 days'")
    expect(await author.patch(path, json={"image_ids": []}), 200)
    (row,) = await sql(world, "SELECT unattached_since FROM images WHERE id = :id", id=b)
    assert (world.runtime.clock() - row["unattached_since"]).total_seconds() < 600


async def test_concurrent_changes_lose_nothing(committed_world: World) -> None:
    author = await committed_world.member()
    post = await committed_world.post(author)
    path = f"/posts/{post['id']}"
    for n in range(3):
        changes = [{"title": f"題{n}"}, {"body": f"文{n}"}]
        answers = await asyncio.gather(*(author.patch(path, json=change) for change in changes))
        assert [answer.status_code for answer in answers] == [200, 200]
        now = expect(await author.get(path), 200)
        assert (now["title"], now["body"]) == (f"題{n}", f"文{n}")
        assert await posts(author, q=f"題{n} 文{n}") == [post["id"]]


# Deleting


async def test_a_deleted_post_disappears_everywhere_with_its_text_and_images(world: World) -> None:
    author, reader = await world.member(), await world.member()
    lounge = await world.lounge()
    deleted = await world.post(
        author, lounge, title="秘密の題", body="秘密の文", image_ids=await images(world, author, 2)
    )
    kept = await world.post(author, lounge, image_ids=await images(world, author, 1))
    path = f"/posts/{deleted['id']}"
    expect(await reader.put(f"{path}/like"), 204)
    await world.comment(reader, deleted)
    files = stored(world)
    assert len(files) == 6
    expect(await author.delete(path), 204)
    expect(await author.delete(path), 404, "post_not_found")
    assert stored(world) == files  # The job deletes them after the deletion is committed.
    assert await run_jobs(world, JOBS) == 1
    left = {image["url"] for image in kept["images"]}
    left |= {image["thumbnail_url"] for image in kept["images"]}
    assert {f"http://test/media/{key}" for key in stored(world)} == left
    for image in deleted["images"]:
        expect(await author.get(image["url"]), 404)
    for api in (author, reader):
        expect(await api.get(path), 404, "post_not_found")
        expect(await api.get(f"{path}/comments"), 404)
        expect(await api.post(f"{path}/comments", json={"body": "x"}), 404)
        expect(await api.put(f"{path}/like"), 404)
        for url in ["/posts", f"/lounges/{lounge['id']}/posts", f"/users/{author.id}/posts"]:
            assert await posts(api, url) == [kept["id"]]
        assert await posts(api, q="秘密") == []
    assert await posts(reader, "/users/me/likes") == []
    assert await posts(author, "/users/me/posts") == [kept["id"]]
    assert await author.items("/notifications") == []
    (row,) = await sql(world, "SELECT * FROM posts WHERE id = :id", id=deleted["id"])
    assert (row["title"], row["body"]) == ("", "")
    assert await count(world, "post_search", "post_id = :id", id=deleted["id"]) == 0
    assert await count(world, "images") == 1
