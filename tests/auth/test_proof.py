"""A stolen token does not become the account: what needs a recent proof, and how one proves."""

from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest

from app.api import JOBS
from app.core.settings.config import Settings
from tests.support.api import Api, expect
from tests.support.auth import PROVIDERS, login, nonce, refresh, sign_in
from tests.support.fakes import FakeClock
from tests.support.jobs import run_jobs
from tests.support.methods import METHODS, code_of, link, methods_of, social
from tests.support.provider import Providers
from tests.support.sql import count, sql
from tests.support.world import PASSWORD, World

pytestmark = pytest.mark.usefixtures("idp")

PROOF = "/auth/proof"
NEW_LOGIN = {"email": "new@example.com", "password": PASSWORD}
NEW_ADDRESS = {"email": "other@example.com"}

type Act = Callable[[World, Api], Awaitable[httpx.Response]]


async def prove(caller: Api, **form: Any) -> httpx.Response:
    return await caller.post(PROOF, json=form)


async def token_form(world: World, provider: str, sub: str) -> dict[str, str]:
    """The proof by an ID token of a provider's SDK."""
    fresh = await nonce(world)
    token = world.idp.token(provider, nonce=fresh, sub=sub)
    return {"provider": provider, "id_token": token, "nonce": fresh}


async def link_by_token(world: World, caller: Api) -> httpx.Response:
    return await link(world, caller, "google", "G1")


async def link_by_code(world: World, caller: Api) -> httpx.Response:
    spent = await code_of(world, "A1", "apple")
    return await caller.post(f"{METHODS}/exchange", json=spent)


async def add_email(_: World, caller: Api) -> httpx.Response:
    return await caller.post(f"{METHODS}/email", json=NEW_LOGIN)


async def unlink(_: World, caller: Api) -> httpx.Response:
    return await caller.delete(f"{METHODS}/line")


async def change_address(_: World, caller: Api) -> httpx.Response:
    return await caller.post("/users/me/email", json=NEW_ADDRESS)


async def leave(_: World, caller: Api) -> httpx.Response:
    return await caller.delete("/users/me")


ACTS: dict[str, tuple[Act, int]] = {
    "link": (link_by_token, 201),
    "link by the browser": (link_by_code, 201),
    "add an address": (add_email, 201),
    "unlink": (unlink, 204),
    "change the address": (change_address, 202),
    "leave": (leave, 202),
}


async def two_methods(world: World) -> Api:
    """A member without a password, by LINE; and by Apple or Google, so that LINE can be closed."""
    owner = await social(world, "line", "U1")
    await sql(
        world,
        "INSERT INTO user_identities (user_id, provider, subject)"
        " VALUES (CAST(:id AS uuid), :provider, 'other')",
        id=owner.id,
        provider="google",
    )
    return owner


@pytest.fixture
def owners(world: World, idp: Providers) -> Callable[[str], Awaitable[Api]]:
    """A member who may do the act, but for its proof."""

    async def make(name: str) -> Api:
        if name == "unlink":
            return await two_methods(world)
        return await social(world, "line", "U1")

    return make


@pytest.mark.parametrize("name", ACTS)
async def test_ten_minutes_after_the_sign_in_it_needs_a_proof(
    world: World, owners: Callable[[str], Awaitable[Api]], name: str
) -> None:
    act, done = ACTS[name]
    owner = await owners(name)
    before = await methods_of(owner)
    world.clock.advance(minutes=10, seconds=1)
    refused = expect(await act(world, owner), 403, "proof_required")
    assert "もう一度ログイン" in refused["detail"]
    in_english = await owner.delete("/users/me", headers={"Accept-Language": "en"})
    assert "sign in again" in expect(in_english, 403, "proof_required")["detail"]
    # A refresh proves nothing.
    owner.take(expect(await refresh(world, owner.refresh_token), 200))
    expect(await act(world, owner), 403, "proof_required")
    assert await methods_of(owner) == before
    assert await count(world, "auth_mail_tokens") == 0
    expect(await prove(owner, **await token_form(world, "line", "U1")), 204)
    world.clock.advance(minutes=10)
    expect(await act(world, owner), done)


@pytest.mark.parametrize("name", ACTS)
async def test_ten_minutes_long_the_sign_in_is_the_proof(
    world: World, owners: Callable[[str], Awaitable[Api]], name: str
) -> None:
    act, done = ACTS[name]
    owner = await owners(name)
    world.clock.advance(minutes=10)
    expect(await act(world, owner), done)


async def test_what_came_with_a_refused_call_is_not_spent(world: World) -> None:
    owner = await social(world, "line", "U1")
    world.clock.advance(minutes=11)
    spent = await code_of(world, "A1", "apple")
    by_token = await token_form(world, "google", "G1")
    provider = by_token.pop("provider")
    expect(await owner.post(f"{METHODS}/exchange", json=spent), 403, "proof_required")
    expect(await owner.post(f"{METHODS}/{provider}", json=by_token), 403, "proof_required")
    expect(await prove(owner, **await token_form(world, "line", "U1")), 204)
    expect(await owner.post(f"{METHODS}/exchange", json=spent), 201)
    expect(await owner.post(f"{METHODS}/{provider}", json=by_token), 201)
    assert await methods_of(owner) == ["line", "apple", "google"]


async def test_a_retry_gets_the_first_answer_after_the_proof_is_over(world: World) -> None:
    owner = await social(world, "line", "U1")
    spent = await code_of(world, "A1", "apple")
    by_token = await token_form(world, "google", "G1")
    calls = [
        (f"{METHODS}/{by_token.pop('provider')}", by_token),
        (f"{METHODS}/exchange", spent),
        (f"{METHODS}/email", NEW_LOGIN),
    ]
    first = [expect(await owner.post(path, json=form, key=path), 201) for path, form in calls]
    world.clock.advance(minutes=11)
    again = [expect(await owner.post(path, json=form, key=path), 201) for path, form in calls]
    assert again == first
    expect(await owner.post(calls[0][0], json=by_token), 403, "proof_required")


async def test_where_there_is_a_password_it_is_the_proof_in_any_session(world: World) -> None:
    member = await world.member()
    expect(await link(world, member, "line", "U1"), 201)
    for minutes in (0, 11):
        world.clock.advance(minutes=minutes)
        for method, path, form in (
            ("DELETE", f"{METHODS}/line", {}),
            ("POST", "/users/me/email", NEW_ADDRESS),
            ("DELETE", "/users/me", {}),
        ):
            for wrong in ({}, {"password": "chigau-kotoba-1"}):
                answer = await member.call(method, path, json=form | wrong)
                expect(answer, 403, "wrong_password")
    # The password of a call is the proof of that call alone.
    right = {"password": PASSWORD}
    expect(await member.call("DELETE", f"{METHODS}/line", json=right), 204)
    expect(await link(world, member, "line", "U1"), 403, "proof_required")
    expect(await member.post("/users/me/email", json=NEW_ADDRESS | right), 202)
    expect(await prove(member, **right), 204)
    expect(await link(world, member, "line", "U1"), 201)
    world.clock.advance(minutes=11)
    expect(await member.call("DELETE", "/users/me", json=right), 202)


async def test_guests_leave_and_become_members_without_a_proof(world: World) -> None:
    leaver, joiner, social_joiner = [await world.guest() for _ in range(3)]
    world.clock.advance(minutes=20)
    expect(await prove(leaver, password=PASSWORD), 403, "guest_not_allowed")
    expect(await leaver.delete("/users/me"), 202)
    form = {**NEW_LOGIN, "nickname": "新しい人"}
    expect(await joiner.post("/auth/guest/upgrade", json=form), 200)
    by_token = await token_form(world, "line", "U7")
    provider = by_token.pop("provider")
    expect(await social_joiner.post(f"/auth/guest/upgrade/{provider}", json=by_token), 200)


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_an_id_token_of_a_method_proves_once(world: World, provider: str) -> None:
    owner = await social(world, provider, "U1")
    world.clock.advance(minutes=11)
    stranger = await token_form(world, provider, "U2")
    expect(await prove(owner, **stranger), 401, "invalid_id_token")
    form = await token_form(world, provider, "U1")
    expect(await prove(owner, **form), 204)
    expect(await prove(owner, **form), 401, "invalid_id_token")
    # The refused call has not spent its nonce.
    await sql(world, "UPDATE user_identities SET subject = 'U2'")
    expect(await prove(owner, **stranger), 204)
    assert await count(world, "connection_records", f"user_id = '{owner.id}'") == 3


async def test_a_code_of_the_browser_proves_once(world: World) -> None:
    owner = await social(world, "line", "U1")
    world.clock.advance(minutes=11)
    stranger, spent = await code_of(world, "U2"), await code_of(world, "U1")
    expect(await prove(owner, **stranger), 401, "invalid_code")
    wrong = spent | {"code_verifier": "x" * 43}
    expect(await prove(owner, **wrong), 401, "invalid_code")
    expect(await prove(owner, **spent), 204)
    expect(await prove(owner, **spent), 401, "invalid_code")
    expect(await link(world, owner, "google", "G1"), 201)
    # The stranger's is a sign-in of theirs, as before.
    expect(await world.anonymous().post("/auth/oauth/exchange", json=stranger), 201)


@pytest.mark.parametrize("provider", ["line", "apple"])
async def test_the_token_that_came_with_a_code_is_kept_until_the_user_leaves(
    world: World, provider: str
) -> None:
    """The user signed in by the SDK, so no other token is known that tells the provider."""
    owner = await social(world, provider, "U1")
    world.clock.advance(minutes=11)
    expect(await prove(owner, **await code_of(world, "U1", provider)), 204)
    left = expect(await owner.delete("/users/me"), 202)
    assert left["unlink_at_provider"] is False
    await run_jobs(world, JOBS)
    revoked = [form["token"] for form in world.idp[provider].revoked]
    told = world.idp[provider].unlinked if provider == "line" else revoked
    assert told == (["U1"] if provider == "line" else world.idp[provider].refresh_tokens)
    assert await count(world, "auth_provider_tokens") == 0


async def test_a_method_that_the_account_has_not_proves_nothing(world: World) -> None:
    owner = await social(world, "line", "U1")
    other = await social(world, "google", "G1")
    world.clock.advance(minutes=11)
    form = await token_form(world, "google", "G1")
    expect(await prove(owner, **form), 401, "invalid_id_token")
    expect(await prove(owner, password=PASSWORD), 403, "wrong_password")
    expect(await link(world, owner, "apple", "A1"), 403, "proof_required")
    expect(await prove(other, **form), 204)


async def test_a_provider_that_is_away_or_not_set_up_proves_nothing(world: World) -> None:
    owner = await social(world, "line", "U1")
    form = await token_form(world, "google", "U1")
    world.idp.down = {"google"}
    expect(await prove(owner, **form), 503, "provider_unavailable")


async def test_a_provider_that_is_not_set_up_is_not_found(world: World) -> None:
    world.configure(line_channel_id=None)
    world.app.state._state.pop("identity_providers", None)
    form = {"provider": "line", "id_token": "x", "nonce": "y"}
    expect(await prove(await world.member(), **form), 404, "provider_not_enabled")


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"password": None},
        {"provider": "line"},
        {"id_token": "x", "nonce": "y"},
        {"nonce": "y"},
        {"code": "x"},
        {"code_verifier": "x" * 43},
        {"password": PASSWORD, "nonce": "y"},
        {"password": PASSWORD, "code": "x", "code_verifier": "y"},
        {"password": PASSWORD, "provider": "line", "id_token": "x", "nonce": "y"},
        {"provider": "line", "id_token": "x", "code": "x", "code_verifier": "y"},
        {"provider": "email", "id_token": "x", "nonce": "y"},
        {"password": PASSWORD, "pin": "1234"},
        {"password": 1},
    ],
)
async def test_other_forms_are_refused(world: World, form: dict[str, Any]) -> None:
    refused = await (await world.member()).post(PROOF, json=form)
    expect(refused, 422, "validation_failed")


async def test_each_session_proves_for_itself(world: World) -> None:
    member = await world.member()
    world.clock.advance(minutes=11)
    other = world.anonymous().take(expect(await login(world, member.email), 200))
    expect(await prove(member, password="chigau-kotoba-1"), 403, "wrong_password")
    expect(await link(world, member, "line", "U1"), 403, "proof_required")
    expect(await link(world, other, "line", "U1"), 201)


async def test_the_sign_in_may_have_any_method(world: World) -> None:
    owner = await two_methods(world)
    world.clock.advance(minutes=11)
    again = await sign_in(world, "google", sub="other")
    fresh = world.anonymous().take(expect(again, 200))
    expect(await unlink(world, owner), 403, "proof_required")
    expect(await unlink(world, fresh), 204)


class TestGuesses:
    """A wrong password counts, wherever an open session sends it."""

    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return settings.model_copy(update={"rate_limits": "on"})

    async def test_after_five_wrong_ones_even_the_right_one_has_to_wait(
        self, world: World, clock: FakeClock
    ) -> None:
        member, wrong = await world.member(), "chigau-kotoba-1"
        change = {"current_password": wrong, "new_password": "atarashii-kotoba-9"}
        calls: list[tuple[str, str, dict[str, str]]] = [
            ("POST", PROOF, {"password": wrong}),
            ("POST", "/users/me/email", NEW_ADDRESS | {"password": wrong}),
            ("DELETE", "/users/me", {"password": wrong}),
            ("POST", "/auth/password/change", change),
            ("DELETE", f"{METHODS}/email", {"password": wrong}),
        ]
        for method, path, form in calls:
            expect(await member.call(method, path, json=form), 403, "wrong_password")
        refused = await prove(member, password=PASSWORD)
        expect(refused, 429, "rate_limited")
        assert refused.headers["retry-after"] == "10"
        expect(await login(world, member.email), 429, "rate_limited")
        clock.advance(seconds=10)
        expect(await prove(member, password=PASSWORD), 204)
        assert await count(world, "auth_wrong_passwords") == 0
