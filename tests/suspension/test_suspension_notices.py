"""A suspended user is told: in every refusal, by mail and by push, with the day and the appeal."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from app.integrations.push.base import PushOutcome
from app.suspension.jobs import JOBS
from tests.support.api import Api, expect
from tests.support.console import leads_to, shown, signed_in, undo
from tests.support.jobs import run_jobs
from tests.support.methods import link, mails, social
from tests.support.notifications import register_device
from tests.support.provider import Providers
from tests.support.sql import sql
from tests.support.world import World, picture

ENGLISH = {"Accept-Language": "en"}
UNTIL = "2035-12-08T00:30:00Z"


async def suspend(admin: Api, user: Api, **fields: Any) -> None:
    form = {"status": "suspended", "reason": "規約違反のため。", **fields}
    expect(await admin.patch(f"/admin/users/{user.id}", json=form), 200)


async def verified(world: World) -> Api:
    user = await world.member("はなこ")
    verify = "UPDATE users SET email_verified_at = now() WHERE id = :id"
    await sql(world, verify, id=UUID(user.id))
    return user


@pytest.mark.parametrize("until", [UNTIL, None])
async def test_every_refusal_says_until_when_why_and_where_to_appeal(
    world: World, until: str | None
) -> None:
    admin, user = await world.admin(), await world.member()
    await suspend(admin, user, until=until)
    lounge = {"lounge_id": (await world.lounge())["id"], "title": "題", "body": "文"}
    refusals = [
        *(await user.post("/posts", json=lounge), await user.patch("/users/me", json={"bio": "x"})),
        *(await user.upload(picture()), await user.get("/changes"), await user.get("/live")),
        await user.post("/auth/refresh", json={"refresh_token": user.refresh_token}),
        await user.post("/auth/login", json={"email": user.email, "password": user.password}),
    ]
    until_ja, until_en = (
        ("2035年12月8日（土）09:30まで", "until Sat 8 Dec 2035, 09:30 JST")
        if until
        else ("無期限で", "permanently")
    )
    for answer in refusals:
        problem = expect(answer, 403, "account_suspended")
        assert problem["until"] == until
        assert problem["appeal_url"].startswith("http://test/account/appeal?token=")
        assert problem["detail"] == (
            f"このアカウントは{until_ja}利用停止中です。理由：規約違反のため。"
            "異議がある場合は、専用のページから一度だけ申し立てられます。"
        )
    english = await user.patch("/users/me", json={"bio": "x"}, headers=ENGLISH)
    assert english.json()["detail"] == (
        f"Your account is suspended {until_en}. Reason: 規約違反のため。"
        " If you think this is a mistake, you can appeal once."
    )


async def test_an_admin_reads_it_in_the_console(world: World) -> None:
    admin, other = await world.admin(), await world.admin()
    browser = await signed_in(world, admin)
    await suspend(other, admin, until=UNTIL)
    refused = shown(await browser.get(""), 403)
    sign_in = shown(await browser.sign_in(admin.email, admin.password), 403)
    for page in (refused, sign_in):
        assert "2035年12月8日（土）09:30まで利用停止中です" in page
        assert 'href="http://test/account/appeal?token=' in page
    calls = await admin.get("/admin/users")
    assert expect(calls, 403, "account_suspended")["until"] == UNTIL


async def test_the_return_of_a_provider_shows_only_what_we_know(world: World) -> None:
    """The address could be anybody's."""
    admin, other = await world.admin(), await world.admin()
    await suspend(other, admin, until=UNTIL)
    page = expect(await admin.post("/images"), 403, "account_suspended")["appeal_url"]
    browser = await signed_in(world, other)
    query = {"error": "account_suspended", "error_description": "電話してください"}
    for given, known in ((page, True), (page[:-1], False), ("https://evil.example/", False)):
        answer = await browser.get("/sign-in/return", params={**query, "appeal_url": given})
        text = shown(answer, 403)
        assert ("2035年12月8日（土）09:30まで" in text, f'href="{page}"' in text) == (known, known)
        assert "電話してください" not in text
        assert "evil.example" not in text


@pytest.mark.parametrize("locale", ["ja", "en"])
async def test_a_mail_and_a_push_say_why_until_when_and_where_to_appeal(
    world: World, locale: str
) -> None:
    admin, user = await world.admin(), await verified(world)
    expect(await user.patch("/users/me", json={"locale": locale}), 200)
    await register_device(user, "phone")
    await suspend(admin, user, until=UNTIL, hide_content=True)
    page = expect(await user.post("/images"), 403, "account_suspended")["appeal_url"]
    await run_jobs(world, JOBS)
    (mail,) = [mail for mail in world.mailer.sent if mail.to == user.email]
    words = {
        "ja": ("アカウントの利用停止について", "2035年12月8日（土）09:30", "表示されません"),
        "en": ("Your account is suspended", "Sat 8 Dec 2035, 09:30 JST", "are hidden"),
    }[locale]
    assert mail.subject == words[0]
    assert all(word in mail.text for word in (*words[1:], "規約違反のため。", page, "はなこ"))
    assert f'href="{page}"' in (mail.html or "")
    ((message, targets),) = world.push.sent
    assert len(targets) == 1
    assert message.data == {"type": "account_suspended", "url": page}
    assert all(word in message.body for word in ("規約違反のため。", words[1]))
    assert "。。" not in message.body


async def test_an_address_that_a_provider_has_verified_gets_all_of_it(
    world: World, idp: Providers
) -> None:
    """Of an account by LINE that has another address, or none. Each address gets its own mail."""
    admin, user = await world.admin(), await social(world, "line", "U1")
    google = {"email": "google@example.com", "email_verified": True}
    expect(await link(world, user, "google", "G1", **google), 201)
    apple = {"email": "apple@example.com", "email_verified": True}
    expect(await link(world, user, "apple", "A1", **apple), 201)
    await sql(
        world, "UPDATE users SET email = 'typed@example.com' WHERE id = :id", id=UUID(user.id)
    )
    await mails(world)
    addresses = ["google@example.com", "apple@example.com"]
    await suspend(admin, user)
    told = [(to, "アカウントの利用停止について") for to in addresses]
    assert await mails(world) == told
    token = expect(await user.post("/images"), 403)["appeal_url"].partition("token=")[2]
    form = {"token": token, "text": "誤解です"}
    sent = await world.http.post("/account/appeal", data=form)
    assert "登録のメールアドレス" in sent.text
    (queued,) = await admin.items("/admin/appeals")
    decision = {"decision": "uphold", "note": ""}
    expect(await admin.post(f"/admin/appeals/{queued['id']}/decide", json=decision), 200)
    assert await mails(world) == [(to, "異議申し立ての結果") for to in addresses]
    expect(await admin.patch(f"/admin/users/{user.id}", json={"status": "active"}), 200)
    assert await mails(world) == [(to, "利用停止が解除されました") for to in addresses]


async def test_without_a_verified_address_or_a_device_nobody_is_told(world: World) -> None:
    await suspend(await world.admin(), await world.member())
    await run_jobs(world, JOBS)
    assert (world.mailer.sent, world.push.sent) == ([], [])


async def test_no_setting_stops_the_push_of_a_suspension(world: World) -> None:
    user = await world.member()
    await register_device(user, "phone")
    expect(await user.patch("/notifications/settings", json={"push_enabled": False}), 200)
    await suspend(await world.admin(), user)
    await run_jobs(world, JOBS)
    assert [message.data["type"] for message, _ in world.push.sent] == ["account_suspended"]


async def test_a_suspension_that_is_taken_back_is_not_told(world: World) -> None:
    admin, user = await world.admin(), await verified(world)
    await register_device(user, "phone")
    browser = await signed_in(world, admin)
    page = f"/users/{user.id}"
    answer = await browser.post(f"{page}/suspend", reason="誤り", days="3")
    leads_to(answer, f"/admin{page}?done=suspend")
    await run_jobs(world, JOBS)
    assert (world.mailer.sent, world.push.sent) == ([], [])
    await undo(browser, f"{page}?done=suspend")
    await sql(world, "UPDATE pgqueuer SET execute_after = now()")
    await run_jobs(world, JOBS)
    assert (world.mailer.sent, world.push.sent) == ([], [])


async def test_another_end_and_a_lifting_are_told_but_no_end_by_itself(world: World) -> None:
    admin, user = await world.admin(), await verified(world)
    path = f"/admin/users/{user.id}"
    told: list[str] = []

    async def change(form: dict[str, Any]) -> None:
        world.mailer.sent.clear()
        expect(await admin.patch(path, json=form), 200)
        await run_jobs(world, JOBS)
        told[:] = [mail.subject for mail in world.mailer.sent]

    soon = (world.clock() + timedelta(minutes=5)).isoformat()
    await change({"status": "suspended", "reason": "規約違反"})
    assert told == ["アカウントの利用停止について"]
    await change({"until": soon})
    assert told == ["アカウントの利用停止について"]
    # What the user is told of it stays: nothing to say.
    await change({"hide_content": True})
    assert told == []
    await change({"status": "active"})
    assert told == ["利用停止が解除されました"]
    await change({"status": "suspended", "until": soon, "reason": "また"})
    world.clock.advance(minutes=6)
    await change({"status": "active"})
    assert told == []


async def test_a_device_out_of_reach_is_tried_again_alone(world: World) -> None:
    admin, user = await world.admin(), await world.member()
    for name in ("one", "two"):
        await register_device(user, name)
    world.push.outcomes = {"value of two": PushOutcome.LATER}
    await suspend(admin, user)
    await run_jobs(world, JOBS)
    rows = await sql(
        world,
        "SELECT convert_from(payload, 'UTF8') AS payload FROM pgqueuer"
        " WHERE entrypoint = 'sanction.push_suspension'",
    )
    assert ["device_id" in row["payload"] for row in rows] == [True]
