"""Apple's server tells who has withdrawn their consent, is gone, or wants no mail (ADR 0017)."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import text

from app.api import JOBS
from app.user.service.users import UserService
from tests.support.api import Api, expect
from tests.support.auth import clean_up, sign_in
from tests.support.browser import Browser, query_of
from tests.support.jobs import run_jobs
from tests.support.jose import b64
from tests.support.methods import LATE, METHODS, link, methods_of, social
from tests.support.provider import Providers
from tests.support.races import start, until_settled
from tests.support.sql import count, sql
from tests.support.world import World, token

pytestmark = pytest.mark.usefixtures("idp")

PATH = "/auth/oauth/apple/notifications"
RELAY = "x7@privaterelay.appleid.com"

Forgery = Callable[[Providers, dict[str, Any]], Any]


def claims_of(
    idp: Providers, kind: str, sub: str | None = "A1", exp: int | None = None, **event: Any
) -> dict[str, Any]:
    """The claims of a notification, without the `sub` of an ID token."""
    now = int(idp.clock().timestamp())
    events = {"type": kind, "sub": sub, "event_time": now * 1000, **event}
    claims = idp.claims("apple", sub=None, jti=token(), events=json.dumps(events))
    return claims if exp is None else claims | {"exp": exp}


async def post(world: World, payload: Any) -> httpx.Response:
    return await world.anonymous().post(PATH, json={"payload": payload})


async def tell(world: World, kind: str, sub: str | None = "A1", **event: Any) -> None:
    payload = world.idp["apple"].sign(claims_of(world.idp, kind, sub, **event))
    answer = await post(world, payload)
    assert expect(answer, 200) == {"heard": True}


async def is_in(api: Api) -> bool:
    answer = await api.patch("/users/me", json={"locale": "en"})
    assert answer.status_code in (200, 401), answer.text
    return answer.status_code == 200


async def test_consent_that_is_revoked_closes_the_method_and_its_sessions(world: World) -> None:
    by_line = await social(world, "line", "L1")
    expect(await link(world, by_line, "apple", "A1"), 201)
    by_apple = world.anonymous().take(expect(await sign_in(world, "apple", sub="A1"), 200))
    other = await social(world, "apple", "A2")
    await tell(world, "consent-revoked")
    assert not await is_in(by_apple)
    assert await is_in(by_line)
    assert await is_in(other)
    assert await methods_of(by_line) == ["line"]
    notes = [note["title"] for note in await by_line.items("/notifications")]
    assert notes[0] == "Sign-in method removed: Apple"
    # Who comes again by Apple is a new user, as after they unlinked it themselves.
    expect(await sign_in(world, "apple", sub="A1"), 201)


async def test_the_only_method_stays_for_the_next_sign_in(world: World) -> None:
    api = await social(world, "apple", "A1")
    await tell(world, "consent-revoked")
    assert not await is_in(api)
    back = expect(await sign_in(world, "apple", sub="A1"), 200)
    assert back["user"]["id"] == api.id


@pytest.mark.parametrize("kind", ["account-delete", "account-deleted"])
async def test_who_is_gone_at_apple_leaves(world: World, kind: str) -> None:
    api = await social(world, "apple", "A1")
    await tell(world, kind)
    assert not await is_in(api)
    await run_jobs(world, JOBS)
    assert await count(world, "users") == 0


async def test_who_has_another_method_stays_without_apples(world: World) -> None:
    api = await social(world, "line", "L1")
    expect(await link(world, api, "apple", "A1"), 201)
    await tell(world, "account-delete")
    assert await methods_of(api) == ["line"]
    assert await is_in(api)


async def test_an_admin_who_is_gone_at_apple_is_signed_out_and_stays(world: World) -> None:
    api = await social(world, "apple", "A1")
    await sql(world, "UPDATE users SET role = 'admin'")
    await tell(world, "account-delete")
    assert not await is_in(api)
    assert await count(world, "users", "left_at IS NULL") == 1


async def test_a_notification_works_once(world: World) -> None:
    await social(world, "apple", "A1")
    payload = world.idp["apple"].sign(claims_of(world.idp, "consent-revoked"))
    expect(await post(world, payload), 200)
    back = world.anonymous().take(expect(await sign_in(world, "apple", sub="A1"), 200))
    expect(await post(world, payload), 200)
    assert await is_in(back)
    # Its row stays for as long as the notification could be sent again.
    world.clock.advance(minutes=10, seconds=29)
    await clean_up(world)
    expect(await post(world, payload), 200)
    assert await count(world, "auth_apple_notifications") == 1
    world.clock.advance(seconds=2)
    await clean_up(world)
    assert (await post(world, payload)).status_code == 401
    assert await count(world, "auth_apple_notifications") == 0


@pytest.mark.parametrize(
    "event",
    [
        {"kind": "consent-revoked", "sub": "unknown"},
        {"kind": "made-up", "sub": "A1"},
        {"kind": "consent-revoked", "sub": None},
        {"kind": "email-disabled", "sub": "unknown", "email": RELAY},
    ],
)
async def test_what_is_not_known_is_accepted_without_effect(
    world: World, event: dict[str, Any]
) -> None:
    api = await social(world, "apple", "A1")
    await tell(world, **event)
    assert await is_in(api)
    assert await count(world, "auth_forwarded_addresses") == 0


async def test_no_mail_goes_to_an_address_until_apple_forwards_again(world: World) -> None:
    api = await social(world, "apple", "A1", email=RELAY, email_verified="true")
    await tell(world, "email-disabled", email=RELAY.upper(), is_private_email="true")
    expect(await link(world, api, "line", "L1"), 201)
    await run_jobs(world, JOBS)
    assert world.mailer.sent == []
    await tell(world, "email-enabled", email=RELAY)
    expect(await api.delete(f"{METHODS}/line"), 204)
    await run_jobs(world, JOBS)
    assert [mail.to for mail in world.mailer.sent] == [RELAY]


async def test_the_address_stays_marked_without_the_method_and_gets_no_goodbye(
    world: World,
) -> None:
    api = await social(world, "apple", "A1", email=RELAY, email_verified="true")
    expect(await link(world, api, "line", "L1"), 201)
    await run_jobs(world, JOBS)
    world.mailer.sent.clear()
    await tell(world, "email-disabled")
    await tell(world, "consent-revoked")
    by_line = world.anonymous().take(expect(await sign_in(world, "line", sub="L1"), 200))
    expect(await by_line.delete("/users/me"), 202)
    await run_jobs(world, JOBS)
    assert world.mailer.sent == []
    assert await count(world, "auth_forwarded_addresses") == 0


async def test_of_two_that_come_in_the_wrong_order_the_later_event_counts(world: World) -> None:
    await social(world, "apple", "A1", email=RELAY)
    now = int(world.idp.clock().timestamp())
    await tell(world, "email-enabled", event_time=now)
    await tell(world, "email-disabled", event_time=(now - 60) * 1000)
    (row,) = await sql(world, "SELECT email, is_stopped, told_at FROM auth_forwarded_addresses")
    assert (row["email"], row["is_stopped"]) == (RELAY, False)
    assert row["told_at"] == datetime.fromtimestamp(now, UTC)


async def test_a_notification_waits_for_a_leaving_and_then_finds_no_user(
    committed_world: World,
) -> None:
    world = committed_world
    api = await social(world, "apple", "A1", email=RELAY, exp=LATE)
    kinds = ("consent-revoked", "account-delete", "email-disabled")
    async with world.runtime.writing() as ctx:
        await ctx.service(UserService).exclusive(UUID(api.id))
        waiting = [start(tell(world, kind, exp=LATE)) for kind in kinds]
        await until_settled(world, *waiting)
        await ctx.db.execute(text("UPDATE users SET left_at = now()"))
    for each in waiting:
        await each
    assert await count(world, "auth_forwarded_addresses") == 0
    assert await count(world, "auth_apple_notifications") == 3


@pytest.mark.parametrize("kind", ["consent-revoked", "account-delete"])
async def test_a_notification_of_an_identity_that_was_replaced_meanwhile_closes_nothing(
    committed_world: World, kind: str
) -> None:
    """It waits for the user's writes. By then they may have linked another Apple ID."""
    world = committed_world
    api = await social(world, "line", "L1", exp=LATE)
    expect(await link(world, api, "apple", "A1", exp=LATE), 201)
    replace = "UPDATE user_identities SET subject = 'A2' WHERE provider = 'apple'"
    async with world.runtime.writing() as ctx:
        await ctx.service(UserService).exclusive(UUID(api.id))
        waiting = start(tell(world, kind, exp=LATE))
        await until_settled(world, waiting)
        await ctx.db.execute(text(replace))
    await waiting
    assert await methods_of(api) == ["line", "apple"]
    assert await count(world, "user_sessions", "ended_at IS NOT NULL") == 0


async def test_the_kept_token_of_an_only_identity_is_revoked_with_the_consent(world: World) -> None:
    world.idp["apple"].user = {"sub": "A1"}
    browser = Browser(world, "apple")
    expect(await browser.exchange(query_of(await browser.whole())["code"]), 201)
    assert await count(world, "auth_provider_tokens") == 1
    await tell(world, "consent-revoked")
    await run_jobs(world, JOBS)
    assert [form["token"] for form in world.idp["apple"].revoked] == world.idp[
        "apple"
    ].refresh_tokens
    assert await count(world, "auth_provider_tokens") == 0
    assert await count(world, "user_identities", "provider = 'apple'") == 1


# Forged


def changed(**changes: Any) -> Forgery:
    """Well signed, with other claims; None removes one."""

    def forge(idp: Providers, claims: dict[str, Any]) -> str:
        kept = {key: value for key, value in (claims | changes).items() if value is not None}
        return idp["apple"].sign(kept)

    return forge


def shifted(seconds: int) -> Forgery:
    return lambda idp, claims: idp["apple"].sign(claims | {"exp": claims["iat"] + seconds})


def by_another(name: str, **changes: Any) -> Forgery:
    return lambda idp, claims: idp[name].sign(claims | changes)


def cut(change: Callable[[list[str]], str]) -> Forgery:
    return lambda idp, claims: change(idp["apple"].sign(claims).split("."))


FORGERIES: dict[str, Forgery] = {
    "nothing": lambda _, __: "",
    "no token": lambda _, __: "consent-revoked",
    "the claims alone": lambda _, claims: json.dumps(claims),
    "alg none": lambda idp, claims: f"{b64(idp['apple'].header(alg='none'))}.{b64(claims)}.",
    "Google's key": by_another("google"),
    "no signature": cut(lambda p: f"{p[0]}.{p[1]}."),
    "other claims under the signature": cut(lambda p: f"{p[0]}.{p[1][:-8]}AAAA{p[1][-4:]}.{p[2]}"),
    "another issuer": changed(iss="https://accounts.google.com"),
    "no issuer": changed(iss=None),
    "another app": changed(aud="another.app"),
    "another app beside ours": changed(aud=["jp.example.linky", "another.app"]),
    "no aud": changed(aud=None),
    "expired": shifted(-31),
    "no exp": changed(exp=None),
    "no jti": changed(jti=None),
    "an empty jti": changed(jti=""),
    "a jti that is a number": changed(jti=7),
    "no events": changed(events=None),
    "events that are no JSON": changed(events="consent-revoked"),
    "events that are a list": changed(events="[]"),
    "events without a type": changed(events='{"sub": "A1"}'),
    "an ID token": lambda idp, _: idp.token("apple", sub="A1"),
}


@pytest.mark.parametrize("name", FORGERIES)
async def test_a_forged_notification_is_refused_and_a_good_one_is_heard(
    world: World, name: str
) -> None:
    by_line = await social(world, "line", "L1")
    expect(await link(world, by_line, "apple", "A1"), 201)
    claims = claims_of(world.idp, "consent-revoked")
    payload = FORGERIES[name](world.idp, claims)
    refused = await post(world, payload)
    assert (refused.status_code, refused.json()["code"]) == (401, "invalid_id_token")
    assert await methods_of(by_line) == ["line", "apple"]
    assert await count(world, "auth_apple_notifications") == 0
    expect(await post(world, world.idp["apple"].sign(claims)), 200)
    assert await methods_of(by_line) == ["line"]


async def test_a_notification_is_no_id_token(world: World) -> None:
    payload = world.idp["apple"].sign(claims_of(world.idp, "consent-revoked"))
    answer = await world.anonymous().post(
        "/auth/oauth/apple", json={"id_token": payload, "nonce": "n"}
    )
    assert answer.json()["code"] == "invalid_id_token"


async def test_while_apples_keys_are_out_of_reach_apple_is_to_send_it_again(world: World) -> None:
    await social(world, "apple", "A1")
    world.clock.advance(hours=1, seconds=1)
    world.idp.down = {"apple"}
    payload = world.idp["apple"].sign(claims_of(world.idp, "consent-revoked"))
    assert (await post(world, payload)).json()["code"] == "provider_unavailable"
    world.idp.down = set()
    expect(await post(world, payload), 200)
    assert await count(world, "user_sessions", "ended_at IS NULL") == 0
