"""The sign-in method that an account begins with, also beside the trigger that 0.2 needs."""

from collections.abc import Awaitable, Callable

import httpx
import pytest

from app.admin.service.terminal import TerminalService
from app.user.enums import SignInMethod
from app.user.rows import NewUser
from app.user.service.imports import ImportService
from tests.support.api import expect
from tests.support.auth import form, nonce, sign_in
from tests.support.methods import METHODS, link, methods_of, social
from tests.support.sql import sql
from tests.support.world import PASSWORD, World

BRIDGE = """
    CREATE OR REPLACE TRIGGER users_copy_first_door
    AFTER INSERT OR UPDATE OF provider, provider_user_id
    ON users FOR EACH ROW EXECUTE FUNCTION linky_copy_first_door()
"""
"""As migration 0025 makes it. The databases of tests have only its function."""

NO_BRIDGE = "DROP TRIGGER IF EXISTS users_copy_first_door ON users"

pytestmark = pytest.mark.usefixtures("idp")

UPGRADE = "/auth/guest/upgrade"
ADDRESS = "hanako@example.com"
VERIFIED = {"email": ADDRESS, "email_verified": True}

type Row = tuple[str, str | None, str | None, bool]

BY_EMAIL: Row = ("email", None, None, False)


@pytest.fixture(params=[False, True], ids=["alone", "beside the trigger"])
async def bridge(request: pytest.FixtureRequest, world: World) -> None:
    await sql(world, BRIDGE if request.param else NO_BRIDGE)


async def rows_of(world: World) -> list[Row]:
    found = await sql(
        world,
        "SELECT provider, subject, email, email_verified FROM user_identities"
        " ORDER BY created_at, provider",
    )
    return [(row["provider"], row["subject"], row["email"], row["email_verified"]) for row in found]


async def registers(world: World) -> None:
    expect(await world.anonymous().post("/auth/register", json=form()), 201)


async def guest_upgrades(world: World) -> None:
    guest = await world.guest()
    assert await rows_of(world) == []
    expect(await guest.post(UPGRADE, json=form()), 200)


async def begins_by_google(world: World) -> None:
    expect(await sign_in(world, "google", sub="G1", **VERIFIED), 201)


async def upgrade_by_google(world: World) -> httpx.Response:
    guest, fresh = await world.guest(), await nonce(world)
    id_token = world.idp.token("google", nonce=fresh, sub="G1", **VERIFIED)
    return await guest.post(f"{UPGRADE}/google", json={"id_token": id_token, "nonce": fresh})


async def guest_upgrades_by_google(world: World) -> None:
    expect(await upgrade_by_google(world), 200)


async def admin_is_made(world: World) -> None:
    async with world.runtime.writing() as ctx:
        await TerminalService(ctx, "tests").make_admin(ADDRESS, PASSWORD)


async def is_imported(world: World, password_hash: str | None) -> None:
    methods = [(SignInMethod.GOOGLE, "G1"), (SignInMethod.APPLE, "A1")]
    user = NewUser(b"s" * 32, "花子", ADDRESS, True, password_hash, methods)
    async with world.runtime.writing() as ctx:
        assert (await ctx.service(ImportService).add_all([user])).added == 1


async def is_imported_with_a_password(world: World) -> None:
    await is_imported(world, "$none$")


async def is_imported_without(world: World) -> None:
    await is_imported(world, None)


GOOGLE: Row = ("google", "G1", ADDRESS, True)
APPLE_OF_FILE: Row = ("apple", "A1", None, False)

WRITERS: dict[Callable[[World], Awaitable[None]], list[Row]] = {
    registers: [BY_EMAIL],
    guest_upgrades: [BY_EMAIL],
    begins_by_google: [GOOGLE],
    guest_upgrades_by_google: [GOOGLE],
    admin_is_made: [BY_EMAIL],
    is_imported_with_a_password: [BY_EMAIL, ("google", "G1", None, False), APPLE_OF_FILE],
    is_imported_without: [GOOGLE, APPLE_OF_FILE],
}


@pytest.mark.usefixtures("bridge")
@pytest.mark.parametrize("writer", WRITERS)
async def test_each_account_has_the_method_that_it_begins_with(
    world: World, writer: Callable[[World], Awaitable[None]]
) -> None:
    await writer(world)
    found, expected = await rows_of(world), WRITERS[writer]
    assert found[0] == expected[0]
    assert sorted(found) == sorted(expected)


@pytest.mark.usefixtures("bridge")
async def test_an_id_that_another_account_has_linked_begins_none(world: World) -> None:
    owner = await world.register()
    expect(await link(world, owner, "google", "G1"), 201)
    assert expect(await sign_in(world, "google", sub="G1"), 200)["user"]["id"] == owner.id
    expect(await upgrade_by_google(world), 409, "identity_taken")
    assert await methods_of(owner) == ["email", "google"]


@pytest.mark.usefixtures("bridge")
async def test_the_first_method_can_be_removed_and_begins_another_account(world: World) -> None:
    owner = await social(world, "google", "G1")
    expect(await link(world, owner, "line", "L1"), 201)
    expect(await owner.delete(f"{METHODS}/google"), 204)
    assert await methods_of(owner) == ["line"]
    stranger = await social(world, "google", "G1")
    assert (stranger.id != owner.id, await methods_of(stranger)) == (True, ["google"])


async def test_what_0_2_2_writes_beside_this_release_has_its_method(world: World) -> None:
    """Its statements: the trigger writes what they don't."""
    await sql(world, BRIDGE)
    guest = await world.guest()
    await sql(
        world,
        "INSERT INTO users (provider, provider_user_id, email, email_verified_at, nickname, role)"
        " VALUES ('google', 'G1', :email, now(), '花子', 'user')",
        email=ADDRESS,
    )
    owner = world.anonymous().take(expect(await sign_in(world, "google", sub="G1"), 200))
    assert (await methods_of(owner), await rows_of(world)) == (["google"], [GOOGLE])
    await sql(
        world,
        "UPDATE users SET provider = 'line', provider_user_id = 'L1', role = 'user'"
        " WHERE id = CAST(:id AS uuid)",
        id=guest.id,
    )
    assert expect(await sign_in(world, "line", sub="L1"), 200)["user"]["id"] == guest.id
    await sql(world, "UPDATE users SET provider_user_id = NULL WHERE provider = 'google'")
    assert [row[0] for row in await rows_of(world)] == ["line"]
