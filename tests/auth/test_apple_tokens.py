"""Apple's refresh tokens: stored encrypted after a sign-in, and revoked when the user leaves."""

import logging
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from app.api import JOBS
from app.auth.repository.provider_tokens import ProviderTokenRepository
from app.auth.service.provider_tokens import ProviderTokenService
from app.core.sealing import CannotOpen, Sealer
from app.integrations.identity.enums import SocialProvider
from app.integrations.identity.exceptions import ProviderUnavailable
from app.integrations.identity.id_tokens import VerifiedIdentity
from app.jobs.definitions import GiveUp
from app.user.service.users import UserService
from tests.support.api import Api, expect
from tests.support.auth import dump, nonce, send
from tests.support.browser import Browser, query_of
from tests.support.jobs import run_jobs
from tests.support.methods import METHODS, link
from tests.support.provider import APPLE
from tests.support.races import start, until_settled
from tests.support.sql import count, sql
from tests.support.world import World

pytestmark = pytest.mark.usefixtures("idp")

BUNDLE, SERVICES_ID = APPLE
OLD, NEW = "old:" + "o" * 40, "new:" + "n" * 40


async def sign_in(world: World, code: str | None = None, sub: str = "A1", **fields: Any) -> Api:
    """Sign in with Apple's SDK, which sends an authorization code beside the ID token."""
    fresh = await nonce(world)
    id_token = world.idp.token("apple", nonce=fresh, sub=sub, aud=BUNDLE)
    sent = {"authorization_code": code or world.idp.native_code("apple", BUNDLE, sub=sub), **fields}
    answer = await send(world, "apple", id_token, nonce=fresh, **sent)
    assert answer.status_code in (200, 201), answer.text
    return world.anonymous().take(answer.json())


async def leave(world: World, api: Api) -> None:
    expect(await api.delete("/users/me"), 202)
    await run_jobs(world, JOBS)


async def test_the_sdks_code_is_redeemed_and_its_refresh_token_is_stored_encrypted(
    world: World,
) -> None:
    api = await sign_in(world)
    # The sign-in does not wait for Apple, and no table contains the code in plain text.
    assert world.idp["apple"].exchanged == []
    (code,) = world.idp["apple"].codes
    await ensure_stored_nowhere(world, code)
    await run_jobs(world, JOBS)
    (asked,) = world.idp["apple"].exchanged
    assert asked["client_id"] == BUNDLE
    assert "redirect_uri" not in asked
    (token,) = world.idp["apple"].refresh_tokens
    await ensure_stored_nowhere(world, token)
    (kept,) = await sql(world, "SELECT * FROM auth_provider_tokens")
    assert Sealer(world.runtime.settings.signing_keys).open(kept["sealed"]) == token
    assert (kept["provider"], kept["client_id"], kept["key_id"]) == ("apple", BUNDLE, "test")
    exported = expect(await api.get("/users/me/export"), 200)
    assert exported["connected_apps"] == [{"provider": "apple", "client_id": BUNDLE}]
    assert exported["account"][0]["provider_user_id"] == "A1"
    assert token not in str(exported)


async def ensure_stored_nowhere(world: World, secret: str) -> None:
    """Check that no table contains the secret, as text or as bytes."""
    jobs = await sql(world, "SELECT convert_from(payload, 'UTF8') AS payload FROM pgqueuer")
    content = await dump(world) + str(jobs)
    assert secret not in content
    assert secret.encode().hex() not in content


async def test_leaving_revokes_and_erases_the_tokens_of_the_sdk_and_the_browser(
    world: World,
) -> None:
    api = await sign_in(world)
    await run_jobs(world, JOBS)
    world.idp["apple"].user = {"sub": "A1"}
    browser = Browser(world, "apple")
    expect(await browser.exchange(query_of(await browser.whole())["code"]), 200)
    assert await count(world, "auth_provider_tokens") == 2
    await leave(world, api)
    revoked = {(form["client_id"], form["token"]) for form in world.idp["apple"].revoked}
    assert revoked == set(zip(APPLE, world.idp["apple"].refresh_tokens, strict=True))
    assert {form["token_type_hint"] for form in world.idp["apple"].revoked} == {"refresh_token"}
    assert await count(world, "auth_provider_tokens") == 0
    assert await count(world, "users") == 0


async def test_a_new_sign_in_replaces_the_stored_token(world: World) -> None:
    api = await sign_in(world)
    await run_jobs(world, JOBS)
    await sign_in(world)
    await run_jobs(world, JOBS)
    assert await count(world, "auth_provider_tokens") == 1
    await leave(world, api)
    assert [form["token"] for form in world.idp["apple"].revoked] == [
        world.idp["apple"].refresh_tokens[-1]
    ]


async def test_while_apple_is_down_the_user_is_erased_and_the_token_waits_for_revocation(
    world: World,
) -> None:
    api = await sign_in(world)
    await run_jobs(world, JOBS)
    world.idp.down = {"apple"}
    expect(await api.delete("/users/me"), 202)
    with pytest.raises(ProviderUnavailable):
        await run_jobs(world, JOBS)
    others = [job for job in JOBS if job.name != "auth.revoke_provider_token"]
    await run_jobs(world, others)
    assert await count(world, "users") == 0
    (kept,) = await sql(world, "SELECT * FROM auth_provider_tokens")
    assert kept["user_id"] is None
    world.idp.down = set()
    await run_jobs(world, JOBS)
    assert len(world.idp["apple"].revoked) == 1
    assert await count(world, "auth_provider_tokens") == 0


async def test_a_token_that_waits_for_revocation_makes_room_for_the_next_one(world: World) -> None:
    api = await sign_in(world)
    await run_jobs(world, JOBS)
    expect(await link(world, api, "line", "U1"), 201)
    expect(await api.delete(f"{METHODS}/apple"), 204)
    world.idp.down = {"apple"}
    with pytest.raises(ProviderUnavailable):
        await run_jobs(world, JOBS)
    world.idp.down = set()
    fresh = await nonce(world)
    body = {
        "id_token": world.idp.token("apple", nonce=fresh, sub="A2", aud=BUNDLE),
        "nonce": fresh,
        "authorization_code": world.idp.native_code("apple", BUNDLE, sub="A2"),
    }
    expect(await api.post(f"{METHODS}/apple", json=body), 201)
    await run_jobs(world, [job for job in JOBS if job.name != "auth.revoke_provider_token"])
    await run_jobs(world, JOBS)
    of_first, of_second = world.idp["apple"].refresh_tokens
    assert [form["token"] for form in world.idp["apple"].revoked] == [of_first]
    (kept,) = await sql(world, "SELECT * FROM auth_provider_tokens")
    assert Sealer(world.runtime.settings.signing_keys).open(kept["sealed"]) == of_second
    assert str(kept["user_id"]) == api.id


async def test_a_revocation_that_apple_refuses_is_retried(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    api = await sign_in(world)
    await run_jobs(world, JOBS)
    world.idp["apple"].revocation_status = 400
    expect(await api.delete("/users/me"), 202)
    with pytest.raises(ProviderUnavailable), caplog.at_level(logging.ERROR):
        await run_jobs(world, JOBS)
    assert "invalid_client" in caplog.text
    assert world.idp["apple"].refresh_tokens[0] not in caplog.text
    assert await count(world, "auth_provider_tokens") == 1
    (job,) = [job for job in JOBS if job.name == "auth.revoke_provider_token"]
    assert job.max_attempts > 20  # The retries last for hours.


async def test_a_code_that_apple_refuses_is_logged_and_the_user_can_still_leave(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        api = await sign_in(world, code="made-up")
        await run_jobs(world, JOBS)
    assert "invalid_grant" in caplog.text
    assert "made-up" not in caplog.text
    await leave(world, api)
    assert await count(world, "users") == 0
    assert world.idp["apple"].revoked == []


async def test_a_code_is_retried_until_it_expires(world: World) -> None:
    await sign_in(world)
    world.idp.down = {"apple"}
    for _ in range(2):
        with pytest.raises(ProviderUnavailable):
            await run_jobs(world, JOBS)
    world.clock.advance(minutes=6)
    await run_jobs(world, JOBS)
    assert await count(world, "pgqueuer") == 0
    assert await count(world, "auth_provider_tokens") == 0


async def test_only_apple_takes_an_authorization_code_and_it_is_optional(world: World) -> None:
    for provider in ("line", "google"):
        fresh = await nonce(world)
        id_token = world.idp.token(provider, nonce=fresh)
        refused = await send(world, provider, id_token, nonce=fresh, authorization_code="x")
        errors = expect(refused, 422, "validation_failed")["errors"]
        assert errors[0]["field"] == "body.authorization_code"
        expect(await send(world, provider, id_token, nonce=fresh), 201)
    await sign_in(world, authorization_code=None)
    # Without our private key no code can be redeemed, but users can still sign in.
    world.configure(apple_private_key=None)
    del world.app.state.identity_providers
    await sign_in(world)
    assert await count(world, "pgqueuer", "entrypoint = 'auth.redeem_apple_code'") == 0


async def test_googles_refresh_tokens_are_not_stored(world: World) -> None:
    browser = Browser(world, "google")
    expect(await browser.exchange(query_of(await browser.whole())["code"]), 201)
    assert len(world.idp["google"].refresh_tokens) == 1
    assert await count(world, "auth_provider_tokens") == 0


# Encryption keys


async def reseal(world: World) -> None:
    async with world.runtime.writing() as ctx:
        await ProviderTokenService(ctx).reseal()


def rotate(world: World, *keys: str) -> None:
    update = {"jwt_keys": keys}
    settings = world.runtime.settings.model_dump() | update
    world.runtime.settings = type(world.runtime.settings)(**settings)


async def test_after_a_key_rotation_stored_tokens_are_encrypted_with_the_new_key(
    world: World,
) -> None:
    rotate(world, OLD)
    api = await sign_in(world)
    await run_jobs(world, JOBS)
    rotate(world, NEW, OLD)
    await reseal(world)
    assert [row["key_id"] for row in await sql(world, "SELECT * FROM auth_provider_tokens")] == [
        "new"
    ]
    rotate(world, NEW)
    async with world.runtime.writing() as ctx:
        await ProviderTokenService(ctx).revoke_all_of(api.user["id"])
    await run_jobs(world, JOBS)
    assert [form["token"] for form in world.idp["apple"].revoked] == world.idp[
        "apple"
    ].refresh_tokens


async def test_each_batch_of_tokens_is_unlocked_before_the_next(
    committed_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = committed_world
    monkeypatch.setattr("app.auth.service.provider_tokens.RESEAL_BATCH", 1)
    rotate(world, OLD)
    for token in ("one", "two"):
        async with world.runtime.writing() as ctx:
            somebody = VerifiedIdentity(
                BUNDLE, "A1", None, None, email_verified=False, picture=None
            )
            await ProviderTokenService(ctx).revoke_at_once(SocialProvider.APPLE, somebody, token)
    rotate(world, NEW, OLD)
    seen, lock = [], ProviderTokenRepository.lock_under_other_keys

    async def watched(*given: Any) -> Any:
        free = "SELECT key_id FROM auth_provider_tokens ORDER BY id FOR UPDATE NOWAIT"
        seen.append([row["key_id"] for row in await sql(world, free)])
        return await lock(*given)

    monkeypatch.setattr(ProviderTokenRepository, "lock_under_other_keys", watched)
    await reseal(world)
    assert seen == [["old", "old"], ["new", "old"], ["new", "new"]]


async def test_a_token_that_no_key_decrypts_is_kept_until_the_key_is_back(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    rotate(world, OLD)
    api = await sign_in(world)
    await run_jobs(world, JOBS)
    rotate(world, NEW)
    with caplog.at_level(logging.INFO):
        await reseal(world)
    async with world.runtime.writing() as ctx:
        await ProviderTokenService(ctx).revoke_all_of(api.user["id"])
    with pytest.raises(GiveUp, match="old"):
        await run_jobs(world, JOBS)
    rotate(world, NEW, OLD)
    await run_jobs(world, JOBS)
    assert len(world.idp["apple"].revoked) == 1


def test_sealing_is_randomised_and_detects_tampering() -> None:
    sealer = Sealer({"a": b"a" * 40, "b": b"b" * 40})
    sealed = sealer.seal("秘密")
    assert sealed != sealer.seal("秘密")
    assert sealer.open(sealed) == "秘密"
    assert Sealer({"b": b"b" * 40, "a": b"a" * 40}).open(sealed) == "秘密"
    broken = sealed[:40] + (b"A" if sealed[40:41] != b"A" else b"B") + sealed[41:]
    for bad in (broken, b"", "あ", sealed[:-4]):
        with pytest.raises(CannotOpen):
            sealer.open(bad)
    with pytest.raises(CannotOpen):
        Sealer({"b": b"b" * 40}).open(sealed)


async def test_the_client_secret_is_valid_when_the_job_runs_later(world: World) -> None:
    # The fake provider refuses a secret that is expired or of another client (`_knows`).
    await sign_in(world)
    world.clock.advance(seconds=timedelta(minutes=4).total_seconds())
    await run_jobs(world, JOBS)
    assert await count(world, "auth_provider_tokens") == 1


LEFT = "UPDATE users SET left_at = now() WHERE id = CAST(:id AS uuid)"
CLOSED = "DELETE FROM user_identities WHERE user_id = CAST(:id AS uuid)"
LINKED_AGAIN = "UPDATE user_identities SET subject = 'A2' WHERE user_id = CAST(:id AS uuid)"


@pytest.mark.parametrize("change", [LEFT, CLOSED, LINKED_AGAIN], ids=["left", "closed", "again"])
async def test_a_token_that_arrives_after_its_method_was_closed_is_revoked(
    committed_world: World, change: str
) -> None:
    world = committed_world
    world.idp["apple"].user = {"sub": "A1", "exp": 4102444800}
    later = {"sub": "A1", "aud": BUNDLE, "exp": 4102444800}
    fresh = await nonce(world)
    code = world.idp.native_code("apple", BUNDLE, **{k: later[k] for k in ("sub", "exp")})
    id_token = world.idp.token("apple", nonce=fresh, **later)
    answer = await send(world, "apple", id_token, nonce=fresh, authorization_code=code)
    api = world.anonymous().take(expect(answer, 201))
    async with world.runtime.writing() as ctx:
        await UserService(ctx).exclusive(UUID(api.id))
        redeeming = start(run_jobs(world, JOBS))
        await until_settled(world, redeeming)
        await ctx.db.execute(text(change), id=api.id)
    await redeeming
    assert len(world.idp["apple"].refresh_tokens) == 1
    await run_jobs(world, JOBS)
    assert [form["token"] for form in world.idp["apple"].revoked] == world.idp[
        "apple"
    ].refresh_tokens
    assert await count(world, "auth_provider_tokens") == 0
