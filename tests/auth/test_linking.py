"""Several sign-in methods to one account: linking, unlinking, and guests who become members by a
provider.
"""

import pytest

from app.api import JOBS
from tests.support.api import expect
from tests.support.auth import PROVIDERS, another_session, login, nonce, sign_in, write
from tests.support.jobs import run_jobs
from tests.support.methods import METHODS, code_of, link, mails, methods_of, social
from tests.support.sql import count, sql
from tests.support.world import PASSWORD, World

pytestmark = pytest.mark.usefixtures("idp")

LINKED = {"provider", "email", "email_verified", "created_at", "last_used_at"}
NEW_LOGIN = {"email": "new@example.com", "password": PASSWORD}


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_a_linked_identity_signs_in_to_the_same_account(world: World, provider: str) -> None:
    member = await world.member()
    linked = expect(await link(world, member, provider, "U1", email="u@example.com"), 201)
    assert set(linked) >= LINKED
    assert (linked["provider"], linked["email"]) == (provider, "u@example.com")
    assert await methods_of(member) == ["email", provider]
    signed_in = expect(await sign_in(world, provider, sub="U1"), 200)["user"]
    assert (signed_in["id"], signed_in["provider"]) == (member.id, "email")
    assert signed_in["email"] == member.email
    assert await count(world, "users") == 1


async def test_a_sign_in_shows_when_a_method_was_used_last(world: World) -> None:
    member = await world.member()
    expect(await link(world, member, "line", "U1"), 201)
    world.clock.advance(minutes=5)
    api = world.anonymous().take(expect(await sign_in(world, "line", sub="U1"), 200))
    email, line = expect(await api.get(METHODS), 200)["items"]
    assert line["last_used_at"] > line["created_at"]
    assert line["last_used_at"] > email["last_used_at"]


async def test_an_identity_of_another_account_is_taken(world: World) -> None:
    owner, member = await social(world, "line", "U1"), await world.member()
    expect(await link(world, member, "line", "U1"), 409, "identity_taken")
    spent = await code_of(world, "U1")
    expect(await member.post(f"{METHODS}/exchange", json=spent), 409, "identity_taken")
    assert await methods_of(member) == ["email"]
    assert await methods_of(owner) == ["line"]


async def test_an_account_has_one_method_of_a_kind(world: World) -> None:
    owner = await social(world, "line", "U1")
    for sub in ("U1", "U2"):
        refusal = await link(world, owner, "line", sub)
        expect(refusal, 409, "provider_already_linked")
        spent = await code_of(world, sub)
        refusal = await owner.post(f"{METHODS}/exchange", json=spent)
        expect(refusal, 409, "provider_already_linked")
    member = await world.member()
    refusal = await member.post(f"{METHODS}/email", json=NEW_LOGIN)
    expect(refusal, 409, "provider_already_linked")


async def test_a_provider_that_is_none_is_not_found(world: World) -> None:
    member = await world.member()
    body = {"id_token": "x", "nonce": "y"}
    expect(await member.post(f"{METHODS}/guest", json=body), 404, "not_found")
    expect(await member.delete(f"{METHODS}/guest"), 404, "not_found")
    expect(await member.delete(f"{METHODS}/line"), 404, "identity_not_found")


async def test_a_code_of_the_browser_links_and_makes_no_account(world: World) -> None:
    member = await world.member()
    spent = await code_of(world, "U1")
    assert await count(world, "users") == 1
    wrong = {**spent, "code_verifier": "x" * 43}
    expect(await member.post(f"{METHODS}/exchange", json=wrong), 401, "invalid_code")
    assert expect(await member.post(f"{METHODS}/exchange", json=spent), 201)["provider"] == "line"
    expect(await member.post(f"{METHODS}/exchange", json=spent), 401, "invalid_code")
    assert expect(await sign_in(world, "line", sub="U1"), 200)["user"]["id"] == member.id


async def test_who_signed_in_is_sealed_until_the_code_is_spent(world: World) -> None:
    await code_of(world, "U-secret-person")
    row = (await sql(world, "SELECT * FROM oauth_exchange_codes"))[0]
    assert b"U-secret-person" not in bytes(row["sealed"])


# E-mail and password


async def test_a_social_member_adds_an_address_and_a_password(world: World) -> None:
    owner = await social(world, "line", "U1", email="line@example.com", email_verified=True)
    added = expect(await owner.post(f"{METHODS}/email", json=NEW_LOGIN), 201)
    assert (added["provider"], added["email"], added["email_verified"]) == (
        *("email", "new@example.com"),
        False,
    )
    me = expect(await owner.get("/users/me"), 200)
    assert (me["provider"], me["email"], me["email_verified"]) == ("line", "new@example.com", False)
    assert expect(await login(world, "new@example.com"), 200)["user"]["id"] == owner.id
    assert expect(await sign_in(world, "line", sub="U1"), 200)["user"]["id"] == owner.id
    sent = await mails(world)
    assert sorted(sent) == [
        ("line@example.com", "ログイン方法が追加されました"),
        ("new@example.com", "メールアドレスの確認"),
    ]


async def test_a_weak_password_adds_nothing(world: World) -> None:
    owner = await social(world, "line", "U1")
    weak = NEW_LOGIN | {"password": "password1234"}
    expect(await owner.post(f"{METHODS}/email", json=weak), 422, "password_too_weak")
    assert await methods_of(owner) == ["line"]


# Unlinking


async def test_a_closed_method_leads_nowhere_and_its_other_sessions_end(world: World) -> None:
    member = await world.member()
    expect(await link(world, member, "line", "U1"), 201)
    by_line = world.anonymous().take(expect(await sign_in(world, "line", sub="U1"), 200))
    by_email = await another_session(world, member)
    body = {"password": PASSWORD}
    expect(await member.call("DELETE", f"{METHODS}/line", json=body), 204)
    expect(await write(by_line), 401, "session_revoked")
    expect(await write(by_email), 200)
    assert await methods_of(member) == ["email"]
    newcomer = expect(await sign_in(world, "line", sub="U1"), 201)["user"]
    assert newcomer["id"] != member.id


async def test_the_first_method_can_be_closed_and_used_by_a_new_account(world: World) -> None:
    owner = await social(world, "line", "U1")
    expect(await link(world, owner, "google", "G1"), 201)
    expect(await owner.delete(f"{METHODS}/line"), 204)
    assert expect(await owner.get("/users/me"), 200)["provider"] == "line"
    assert expect(await sign_in(world, "line", sub="U1"), 201)["user"]["id"] != owner.id
    expect(await link(world, owner, "line", "U2"), 201)
    assert expect(await sign_in(world, "line", sub="U2"), 200)["user"]["id"] == owner.id


async def test_the_last_method_stays_open(world: World) -> None:
    owner, member = await social(world, "line", "U1"), await world.member()
    expect(await owner.delete(f"{METHODS}/line"), 409, "last_identity")
    body = {"password": PASSWORD}
    refusal = await member.call("DELETE", f"{METHODS}/email", json=body)
    expect(refusal, 409, "last_identity")


async def test_without_the_email_method_there_is_no_password_and_no_address(world: World) -> None:
    member = await world.member()
    await sql(world, "UPDATE users SET email_verified_at = now()")
    expect(await link(world, member, "line", "U1"), 201)
    await mails(world)
    forgot = await world.anonymous().post("/auth/password/forgot", json={"email": member.email})
    expect(forgot, 202)
    await run_jobs(world, JOBS)
    token = world.mailer.sent[-1].text.partition("token=")[2].split()[0]
    world.mailer.sent.clear()
    body = {"password": PASSWORD}
    expect(await member.call("DELETE", f"{METHODS}/email", json=body), 204)
    assert await mails(world) == [(member.email, "ログイン方法が解除されました")]
    expect(await login(world, str(member.email)), 401, "invalid_credentials")
    reset = {"token": token, "new_password": "atarashii-kotoba-9"}
    refusal = await world.anonymous().post("/auth/password/reset", json=reset)
    expect(refusal, 422, "invalid_token")
    assert expect(await member.get("/users/me"), 200)["email"] is None
    newcomer = {"email": member.email, "password": PASSWORD, "nickname": "新しい人"}
    expect(await world.anonymous().post("/auth/register", json=newcomer), 201)
    expect(await member.delete("/users/me"), 202)


async def test_links_are_in_the_connection_records(world: World) -> None:
    member = await world.member()
    expect(await link(world, member, "line", "U1"), 201)
    closed = await member.call("DELETE", f"{METHODS}/line", json={"password": PASSWORD})
    expect(closed, 204)
    rows = await sql(world, "SELECT act, subject_type FROM connection_records ORDER BY id")
    acts = [(row["act"], row["subject_type"]) for row in rows]
    assert acts[-2:] == [("linked", "account"), ("unlinked", "account")]


async def test_the_identity_of_a_leaver_can_be_linked(world: World) -> None:
    leaver, member = await social(world, "line", "U1"), await world.member()
    expect(await leaver.delete("/users/me"), 202)
    expect(await link(world, member, "line", "U1"), 201)


# Guests


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_a_guest_becomes_a_member_by_a_provider_and_keeps_everything(
    world: World, provider: str
) -> None:
    guest, lounge = await world.guest(), await world.lounge()
    expect(await guest.put(f"/lounges/{lounge['id']}/favorite"), 204)
    fresh = await nonce(world)
    body = {
        "id_token": world.idp.token(provider, nonce=fresh, sub="U1", name="花子"),
        "nonce": fresh,
    }
    upgraded = expect(await guest.post(f"/auth/guest/upgrade/{provider}", json=body), 200)
    user = upgraded["user"]
    assert (user["id"], user["role"], user["provider"]) == (guest.id, "user", provider)
    expect(await write(guest), 401, "session_revoked")
    member = world.anonymous().take(upgraded)
    assert expect(await member.get(f"/lounges/{lounge['id']}"), 200)["is_favorite"]
    assert expect(await sign_in(world, provider, sub="U1"), 200)["user"]["id"] == guest.id
    assert await methods_of(member) == [provider]


async def test_a_guest_upgrades_to_no_identity_that_has_an_account(world: World) -> None:
    owner, guest = await social(world, "line", "U1"), await world.guest()
    linker = await world.member()
    expect(await link(world, linker, "google", "G1"), 201)
    for provider, sub in (("line", "U1"), ("google", "G1")):
        fresh = await nonce(world)
        body = {"id_token": world.idp.token(provider, nonce=fresh, sub=sub), "nonce": fresh}
        refusal = await guest.post(f"/auth/guest/upgrade/{provider}", json=body)
        expect(refusal, 409, "identity_taken")
    expect(await write(guest), 200)
    fresh = await nonce(world)
    body = {"id_token": world.idp.token("line", nonce=fresh, sub="U9"), "nonce": fresh}
    expect(await owner.post("/auth/guest/upgrade/line", json=body), 409, "not_a_guest")


async def test_while_a_provider_is_down_no_method_is_added(world: World) -> None:
    # Each has its own provider: once the first link is made, the keys of that one are kept.
    for api, path, provider in (
        (await world.member(), METHODS, "line"),
        (await world.guest(), "/auth/guest/upgrade", "google"),
    ):
        fresh = await nonce(world)
        body = {"id_token": world.idp.token(provider, nonce=fresh, sub="U1"), "nonce": fresh}
        world.idp.down = {provider}
        refusal = await api.post(f"{path}/{provider}", json=body)
        expect(refusal, 503, "provider_unavailable")
        world.idp.down = set()
        assert (await api.post(f"{path}/{provider}", json=body)).is_success
