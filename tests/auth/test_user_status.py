"""The user and the session in the database take precedence over what the token says."""

from typing import Any

from tests.support.api import Api, expect
from tests.support.auth import another_session, devices, refresh, write
from tests.support.notifications import register_device
from tests.support.sql import sql
from tests.support.world import World, picture

WRITES: list[tuple[str, str, Any]] = [
    ("PATCH", "/users/me", {"locale": "en"}),
    ("DELETE", "/users/me/avatar", None),
    ("DELETE", "/auth/sessions", None),
]


async def set_status(world: World, api: Api, status: str) -> None:
    statement = "UPDATE users SET status = :status WHERE id = CAST(:id AS uuid)"
    await sql(world, statement, status=status, id=api.id)


async def test_a_suspended_user_can_only_read_until_the_token_expires(world: World) -> None:
    member, other = await world.member(), await world.member()
    tablet = await another_session(world, member)
    others = [*WRITES, ("PUT", f"/users/{other.id}/block", None)]
    await set_status(world, member, "suspended")
    for method, path, body in others:
        expect(await member.call(method, path, json=body), 403, "account_suspended")
    avatar = await member.upload(picture(), "/users/me/avatar", "PUT")
    expect(avatar, 403, "account_suspended")
    expect(await refresh(world, member.refresh_token), 403, "account_suspended")
    for path in ("/users/me", "/auth/sessions", "/users/me/blocks", f"/users/{other.id}"):
        expect(await member.get(path), 200)
    assert expect(await member.get("/users/me"), 200)["locale"] == "ja"
    assert len(await member.ids("/auth/sessions")) == 2
    await set_status(world, member, "active")
    for method, path, body in others:
        assert (await member.call(method, path, json=body)).is_success
    expect(await member.upload(picture(), "/users/me/avatar", "PUT"), 200)
    expect(await refresh(world, member.refresh_token), 200)
    expect(await write(tablet), 401, "session_revoked")  # by the member's own DELETE


async def test_a_suspended_user_may_sign_out(world: World) -> None:
    member = await world.member()
    await register_device(member, "phone-0001")
    await set_status(world, member, "suspended")
    body = {"refresh_token": member.refresh_token}
    expect(await world.anonymous().post("/auth/logout", json=body), 204)
    assert await devices(world) == []
    expect(await refresh(world, member.refresh_token), 401, "invalid_refresh_token")


async def test_the_admin_role_is_checked_in_the_database(world: World) -> None:
    admin = await world.admin()
    expect(await admin.get("/admin/lounge-requests"), 200)
    demote = "UPDATE users SET role = :role WHERE id = CAST(:id AS uuid)"
    await sql(world, demote, role="user", id=admin.id)
    expect(await admin.get("/admin/lounge-requests"), 403, "admin_only")
    admin.take(expect(await refresh(world, admin.refresh_token), 200))
    assert expect(await admin.get("/users/me"), 200)["role"] == "user"
    expect(await admin.get("/admin/lounge-requests"), 403, "admin_only")
    await sql(world, demote, role="admin", id=admin.id)
    expect(await admin.get("/admin/lounge-requests"), 200)
