"""Each kind of mail goes to an address once a minute and five times a day, whichever user asks."""

import asyncio

import httpx

from app.api import JOBS
from app.auth.service.clean_up import CleanUpService
from tests.support.api import Api, expect
from tests.support.auth import dump
from tests.support.jobs import run_jobs
from tests.support.sql import count
from tests.support.world import PASSWORD, World, token

NEW = "atarashii-kotoba-9"


async def forgot(world: World, email: str) -> None:
    expect(await world.anonymous().post("/auth/password/forgot", json={"email": email}), 202)


async def mailed_addresses(world: World) -> list[str]:
    """The addresses that got mail since the last call."""
    await run_jobs(world, JOBS)
    sent = [mail.to for mail in world.mailer.sent]
    world.mailer.sent.clear()
    return sent


async def ask_by_page(world: World, email: str) -> httpx.Response:
    return await world.http.post("http://test/account/delete", data={"email": email})


async def test_a_forgotten_password_is_mailed_once_a_minute_and_five_times_a_day(
    world: World,
) -> None:
    member = await world.register()
    await mailed_addresses(world)
    for _ in range(30):
        await forgot(world, member.email)
    assert await mailed_addresses(world) == [member.email]
    world.clock.advance(seconds=59)
    await forgot(world, member.email)
    assert await mailed_addresses(world) == []
    for _ in range(9):
        world.clock.advance(minutes=1)
        await forgot(world, member.email)
    assert await mailed_addresses(world) == [member.email] * 4
    # The window slides: the sixth mail goes a day after the first, the seventh after the second.
    world.clock.advance(hours=24, minutes=-10)
    for _ in range(2):
        await forgot(world, member.email)
        world.clock.advance(seconds=1)
    assert await mailed_addresses(world) == [member.email]


async def test_a_suppressed_mail_keeps_the_older_link_valid(world: World) -> None:
    member = await world.register()
    await mailed_addresses(world)
    await forgot(world, member.email)
    await run_jobs(world, JOBS)
    link = world.mailer.sent[-1].text.partition("token=")[2].split()[0]
    await forgot(world, member.email)
    await run_jobs(world, JOBS)
    assert len(world.mailer.sent) == 1
    form = {"token": link, "new_password": NEW}
    expect(await world.anonymous().post("/auth/password/reset", json=form), 204)


async def test_each_kind_of_mail_and_each_address_is_counted_separately(world: World) -> None:
    member, other = await world.register(), await world.register()
    await mailed_addresses(world)
    for _ in range(3):
        await forgot(world, member.email)
        await forgot(world, other.email)
        assert (await ask_by_page(world, member.email)).status_code == 202
        expect(await member.post("/auth/email/resend"), 204)
    assert sorted(await mailed_addresses(world)) == sorted([member.email] * 3 + [other.email])


async def test_all_spellings_of_an_address_share_a_count(world: World) -> None:
    member = await world.register()
    await mailed_addresses(world)
    wide = member.email.replace("t-", "ｔ-", 1)
    for email in (wide, member.email.upper(), member.email.title(), member.email):
        await forgot(world, email)
    # The full-width spelling has no account, but it used up the minute of every spelling.
    assert await mailed_addresses(world) == []
    assert await count(world, "auth_sent_mails", "kind = 'reset_password'") == 1


async def test_repeated_registrations_send_a_stranger_five_mails_of_each_kind_at_most(
    world: World,
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
        world.clock.advance(seconds=61)
    # Five of each: verify the address, password changed, account deleted.
    assert [mail.to for mail in world.mailer.sent] == [stranger] * 15
    for mail in world.mailer.sent:
        assert "買いませんか" not in f"{mail.subject}{mail.text}{mail.html}"


async def test_a_verified_address_gets_a_mail_for_every_password_change(world: World) -> None:
    member = await verified(world)
    for old, new in ((PASSWORD, NEW), (NEW, PASSWORD)):
        change = {"current_password": old, "new_password": new}
        expect(await member.post("/auth/password/change", json=change), 204)
    assert await mailed_addresses(world) == [member.email] * 2


async def ask_for(caller: Api, email: str) -> None:
    body = {"email": email, "password": PASSWORD}
    expect(await caller.post("/users/me/email", json=body), 202)


async def test_wishes_for_other_addresses_send_a_stranger_five_mails_a_day(world: World) -> None:
    member = await world.register()
    await mailed_addresses(world)
    for number in range(10):
        for wish in ("a", "b"):
            await ask_for(member, f"{wish}{number}-{token()}@example.com")
        world.clock.advance(seconds=61)
    assert (await mailed_addresses(world)).count(str(member.email)) == 5


async def test_the_old_address_learns_of_each_wish_even_if_the_new_one_gets_no_mail(
    world: World,
) -> None:
    owner, other, wanted = (await verified(world), await world.member(), "new@example.com")
    await ask_for(other, wanted)
    assert wanted in await mailed_addresses(world)
    for _ in range(2):
        await ask_for(owner, wanted)
    assert await mailed_addresses(world) == [owner.email] * 2


async def verified(world: World) -> Api:
    member = await world.register(nickname="はなこ")
    await run_jobs(world, JOBS)
    link = world.mailer.sent[-1].text.partition("token=")[2].split()[0]
    expect(await world.anonymous().post("/auth/email/verify", json={"token": link}), 204)
    world.mailer.sent.clear()
    return member


async def test_mails_to_an_unverified_address_do_not_contain_the_nickname(world: World) -> None:
    unverified = await world.register(nickname="はなこ")
    for locale in ("ja", "en"):
        expect(await unverified.patch("/users/me", json={"locale": locale}), 200)
        expect(await unverified.post("/auth/email/resend"), 204)
        await forgot(world, unverified.email)
        await ask_by_page(world, unverified.email)
        await run_jobs(world, JOBS)
    assert len(world.mailer.sent) >= 4
    for mail in world.mailer.sent:
        assert "はなこ" not in f"{mail.subject}{mail.text}{mail.html}"
    world.mailer.sent.clear()
    member = await verified(world)
    await forgot(world, member.email)
    await run_jobs(world, JOBS)
    assert world.mailer.sent[-1].text.startswith("はなこさん\n\n")


async def test_concurrent_requests_send_one_mail(committed_world: World) -> None:
    world = committed_world
    member = await world.register()
    folder = world.runtime.settings.mail_dir
    await run_jobs(world, JOBS)
    before = len(list(folder.iterdir()))
    await asyncio.gather(*(forgot(world, member.email) for _ in range(15)))
    await run_jobs(world, JOBS)
    assert len(list(folder.iterdir())) == before + 1


async def test_the_count_does_not_contain_the_address_and_is_deleted_after_a_day(
    world: World,
) -> None:
    email = f"unknown-{token()}@example.com"
    await forgot(world, email)
    content = await dump(world)
    assert email not in content
    assert email.encode().hex() not in content
    world.clock.advance(hours=23)
    for left in (1, 0):
        async with world.runtime.writing() as ctx:
            await CleanUpService(ctx).forget_what_is_over()
        assert await count(world, "auth_sent_mails") == left
        world.clock.advance(hours=2)
