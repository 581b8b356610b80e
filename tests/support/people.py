"""People who are signed in, made by one statement: registering by HTTP takes ten times as long."""

from datetime import timedelta
from functools import cache
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from passlib.context import CryptContext
from sqlalchemy import text

from app.core.sql.statements import composed
from app.core.tokens import AccessClaims, hash_of, new_opaque_token
from app.runtime.runtime import Runtime
from tests.support.beside import beside

PASSWORD = "kawa-no-nagare-4817"
LOWEST_COST = 4
"""bcrypt's: the tests hash hundreds of passwords."""

_INSERT = text("""
    WITH person AS (
        INSERT INTO users
            (provider, email, email_verified_at, password_hash, nickname, role, terms_version)
        VALUES
            ('email', :email, :verified_at, :password_hash, :nickname, :role, :terms_version)
        RETURNING *
    ), session AS (
        INSERT INTO user_sessions (user_id, user_agent, created_at, last_used_at, expires_at)
        SELECT id, 'tests', :now, :now, :end FROM person
        RETURNING id
    ), refresh AS (
        INSERT INTO refresh_tokens (session_id, token_hash, created_at, expires_at)
        SELECT id, :token_hash, :now, :end FROM session
    )
    SELECT person.*, session.id AS session_id FROM person, session
""")
_ADD_METHOD = """
    INSERT INTO user_identities (user_id, provider) VALUES ($1, 'email') ON CONFLICT DO NOTHING
"""
"""Apart: a schema that has the trigger for 0.2 has written it by then."""


@cache
def hash_of_password(password: str) -> str:
    return str(CryptContext(["bcrypt_sha256"], bcrypt_sha256__rounds=LOWEST_COST).hash(password))


async def add_person(
    runtime: Runtime,
    *,
    email: str,
    nickname: str,
    role: str,
    terms_version: str | None = None,
    is_verified: bool = False,
) -> dict[str, Any]:
    """Add a user with a session; returns what the answer of a sign-in holds.

    Nothing else of a registration happens: no mail, no connection record, no check of the form.
    Tests of those register by HTTP (`World.register`).
    """
    now, refresh_token = runtime.clock(), new_opaque_token()
    values = {
        "email": email,
        "verified_at": now if is_verified else None,
        "password_hash": hash_of_password(PASSWORD),
        "nickname": nickname,
        "role": role,
        "terms_version": terms_version,
        "token_hash": hash_of(refresh_token),
        "now": now,
        "end": now + timedelta(days=7),
    }
    async with beside(runtime) as db:
        _, sql, arguments = composed(_INSERT, values, {})
        (row,) = await db.driver(sql, *arguments)
        person = SimpleNamespace(**dict(row))
        await db.driver(_ADD_METHOD, person.id)
    claims = AccessClaims(UUID(str(person.id)), UUID(str(person.session_id)), role, is_guest=False)
    tokens = {"access_token": runtime.tokens.encode(claims), "refresh_token": refresh_token}
    return {"user": _as_json(person), "tokens": tokens}


def _as_json(person: Any) -> dict[str, Any]:
    """The user as the API shows them to themselves."""
    return {
        "id": str(person.id),
        "email": person.email,
        "email_verified": person.email_verified_at is not None,
        "nickname": person.nickname,
        "bio": person.bio,
        "avatar_url": None,
        "role": person.role,
        "is_guest": False,
        "provider": "email",
        "locale": person.locale,
        "terms_version": person.terms_version,
        "created_at": person.created_at.isoformat().replace("+00:00", "Z"),
        "needs_nickname": False,
        "may_publish": "yes",
    }
