"""Acts of the console are safe to send twice, and can be taken back for ten seconds."""

from typing import Any

import pytest

from app.api import JOBS
from app.reports import service
from tests.support.api import expect
from tests.support.console import leads_to, shown, signed_in, undo, undo_on
from tests.support.jobs import run_jobs
from tests.support.moderating import ask, ban, case_of, last_act, report
from tests.support.notifications import register_device
from tests.support.sql import count, sql
from tests.support.world import World


async def pushes(world: World) -> list[dict[str, Any]]:
    # A delay counts from the beginning of the transaction: in `world`, from that of the test.
    query = "SELECT execute_after > now() + interval '15 s' AS waits FROM pgqueuer"
    return [dict(row) for row in await sql(world, f"{query} WHERE entrypoint LIKE '%push'")]


async def run_all_jobs(world: World) -> None:
    """Run the jobs, also those that wait until an act can't be taken back any more."""
    await sql(world, "UPDATE pgqueuer SET execute_after = now()")
    await run_jobs(world, JOBS)


async def test_a_form_that_is_sent_twice_is_carried_out_once(world: World) -> None:
    member, admin = await world.member(), await world.admin()
    request = await ask(member, "盆栽")
    browser = await signed_in(world, admin)
    path, key = f"/requests/{request['id']}/reject", "a" * 16
    for _ in range(2):
        done = await browser.post(path, reason="似た部屋があります", key=key)
        leads_to(done, "/admin/requests?done=rejected")
    # The second answer offers to take it back, too: the first one may have been lost.
    assert await undo_on(browser, "/requests?done=rejected")
    assert await count(world, "audit_log") == 1
    assert len(await member.items("/notifications")) == 1
    changed = shown(await browser.post(path, reason="別の理由", key=key), 422)
    assert "前に一度届き" in changed
    assert "別の理由" in changed
    # A form of a new page is another act, which is refused on its own.
    shown(await browser.post(path, reason="似た部屋があります", key="b" * 16), 409)
    # A refusal does not use the key up, and what is not a key is ignored.
    form = {"name": "銭湯", "description": "湯の話"}
    shown(await browser.post("/lounges", name="", description="湯", key="c" * 16), 422)
    leads_to(await browser.post("/lounges", **form, key="c" * 16), "/admin/lounges?done=made")
    leads_to(await browser.post("/lounges", **form, key="c" * 16), "/admin/lounges?done=made")
    shown(await browser.post("/lounges", **form, key="x"), 409)


async def test_a_decided_request_is_pending_again(world: World) -> None:
    member, admin = await world.member(), await world.admin()
    browser = await signed_in(world, admin)
    request = await ask(member, "盆栽")
    path = f"/requests/{request['id']}"
    leads_to(await browser.post(f"{path}/approve"), "/admin/requests?done=approved")
    assert await pushes(world) == [{"waits": True}]
    await undo(browser, "/requests?done=approved")
    mine = expect(await member.get(f"/lounge-requests/{request['id']}"), 200)
    assert (mine["status"], mine["lounge_id"]) == ("pending", None)
    assert await member.items("/notifications") == []
    assert await count(world, "lounges") == 0
    assert (await last_act(admin))["action"] == "lounge_request.reopened"
    assert await undo_on(browser, "/requests?done=approved") is None

    leads_to(await browser.post(f"{path}/reject", reason="x"), "/admin/requests?done=rejected")
    await undo(browser, "/requests?done=rejected")
    leads_to(await browser.post(f"{path}/approve"), "/admin/requests?done=approved")
    (lounge,) = await member.items("/lounges")
    expect(await member.put(f"/lounges/{lounge['id']}/favorite"), 204)
    used = await undo_on(browser, "/requests?done=approved")
    assert used
    assert "もう使われている" in shown(await browser.post(used), 409)
    assert await count(world, "lounges") == 1


@pytest.mark.parametrize("action", ["dismiss", "hide", "suspend"])
async def test_a_resolved_report_is_open_again(world: World, action: str) -> None:
    author, reporter, admin = await world.member(), await world.member(), await world.admin()
    post = await world.post(author)
    await report(reporter, "post", post["id"])
    browser = await signed_in(world, admin)
    case = await case_of(admin, post["id"])
    form = {"action": action, "note": "理由", "days": "7"}
    done = await browser.post(f"/reports/{case['id']}/resolve", **form)
    said = {"suspend": "author-suspended", "hide": "report-hidden"}.get(action, "dismissed")
    page = f"/reports?done={said}"
    leads_to(done, f"/admin{page}")
    assert all(push["waits"] for push in await pushes(world))
    await undo(browser, page)
    again = await case_of(admin, post["id"])
    assert (again["status"], again["resolution"], again["note"]) == ("open", None, "")
    expect(await reporter.get(f"/posts/{post['id']}"), 200)
    assert expect(await admin.get(f"/admin/users/{author.id}"), 200)["status"] == "active"
    assert await author.items("/notifications") == await reporter.items("/notifications") == []
    (own,) = await reporter.items("/reports")
    assert (own["status"], own["outcome"], own["decided_at"]) == ("open", None, None)


async def test_a_case_is_not_reopened_beside_a_newer_one(world: World) -> None:
    post, admin = await world.post(await world.member()), await world.admin()
    await report(await world.member(), "post", post["id"])
    browser = await signed_in(world, admin)
    case = await case_of(admin, post["id"])
    await browser.post(f"/reports/{case['id']}/resolve", action="dismiss", note="")
    await report(await world.member(), "post", post["id"])
    path = await undo_on(browser, "/reports?done=dismissed")
    assert path
    assert "新しい通報" in shown(await browser.post(path), 409)


async def test_held_content_is_held_again(world: World) -> None:
    author, reader, admin = await world.member(), await world.member(), await world.admin()
    await ban(admin, "ばくだん")
    post = await world.post(author, body="ばくだん")
    comment = await world.comment(reader, await world.post(author), "ばくだん")
    browser = await signed_in(world, admin)
    for kind, item in (("post", post), ("comment", comment)):
        for verb, done in (("release", "released"), ("hide", "hidden")):
            path = f"/held/{kind}/{item['id']}/{verb}"
            leads_to(await browser.post(path, reason="理由"), f"/admin/held?done={done}")
            await undo(browser, f"/held?done={done}")
            assert await count(world, f"{kind}s", "moderation = 'held'") == 1
            read = expect(await admin.get(f"/admin/{kind}s/{item['id']}"), 200)
            assert (read["moderation"], read["moderated_by"]) == ("held", None)
    assert await author.items("/notifications") == []
    # The second release notifies, as the first one did.
    await browser.post(f"/held/comment/{comment['id']}/release")
    assert len(await author.items("/notifications")) == 1


async def test_users_lounges_words_and_reasons_are_put_back(world: World) -> None:
    member, admin = await world.member("花子", is_verified=True), await world.admin()
    browser = await signed_in(world, admin)
    user, page = f"/users/{member.id}", f"/users/{member.id}"

    async def standing() -> Any:
        shown = expect(await admin.get(f"/admin/users/{member.id}"), 200)
        return shown["role"], shown["status"], shown["suspension_reason"]

    await browser.post(f"{user}/suspend", reason="荒らし", days="good")
    suspended = await standing()
    for verb in ("restore", "promote"):
        before = await standing()
        await browser.post(f"{user}/{verb}", reason="理由")
        await undo(browser, f"{page}?done={verb}")
        assert await standing() == before
        if verb == "restore":
            assert before == suspended == ("user", "suspended", "荒らし")
            await browser.post(f"{user}/restore", reason="理由")

    await browser.post("/lounges", name="銭湯", description="湯の話")
    await undo(browser, "/lounges?done=made")
    assert await count(world, "lounges") == 0
    lounge = await world.lounge("銭湯")
    path = f"/lounges/{lounge['id']}"
    await browser.post(f"{path}/change", name="温泉", description="別の話")
    await undo(browser, "/lounges?done=changed")
    assert await count(world, "lounges", "name = '銭湯'") == 1
    await browser.post(f"{path}/close")
    await undo(browser, "/lounges?done=closed")
    assert await count(world, "lounges", "closed_at IS NULL") == 1

    words = await ban(admin, "ばくだん", "てろ", exceptions=["ばくだんおにぎり"])
    await browser.post("/words", words="てろ\nどく", exceptions="")
    await undo(browser, "/words?done=saved")
    now = expect(await admin.get("/admin/banned-words"), 200)
    for name in ("words", "exceptions"):
        assert sorted(now[name]) == sorted(words[name])

    reasons = await sql(world, "SELECT id, use, ja, en FROM canned_reasons ORDER BY id")
    first = f"/reasons/{reasons[0]['id']}"
    for path, form, done in (
        ("/reasons/user", {"ja": "新しい", "en": "new"}, "saved"),
        (f"{first}/change", {"ja": "別の文", "en": "other"}, "saved"),
        (f"{first}/remove", {}, "removed"),
    ):
        leads_to(await browser.post(path, **form), f"/admin/reasons?done={done}")
        assert await sql(world, "SELECT id, use, ja, en FROM canned_reasons ORDER BY id") != reasons
        await undo(browser, f"/reasons?done={done}")
        assert await sql(world, "SELECT id, use, ja, en FROM canned_reasons ORDER BY id") == reasons


async def test_undo_ends_after_its_time_and_is_of_one_session(world: World) -> None:
    member, admin, rival = await world.member(), await world.admin(), await world.admin()
    browser, other = await signed_in(world, admin), await signed_in(world, rival)
    request = await ask(member, "盆栽")
    await browser.post(f"/requests/{request['id']}/approve")
    path = await undo_on(browser, "/requests?done=approved")
    assert path
    other.act = browser.act
    assert await undo_on(other, "/requests?done=approved") is None
    assert await undo_on(browser, "/requests?done=rejected") is None
    shown(await other.post(path), 409)
    world.clock.advance(seconds=11)
    assert await undo_on(browser, "/requests?done=approved") is None
    world.clock.advance(seconds=5)
    assert "10 秒" in shown(await browser.post(path), 409)
    assert await count(world, "lounges") == 1
    # The next act deletes what can't be taken back any more.
    await browser.post(f"/requests/{(await ask(member, '苔'))['id']}/approve")
    assert await count(world, "undoable_acts") == 1


async def test_many_reporters_are_told_nothing_of_what_was_taken_back(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "NOTIFIED_AT_ONCE", 2)
    post, admin = await world.post(await world.member()), await world.admin()
    for _ in range(3):
        await report(await world.member(), "post", post["id"])
    browser = await signed_in(world, admin)
    case = await case_of(admin, post["id"])
    await browser.post(f"/reports/{case['id']}/resolve", action="dismiss", note="")
    await undo(browser, "/reports?done=dismissed")
    await sql(world, "UPDATE pgqueuer SET execute_after = now() RETURNING id")
    await run_jobs(world, JOBS)
    assert await count(world, "notifications") == 0


async def test_many_reporters_are_told_once_of_what_was_decided_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "NOTIFIED_AT_ONCE", 2)
    post, admin = await world.post(await world.member()), await world.admin()
    reporters = [await world.member() for _ in range(5)]
    for reporter in reporters:
        await report(reporter, "post", post["id"])
    browser = await signed_in(world, admin)
    case = await case_of(admin, post["id"])
    await browser.post(f"/reports/{case['id']}/resolve", action="dismiss", note="")
    await undo(browser, "/reports?done=dismissed")
    world.clock.advance(seconds=8)
    await browser.post(f"/reports/{case['id']}/resolve", action="dismiss", note="")
    for _ in range(2):
        await run_all_jobs(world)
    for reporter in reporters:
        assert len(await reporter.items("/notifications")) == 1


async def test_what_was_held_again_is_told_and_pushed_at_the_release_that_stays(
    world: World,
) -> None:
    author, reader, admin = await world.member(), await world.member(), await world.admin()
    await register_device(reader, "phone")
    lounge = await world.lounge()
    level = f"/lounges/{lounge['id']}/notifications"
    expect(await reader.put(level, json={"level": "all"}), 204)
    await ban(admin, "ばくだん")
    watched = await world.post(await world.member())
    expect(await reader.put(f"/posts/{watched['id']}/watch"), 204)
    post = await world.post(author, lounge, body="ばくだん")
    comment = await world.comment(author, watched, "ばくだん")
    browser = await signed_in(world, admin)
    for number, (kind, item) in enumerate([("post", post), ("comment", comment)]):
        path, mine = f"/held/{kind}/{item['id']}/release", "user_id = CAST(:id AS uuid)"
        leads_to(await browser.post(path), "/admin/held?done=released")
        await run_jobs(world, JOBS)  # They wait until the release can't be taken back any more.
        assert await count(world, "notifications", mine, id=reader.id) == number
        await undo(browser, "/held?done=released")
        await run_all_jobs(world)
        assert await count(world, "notifications", mine, id=reader.id) == number
        leads_to(await browser.post(path), "/admin/held?done=released")
        await run_all_jobs(world)
        assert await count(world, "notifications", mine, id=reader.id) == number + 1
        assert len(world.push.sent) == number + 1


async def test_several_things_of_a_user_are_hidden_and_shown_at_once(world: World) -> None:
    author, admin = await world.member(), await world.admin()
    posts = [await world.post(author, title=f"題{number}") for number in range(3)]
    comment = await world.comment(author, posts[0], "わたしの言葉")
    browser = await signed_in(world, admin)
    path = f"/users/{author.id}/content"
    page = shown(await browser.get(path))
    assert all(words in page for words in ("題0", "題1", "題2", "わたしの言葉"))
    assert "題1" not in shown(await browser.get(f"{path}?kind=comment"))
    chosen = [f"post:{posts[1]['id']}", f"post:{posts[2]['id']}", f"comment:{comment['id']}"]

    async def send(verb: str, items: list[str], reason: str = "規約違反") -> Any:
        form = {"token": await browser.token(), "verb": verb, "item": items, "reason": reason}
        return await browser.http.post(f"/admin{path}", data=form)

    leads_to(await send("hide", chosen), f"/admin{path}?done=bulk-hidden")
    assert await author.ids(f"/users/{author.id}/posts") == [posts[0]["id"]]
    assert len(await author.items("/notifications")) == 3
    assert len(await pushes(world)) == 1
    await undo(browser, f"{path}?done=bulk-hidden")
    assert len(await author.ids(f"/users/{author.id}/posts")) == 3
    assert await author.items("/notifications") == []

    await send("hide", chosen)
    leads_to(await send("restore", chosen), f"/admin{path}?done=bulk-restored")
    assert len(await author.ids(f"/users/{author.id}/posts")) == 3
    # What is gone is skipped. What is nothing, or too much, is refused with what was typed.
    expect(await author.delete(f"/posts/{posts[2]['id']}"), 204)
    leads_to(await send("hide", chosen), f"/admin{path}?done=bulk-hidden")
    many = [f"post:{posts[0]['id'][:-3]}{number:03}" for number in range(21)]
    for items in ([], ["x"], ["post:1"], ["lounge:" + posts[0]["id"]], many):
        page = shown(await send("hide", items, "わたしの理由"), 422)
        assert "選んでから" in page
        assert "わたしの理由" in page
    page = shown(await send("hide", chosen, ""), 422)
    assert f'value="{chosen[0]}" checked' in page
    shown(await send("explode", chosen), 404)
