"""Signing in with the ID token of a native SDK: users, audience and issuer."""

import asyncio
from typing import Any

import pytest

from tests.support.api import expect
from tests.support.auth import ME, PAIR, PROVIDERS, form, nonce, send, sign_in
from tests.support.provider import APPLE, GOOGLE, LINE
from tests.support.sql import count, sql
from tests.support.world import World, token

pytestmark = pytest.mark.usefixtures("idp")


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_the_first_sign_in_makes_the_user_and_the_second_reuses_it(
    world: World, provider: str
) -> None:
    subject = f"U{token()}"
    first = expect(await sign_in(world, provider, sub=subject, name="山田 花子"), 201)
    assert set(first["user"]) == ME
    assert set(first["tokens"]) == PAIR
    assert first["user"]["provider"] == provider
    assert first["user"]["nickname"] == "山田 花子"
    assert first["user"]["role"] == "user"
    assert first["user"]["email"] is None
    again = expect(await sign_in(world, provider, sub=subject, name="別の名前"), 200)
    assert again["user"]["id"] == first["user"]["id"]
    assert again["user"]["nickname"] == "山田 花子"
    rows = await sql(world, "SELECT provider, provider_user_id, password_hash FROM users")
    assert [tuple(row.values()) for row in map(dict, rows)] == [(provider, subject, None)]


async def test_the_same_subject_at_two_providers_is_two_users(world: World) -> None:
    ids = {
        expect(await sign_in(world, provider, sub="same"), 201)["user"]["id"]
        for provider in PROVIDERS
    }
    assert len(ids) == len(PROVIDERS)


async def test_a_social_sign_in_never_enters_an_email_account(world: World) -> None:
    member = await world.member()
    answer = await sign_in(world, "google", email=member.email, email_verified=True)
    made = expect(answer, 201)["user"]
    assert made["id"] != member.id
    assert made["email"] == member.email
    assert made["email_verified"] is True
    assert await count(world, "users", "lower(email) = lower(:email)", email=member.email) == 2
    # The address still belongs to the e-mail account, and the password opens only that account.
    login = {"email": member.email, "password": member.password}
    entered = expect(await world.anonymous().post("/auth/login", json=login), 200)
    assert entered["user"]["id"] == member.id


async def test_a_social_users_address_can_be_registered_as_a_separate_account(world: World) -> None:
    email = f"{token()}@example.com"
    social = expect(await sign_in(world, "line", email=email), 201)["user"]
    login = {"email": email, "password": "kawa-no-nagare-4817"}
    expect(await world.anonymous().post("/auth/login", json=login), 401, "invalid_credentials")
    registered = expect(await world.anonymous().post("/auth/register", json=form(email=email)), 201)
    assert registered["user"]["id"] != social["id"]


@pytest.mark.parametrize(
    ("claims", "verified"),
    [
        ({"email_verified": True}, True),
        ({"email_verified": "true"}, True),
        ({"email_verified": "false"}, False),
        ({"email_verified": 1}, True),
        ({}, False),
    ],
)
async def test_an_address_is_verified_only_if_the_provider_says_so(
    world: World, claims: dict[str, Any], verified: bool
) -> None:
    answer = await sign_in(world, "apple", email=f"{token()}@example.com", **claims)
    assert expect(answer, 201)["user"]["email_verified"] is verified


@pytest.mark.parametrize("email", ["no address", "a@b", "x" * 300 + "@example.com", 5, "\0@x.jp"])
async def test_a_malformed_address_is_ignored(world: World, email: Any) -> None:
    assert expect(await sign_in(world, "google", email=email), 201)["user"]["email"] is None


@pytest.mark.parametrize(
    ("name", "nickname"),
    [
        (None, "Linkyユーザー"),
        (["花子"], "Linkyユーザー"),
        ("名" * 31, "名" * 30),
    ],
)
async def test_the_nickname_is_the_name_within_the_rules_for_nicknames(
    world: World, name: Any, nickname: str
) -> None:
    made = expect(await sign_in(world, "line", name=name), 201)["user"]
    assert made["nickname"] == nickname


async def test_a_user_without_a_name_needs_a_nickname(world: World) -> None:
    named = expect(await sign_in(world, "line", name="花子"), 201)
    assert named["user"]["needs_nickname"] is False
    api = world.anonymous().take(expect(await sign_in(world, "apple"), 201))
    assert api.user["needs_nickname"] is True
    chosen = expect(await api.patch("/users/me", json={"nickname": "はな"}), 200)
    assert chosen["needs_nickname"] is False
    for other in (await world.member("Linkyユーザー"), await world.guest()):
        assert other.user["needs_nickname"] is False


async def test_the_terms_can_be_accepted_at_every_sign_in(world: World) -> None:
    for version in ("2026-01", "2026-02"):
        fresh = await nonce(world)
        id_token = world.idp.token("line", nonce=fresh, sub="reader")
        answer = await send(world, "line", id_token, nonce=fresh, terms_version=version)
        assert answer.json()["user"]["terms_version"] == version
    assert expect(await sign_in(world, "line", sub="reader"), 200)["user"]["terms_version"] == (
        "2026-02"
    )


async def test_a_suspended_user_cannot_sign_in_and_others_can(world: World) -> None:
    suspended = expect(await sign_in(world, "google", sub="bad"), 201)["user"]["id"]
    expect(await sign_in(world, "google", sub="good"), 201)
    admin = await world.admin()
    body = {"status": "suspended", "reason": "試験"}
    expect(await admin.patch(f"/admin/users/{suspended}", json=body), 200)
    problem = expect(await sign_in(world, "google", sub="bad"), 403, "account_suspended")
    assert "試験" in problem["detail"]
    expect(await sign_in(world, "google", sub="good"), 200)


async def test_an_unknown_provider_is_not_found(world: World) -> None:
    for name in ("facebook", "LINE", "email", "guest"):
        expect(await send(world, name, world.idp.token("line")), 404, "not_found")


async def test_meta_lists_the_configured_providers(world: World) -> None:
    listed = expect(await world.anonymous().get("/meta"), 200)["providers"]
    assert listed == ["email", "line", "google", "apple"]
    world.configure(google_client_ids=(), apple_client_ids=())
    listed = expect(await world.anonymous().get("/meta"), 200)["providers"]
    assert listed == ["email", "line"]


async def test_concurrent_first_sign_ins_make_one_user(committed_world: World) -> None:
    world = committed_world
    answers = await asyncio.gather(
        *(sign_in(world, "line", sub="twin", exp=4102444800) for _ in range(6))
    )
    assert sorted(answer.status_code for answer in answers) == [200] * 5 + [201]
    assert len({answer.json()["user"]["id"] for answer in answers}) == 1
    assert await count(world, "users", "provider_user_id = 'twin'") == 1


# Audience and issuer


@pytest.mark.parametrize(
    ("provider", "claims"),
    [
        *(("google", {"aud": client}) for client in GOOGLE),
        *(("apple", {"aud": client}) for client in APPLE),
        ("google", {"iss": "accounts.google.com"}),
        ("google", {"aud": GOOGLE[0], "azp": GOOGLE[1]}),
        ("google", {"aud": [GOOGLE[0]]}),
        ("google", {"aud": list(GOOGLE), "azp": GOOGLE[0]}),
        ("line", {"aud": int(LINE[0])}),
        ("line", {"amr": ["linesso"], "something": {"new": [1, 2, 3]}}),
    ],
)
async def test_every_valid_form_of_audience_and_issuer_is_accepted(
    world: World, provider: str, claims: dict[str, Any]
) -> None:
    expect(await sign_in(world, provider, **claims), 201)


async def test_clocks_may_differ_by_half_a_minute(world: World) -> None:
    now = int(world.idp.clock().timestamp())
    expect(await sign_in(world, "line", exp=now - 20, iat=now - 900), 201)
    expect(await sign_in(world, "line", iat=now + 20), 201)
    late = await sign_in(world, "line", exp=now - 40, iat=now - 900)
    expect(late, 401, "invalid_id_token")
    expect(await sign_in(world, "line", iat=now + 40), 401, "invalid_id_token")


async def test_the_issuer_is_fixed_whatever_discovery_says(world: World) -> None:
    world.idp.claimed_issuer = "https://evil.example"
    for provider in PROVIDERS:
        wrong = await sign_in(world, provider, iss="https://evil.example")
        expect(wrong, 401, "invalid_id_token")
        expect(await sign_in(world, provider), 201)
