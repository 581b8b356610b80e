"""`POST /auth/login`: which sign-ins succeed, and that refusals do not reveal accounts."""

import json
from typing import Any

import bcrypt
import pytest

from tests.support.api import expect
from tests.support.auth import ME, PAIR, form, living_sessions
from tests.support.sql import count, sql
from tests.support.world import PASSWORD, World


async def test_a_correct_password_opens_a_new_session(world: World) -> None:
    member = await world.member()
    sent = {"email": member.email.upper(), "password": PASSWORD}
    response = await world.anonymous().post("/auth/login", json=sent)
    body = expect(response, 200)
    assert response.headers["cache-control"] == "no-store"
    assert set(body["user"]) >= ME
    assert set(body["tokens"]) >= PAIR
    assert body["user"] == member.user
    assert await living_sessions(world, member.id) == 2
    api = world.anonymous().take(body)
    assert expect(await api.get("/users/me"), 200)["id"] == member.id


async def test_an_address_with_non_ascii_letters_signs_in(world: World) -> None:
    anonymous = world.anonymous()
    for email in ("ΟΔΥΣΣΕΥΣ@example.com", "Işıl.İ@example.com", "ẞ@example.com"):
        registered = expect(await anonymous.post("/auth/register", json=form(email=email)), 201)
        sent = {"email": email, "password": PASSWORD}
        body = expect(await anonymous.post("/auth/login", json=sent), 200)
        assert body["user"]["id"] == registered["user"]["id"]


async def test_an_unknown_address_and_a_wrong_password_get_the_same_answer(world: World) -> None:
    member, answers = await world.member(), []
    anonymous = world.anonymous()
    for email, password in [
        (member.email, "not-the-password"),
        ("unknown-" + member.email, PASSWORD),
        (member.email, ""),
        (member.email, PASSWORD + " "),
        (member.email, PASSWORD[:-1]),
        (member.email, "x" * 4097),
        (member.email, PASSWORD * 4000),
        ("unknown-" + member.email, PASSWORD * 4000),
    ]:
        sent = {"email": email, "password": password}
        response = await anonymous.post("/auth/login", json=sent)
        body = expect(response, 401, "invalid_credentials")
        assert response.headers["www-authenticate"].startswith("Bearer")
        assert member.email not in response.text
        varying = ("x-request-id",)
        headers = {k: v for k, v in response.headers.items() if k not in varying}
        answers.append(({k: v for k, v in body.items() if k != "request_id"}, headers))
    assert all(answer == answers[0] for answer in answers)
    assert await living_sessions(world, member.id) == 1
    expect(
        await anonymous.post("/auth/login", json={"email": member.email, "password": PASSWORD}), 200
    )


async def test_an_unknown_address_costs_a_hash_like_a_wrong_password(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    member, hashed = await world.member(), list[bytes]()
    await world.runtime.passwords.warm_up()
    hashpw = bcrypt.hashpw

    def counting(password: bytes, salt: bytes) -> bytes:
        hashed.append(salt[:7])  # the kind and the cost
        return hashpw(password, salt)

    monkeypatch.setattr(bcrypt, "hashpw", counting)
    for email in (member.email, "unknown-" + member.email):
        sent = {"email": email, "password": "not-the-password"}
        expect(await world.anonymous().post("/auth/login", json=sent), 401, "invalid_credentials")
    assert len(hashed) == 2
    assert hashed[0] == hashed[1]


async def test_a_suspension_is_revealed_only_after_a_correct_password(world: World) -> None:
    member, anonymous = await world.member(), world.anonymous()
    right = {"email": member.email, "password": PASSWORD}
    wrong = right | {"password": "not-the-password"}
    await _set_status(world, member.id, "suspended")
    expect(await anonymous.post("/auth/login", json=wrong), 401, "invalid_credentials")
    expect(await anonymous.post("/auth/login", json=right), 403, "account_suspended")
    assert await count(world, "user_sessions") == 1
    await _set_status(world, member.id, "active")
    expect(await anonymous.post("/auth/login", json=right), 200)


async def _set_status(world: World, user_id: str, status: str) -> None:
    statement = "UPDATE users SET status = :status WHERE id = CAST(:id AS uuid)"
    await sql(world, statement, status=status, id=user_id)


async def test_a_user_who_left_cannot_sign_in(world: World) -> None:
    member, anonymous = await world.member(), world.anonymous()
    sent = {"email": member.email, "password": PASSWORD}
    expect(await anonymous.post("/auth/login", json=sent), 200)
    await sql(world, "UPDATE users SET left_at = now() WHERE id = CAST(:id AS uuid)", id=member.id)
    expect(await anonymous.post("/auth/login", json=sent), 401, "invalid_credentials")


async def test_a_social_account_never_accepts_a_password(world: World) -> None:
    member, anonymous = await world.member(), world.anonymous()
    sent = {"email": member.email, "password": PASSWORD}
    expect(await anonymous.post("/auth/login", json=sent), 200)
    await sql(
        world,
        "UPDATE users SET provider = 'google', provider_user_id = '1', password_hash = NULL "
        "WHERE id = CAST(:id AS uuid)",
        id=member.id,
    )
    expect(await anonymous.post("/auth/login", json=sent), 401, "invalid_credentials")


BAD: list[tuple[dict[str, Any], str]] = [
    ({}, "body.email"),
    ({"email": "x"}, "body.email"),
    ({"email": "a@example.com\0"}, "body.email"),
    ({"password": 1}, "body.password"),
    ({"password": "himitsu\ud800"}, "body.password"),
    ({"password": "himitsu\0"}, "body.password"),
    ({"role": "admin"}, "body.role"),
]


async def test_a_malformed_sign_in_is_refused_without_echoing_the_password(world: World) -> None:
    member = await world.member()
    for bad, field in BAD:
        sent = {"email": member.email, "password": "himitsu-no-kotoba"} | bad if bad else {}
        content = json.dumps(sent).encode()
        how = {"content": content, "headers": {"Content-Type": "application/json"}}
        response = await world.anonymous().post("/auth/login", **how)
        body = expect(response, 422, "validation_failed")
        assert field in [error["field"] for error in body["errors"]]
        assert "himitsu" not in response.text
