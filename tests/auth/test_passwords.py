"""Changing, forgetting and resetting the password; verifying the e-mail address."""

from app.api import JOBS
from tests.support.api import expect
from tests.support.auth import NEW, token_of
from tests.support.jobs import run_jobs
from tests.support.world import PASSWORD, World


async def test_a_password_change_ends_the_other_sessions_and_sends_a_mail(world: World) -> None:
    member = await world.register()
    phone = world.anonymous()
    phone.email, phone.password = member.email, member.password
    await world.sign_in(phone)
    wrong = {"current_password": "not-the-password-1", "new_password": NEW}
    expect(await phone.post("/auth/password/change", json=wrong), 403, "wrong_password")
    weak = {"current_password": PASSWORD, "new_password": "12345678"}
    refused = expect(await phone.post("/auth/password/change", json=weak), 422, "password_too_weak")
    assert refused["errors"][0]["field"] == "body.new_password"
    expect(await member.patch("/users/me", json={"bio": "まだいる"}), 200)
    good = {"current_password": PASSWORD, "new_password": NEW}
    expect(await phone.post("/auth/password/change", json=good), 204)
    expect(await member.patch("/users/me", json={"bio": "?"}), 401, "session_revoked")
    expect(await phone.patch("/users/me", json={"bio": "まだいる"}), 200)
    old = {"email": member.email, "password": PASSWORD}
    expect(await world.anonymous().post("/auth/login", json=old), 401, "invalid_credentials")
    phone.password = NEW
    await world.sign_in(phone)
    await run_jobs(world, JOBS)
    assert any("パスワードが変更されました" in mail.subject for mail in world.mailer.sent)


async def test_a_guest_has_no_password_to_change(world: World) -> None:
    form = {"current_password": PASSWORD, "new_password": NEW}
    guest = await world.guest()
    expect(await guest.post("/auth/password/change", json=form), 403, "wrong_password")
    expect(await world.anonymous().post("/auth/password/change", json=form), 401)


async def test_a_reset_works_once_and_ends_all_sessions(world: World) -> None:
    member, anonymous = await world.register(), world.anonymous()
    expect(await anonymous.post("/auth/password/forgot", json={"email": member.email}), 202)
    await run_jobs(world, JOBS)
    token = token_of(world.mailer, "reset-password")
    weak = {"token": token, "new_password": "password123"}
    expect(await anonymous.post("/auth/password/reset", json=weak), 422, "password_too_weak")
    good = {"token": token, "new_password": NEW}
    expect(await anonymous.post("/auth/password/reset", json=good), 204)
    expect(await anonymous.post("/auth/password/reset", json=good), 422, "invalid_token")
    expect(await member.patch("/users/me", json={"bio": "?"}), 401, "session_revoked")
    member.password = NEW
    await world.sign_in(member)


async def test_a_newer_password_ends_the_links_that_reset_it(world: World) -> None:
    member, anonymous = await world.register(), world.anonymous()
    expect(await anonymous.post("/auth/password/forgot", json={"email": member.email}), 202)
    await run_jobs(world, JOBS)
    token = token_of(world.mailer, "reset-password")
    body = {"current_password": PASSWORD, "new_password": NEW}
    expect(await member.post("/auth/password/change", json=body), 204)
    late = {"token": token, "new_password": "mukashi-no-kotoba-7"}
    expect(await anonymous.post("/auth/password/reset", json=late), 422, "invalid_token")
    member.password = NEW
    await world.sign_in(member)


async def test_a_reset_token_expires_after_half_an_hour(world: World) -> None:
    member, anonymous = await world.register(), world.anonymous()
    expect(await anonymous.post("/auth/password/forgot", json={"email": member.email}), 202)
    await run_jobs(world, JOBS)
    form = {"token": token_of(world.mailer, "reset-password"), "new_password": NEW}
    world.clock.advance(minutes=31)
    expect(await anonymous.post("/auth/password/reset", json=form), 422, "invalid_token")


async def test_a_mailed_token_works_only_for_its_own_purpose(world: World) -> None:
    await world.register()
    await run_jobs(world, JOBS)
    token = token_of(world.mailer, "verify-email")
    form = {"token": token, "new_password": NEW}
    anonymous = world.anonymous()
    expect(await anonymous.post("/auth/password/reset", json=form), 422, "invalid_token")
    expect(await anonymous.post("/auth/email/verify", json={"token": token}), 204)


async def test_the_address_is_verified_by_the_mailed_token(world: World) -> None:
    member = await world.register()
    assert expect(await member.get("/users/me"), 200)["email_verified"] is False
    await run_jobs(world, JOBS)
    token = token_of(world.mailer, "verify-email")
    expect(await world.anonymous().post("/auth/email/verify", json={"token": token}), 204)
    assert expect(await member.get("/users/me"), 200)["email_verified"] is True
    again = await world.anonymous().post("/auth/email/verify", json={"token": token})
    expect(again, 422, "invalid_token")


async def test_the_verification_link_is_resent_only_while_it_is_needed(world: World) -> None:
    member, guest = await world.register(), await world.guest()
    await run_jobs(world, JOBS)
    world.mailer.sent.clear()
    expect(await member.post("/auth/email/resend"), 204)
    expect(await guest.post("/auth/email/resend"), 204)
    await run_jobs(world, JOBS)
    assert [mail.to for mail in world.mailer.sent] == [member.email]
    token = token_of(world.mailer, "verify-email")
    expect(await world.anonymous().post("/auth/email/verify", json={"token": token}), 204)
    world.mailer.sent.clear()
    expect(await member.post("/auth/email/resend"), 204)
    await run_jobs(world, JOBS)
    assert world.mailer.sent == []


async def test_mails_are_in_the_readers_language(world: World) -> None:
    member = await world.register()
    expect(await member.patch("/users/me", json={"locale": "en"}), 200)
    await run_jobs(world, JOBS)
    (mail,) = world.mailer.sent
    assert mail.subject == "Confirm your email address"
    assert "http://test/account/verify-email?token=" in mail.text
    assert "<html" in mail.html
