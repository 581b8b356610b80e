"""Signing out, listing and ending sessions, nonces, and the periodic clean-up."""

from sqlalchemy import text

from app.auth.jobs import forget_what_is_over
from tests.support.api import Api, expect
from tests.support.auth import another_session, devices, refresh, session_id, sha256, write
from tests.support.beside import beside
from tests.support.notifications import register_device
from tests.support.sql import count
from tests.support.world import World

INVALID = "invalid_refresh_token"


async def logout(world: World, refresh_token: str) -> None:
    body = {"refresh_token": refresh_token}
    expect(await world.anonymous().post("/auth/logout", json=body), 204)


async def ensure_ended(world: World, api: Api) -> None:
    expect(await write(api), 401, "session_revoked")
    expect(await refresh(world, api.refresh_token), 401, INVALID)


async def ensure_alive(world: World, api: Api) -> None:
    expect(await write(api), 200)
    api.take(expect(await refresh(world, api.refresh_token), 200))


# Signing out


async def test_signing_out_ends_this_session_and_deletes_its_device(world: World) -> None:
    phone = await world.member()
    tablet = await another_session(world, phone)
    await register_device(phone, "phone-0001")
    await register_device(tablet, "tablet-001")
    await logout(world, phone.refresh_token)
    await ensure_ended(world, phone)
    assert await devices(world) == ["tablet-001"]
    await ensure_alive(world, tablet)
    await logout(world, phone.refresh_token)
    assert await devices(world) == ["tablet-001"]


async def test_signing_out_with_an_unknown_token_ends_nothing(world: World) -> None:
    member = await world.member()
    for unknown in ("x" * 43, "", "あ", member.access):
        await logout(world, unknown)
    await ensure_alive(world, member)


async def test_signing_out_with_a_rotated_token_ends_the_session(world: World) -> None:
    member = await world.member()
    first = member.refresh_token
    member.take(expect(await refresh(world, first), 200))
    world.clock.advance(minutes=1)
    await logout(world, first)
    await ensure_ended(world, member)


# Sessions


async def test_the_list_shows_what_distinguishes_sessions(world: World) -> None:
    phone, other = await world.member(), await world.member()
    world.clock.advance(minutes=1)
    body = {"email": phone.email, "password": phone.password}
    agent = {"User-Agent": b"Linky/1.0\t(iOS)\x07" + b"x" * 400}
    signed_in = await world.anonymous().post("/auth/login", json=body, headers=agent)
    tablet = world.anonymous().take(expect(signed_in, 200))
    world.clock.advance(minutes=1)
    phone.take(expect(await refresh(world, phone.refresh_token), 200))
    newest, oldest = await phone.items("/auth/sessions")
    assert (newest["id"], oldest["id"]) == (session_id(tablet), session_id(phone))
    assert (newest["current"], oldest["current"]) == (False, True)
    assert newest["user_agent"] == ("Linky/1.0(iOS)" + "x" * 400)[:300]
    assert newest["created_at"] == newest["last_used_at"] > oldest["created_at"]
    assert oldest["last_used_at"] > newest["last_used_at"]
    assert newest["created_at"].endswith("Z")
    assert session_id(other) not in (newest["id"], oldest["id"])
    assert [session["current"] for session in await tablet.items("/auth/sessions")] == [True, False]


async def test_an_expired_session_is_not_listed(world: World) -> None:
    used = await world.member()
    await another_session(world, used)
    world.clock.advance(days=6)
    used.take(expect(await refresh(world, used.refresh_token), 200))
    assert len(await used.ids("/auth/sessions")) == 2
    world.clock.advance(days=1, seconds=1)
    used.take(expect(await refresh(world, used.refresh_token), 200))
    assert await used.ids("/auth/sessions") == [session_id(used)]


async def test_a_single_session_can_be_ended(world: World) -> None:
    phone = await world.member()
    tablet = await another_session(world, phone)
    await register_device(phone, "phone-0001")
    await register_device(tablet, "tablet-001")
    path = f"/auth/sessions/{session_id(tablet)}"
    expect(await phone.delete(path), 204)
    await ensure_ended(world, tablet)
    assert await phone.ids("/auth/sessions") == [session_id(phone)]
    assert await devices(world) == ["phone-0001"]
    expect(await phone.delete(path), 404, "session_not_found")
    await ensure_alive(world, phone)
    expect(await phone.delete(f"/auth/sessions/{session_id(phone)}"), 204)
    await ensure_ended(world, phone)


async def test_all_other_sessions_can_be_ended(world: World) -> None:
    phone, stranger = await world.member(), await world.member()
    others = [await another_session(world, phone) for _ in range(2)]
    for number, api in enumerate([phone, stranger, *others]):
        await register_device(api, f"install-{number}")
    expect(await phone.delete("/auth/sessions"), 204)
    for other in others:
        await ensure_ended(world, other)
    assert await devices(world) == ["install-0", "install-1"]
    assert await phone.ids("/auth/sessions") == [session_id(phone)]
    await ensure_alive(world, phone)
    await ensure_alive(world, stranger)
    expect(await phone.delete("/auth/sessions"), 204)


# Nonces


async def test_a_nonce_is_random_and_stored_as_a_hash_for_ten_minutes(world: World) -> None:
    nonces = []
    for caller in (world.anonymous(), await world.guest(), await world.member()):
        response = await caller.post("/auth/nonce")
        body = expect(response, 201)
        assert body["expires_in"] == 600
        assert response.headers["cache-control"] == "no-store"
        nonces.append(body["nonce"])
    assert len(set(nonces)) == 3
    assert min(len(nonce) for nonce in nonces) >= 43
    async with beside(world.runtime) as db:
        rows = await db.all(text("SELECT nonce_hash, expires_at FROM auth_nonces"))
    assert {hashed.hex() for hashed, _ in rows} == {sha256(nonce) for nonce in nonces}
    assert {(expires_at - world.clock()).total_seconds() for _, expires_at in rows} == {600}


# The clean-up


async def test_the_clean_up_deletes_only_what_has_expired(world: World) -> None:
    async def rows_after_clean_up() -> tuple[int, int, int]:
        async with world.runtime.writing() as ctx:
            await forget_what_is_over(ctx)
        tables = ("refresh_tokens", "auth_nonces", "user_sessions")
        tokens, nonces, sessions = [await count(world, table) for table in tables]
        return tokens, nonces, sessions

    living, ended, unused = [await world.member() for _ in range(3)]
    await register_device(unused, "unused-001")
    await logout(world, ended.refresh_token)
    expect(await world.anonymous().post("/auth/nonce"), 201)
    assert await rows_after_clean_up() == (3, 1, 3)
    world.clock.advance(minutes=11)
    assert await rows_after_clean_up() == (3, 0, 3)
    world.clock.advance(days=6)
    living.take(expect(await refresh(world, living.refresh_token), 200))
    first = living.refresh_token
    world.clock.advance(days=2)
    # The session that ended eight days ago is deleted.
    assert await rows_after_clean_up() == (1, 0, 2)
    living.take(expect(await refresh(world, first), 200))
    world.clock.advance(days=6, hours=23)
    assert await rows_after_clean_up() == (1, 0, 1)
    assert await devices(world) == []
    living.take(expect(await refresh(world, living.refresh_token), 200))
    await ensure_alive(world, living)
