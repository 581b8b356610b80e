"""LINKY_PUBLISH_NEEDS: an account that has only an unverified address publishes nothing."""

import pytest

from app.api import JOBS
from app.core.settings.config import Settings
from app.user.enums import MayPublish
from tests.support.api import Api, expect
from tests.support.auth import another_session, token_of
from tests.support.jobs import run_jobs
from tests.support.methods import link, social
from tests.support.provider import Providers
from tests.support.sql import sql
from tests.support.world import PASSWORD, World, picture

REFUSED = (403, "email_unverified")


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"publish_needs": "verified_email"})


async def may_publish(api: Api) -> str:
    return str(expect(await api.get("/users/me"), 200)["may_publish"])


async def verify(world: World) -> None:
    await run_jobs(world, JOBS)
    form = {"token": token_of(world.mailer, "/account/verify-email")}
    expect(await world.anonymous().post("/auth/email/verify", json=form), 204)


async def test_who_has_confirmed_no_address_publishes_nothing_until_they_do(world: World) -> None:
    author, lounge = await world.admin(), await world.lounge()
    await sql(world, "UPDATE users SET email_verified_at = now()")
    post = await world.post(author, lounge)
    member = await world.register()
    form = {"lounge_id": lounge["id"], "title": "題", "body": "本文"}
    request = {"name": "新しい場", "description": "説明", "reason": ""}
    comments = f"/posts/{post['id']}/comments"
    assert await may_publish(member) == "email_unverified"
    expect(await member.post("/posts", json=form), *REFUSED)
    expect(await member.post(comments, json={"body": "一"}), *REFUSED)
    expect(await member.put(f"/posts/{post['id']}/like"), *REFUSED)
    expect(await member.upload(picture()), *REFUSED)
    expect(await member.upload(picture(), "/users/me/avatar", "PUT"), *REFUSED)
    expect(await member.post("/lounge-requests", json=request), *REFUSED)
    for change in ({"nickname": "別の名"}, {"bio": "紹介"}):
        expect(await member.patch("/users/me", json=change), *REFUSED)
    await verify(world)
    assert await may_publish(member) == "yes"
    expect(await member.post("/posts", json=form), 201)
    expect(await member.post(comments, json={"body": "一"}), 201)
    expect(await member.upload(picture(), "/users/me/avatar", "PUT"), 200)
    expect(await member.patch("/users/me", json={"nickname": "別の名"}), 200)


async def test_what_concerns_oneself_needs_no_address(world: World) -> None:
    author, lounge = await world.admin(), await world.lounge()
    await sql(world, "UPDATE users SET email_verified_at = now()")
    post = await world.post(author, lounge)
    member = await world.register()
    report = {"target_type": "post", "target_id": post["id"], "reason": "spam", "detail": "広告"}
    expect(await member.post("/reports", json=report), 201)
    expect(await member.patch("/users/me", json={"locale": "en"}), 200)
    expect(await member.put(f"/lounges/{lounge['id']}/favorite"), 204)
    expect(await member.put(f"/posts/{post['id']}/watch"), 204)
    expect(await member.put(f"/users/{author.id}/block"), 204)
    expect(await member.post("/auth/email/resend"), 204)
    expect(await member.delete("/users/me", json={"password": PASSWORD}), 202)


async def test_whoever_came_by_a_provider_publishes_at_once(world: World, idp: Providers) -> None:
    lounge = await world.lounge()
    for provider in ("line", "google", "apple"):
        member = await social(world, provider, f"{provider}-1")
        assert await may_publish(member) == "yes"
        await world.post(member, lounge)


async def test_a_second_method_is_enough_and_counts_no_more_when_it_is_closed(
    world: World, idp: Providers
) -> None:
    member, lounge = await world.register(), await world.lounge()
    expect(await link(world, member, "line", "U1"), 201)
    assert await may_publish(member) == "yes"
    await world.post(member, lounge)
    unlink = {"password": PASSWORD}
    expect(await member.delete("/users/me/identities/line", json=unlink), 204)
    assert await may_publish(member) == "email_unverified"
    form = {"lounge_id": lounge["id"], "title": "題", "body": "本文"}
    expect(await member.post("/posts", json=form), *REFUSED)


async def test_of_several_reasons_the_first_is_named(world: World) -> None:
    member, guest = await world.register(), await world.guest()
    terms = {"terms_version": "2"}
    world.configure(**terms)
    assert await may_publish(guest) == "guest"
    assert await may_publish(member) == "terms_required"
    expect(await member.patch("/users/me", json={"bio": "紹介"}), 403, "terms_required")
    both = {"bio": "紹介", "terms_version": "2"}
    expect(await member.patch("/users/me", json=both), *REFUSED)
    expect(await member.patch("/users/me", json=terms), 200)
    assert await may_publish(member) == "email_unverified"
    suspended = "UPDATE users SET status = 'suspended', suspended_until = :until WHERE id = :id"
    until = world.runtime.clock().replace(year=2035)
    await sql(world, suspended, until=until, id=member.id)
    assert await may_publish(member) == "account_suspended"
    await sql(world, suspended, until=until.replace(year=2000), id=member.id)
    assert await may_publish(member) == "email_unverified"
    assert set(MayPublish) == {
        *("yes", "account_suspended", "guest", "terms_required", "email_unverified")
    }


async def test_who_was_verified_meanwhile_needs_no_new_session(world: World) -> None:
    member, lounge = await world.register(), await world.lounge()
    other_device = await another_session(world, member)
    await verify(world)
    await world.post(other_device, lounge)


async def test_where_nothing_is_needed_everybody_publishes(world: World) -> None:
    world.configure(publish_needs="nothing")
    member = await world.register()
    assert await may_publish(member) == "yes"
    await world.post(member, await world.lounge())


@pytest.mark.parametrize("needs", ["nothing", "verified_email"])
async def test_meta_says_what_is_needed(world: World, needs: str) -> None:
    world.configure(publish_needs=needs)
    assert expect(await world.anonymous().get("/meta"), 200)["publish_needs"] == needs


@pytest.mark.parametrize(
    ("env", "given", "needs"),
    [
        ("development", None, "nothing"),
        ("development", "verified_email", "verified_email"),
        ("production", None, "verified_email"),
        ("production", "nothing", "nothing"),
    ],
)
def test_in_production_it_is_a_verified_address_unless_it_is_said(
    settings: Settings, env: str, given: str | None, needs: str
) -> None:
    changed = settings.model_copy(update={"env": env, "publish_needs": given})
    assert changed.needs_to_publish == needs
