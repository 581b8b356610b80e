"""Signing in, sessions and tokens, for the tests of accounts."""

import base64
import hashlib
import json
from typing import Any

import httpx

from app.api import METADATA
from app.auth.jobs import forget_what_is_over
from tests.support.api import Api, expect
from tests.support.fakes import FakeMailer
from tests.support.jose import signed_by_hand
from tests.support.sql import count, sql
from tests.support.world import PASSWORD, World, token

SECRET = b"t" * 40
"""The signing key `test` of the fixture `settings`."""

PAIR = {"access_token", "token_type", "expires_in", "refresh_token", "refresh_expires_in"}
ME = {
    *("id", "email", "email_verified", "nickname", "bio", "avatar_url", "role", "is_guest"),
    *("provider", "locale", "terms_version", "created_at", "needs_nickname", "may_publish"),
}


def form(**fields: Any) -> dict[str, Any]:
    """The body that registers a new member."""
    base = {"email": f"t-{token()}@example.com", "password": PASSWORD, "nickname": "新しい人"}
    return base | fields


async def refresh(world: World, refresh_token: str) -> httpx.Response:
    body = {"refresh_token": refresh_token}
    return await world.anonymous().post("/auth/refresh", json=body)


async def another_session(world: World, api: Api) -> Api:
    device = world.anonymous()
    device.email, device.password = api.email, api.password
    return await world.sign_in(device)


async def write(api: Api) -> httpx.Response:
    """A write that guests may do too; like all writes it asks the database for the session."""
    return await api.patch("/users/me", json={"locale": "en"})


async def devices(world: World) -> list[str]:
    rows = await sql(world, "SELECT install_id FROM user_devices ORDER BY install_id")
    return [row["install_id"] for row in rows]


async def living_sessions(world: World, user_id: str) -> int:
    living = "user_id = CAST(:id AS uuid) AND ended_at IS NULL"
    return await count(world, "user_sessions", living, id=user_id)


async def dump(world: World) -> str:
    """The whole content of all tables as text; bytes in hexadecimal."""
    found = []
    for table in METADATA.sorted_tables:
        rows = await sql(world, f'SELECT t::text AS line FROM "{table.name}" t')
        found += [row["line"] for row in rows]
    return "\n".join(found)


def parts(jwt: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """The header and the claims of a token, unverified."""
    header, claims, _ = jwt.split(".")
    return _decoded(header), _decoded(claims)


def session_id(api: Api) -> str:
    """The session that the caller's access token names."""
    return str(parts(api.access)[1]["sid"])


def _decoded(part: str) -> dict[str, Any]:
    return dict(json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))))


def forged(header: dict[str, Any], claims: dict[str, Any], secret: bytes = SECRET) -> str:
    """An access token with any header, signed with the app's secret or with another one."""
    return signed_by_hand(header, claims, secret)


def sha256(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


# Signing in with an ID token of a provider

PROVIDERS = ("line", "google", "apple")


async def nonce(world: World) -> str:
    return str(expect(await world.anonymous().post("/auth/nonce"), 201)["nonce"])


async def send(world: World, provider: str, id_token: str, **fields: Any) -> httpx.Response:
    body = {"id_token": id_token, **fields}
    return await world.anonymous().post(f"/auth/oauth/{provider}", json=body)


async def sign_in(world: World, provider: str, **claims: Any) -> httpx.Response:
    """Sign in with a valid ID token, changed only by `claims`."""
    fresh = await nonce(world)
    return await send(
        world, provider, world.idp.token(provider, nonce=fresh, **claims), nonce=fresh
    )


NEW = "atarashii-kotoba-9"


def token_of(mailer: FakeMailer, page: str) -> str:
    mail = next(m for m in reversed(mailer.sent) if page in m.text)
    return mail.text.partition("token=")[2].split()[0]


async def login(world: World, email: str, password: str = PASSWORD) -> httpx.Response:
    body = {"email": email, "password": password}
    return await world.anonymous().post("/auth/login", json=body)


async def clean_up(world: World) -> None:
    async with world.runtime.writing() as ctx:
        await forget_what_is_over(ctx)
