"""`Idempotency-Key` on `POST /posts`: a retry makes no second post and gets the first answer."""

import asyncio
from typing import Any

import httpx
import pytest
from structlog.testing import capture_logs

from app.post.repository.writing import PostWriter
from app.screening.policy import POSTS_AN_HOUR
from app.web.jobs import delete_old_answers
from tests.support.api import expect
from tests.support.beside import beside
from tests.support.lists import posts
from tests.support.moderating import watch_new_accounts
from tests.support.races import until_waiting
from tests.support.sql import count, sql
from tests.support.world import World


async def form(world: World, **fields: Any) -> dict[str, Any]:
    lounge = await world.lounge()
    return {"lounge_id": lounge["id"], "title": "題", "body": "文", **fields}


async def test_a_retry_gets_the_first_answer_byte_for_byte(world: World) -> None:
    author = await world.member()
    sent = await form(world, image_ids=[(await world.image(author))["id"]])
    first = await author.post("/posts", json=sent, key="k-1")
    post = expect(first, 201)
    assert "idempotency-replayed" not in first.headers
    expect(await author.patch(f"/posts/{post['id']}", json={"title": "変えた"}), 200)
    again = first
    reordered = dict(reversed(sent.items()))
    for body in [sent, reordered]:
        again = await author.post("/posts", json=body, key="k-1")
        assert (again.status_code, again.content) == (201, first.content)
        assert again.headers["idempotency-replayed"] == "true"
        for name in ["location", "content-type", "cache-control"]:
            assert again.headers[name] == first.headers[name]
    assert again.headers["x-request-id"] != first.headers["x-request-id"]
    assert await posts(author) == [post["id"]]
    assert expect(await author.get(f"/lounges/{sent['lounge_id']}"), 200)["post_count"] == 1


async def test_a_key_belongs_to_one_request_of_one_caller(world: World) -> None:
    author, other = await world.member(), await world.member()
    sent = await form(world)
    post = expect(await author.post("/posts", json=sent, key="k"), 201)
    changes: list[dict[str, Any]] = [{"title": "別"}, {"image_ids": []}]
    for change in changes:
        response = await author.post("/posts", json={**sent, **change}, key="k")
        expect(response, 422, "idempotency_key_reused")
    comment = await author.post(f"/posts/{post['id']}/comments", json={"body": "x"}, key="k")
    expect(comment, 422, "idempotency_key_reused")
    others_answer = await other.post("/posts", json=sent, key="k")
    assert expect(others_answer, 201)["author"]["id"] == other.id
    assert "idempotency-replayed" not in others_answer.headers
    without = [await author.post("/posts", json=sent) for _ in range(2)]
    assert len({expect(response, 201)["id"] for response in without}) == 2
    assert await count(world, "posts") == 4


async def test_a_refusal_does_not_use_up_the_key(world: World) -> None:
    author, guest = await world.member(), await world.guest()
    sent = await form(world)
    closed = "UPDATE lounges SET closed_at = CASE WHEN :closed THEN now() END"
    await sql(world, closed, closed=True)
    expect(await author.post("/posts", json=sent, key="k"), 409, "lounge_closed")
    expect(await author.post("/posts", json={**sent, "title": ""}, key="k"), 422)
    expect(await guest.post("/posts", json=sent, key="k"), 403, "guest_not_allowed")
    assert await count(world, "idempotency_keys") == 0
    await sql(world, closed, closed=False)
    made = await author.post("/posts", json=sent, key="k")
    expect(made, 201)
    assert "idempotency-replayed" not in made.headers


async def test_a_key_can_be_used_again_after_a_day(world: World) -> None:
    # The author signs in after each jump of the clock, because the access token has expired.
    author = await world.member()
    sent = await form(world)
    first = expect(await author.post("/posts", json=sent, key="k"), 201)

    async def advance(**by: float) -> None:
        world.clock.advance(**by)
        await world.sign_in(author)

    await advance(hours=23, minutes=59)
    assert expect(await author.post("/posts", json=sent, key="k"), 201) == first
    async with world.runtime.writing() as ctx:
        await delete_old_answers(ctx)
    assert await count(world, "idempotency_keys") == 1
    await advance(minutes=1)
    other = {**sent, "title": "別の題"}
    second = await author.post("/posts", json=other, key="k")
    assert expect(second, 201)["id"] != first["id"]
    assert "idempotency-replayed" not in second.headers
    # The key now belongs to the second request, for another day.
    await advance(hours=23)
    replay = await author.post("/posts", json=other, key="k")
    assert replay.content == second.content
    expect(await author.post("/posts", json=sent, key="k"), 422, "idempotency_key_reused")
    world.clock.advance(hours=2)
    async with world.runtime.writing() as ctx:
        await delete_old_answers(ctx)
    assert await count(world, "idempotency_keys") == 0
    assert await count(world, "posts") == 2


async def test_a_key_has_up_to_255_visible_ascii_characters(world: World) -> None:
    author, sent = await world.member(), await form(world)
    for good in ["k" * 255, "!", "~", "".join(map(chr, range(0x21, 0x7F)))]:
        expect(await author.post("/posts", json=sent, key=good), 201)
    assert await count(world, "posts") == 4


async def test_a_second_request_while_the_first_runs_is_409(committed_world: World) -> None:
    world = committed_world
    author = await world.member()
    sent = await form(world)
    async with beside(world.runtime) as db:
        await db.driver("SELECT * FROM lounges FOR UPDATE")
        first = asyncio.create_task(author.post("/posts", json=sent, key="k"))
        await until_waiting(world)
        second = await author.post("/posts", json=sent, key="k")
        expect(second, 409, "idempotency_in_progress")
    made = await first
    expect(made, 201)
    third = await author.post("/posts", json=sent, key="k")
    assert (third.status_code, third.content) == (201, made.content)
    assert await count(world, "posts") == 1


async def test_a_retry_of_a_new_accounts_last_post_is_not_counted_against_it(
    committed_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first request commits after the retry's guard has read, and before posts are counted."""
    watch_new_accounts(committed_world)
    author, new = await committed_world.member(), await form(committed_world)
    for _ in range(POSTS_AN_HOUR - 1):
        expect(await author.post("/posts", json=new), 201)
    first: list[httpx.Response] = []
    count_posts = PostWriter.times_since

    async def count_after_the_first(*args: Any) -> Any:
        monkeypatch.setattr(PostWriter, "times_since", count_posts)
        first.append(await author.post("/posts", json=new, key="k"))
        return await count_posts(*args)

    monkeypatch.setattr(PostWriter, "times_since", count_after_the_first)
    retry = await author.post("/posts", json=new, key="k")
    assert (expect(first[0], 201), retry.content) == (expect(retry, 201), first[0].content)
    assert retry.headers["idempotency-replayed"] == "true"
    for key in (None, "k-2"):
        expect(await author.post("/posts", json=new, key=key), 429, "rate_limited")


async def test_a_post_is_not_stored_without_its_kept_answer(committed_world: World) -> None:
    world = committed_world
    author = await world.member()
    sent = await form(world)
    await sql(world, "ALTER TABLE idempotency_keys ADD CHECK (key <> 'lost')")
    headers = {"Authorization": f"Bearer {author.access}", "Idempotency-Key": "lost"}
    with capture_logs():
        response = await world.http.post("/api/v1/posts", json=sent, headers=headers)
    assert response.status_code == 500
    assert response.json()["code"] == "internal_error"
    assert await count(world, "posts") == 0
    assert expect(await author.get(f"/lounges/{sent['lounge_id']}"), 200)["post_count"] == 0
    expect(await author.post("/posts", json=sent, key="found"), 201)
    assert await count(world, "posts") == await count(world, "idempotency_keys") == 1
