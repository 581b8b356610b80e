"""No answer reveals whether an address has an account: not by its text, status or time.

Time is compared by its causes: the statements that are sent and the passwords that are hashed.
"""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any

import bcrypt
import httpx
import pytest

from app.core.settings.config import Settings
from tests.support.api import Api, expect
from tests.support.auth import form
from tests.support.pools import listening
from tests.support.sql import sql
from tests.support.world import World, token

type Ask = Callable[[World, str], Awaitable[httpx.Response]]


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Count wrong passwords, as in production."""
    return settings.model_copy(update={"rate_limits": "on"})


@contextmanager
def effort(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Collects the statements and password hashes of the block, in order."""
    done: list[str] = []
    hashpw = bcrypt.hashpw

    def executed(statement: str, _: object) -> None:
        done.append(statement)

    def hashed(password: bytes, salt: bytes) -> bytes:
        done.append(f"bcrypt {salt[:7].decode()}")
        return hashpw(password, salt)

    with monkeypatch.context() as patched, listening(world.runtime.pools, executed):
        patched.setattr(bcrypt, "hashpw", hashed)
        yield done


async def addresses_of_every_kind(world: World) -> dict[str, str]:
    """An address for each kind of account."""
    await world.runtime.passwords.warm_up()
    member, social, left, suspended = [await world.member() for _ in range(4)]
    where = "WHERE id = CAST(:id AS uuid)"
    await sql(
        world,
        "UPDATE users SET provider = 'google', provider_user_id = '1', password_hash = NULL "
        + where,
        id=social.id,
    )
    await sql(world, f"UPDATE users SET left_at = now() {where}", id=left.id)
    await sql(world, f"UPDATE users SET status = 'suspended' {where}", id=suspended.id)
    return {
        "a member's": member.email,
        "a social account's": social.email,
        "a leaver's": left.email,
        "a suspended user's": suspended.email,
        "unknown": f"unknown-{token()}@example.com",
    }


def comparable(answer: httpx.Response) -> tuple[int, Any, dict[str, str]]:
    body = answer.json() if answer.content else None
    if body:
        body.pop("request_id", None)
    headers = {k: v for k, v in answer.headers.items() if k != "x-request-id"}
    return answer.status_code, body, headers


async def log_in(world: World, email: str) -> httpx.Response:
    body = {"email": email, "password": "not-the-password"}
    return await world.anonymous().post("/auth/login", json=body)


async def forgot_password(world: World, email: str) -> httpx.Response:
    return await world.anonymous().post("/auth/password/forgot", json={"email": email})


async def ask_to_delete(world: World, email: str) -> httpx.Response:
    answer = await world.http.post("http://test/account/delete", data={"email": email})
    return httpx.Response(answer.status_code, headers=answer.headers, json={"html": answer.text})


@pytest.mark.parametrize(
    ("ask", "status"), [(log_in, 401), (forgot_password, 202), (ask_to_delete, 202)]
)
async def test_the_answer_and_the_effort_are_the_same_for_every_address(
    world: World, monkeypatch: pytest.MonkeyPatch, ask: Ask, status: int
) -> None:
    results = {}
    for whose, email in (await addresses_of_every_kind(world)).items():
        with effort(world, monkeypatch) as done:
            answer = await ask(world, email)
        assert answer.status_code == status
        results[whose] = (comparable(answer), done)
    assert results == dict.fromkeys(results, results["unknown"])
    _, done = results["unknown"]
    assert done
    assert len([step for step in done if step.startswith("bcrypt")]) == (1 if ask is log_in else 0)


async def test_a_wait_after_wrong_passwords_looks_the_same_for_every_address(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    results = {}
    for whose, email in (await addresses_of_every_kind(world)).items():
        for _ in range(5):
            expect(await log_in(world, email), 401)
        with effort(world, monkeypatch) as done:
            answer = await log_in(world, email)
        expect(answer, 429, "rate_limited")
        results[whose] = (comparable(answer), done)
    assert results == dict.fromkeys(results, results["unknown"])


async def test_a_resend_looks_the_same_whether_a_link_is_needed_or_not(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    unverified, verified, guest = await world.member(), await world.member(), await world.guest()
    await sql(
        world,
        "UPDATE users SET email_verified_at = now() WHERE id = CAST(:id AS uuid)",
        id=verified.id,
    )

    async def resend(api: Api) -> tuple[Any, list[str]]:
        with effort(world, monkeypatch) as done:
            answer = await api.post("/auth/email/resend")
        expect(answer, 204)
        return comparable(answer), done

    first, others = await resend(unverified), [await resend(verified), await resend(guest)]
    assert others == [first, first]


async def test_registering_a_taken_address_costs_a_hash_like_a_free_address(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    member = await world.member()
    with effort(world, monkeypatch) as taken:
        sent = form(email=member.email.upper())
        expect(await world.anonymous().post("/auth/register", json=sent), 409, "email_taken")
    with effort(world, monkeypatch) as free:
        expect(await world.anonymous().post("/auth/register", json=form()), 201)
    for done in (taken, free):
        assert len([step for step in done if step.startswith("bcrypt")]) == 1
