"""Connection records: the addresses of posts and sign-ins are stored, searched and erased."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest

from app.admin.service.terminal import TerminalService
from app.api import JOBS
from app.connection_log.jobs import PERIODICS
from app.connection_log.repository import first_id_at
from app.connection_log.service import ConnectionLogService
from app.core.keyset import FIRST_ID
from app.main import create_app
from app.runtime.runtime import Runtime
from tests.support.api import UNKNOWN_ID, Api, expect
from tests.support.jobs import run_jobs
from tests.support.leaving import leave
from tests.support.moderating import ask, last_act
from tests.support.sql import count, sql
from tests.support.world import World, picture

HOME = ("203.0.113.7", 50123)


@asynccontextmanager
async def calling_from(api: Api, *client: Any, app: Any = None) -> AsyncIterator[Api]:
    """The same caller from another address and port."""
    # ASGI allows None, for a server behind a socket file. httpx's types do not.
    transport = httpx.ASGITransport(app or api.app, client=client or None)  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as http:
        there = Api(api.app, http)
        there.user, there.access, there.refresh_token = api.user, api.access, api.refresh_token
        there.email, there.password = api.email, api.password
        yield there


async def records(world: World, **where: Any) -> list[dict[str, Any]]:
    """The records whose columns have these values, oldest first."""
    rows = await sql(world, "SELECT *, host(address) AS host FROM connection_records ORDER BY id")
    return [row for row in rows if all(str(row[name]) == str(where[name]) for name in where)]


async def test_each_publication_or_change_is_recorded_once(world: World) -> None:
    member = await world.register()
    async with calling_from(member, *HOME) as home:
        lounge = await world.lounge()
        image = expect(await home.upload(picture()), 201)
        post = await world.post(home, lounge, image_ids=[image["id"]])
        comment = await world.comment(home, post)
        request = await ask(home)
        expect(await home.patch(f"/posts/{post['id']}", json={"body": "直した"}), 200)
        expect(await home.patch(f"/comments/{comment['id']}", json={"body": "直した"}), 200)
        expect(await home.patch("/users/me", json={"bio": "よろしく"}), 200)
        expect(await home.upload(picture(), "/users/me/avatar", "PUT"), 200)
    rows = await records(world, host=HOME[0])
    assert [(row["act"], row["subject_type"], str(row["subject_id"])) for row in rows] == [
        ("created", "image", image["id"]),
        ("created", "post", post["id"]),
        ("created", "comment", comment["id"]),
        ("created", "lounge_request", request["id"]),
        ("changed", "post", post["id"]),
        ("changed", "comment", comment["id"]),
        ("changed", "profile", member.id),
        ("changed", "profile", member.id),
    ]
    for row in rows:
        assert (str(row["user_id"]), row["port"]) == (member.id, HOME[1])
        assert datetime.now(UTC) - row["created_at"] < timedelta(minutes=1)


async def test_likes_blocks_and_private_settings_are_not_recorded(world: World) -> None:
    member, other = await world.register(), await world.register()
    post = await world.post(other)
    before = len(await records(world))
    expect(await member.put(f"/posts/{post['id']}/like"), 204)
    expect(await member.put(f"/users/{other.id}/block"), 204)
    expect(await member.patch("/users/me", json={"locale": "en"}), 200)
    expect(await member.get("/posts"), 200)
    expect(await member.delete("/users/me/avatar"), 200)
    assert len(await records(world)) == before


async def test_each_start_and_end_of_a_session_is_recorded_once(world: World) -> None:
    async with calling_from(world.anonymous(), *HOME) as home:
        form = {"email": "a@example.com", "password": "kawa-no-nagare-1", "nickname": "あ"}
        home.take(expect(await home.post("/auth/register", json=form), 201))
        login = {"email": form["email"], "password": form["password"]}
        expect(await home.post("/auth/login", json=login | {"password": "x" * 9}), 401)
        home.take(expect(await home.post("/auth/login", json=login), 200))
        refresh = {"refresh_token": home.refresh_token}
        home.take(expect(await home.post("/auth/refresh", json=refresh), 200))
        for _ in range(2):
            spent = {"refresh_token": home.refresh_token}
            expect(await home.post("/auth/logout", json=spent), 204)
        guest = home.take(expect(await home.post("/auth/guest", auth=False), 201))
        upgrade = form | {"email": "b@example.com"}
        home.take(expect(await guest.post("/auth/guest/upgrade", json=upgrade), 200))
        expect(await home.delete(f"/auth/sessions/{UNKNOWN_ID}"), 404)
        rows = await records(world)
    acts = ["signed_up", "signed_in", "signed_out", "signed_up", "signed_up"]
    assert [row["act"] for row in rows] == acts
    assert rows[1]["subject_id"] == rows[2]["subject_id"] != rows[0]["subject_id"]
    assert {row["subject_type"] for row in rows} == {"session"}
    assert {(row["host"], row["port"]) for row in rows} == {HOME}


async def test_a_refused_or_replayed_request_is_not_recorded(world: World) -> None:
    member, lounge = await world.register(), await world.lounge()
    before = len(await records(world))
    form = {"lounge_id": lounge["id"], "title": "題", "body": "本文"}
    missing = form | {"image_ids": [UNKNOWN_ID]}
    expect(await member.post("/posts", json=missing), 422, "image_not_available")
    assert len(await records(world)) == before
    for _ in range(2):
        expect(await member.post("/posts", json=form, key="k"), 201)
    assert len(await records(world)) == before + 1


@pytest.mark.parametrize(
    ("client", "kept"),
    [
        (("203.0.113.7", 1), ("203.0.113.7", 1)),
        (("::ffff:203.0.113.7", 65535), ("203.0.113.7", 65535)),
        (("2001:DB8:0::1", 443), ("2001:db8::1", 443)),
        (("fe80::1%eth0", 443), ("fe80::1", 443)),
        (("/run/linky.sock", 0), (None, None)),
        (("'; DROP TABLE users; --", 70000), (None, None)),
        ((), (None, None)),
    ],
)
async def test_an_address_is_stored_in_normal_form_and_an_invalid_one_as_null(
    world: World, client: tuple[Any, ...], kept: tuple[Any, ...]
) -> None:
    member, lounge = await world.register(), await world.lounge()
    async with calling_from(member, *client) as there:
        post = await world.post(there, lounge)
    (row,) = await records(world, subject_id=post["id"])
    assert (row["host"], row["port"]) == kept


PROXY = ("10.0.0.1", 40001)
FORWARDED = {"X-Forwarded-For": "198.51.100.9, 203.0.113.7", "X-Client-Port": "50123"}


@pytest.mark.parametrize(
    ("peer", "headers", "kept"),
    [
        (PROXY, FORWARDED, ("203.0.113.7", 50123)),
        # A load balancer that appends the port to the address.
        (PROXY, {"X-Forwarded-For": "203.0.113.7:50123"}, ("203.0.113.7", 50123)),
        (PROXY, {"X-Forwarded-For": "[2001:db8::1]:50123"}, ("2001:db8::1", 50123)),
        (PROXY, FORWARDED | {"X-Client-Port": "0"}, ("203.0.113.7", None)),
        (PROXY, FORWARDED | {"X-Client-Port": "65536"}, ("203.0.113.7", None)),
        (PROXY, FORWARDED | {"X-Client-Port": "-1"}, ("203.0.113.7", None)),
        (PROXY, FORWARDED | {"X-Client-Port": "9" * 5000}, ("203.0.113.7", None)),
        (PROXY, FORWARDED | {"X-Client-Port": "50123, 1"}, ("203.0.113.7", None)),
        (PROXY, {}, PROXY),
        (("10.9.9.9", 40002), FORWARDED, ("10.9.9.9", 40002)),
    ],
)
async def test_forwarded_address_and_port_are_taken_from_a_trusted_proxy_only(
    world: World, runtime: Runtime, peer: Any, headers: dict[str, str], kept: tuple[Any, ...]
) -> None:
    member, lounge = await world.register(), await world.lounge()
    runtime.settings = runtime.settings.model_copy(update={"trusted_proxies": ("10.0.0.1",)})
    app = create_app(runtime.settings)
    app.state.runtime = runtime
    form = {"lounge_id": lounge["id"], "title": "題", "body": "本文"}
    async with calling_from(member, *peer, app=app) as there:
        post = expect(await there.post("/posts", json=form, headers=headers), 201)
    (row,) = await records(world, subject_id=post["id"])
    assert (row["host"], row["port"]) == kept


async def test_without_trusted_proxies_forwarded_headers_are_ignored(world: World) -> None:
    member, lounge = await world.register(), await world.lounge()
    form = {"lounge_id": lounge["id"], "title": "題", "body": "本文"}
    async with calling_from(member, "192.0.2.1", 0) as there:
        post = expect(await there.post("/posts", json=form, headers=FORWARDED), 201)
    (row,) = await records(world, subject_id=post["id"])
    assert (row["host"], row["port"]) == ("192.0.2.1", None)


async def erase_old(world: World) -> None:
    (periodic,) = PERIODICS
    async with world.runtime.writing() as ctx:
        await periodic.handler(ctx)


async def test_records_are_erased_after_the_retention_days(world: World) -> None:
    member = await world.register()
    post = await world.post(member)
    kept = len(await records(world))
    world.clock.advance(days=180, minutes=-5)
    await erase_old(world)
    assert len(await records(world)) == kept
    world.clock.advance(minutes=10)
    await world.sign_in(member)
    settings = world.runtime.settings
    world.runtime.settings = settings.model_copy(update={"records_days": 200})
    await erase_old(world)
    assert len(await records(world)) == kept + 1
    world.runtime.settings = settings
    await erase_old(world)
    assert await records(world) == []
    expect(await member.get(f"/posts/{post['id']}"), 200)


async def test_old_records_are_erased_in_batches_up_to_a_limit(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.connection_log.service.CONNECTION_BATCH_ROWS", 2)
    monkeypatch.setattr("app.connection_log.service.MAX_BATCHES", 3)
    member = await world.register()
    for _ in range(6):
        await world.sign_in(member)
    world.clock.advance(days=181)
    await erase_old(world)
    assert len(await records(world)) == 7 - 6
    await erase_old(world)
    assert await records(world) == []


def test_the_first_id_of_a_moment_sorts_before_all_later_ids() -> None:
    # RFC 9562, appendix A.6: the example of a UUIDv7.
    example = UUID("017f22e2-79b0-7cc3-98c4-dc0c0c07398f")
    moment = datetime(2022, 2, 22, 19, 22, 22, tzinfo=UTC)
    assert first_id_at(moment) < example < first_id_at(moment + timedelta(milliseconds=1))


async def test_records_outlive_an_erased_account_until_the_retention_ends(world: World) -> None:
    member = await world.register()
    post = await world.post(member)
    async with calling_from(member, *HOME) as home:
        await leave(home)
    await run_jobs(world, JOBS)
    assert await count(world, "users") == 0
    acts = [(row["act"], str(row["user_id"])) for row in await records(world)]
    assert acts == [(act, member.id) for act in ("signed_up", "created", "left")]
    (row,) = await records(world, subject_id=post["id"])
    assert set(row) == {
        *("id", "user_id", "act", "subject_type", "subject_id", "address", "host", "port"),
        "created_at",
    }
    world.clock.advance(days=181)
    await erase_old(world)
    assert await records(world) == []


async def test_an_export_has_only_the_callers_own_records(world: World) -> None:
    member, other = await world.register(), await world.register()
    async with calling_from(member, *HOME) as home:
        post = await world.post(home)
    exported = expect(await member.get("/users/me/export"), 200)["connections"]
    assert [record["act"] for record in exported] == ["signed_up", "created"]
    assert (exported[1]["address"], exported[1]["port"]) == HOME
    assert exported[1]["subject_id"] == post["id"]
    others = expect(await other.get("/users/me/export"), 200)["connections"]
    assert [record["act"] for record in others] == ["signed_up"]


async def find(world: World, subject_id: str, *, all_of_author: bool = False) -> list[str]:
    async with world.runtime.writing() as ctx:
        service = TerminalService(ctx, "terminal: taro@server")
        about = await service.search_records(
            UUID(subject_id), "令和8年(ヨ)第1号", all_of_author=all_of_author
        )
        rows = await ctx.service(ConnectionLogService).list_page(about, FIRST_ID)
    return [f"{row.act} {row.subject_type}" for row in rows]


async def test_a_search_for_records_is_logged_in_the_audit_log(world: World) -> None:
    member, other, admin = await world.register(), await world.register(), await world.admin()
    post = await world.post(member)
    await world.comment(other, post)
    await world.comment(member, post)
    assert await find(world, post["id"]) == ["created post"]
    entry = await last_act(admin)
    assert (entry["action"], entry["target_type"]) == ("records.searched", "records")
    assert (entry["target_id"], entry["reason"]) == (post["id"], "令和8年(ヨ)第1号")
    assert entry["actor"] == {"id": None, "nickname": "terminal: taro@server", "avatar_url": None}
    assert entry["after"] == {"found": 1, "all_of_author": False}
    everything = ["signed_up session", "created post", "created comment"]
    assert await find(world, member.id) == everything
    assert await find(world, post["id"], all_of_author=True) == everything
    assert await find(world, UNKNOWN_ID, all_of_author=True) == []
    entry = await last_act(admin)
    assert (entry["target_id"], entry["after"]["found"]) == (UNKNOWN_ID, 0)
