"""A session that ends, a suspension or a lost right, while a write does its slow work."""

from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest

from tests.support.api import Api, expect
from tests.support.auth import NEW, form, login, nonce
from tests.support.concurrent import REFUSALS, REFUSALS_OF_ADMINS, happen_meanwhile
from tests.support.methods import LATE, METHODS, link, social
from tests.support.provider import Providers
from tests.support.sql import sql
from tests.support.storage import stored
from tests.support.world import PASSWORD, World, picture

type Write = Callable[[World], Awaitable[tuple[Api, Awaitable[httpx.Response]]]]
"""Someone, and a write of theirs that does slow work."""


async def avatar(world: World) -> tuple[Api, Awaitable[httpx.Response]]:
    member = await world.member()
    return member, member.upload(picture(), "/users/me/avatar", "PUT")


async def image(world: World) -> tuple[Api, Awaitable[httpx.Response]]:
    member = await world.member()
    return member, member.upload(picture(), key="k")


async def linking(world: World) -> tuple[Api, Awaitable[httpx.Response]]:
    member = await world.member()
    return member, link(world, member, "line", "U1", exp=LATE)


async def adding_email(world: World) -> tuple[Api, Awaitable[httpx.Response]]:
    member = await social(world, "google", "G1", exp=LATE)
    body = {"email": "mine@example.com", "password": PASSWORD}
    return member, member.post(f"{METHODS}/email", json=body)


async def unlinking(world: World) -> tuple[Api, Awaitable[httpx.Response]]:
    member = await world.member()
    expect(await link(world, member, "line", "U1", exp=LATE), 201)
    return member, member.call("DELETE", f"{METHODS}/line", json={"password": PASSWORD})


async def another_address(world: World) -> tuple[Api, Awaitable[httpx.Response]]:
    member = await world.member()
    body = {"email": "mine@example.com", "password": PASSWORD}
    return member, member.post("/users/me/email", json=body)


async def new_password(world: World) -> tuple[Api, Awaitable[httpx.Response]]:
    member = await world.member()
    body = {"current_password": PASSWORD, "new_password": NEW}
    return member, member.post("/auth/password/change", json=body)


async def leaving(world: World) -> tuple[Api, Awaitable[httpx.Response]]:
    member = await world.member()
    return member, member.call("DELETE", "/users/me", json={"password": PASSWORD})


async def upgrade(world: World) -> tuple[Api, Awaitable[httpx.Response]]:
    guest = await world.guest()
    return guest, guest.post("/auth/guest/upgrade", json=form())


async def upgrade_by_line(world: World) -> tuple[Api, Awaitable[httpx.Response]]:
    guest, fresh = await world.guest(), await nonce(world)
    body = {"id_token": world.idp.token("line", nonce=fresh, sub="U1", exp=LATE), "nonce": fresh}
    return guest, guest.post("/auth/guest/upgrade/line", json=body)


async def cover(world: World) -> tuple[Api, Awaitable[httpx.Response]]:
    admin, lounge = await world.admin(), await world.lounge()
    return admin, admin.upload(picture(), f"/admin/lounges/{lounge['id']}/cover", "PUT")


WRITES: tuple[Write, ...] = (
    *(avatar, image, linking, adding_email, unlinking, another_address),
    *(new_password, leaving, upgrade, upgrade_by_line),
)
CASES = [(write, event) for write in WRITES for event in REFUSALS]
CASES += [(cover, event) for event in REFUSALS_OF_ADMINS]


async def state(world: World) -> list[list[dict[str, Any]]]:
    """Accounts, sign-in methods, pictures, sessions, jobs, lounges and what admins did."""
    tables = (
        *("users", "user_identities", "images", "user_sessions", "pgqueuer"),
        *("lounges", "audit_log"),
    )
    return [await sql(world, f"SELECT t::text FROM {table} t ORDER BY 1") for table in tables]


@pytest.mark.parametrize(
    ("write", "event"), CASES, ids=[f"{write.__name__}-{event}" for write, event in CASES]
)
async def test_a_write_changes_nothing_if_its_caller_is_refused_by_then(
    committed_world: World,
    idp: Providers,
    monkeypatch: pytest.MonkeyPatch,
    write: Write,
    event: str,
) -> None:
    world, (statement, status, code) = committed_world, REFUSALS_OF_ADMINS[event]
    caller, call = await write(world)
    states = []

    async def refuse() -> None:
        await sql(world, statement, id=caller.id)
        states.append(await state(world))

    happen_meanwhile(monkeypatch, refuse)
    expect(await call, status, code)
    assert states == [await state(world)]
    assert stored(world) == []


PASSWORD_NOW = "UPDATE users SET password_hash = :hash WHERE id = CAST(:id AS uuid)"


@pytest.mark.parametrize(
    "write", [leaving, unlinking, new_password, another_address], ids=lambda write: write.__name__
)
async def test_a_password_that_is_replaced_while_it_is_checked_is_wrong(
    committed_world: World, idp: Providers, monkeypatch: pytest.MonkeyPatch, write: Write
) -> None:
    world = committed_world
    caller, call = await write(world)
    hashed = await world.runtime.passwords.hash("mukashi-no-kotoba-7", "network")

    async def replace() -> None:
        await sql(world, PASSWORD_NOW, id=caller.id, hash=hashed)

    happen_meanwhile(monkeypatch, replace)
    expect(await call, 403, "wrong_password")
    expect(await login(world, str(caller.email), "mukashi-no-kotoba-7"), 200)
