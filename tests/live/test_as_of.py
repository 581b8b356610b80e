"""`Linky-As-Of`: as of which position an answer is true."""

import asyncio
from uuid import uuid4

import pytest
from fastapi import FastAPI

from app.live_log import log
from app.live_log.changes import Kind
from app.live_log.log import Cursor, cursor_of
from app.web.openapi import answers_as_of, api_routes
from tests.support.api import Api, expect
from tests.support.pools import SeenPool
from tests.support.world import World

TAGS = {"posts", "comments", "notifications", "lounges"}


async def as_of(api: Api, path: str, **how: object) -> Cursor:
    response = await api.get(path, **how)
    assert response.status_code in (200, 304), response.text
    cursor = cursor_of(response.headers["Linky-As-Of"])
    assert cursor is not None
    return cursor


async def change(world: World) -> None:
    async with world.runtime.writing() as ctx:
        ctx.changed(uuid4(), Kind.COMMENT, uuid4())


async def test_what_is_not_there_is_so_as_of_a_position(world: World) -> None:
    """Without it a client that asks a lagging replica would drop what has just come back."""
    response = await (await world.member()).get(f"/posts/{uuid4()}")
    assert response.status_code == 404
    assert cursor_of(response.headers["Linky-As-Of"]) is not None


async def test_every_get_of_what_is_told_has_the_header(app: FastAPI) -> None:
    with_header = {route.name for route in api_routes(app) if answers_as_of(route)}
    told = {
        route.name
        for route in api_routes(app)
        if "GET" in (route.methods or ()) and TAGS.intersection(route.tags)
    }
    assert with_header == told


async def test_the_header_is_the_position_before_the_answer(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log, "FRESH_SECONDS", 0)
    member = await world.member()
    post = await world.post(member)
    comment = await world.comment(member, post)
    paths = (
        *("/posts", f"/posts/{post['id']}", "/users/me/posts", "/users/me/comments"),
        *(f"/posts/{post['id']}/comments", f"/comments/{comment['id']}", "/notifications"),
        *("/notifications/unread-count", "/lounges", f"/lounges/{post['lounge']['id']}"),
        "/lounges/favorites",
    )
    before = await as_of(member, "/posts")
    for path in paths:
        await change(world)
        now = await as_of(member, path)
        assert (now.epoch, now.position) == (before.epoch, before.position + 1), path
        before = now
    tag = (await member.get(f"/posts/{post['id']}")).headers["ETag"]
    await as_of(member, f"/posts/{post['id']}", headers={"If-None-Match": tag})
    answer = await member.get("/posts", params={"limit": 0})
    expect(answer, 422)
    assert "Linky-As-Of" not in answer.headers
    # It is a cursor: what comes after it is told.
    await world.comment(member, post)
    params = {"since": str(before), "topics": f"post:{post['id']}"}
    told = expect(await member.get("/changes", params=params), 200)["changes"]
    assert [change["kind"] for change in told] == ["comment", "post"]


async def test_many_answers_share_one_look_at_the_log(
    committed_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = committed_world
    member, reader = await world.member(), world.runtime.pools.reads
    assert isinstance(reader, SeenPool)

    async def looks(times: int) -> int:
        reader.sent.clear()
        await asyncio.gather(*(as_of(member, "/lounges") for _ in range(times)))
        return sum("live_advance" in sql for sql in reader.sent)

    await log.LiveLog(lambda: reader).advance()  # The very first look makes the epoch.
    monkeypatch.setattr(log, "FRESH_SECONDS", 1e9)
    # The first answers wait for the first look, and all have the header.
    assert await looks(10) == 1
    assert await looks(10) == 0
    await change(world)
    known = await as_of(member, "/lounges")
    monkeypatch.setattr(log, "FRESH_SECONDS", 0)
    assert 0 < await looks(10) < 10
    assert (await as_of(member, "/lounges")).position > known.position


async def test_an_answer_waits_only_a_moment_for_the_position(
    committed_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = committed_world
    member = await world.member()
    known = await as_of(member, "/lounges")

    async def hang(_: log.LiveLog) -> log.State:
        await asyncio.Event().wait()
        raise AssertionError

    monkeypatch.setattr(log, "FRESH_SECONDS", 0)
    monkeypatch.setattr(log, "ASK_SECONDS", 0.01)
    monkeypatch.setattr(log.LiveLog, "advance", hang)
    await change(world)
    assert await as_of(member, "/lounges") == known
