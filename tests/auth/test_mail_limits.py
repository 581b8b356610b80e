"""An address is mailed once a minute and five times a day of each kind, whichever user asks."""

import asyncio

import httpx
import pytest

from app.api import JOBS
from app.auth.service import CleanUpService
from tests.support.api import Api, expect
from tests.support.auth import dump
from tests.support.fakes import FakeClock, FakeMailer
from tests.support.jobs import run_jobs
from tests.support.sql import count
from tests.support.world import PASSWORD, World, token

pytestmark = pytest.mark.anyio

NEW = "atarashii-kotoba-9"


async def forgot(world: World, email: str) -> None:
    expect(await world.anonymous().post("/auth/password/forgot", json={"email": email}), 202)


async def mails(world: World, mailer: FakeMailer) -> list[str]:
    """To whom something was mailed since the last look."""
    await run_jobs(world, JOBS)
    sent = [mail.to for mail in mailer.sent]
    mailer.sent.clear()
    return sent


async def ask_by_page(world: World, email: str) -> httpx.Response:
    return await world.http.post("http://test/account/delete", data={"email": email})


async def test_a_forgotten_password_is_mailed_once_a_minute_and_five_times_a_day(
    world: World, mailer: FakeMailer, clock: FakeClock
) -> None:
    member = await world.register()
    await mails(world, mailer)
    for _ in range(30):
        await forgot(world, member.email)
    assert await mails(world, mailer) == [member.email]
    clock.advance(seconds=59)
    await forgot(world, member.email)
    assert await mails(world, mailer) == []
    for _ in range(9):
        clock.advance(minutes=1)
        await forgot(world, member.email)
    assert await mails(world, mailer) == [member.email] * 4
    # Any 24 hours: the sixth goes when the first is a day ago, the seventh when the second is.
    clock.advance(hours=24, minutes=-10)
    for _ in range(2):
        await forgot(world, member.email)
        clock.advance(seconds=1)
    assert await mails(world, mailer) == [member.email]


async def test_what_is_not_mailed_leaves_the_older_link_good(
    world: World, mailer: FakeMailer
) -> None:
    member = await world.register()
    await mails(world, mailer)
    await forgot(world, member.email)
    await run_jobs(world, JOBS)
    link = mailer.sent[-1].text.partition("token=")[2].split()[0]
    await forgot(world, member.email)
    await run_jobs(world, JOBS)
    assert len(mailer.sent) == 1
    form = {"token": link, "new_password": NEW}
    expect(await world.anonymous().post("/auth/password/reset", json=form), 204)


async def test_each_kind_and_each_address_has_a_count_of_its_own(
    world: World, mailer: FakeMailer
) -> None:
    member, other = await world.register(), await world.register()
    await mails(world, mailer)
    for _ in range(3):
        await forgot(world, member.email)
        await forgot(world, other.email)
        assert (await ask_by_page(world, member.email)).status_code == 202
        expect(await member.post("/auth/email/resend"), 204)
    assert sorted(await mails(world, mailer)) == sorted([member.email] * 3 + [other.email])


async def test_an_address_is_one_however_it_is_spelled(world: World, mailer: FakeMailer) -> None:
    member = await world.register()
    await mails(world, mailer)
    wide = member.email.replace("t-", "ｔ-", 1)
    for email in (wide, member.email.upper(), member.email.title(), member.email):
        await forgot(world, email)
    # The full-width spelling has no account, and used up the turn of all other spellings.
    assert await mails(world, mailer) == []
    assert await count(world, "auth_sent_mails", "kind = 'reset_password'") == 1


async def test_signing_up_and_leaving_over_and_over_mails_no_stranger_without_end(
    world: World, mailer: FakeMailer, clock: FakeClock
) -> None:
    stranger = f"stranger-{token()}@example.com"
    form = {"email": stranger, "password": PASSWORD, "nickname": "買いませんか"}
    for _ in range(10):
        api = world.anonymous().take(
            expect(await world.anonymous().post("/auth/register", json=form), 201)
        )
        change = {"current_password": PASSWORD, "new_password": NEW}
        expect(await api.post("/auth/password/change", json=change), 204)
        await run_jobs(world, JOBS)
        expect(await api.call("DELETE", "/users/me", json={"password": NEW}), 202)
        await run_jobs(world, JOBS)
        clock.advance(seconds=61)
    # To verify, that the password is another one, and the goodbye.
    assert [mail.to for mail in mailer.sent] == [stranger] * 15
    for mail in mailer.sent:
        assert "買いませんか" not in f"{mail.subject}{mail.text}{mail.html}"


async def test_the_owner_of_a_verified_address_is_told_of_each_change(
    world: World, mailer: FakeMailer
) -> None:
    member = await verified(world, mailer)
    for old, new in ((PASSWORD, NEW), (NEW, PASSWORD)):
        change = {"current_password": old, "new_password": new}
        expect(await member.post("/auth/password/change", json=change), 204)
    assert await mails(world, mailer) == [member.email] * 2


async def verified(world: World, mailer: FakeMailer) -> Api:
    member = await world.register(nickname="はなこ")
    await run_jobs(world, JOBS)
    link = mailer.sent[-1].text.partition("token=")[2].split()[0]
    expect(await world.anonymous().post("/auth/email/verify", json={"token": link}), 204)
    mailer.sent.clear()
    return member


async def test_no_mail_to_an_address_that_is_not_verified_holds_the_nickname(
    world: World, mailer: FakeMailer
) -> None:
    unverified = await world.register(nickname="はなこ")
    for locale in ("ja", "en"):
        expect(await unverified.patch("/users/me", json={"locale": locale}), 200)
        expect(await unverified.post("/auth/email/resend"), 204)
        await forgot(world, unverified.email)
        await ask_by_page(world, unverified.email)
        await run_jobs(world, JOBS)
    assert len(mailer.sent) >= 4
    for mail in mailer.sent:
        assert "はなこ" not in f"{mail.subject}{mail.text}{mail.html}"
    mailer.sent.clear()
    member = await verified(world, mailer)
    await forgot(world, member.email)
    await run_jobs(world, JOBS)
    assert mailer.sent[-1].text.startswith("はなこ さん\n\n")


async def test_of_many_who_ask_at_once_one_mail_goes(committed_world: World) -> None:
    world = committed_world
    member = await world.register()
    folder = world.runtime.settings.mail_dir
    await run_jobs(world, JOBS)
    before = len(list(folder.iterdir()))
    await asyncio.gather(*(forgot(world, member.email) for _ in range(15)))
    await run_jobs(world, JOBS)
    assert len(list(folder.iterdir())) == before + 1


async def test_nothing_tells_which_address_it_was_and_a_day_later_the_row_is_gone(
    world: World, clock: FakeClock
) -> None:
    email = f"nobody-{token()}@example.com"
    await forgot(world, email)
    held = await dump(world)
    assert email not in held
    assert email.encode().hex() not in held
    clock.advance(hours=23)
    for left in (1, 0):
        async with world.runtime.unit_of_work() as ctx:
            await CleanUpService(ctx).forget_what_is_over()
        assert await count(world, "auth_sent_mails") == left
        clock.advance(hours=2)
