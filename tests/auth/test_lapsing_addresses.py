"""An address that was only typed in, beside another sign-in method, does not keep its owner out."""

import asyncio
from collections.abc import Awaitable, Callable

import bcrypt
import httpx
import pytest
from sqlalchemy import text

from app.api import JOBS, PERIODICS
from app.auth.jobs import close_lapsed_emails
from app.user.enums import SignInMethod
from app.user.rows import NewUser
from app.user.service.imports import ImportService
from tests.support.api import Api, expect
from tests.support.auth import NEW, form, login, sign_in, token_of
from tests.support.fakes import FakeMailer
from tests.support.jobs import run_jobs
from tests.support.methods import LATE, METHODS, ask_for, change, link, methods_of, social
from tests.support.races import holding, start, until_waiting
from tests.support.sql import count, sql
from tests.support.world import PASSWORD, World

pytestmark = pytest.mark.usefixtures("idp")

SQUATTED = "Owner@example.com"
LAPSED = "確認されなかったメールアドレスが解除されました"

type Way = Callable[[World], Awaitable[httpx.Response]]


async def by_registering(world: World) -> httpx.Response:
    return await world.anonymous().post("/auth/register", json=form(email=SQUATTED.lower()))


async def by_upgrading(world: World) -> httpx.Response:
    guest = await world.guest()
    return await guest.post("/auth/guest/upgrade", json=form(email=SQUATTED.upper()))


async def by_adding(world: World) -> httpx.Response:
    owner = await social(world, "google", "G9")
    return await owner.post(f"{METHODS}/email", json={"email": SQUATTED, "password": PASSWORD})


async def by_a_change(world: World) -> httpx.Response:
    token = await ask_for(world, await world.register(), SQUATTED)
    return await change(world, token)


WAYS: dict[str, Way] = {
    "register": by_registering,
    "upgrade": by_upgrading,
    "add": by_adding,
    "change": by_a_change,
}


async def squat(world: World) -> Api:
    """A member by LINE who has added somebody's address."""
    squatter = await social(world, "line", "U1", exp=LATE)
    form = {"email": SQUATTED, "password": PASSWORD}
    expect(await squatter.post(f"{METHODS}/email", json=form), 201)
    return squatter


async def lapse(world: World) -> None:
    """What the periodic does, and the jobs that it enqueues."""
    async with world.runtime.writing() as ctx:
        await close_lapsed_emails(ctx)
    await run_jobs(world, JOBS)


async def told(api: Api) -> list[str]:
    return [note["title"] for note in await api.items("/notifications")]


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
async def test_it_gives_way_at_once_to_who_wants_the_address(world: World, way: Way) -> None:
    squatter = await squat(world)
    await run_jobs(world, JOBS)
    link_of_squatter = token_of(world.mailer, "verify-email")
    await sql(world, "DELETE FROM auth_sent_mails")
    assert (await way(world)).is_success
    # The account of the squatter is there, by LINE, and knows why.
    assert await methods_of(squatter) == ["line"]
    me = expect(await squatter.get("/users/me"), 200)
    assert (me["email"], me["email_verified"]) == (None, False)
    assert (await told(squatter))[0] == LAPSED
    expect(await sign_in(world, "line", sub="U1"), 200)
    newcomer = expect(await login(world, SQUATTED), 200)["user"]
    assert newcomer["id"] != squatter.id
    body = {"token": link_of_squatter}
    expect(await world.anonymous().post("/auth/email/verify", json=body), 422, "invalid_token")
    assert await count(world, "connection_records", "act = 'unlinked'") == 1


@pytest.mark.parametrize("way", [by_registering, by_upgrading, by_adding])
async def test_a_proved_address_and_one_without_another_method_give_way_to_nobody(
    world: World, way: Way
) -> None:
    alone = await world.register(email=SQUATTED)
    alone.email = SQUATTED
    world.clock.advance(hours=25)
    expect(await way(world), 409, "email_taken")
    assert expect(await login(world, SQUATTED), 200)["user"]["id"] == alone.id
    await world.sign_in(alone)
    expect(await link(world, alone, "line", "U1", exp=LATE), 201)
    await run_jobs(world, JOBS)
    body = {"token": token_of(world.mailer, "verify-email")}
    await sql(world, "UPDATE auth_mail_tokens SET expires_at = expires_at + interval '7 days'")
    expect(await world.anonymous().post("/auth/email/verify", json=body), 204)
    world.clock.advance(hours=25)
    await lapse(world)
    expect(await world.anonymous().post("/auth/register", json=form(email=SQUATTED)), 409)
    assert expect(await login(world, SQUATTED), 200)["user"]["id"] == alone.id


@pytest.mark.parametrize("has_method", [False, True])
async def test_an_imported_address_lapses_beside_a_method_and_never_alone(
    world: World, has_method: bool
) -> None:
    methods = [(SignInMethod.LINE, "U1")] if has_method else []
    hashed = bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(4)).decode()
    user = NewUser(b"s" * 32, "花子", SQUATTED, False, hashed, methods)
    async with world.runtime.writing() as ctx:
        await ctx.service(ImportService).add_all([user])
    world.clock.advance(hours=25)
    await lapse(world)
    expect(await login(world, SQUATTED), 401 if has_method else 200)


async def test_after_a_day_it_is_no_method_even_before_the_job_has_run(world: World) -> None:
    squatter = await squat(world)
    await run_jobs(world, JOBS)
    token = token_of(world.mailer, "verify-email")
    world.mailer.sent.clear()
    await sql(world, "UPDATE auth_mail_tokens SET expires_at = expires_at + interval '1 hour'")
    world.clock.advance(hours=23, minutes=59)
    expect(await login(world, SQUATTED), 200)
    squatter.take(expect(await sign_in(world, "line", sub="U1"), 200))
    assert await methods_of(squatter) == ["line", "email"]
    await lapse(world)
    assert await methods_of(squatter) == ["line", "email"]
    world.clock.advance(minutes=1)
    expect(await login(world, SQUATTED), 401, "invalid_credentials")
    assert await methods_of(squatter) == ["line"]
    assert expect(await squatter.get("/users/me"), 200)["email"] is None
    body = {"token": token}
    expect(await world.anonymous().post("/auth/email/verify", json=body), 422, "invalid_token")
    # Nor does it count as a password.
    expect(await squatter.delete(f"{METHODS}/line"), 409, "last_identity")
    old = {"current_password": PASSWORD, "new_password": NEW}
    expect(await squatter.post("/auth/password/change", json=old), 403, "wrong_password")
    assert "auth.close_lapsed_doors" in {periodic.name for periodic in PERIODICS}
    await lapse(world)
    assert await count(world, "users", "email IS NOT NULL OR password_hash IS NOT NULL") == 0
    assert (await told(squatter))[0] == LAPSED
    # It is told in the app alone: the address is a stranger's.
    assert world.mailer.sent == []
    expect(await squatter.delete(f"{METHODS}/line"), 409, "last_identity")


async def test_a_run_takes_so_many_and_the_next_one_more(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.auth.service.closing.LAPSED_AT_ONCE", 2)
    for number in range(3):
        owner = await social(world, "line", f"U{number}")
        body = {"email": f"a{number}@example.com", "password": PASSWORD}
        expect(await owner.post(f"{METHODS}/email", json=body), 201)
    world.clock.advance(hours=24)
    for left in (1, 0):
        await lapse(world)
        assert await count(world, "users", "password_hash IS NOT NULL") == left


async def test_who_leaves_after_a_day_needs_no_password_of_it(world: World) -> None:
    squatter = await squat(world)
    world.clock.advance(hours=24)
    squatter.take(expect(await sign_in(world, "line", sub="U1"), 200))
    expect(await squatter.delete("/users/me"), 202)


async def test_another_address_does_not_open_the_lapsed_method_again(world: World) -> None:
    squatter = await squat(world)
    world.clock.advance(hours=23, minutes=50)
    squatter.take(expect(await sign_in(world, "line", sub="U1"), 200))
    token = await ask_for(world, squatter, "new@example.com")
    world.clock.advance(minutes=10)
    expect(await change(world, token), 204)
    assert await methods_of(squatter) == ["line"]
    expect(await login(world, "new@example.com"), 401, "invalid_credentials")


async def test_an_admins_address_neither_lapses_nor_gives_way(world: World) -> None:
    admin, promoted = await world.admin(), await squat(world)
    form = {"role": "admin"}
    expect(await admin.patch(f"/admin/users/{promoted.id}", json=form), 200)
    world.clock.advance(hours=25)
    expect(await by_registering(world), 409, "email_taken")
    await lapse(world)
    assert expect(await login(world, SQUATTED), 200)["user"]["id"] == promoted.id
    # Nor does the address of one who links a sign-in method. An older release verified none.
    await sql(world, "UPDATE users SET email_verified_at = NULL WHERE id = :id", id=admin.id)
    await world.sign_in(admin)
    expect(await link(world, admin, "google", "G1", exp=LATE), 201)
    world.clock.advance(hours=25)
    await lapse(world)
    assert expect(await login(world, admin.email), 200)["user"]["id"] == admin.id


async def test_its_owner_may_add_it_again_after_a_day(world: World) -> None:
    squatter = await squat(world)
    world.clock.advance(hours=24)
    squatter.take(expect(await sign_in(world, "line", sub="U1"), 200))
    body = {"email": SQUATTED, "password": PASSWORD}
    expect(await squatter.post(f"{METHODS}/email", json=body), 201)
    assert expect(await login(world, SQUATTED), 200)["user"]["id"] == squatter.id
    expect(await squatter.post(f"{METHODS}/email", json=body), 409, "provider_already_linked")


async def test_the_day_begins_when_the_second_method_comes_and_ends_with_it(world: World) -> None:
    member = await world.register()
    world.clock.advance(days=3)
    await world.sign_in(member)
    expect(await link(world, member, "line", "U1", exp=LATE), 201)
    world.clock.advance(hours=23)
    await world.sign_in(member)
    closed = await member.call("DELETE", f"{METHODS}/line", json={"password": PASSWORD})
    expect(closed, 204)
    world.clock.advance(days=3)
    await lapse(world)
    await world.sign_in(member)
    assert await methods_of(member) == ["email"]
    expect(await link(world, member, "line", "U2", exp=LATE), 201)
    world.clock.advance(hours=24)
    expect(await login(world, member.email), 401, "invalid_credentials")


async def test_of_many_who_want_it_at_once_one_gets_it(committed_world: World) -> None:
    world = committed_world
    squatter = await squat(world)
    guests = [await world.guest() for _ in range(4)]
    upgrades = (
        guest.post("/auth/guest/upgrade", json=form(email=SQUATTED.upper())) for guest in guests
    )
    registrations = (
        world.anonymous().post("/auth/register", json=form(email=SQUATTED)) for _ in range(4)
    )
    answers = await asyncio.gather(*upgrades, *registrations)
    assert sorted(answer.status_code for answer in answers)[1:] == [409] * 7
    assert [answer.is_success for answer in answers].count(True) == 1
    assert await methods_of(squatter) == ["line"]


async def test_who_has_another_address_by_then_keeps_it(committed_world: World) -> None:
    """Who wants the address waits for its owner's row. It may have another one afterwards."""
    world = committed_world
    squatter = await squat(world)
    lock = "SELECT FROM users WHERE id = CAST(:id AS uuid) FOR UPDATE"
    async with holding(world, lock, id=squatter.id) as db:
        registering = start(world.anonymous().post("/auth/register", json=form(email=SQUATTED)))
        await until_waiting(world)
        other = "UPDATE users SET email = 'other@example.com' WHERE email = :email"
        await db.execute(text(other), email=SQUATTED)
    expect(await registering, 201)
    assert await methods_of(squatter) == ["line", "email"]


async def test_who_proves_it_at_the_same_time_keeps_it_or_loses_it_whole(
    committed_world: World, mailer: FakeMailer
) -> None:
    world = committed_world
    world.runtime.mailer = mailer
    for _ in range(4):
        await sql(world, "DELETE FROM users")
        await sql(world, "DELETE FROM auth_sent_mails")
        squatter = await squat(world)
        await run_jobs(world, JOBS)
        body = {"token": token_of(mailer, "verify-email")}
        proved, registered = await asyncio.gather(
            world.anonymous().post("/auth/email/verify", json=body),
            world.anonymous().post("/auth/register", json=form(email=SQUATTED)),
        )
        assert (proved.status_code, registered.status_code) in ((204, 409), (422, 201))
        assert ("email" in await methods_of(squatter)) == (proved.status_code == 204)
