"""`POST /auth/login`: which sign-ins succeed, and that refusals do not reveal accounts."""

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
