"""What the tests of accounts share."""

import base64
import hashlib
import hmac
import json
from typing import Any

import httpx

from app.api import METADATA
from tests.post.helpers import count, sql
from tests.support.api import Api, expect
from tests.support.provider import Providers
from tests.support.world import PASSWORD, World, token

SECRET = b"t" * 40
"""The key `test` of the fixture `settings`."""

PAIR = {"access_token", "token_type", "expires_in", "refresh_token", "refresh_expires_in"}
ME = {
    *("id", "email", "email_verified", "nickname", "bio", "avatar_url", "role", "is_guest"),
    *("provider", "locale", "terms_version", "created_at", "needs_nickname"),
}


def form(**fields: Any) -> dict[str, Any]:
    """What registers a new member."""
    base = {"email": f"t-{token()}@example.com", "password": PASSWORD, "nickname": "新しい人"}
    return base | fields


async def refresh(world: World, refresh_token: str) -> httpx.Response:
    body = {"refresh_token": refresh_token}
    return await world.anonymous().post("/auth/refresh", json=body)


async def another_session(world: World, api: Api) -> Api:
    """The same person on another device."""
    device = world.anonymous()
    device.email, device.password = api.email, api.password
    return await world.sign_in(device)


async def write(api: Api) -> httpx.Response:
    """Something that a guest may do too, and for which the database is asked who is calling."""
    return await api.patch("/users/me", json={"locale": "en"})


async def register_device(api: Api, install_id: str) -> None:
    device = {"kind": "fcm_token", "value": f"value of {install_id}", "platform": "ios"}
    expect(await api.put(f"/notifications/devices/{install_id}", json=device), 204)


async def devices(world: World) -> list[str]:
    rows = await sql(world, "SELECT install_id FROM user_devices ORDER BY install_id")
    return [row["install_id"] for row in rows]


async def living_sessions(world: World, user_id: str) -> int:
    living = "user_id = CAST(:id AS uuid) AND ended_at IS NULL"
    return await count(world, "user_sessions", living, id=user_id)


async def dump(world: World) -> str:
    """Everything that the tables hold, as text; bytes in hexadecimal."""
    found = []
    for table in METADATA.sorted_tables:
        rows = await sql(world, f'SELECT t::text AS line FROM "{table.name}" t')
        found += [row["line"] for row in rows]
    return "\n".join(found)


def parts(jwt: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """A token's header and claims, unverified."""
    header, claims, _ = jwt.split(".")
    return _decoded(header), _decoded(claims)


def _decoded(part: str) -> dict[str, Any]:
    return dict(json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))))


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def forged(
    header: dict[str, Any], claims: dict[str, Any], secret: bytes = SECRET, hash_: str = "sha256"
) -> str:
    """A token made by hand, without any library that might refuse to."""
    signed = f"{b64(json.dumps(header).encode())}.{b64(json.dumps(claims).encode())}"
    return f"{signed}.{b64(hmac.digest(secret, signed.encode(), hash_))}"


def sha256(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


# Signing in by the word of a provider


async def nonce(world: World) -> str:
    return str(expect(await world.anonymous().post("/auth/nonce"), 201)["nonce"])


async def send(world: World, provider: str, id_token: str, **fields: Any) -> httpx.Response:
    body = {"id_token": id_token, **fields}
    return await world.anonymous().post(f"/auth/oauth/{provider}", json=body)


async def sign_in(world: World, idp: Providers, provider: str, **claims: Any) -> httpx.Response:
    """With everything good, but for what `claims` says."""
    fresh = await nonce(world)
    return await send(world, provider, idp.token(provider, nonce=fresh, **claims), nonce=fresh)
