"""The page where a suspended user appeals, without script, and what comes of it."""

import asyncio
import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest

from app.suspension.jobs import JOBS
from app.suspension.service.appeals import AppealService, DecisionToMail
from tests.support.api import Api, expect
from tests.support.fakes import WatchingMailer
from tests.support.jobs import run_jobs
from tests.support.leaving import leave
from tests.support.outage import without_database
from tests.support.races import holding, start, until_waiting
from tests.support.sql import count, sql
from tests.support.world import World

PAGE = "/account/appeal"
WHY = "嫌がらせ <b>の投稿"
ENGLISH = {"Accept-Language": "en"}


async def suspended(world: World, admin: Api, **fields: Any) -> tuple[Api, str]:
    """A suspended user, and the token of their page."""
    user = await world.member()
    form = {"status": "suspended", "reason": WHY, **fields}
    expect(await admin.patch(f"/admin/users/{user.id}", json=form), 200)
    return user, await token_of(user)


async def token_of(user: Api) -> str:
    refusal = expect(await user.post("/images"), 403, "account_suspended")
    found = re.fullmatch(r".*/account/appeal\?token=([\w-]{64})", refusal["appeal_url"])
    assert found is not None
    return found[1]


async def send(
    world: World, token: str, text: str, headers: Mapping[str, str] | None = None
) -> httpx.Response:
    return await world.http.post(PAGE, data={"token": token, "text": text}, headers=headers)


async def look(
    world: World, token: str, headers: Mapping[str, str] | None = None
) -> httpx.Response:
    return await world.http.get(PAGE, params={"token": token}, headers=headers)


async def test_a_suspended_user_appeals_once_and_is_restored(world: World) -> None:
    admin = await world.admin()
    user, token = await suspended(world, admin, until="2035-04-01T00:30:00Z")
    page = await look(world, token)
    assert page.status_code == 200
    assert "アカウントは利用停止中です" in page.text
    assert "嫌がらせ &lt;b&gt;の投稿" in page.text
    assert "2035年4月1日（日）09:30" in page.text
    assert "<script" not in page.text
    assert "script-src" not in page.headers["content-security-policy"]
    assert (page.headers["cache-control"], page.headers["referrer-policy"]) == (
        "no-store",
        "no-referrer",
    )
    english = await look(world, token, ENGLISH)
    assert "Your account is suspended" in english.text
    assert '<html lang="en">' in english.text
    sent = await send(world, token, "誤解です <i>")
    assert "異議申し立てを受け付けました" in sent.text
    assert "誤解です &lt;i&gt;" in sent.text
    again = await send(world, token, "もう一度")
    assert again.status_code == 200
    assert "もう一度" not in again.text
    (queued,) = await admin.items("/admin/appeals")
    assert (queued["against"], queued["reason"], queued["notification_id"]) == (
        "suspension",
        WHY,
        None,
    )
    form = {"decision": "overturn", "note": "失礼しました"}
    expect(await admin.post(f"/admin/appeals/{queued['id']}/decide", json=form), 200)
    for page in (await look(world, token), await send(world, token, "まだ")):
        assert page.status_code == 200
        assert "対応を取り消しました" in page.text
        assert "失礼しました" in page.text
        assert "終了しました" in page.text
        assert "<form" not in page.text
        assert '<a class="button" href="linky://">アプリを開く</a>' in page.text
        assert "まだ" not in page.text
    await world.post(user)
    assert [item["type"] for item in await user.items("/notifications")] == ["appeal_decided"]
    await run_jobs(world, JOBS)
    (mail,) = [mail for mail in world.mailer.sent if mail.to == user.email]
    assert mail.subject == "異議申し立ての結果"
    assert "失礼しました" in mail.text


async def test_an_appeal_without_right_words_is_refused(world: World) -> None:
    _, token = await suspended(world, await world.admin())
    for bad, words in (
        ("  ", "入力してください"),
        ("あ" * 1001, "1000 文字以内"),
        ("\x01", "使えない文字"),
    ):
        refused = await send(world, token, bad)
        assert (refused.status_code, words in refused.text) == (422, True)
    assert await count(world, "appeals") == 0


async def test_an_upheld_appeal_is_told_by_mail_and_on_the_page(world: World) -> None:
    admin = await world.admin()
    user, token = await suspended(world, admin)
    await sql(world, "UPDATE users SET locale = 'en' WHERE id = :id", id=UUID(user.id))
    await send(world, token, "誤解です")
    (queued,) = await admin.items("/admin/appeals")
    form = {"decision": "uphold", "note": "This stays."}
    expect(await admin.post(f"/admin/appeals/{queued['id']}/decide", json=form), 200)
    await run_jobs(world, JOBS)
    (mail,) = [mail for mail in world.mailer.sent if mail.to == user.email]
    assert (mail.subject, "This stays." in mail.text) == ("The result of your appeal", True)
    page = await look(world, token, ENGLISH)
    assert "are keeping our decision" in page.text
    assert "This stays." in page.text
    assert "<form" not in page.text
    assert await count(world, "notifications", "user_id = :id", id=UUID(user.id)) == 0


async def test_a_slow_mail_server_holds_no_connection(committed_world: World) -> None:
    world = committed_world
    world.runtime.mailer = mailer = WatchingMailer(world.runtime)
    admin = await world.admin()
    user, token = await suspended(world, admin)
    await send(world, token, "誤解です")
    (queued,) = await admin.items("/admin/appeals")
    form = {"decision": "uphold", "note": "変わりません"}
    expect(await admin.post(f"/admin/appeals/{queued['id']}/decide", json=form), 200)
    async with world.runtime.writing() as ctx:
        decision = DecisionToMail(UUID(user.id), UUID(queued["id"]), user.email)
        await ctx.service(AppealService).mail_decision(decision)
    assert ([mail.to for mail in mailer.sent], mailer.connections) == ([user.email], [0])


async def test_a_link_is_for_one_suspension_and_cannot_be_guessed(world: World) -> None:
    admin = await world.admin()
    until = (world.clock() + timedelta(minutes=10)).isoformat()
    _, first = await suspended(world, admin, until=until)
    other, second = await suspended(world, admin)
    assert first != second
    last = "A" if first[-1] != "A" else "B"
    for forged in ("", "x", first[:-1] + last, first[:21] + second[21:], first + "!", "あ", "\0"):
        assert (await look(world, forged)).status_code == 404
        assert (await send(world, forged, "誤解です")).status_code in (404, 422)
    world.clock.advance(seconds=600)
    assert (await look(world, first)).status_code == 404
    assert (await look(world, second)).status_code == 200
    form = {"status": "active"}
    expect(await admin.patch(f"/admin/users/{other.id}", json=form), 200)
    form = {"status": "suspended", "reason": "また"}
    expect(await admin.patch(f"/admin/users/{other.id}", json=form), 200)
    assert (await look(world, second)).status_code == 404
    assert await token_of(other) != second
    assert await count(world, "appeals") == 0


@pytest.mark.parametrize("decision", ["overturn", "uphold"])
async def test_the_decision_is_shown_for_thirty_days(world: World, decision: str) -> None:
    """Also when the suspension is over. Before the decision the page waits for it."""
    admin = await world.admin()
    until = (world.clock() + timedelta(days=3)).isoformat()
    user, token = await suspended(world, admin, until=until)
    sent = await send(world, token, "誤解です")
    assert "異議申し立てを受け付けました" in sent.text
    world.clock.advance(days=40)
    waiting = await look(world, token)
    assert (waiting.status_code, "受け付けました" in waiting.text) == (200, True)
    assert "終了しました" in waiting.text
    admin = await world.admin()
    (queued,) = await admin.items("/admin/appeals")
    form = {"decision": decision, "note": "見直しました"}
    expect(await admin.post(f"/admin/appeals/{queued['id']}/decide", json=form), 200)
    world.clock.advance(days=29, hours=23)
    page = await look(world, token)
    assert (page.status_code, "見直しました" in page.text, "<form" in page.text) == (
        200,
        True,
        False,
    )
    world.clock.advance(hours=2)
    assert (await look(world, token)).status_code == 404
    assert (await send(world, token, "まだ")).status_code == 404
    assert await count(world, "appeals", "user_id = :id", id=UUID(user.id)) == 1


async def test_the_page_of_a_decided_appeal_ends_with_the_account(world: World) -> None:
    admin = await world.admin()
    user, token = await suspended(world, admin)
    await send(world, token, "誤解です")
    (queued,) = await admin.items("/admin/appeals")
    form = {"decision": "overturn", "note": ""}
    expect(await admin.post(f"/admin/appeals/{queued['id']}/decide", json=form), 200)
    assert (await look(world, token)).status_code == 200
    await leave(user)
    assert (await look(world, token)).status_code == 404


async def test_only_who_has_a_verified_address_is_promised_a_mail(world: World) -> None:
    admin = await world.admin()
    user, token = await suspended(world, admin)
    promise, in_english = "登録のメールアドレス", "also email it to you"
    sent = await send(world, token, "誤解です")
    assert promise not in sent.text
    assert "このページでご確認いただけます" in sent.text
    verify = "UPDATE users SET email_verified_at = now() WHERE id = :id"
    await sql(world, verify, id=UUID(user.id))
    assert promise in (await look(world, token)).text
    assert in_english in (await look(world, token, ENGLISH)).text
    await sql(world, "UPDATE users SET email = NULL WHERE id = :id", id=UUID(user.id))
    assert promise not in (await look(world, token)).text
    assert in_english not in (await look(world, token, ENGLISH)).text


async def test_of_many_appeals_at_once_one_is_kept(committed_world: World) -> None:
    world = committed_world
    admin = await world.admin()
    user, token = await suspended(world, admin)
    pages = await asyncio.gather(*(send(world, token, f"訴え {n}") for n in range(5)))
    assert {page.status_code for page in pages} == {200}
    assert await count(world, "appeals", "user_id = :id", id=UUID(user.id)) == 1


async def test_overturning_ends_no_suspension_that_comes_at_the_same_moment(
    committed_world: World,
) -> None:
    world = committed_world
    admin = await world.admin()
    user, token = await suspended(world, admin)
    await send(world, token, "誤解です")
    (queued,) = await admin.items("/admin/appeals")
    form = {"decision": "overturn", "note": "失礼しました"}
    again = "UPDATE users SET suspension_id = uuidv7() WHERE id = CAST(:id AS uuid)"
    async with holding(world, again, id=user.id):
        deciding = start(admin.post(f"/admin/appeals/{queued['id']}/decide", json=form))
        await until_waiting(world)
    expect(await deciding, 200)
    shown = expect(await admin.get(f"/admin/users/{user.id}"), 200)
    assert (shown["status"], shown["suspension_reason"]) == ("suspended", WHY)


async def test_an_appeal_that_meets_no_database_keeps_its_text_to_be_sent_again(
    world: World,
) -> None:
    admin = await world.admin()
    _, token = await suspended(world, admin)
    browser = {"Accept": "text/html"}
    async with without_database(world):
        away = await send(world, token, "誤解です <i>", browser)
    assert away.status_code == 503
    assert "誤解です &lt;i&gt;</textarea>" in away.text
    assert f'name="token" value="{token}"' in away.text
    assert "異議申し立てを受け付けました" in (await send(world, token, "誤解です", browser)).text
