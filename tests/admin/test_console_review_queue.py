"""The review queue: one column of cards, and what stands around the chosen one."""

import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from app.suspension.jobs import JOBS
from tests.support.api import Api, expect
from tests.support.console import Browser, leads_to, shown, signed_in, undo
from tests.support.jobs import run_jobs
from tests.support.moderating import ask, ban, case_of, report
from tests.support.sql import count, sql
from tests.support.world import World

MANY_REPORTS = """
WITH cases AS (
    INSERT INTO report_cases (target_type, target_id, gravity, reasons, report_count, snapshot,
        due_at, status, resolution, resolved_at)
    SELECT 'post', uuidv7(), 2, '{spam}', 1, '{"title": "前の題"}', now() + interval '1 year',
        CASE WHEN n % 4 = 1 THEN 'open' ELSE 'resolved' END,
        CASE n % 4 WHEN 0 THEN 'hide' WHEN 1 THEN NULL ELSE 'dismiss' END,
        CASE WHEN n % 4 <> 1 THEN now() END
    FROM generate_series(1, CAST(:number AS int)) n
    RETURNING id, target_id
)
INSERT INTO reports (id, case_id, reporter_id, target_type, target_id, reason, detail)
SELECT uuidv7(interval '-1 day'), id, CAST(:reporter AS uuid), 'post', target_id, 'spam', ''
FROM cases
"""

PANE = re.compile(r'<aside id="pane".*?</aside>', re.DOTALL)


async def pane_of(browser: Browser, page: str) -> str:
    found = PANE.search(shown(await browser.get(page)))
    assert found
    return found[0]


def cards(page: str) -> list[str]:
    return re.findall(r'data-item="([a-z]+:[0-9a-f-]+)"', page)


async def test_a_reported_comment_is_shown_in_its_thread(world: World) -> None:
    author, host = await world.member("悪口屋"), await world.member()
    reporter = await world.member()
    admin, lounge = await world.admin(), await world.lounge("喫茶")
    post = await world.post(host, lounge, title="お茶の話", body="本文です")
    before = [await world.comment(host, post, f"前{n}") for n in range(5)]
    thread = await world.comment(author, post, "ひどい言葉")
    await world.comment(host, post, "返信です", thread)
    after = [await world.comment(host, post, f"後{n}") for n in range(5)]
    await report(reporter, "comment", thread["id"])
    browser = await signed_in(world, admin)
    assert "「お茶の話」へのコメント</a></h2>" in shown(await browser.get("/reports"))
    pane = await pane_of(browser, "/reports")
    assert '<p class="text clamp on-card">ひどい言葉</p>' in pane
    assert "<mark>" not in pane
    # What a decision needs most comes first.
    places = [pane.index(f'id="pane-{part}"') for part in ("author", "reporters", "thread")]
    assert places == sorted(places)
    assert all(words in pane for words in ("喫茶", "お茶の話", "本文です", "返信です"))
    # Those around it, and no others: three on each side.
    near = [comment["body"] for comment in (*before, *after) if comment["body"] in pane]
    assert near == ["前2", "前3", "前4", "後0", "後1", "後2"]
    assert f"/admin/posts/{post['id']}?comment={thread['id']}" in pane
    assert "通報されたときの内容" not in pane
    expect(await author.patch(f"/comments/{thread['id']}", json={"body": "別の言葉"}), 200)
    pane = await pane_of(browser, "/reports")
    changed = pane.partition("通報されたときの内容")
    assert '<p class="text clamp">別の言葉</p>' in changed[0]
    assert '<p class="text clamp">ひどい言葉</p>' in changed[2]


async def test_the_pane_has_the_authors_history_and_what_the_reporters_reported_before(
    world: World,
) -> None:
    author, reporter = await world.member("荒らし"), await world.member()
    admin = await world.admin()
    for title, action in (("甲の題", "hide"), ("乙の題", "dismiss")):
        post = await world.post(author, title=title)
        await report(reporter, "post", post["id"])
        case = await case_of(admin, post["id"])
        path = f"/admin/reports/{case['id']}/resolve"
        expect(await admin.post(path, json={"action": action, "note": "対応"}), 200)
    user = f"/admin/users/{author.id}"
    expect(await admin.post(f"{user}/warn", json={"reason": "言葉づかい"}), 201)
    for status in ("suspended", "active"):
        expect(await admin.patch(user, json={"status": status, "reason": "x"}), 200)
    await report(reporter, "post", (await world.post(author, title="丙の題"))["id"])
    await report(await world.member("はじめて"), "post", (await world.post(author))["id"])
    browser = await signed_in(world, admin)
    page = shown(await browser.get("/reports"))
    first = cards(page)[0].partition(":")[2]
    pane = await pane_of(browser, f"/reports?item={first}")
    numbers = dict(re.findall(r"<dt>([^<]+)</dt><dd>(\d+)</dd>", pane))
    assert numbers == {"投稿": "3", "通報された": "4", "非表示": "1", "警告": "1", "利用停止": "1"}
    assert "言葉づかい" in pane
    assert "これまでの通報 2 件、対応 1 件、問題なし 1 件" in pane
    for title, end in (("甲の題", "非表示"), ("乙の題", "問題なし")):
        assert re.search(rf"{title}</a> · 宣伝 · {end}", pane)
    other = cards(page)[1].partition(":")[2]
    pane = await pane_of(browser, f"/reports?item={other}")
    assert "これまでに通報したことはありません" in pane


async def test_a_reporters_earlier_reports_are_counted_to_a_hundred_with_what_became_of_them(
    world: World,
) -> None:
    reporter, admin = await world.member(), await world.admin()
    await report(reporter, "post", (await world.post(await world.member()))["id"])
    browser = await signed_in(world, admin)
    # Each fourth was acted on, and each fourth is open: more than the three that are listed.
    for earlier, record in (
        (99, "これまでの通報 99 件、対応 24 件、問題なし 50 件"),
        (40, "これまでの通報 99+ 件。直近 100 件のうち対応 25 件、問題なし 50 件"),
    ):
        await sql(world, MANY_REPORTS, reporter=reporter.id, number=earlier)
        pane = await pane_of(browser, "/reports")
        assert record in pane
        reporters = pane.partition('id="pane-reporters"')[2].partition("</section>")[0]
        assert reporters.count("/admin/reports?case=") == 3


async def test_a_card_says_when_it_was_written_and_when_it_was_reported(world: World) -> None:
    author, reporter = await world.member(), await world.member()
    post = await world.post(author)
    comment = await world.comment(author, post)
    for table, id_ in (("posts", post["id"]), ("comments", comment["id"])):
        moment = world.clock() - timedelta(days=4)
        await sql(
            world, f"UPDATE {table} SET created_at = :moment WHERE id = :id", moment=moment, id=id_
        )
        await report(reporter, table.removesuffix("s"), id_)
    await report(reporter, "user", author.id)
    browser = await signed_in(world, await world.admin())
    page = shown(await browser.get("/reports"))
    written = r"投稿 <time [^>]*>4 日前</time> · 通報 <time [^>]*>たった今</time>"
    assert len(re.findall(written, page)) == 2
    assert len(re.findall(r" 通報 <time ", page)) == 3


async def test_numbers_of_an_author_leave_out_what_a_suspension_did_and_what_was_undone(
    world: World,
) -> None:
    author, reporter, admin = await world.member(), await world.member(), await world.admin()
    posts = [await world.post(author) for _ in range(3)]
    expect(await admin.post(f"/admin/posts/{posts[0]['id']}/hide", json={"reason": "x"}), 204)
    warned = {"reason": "言葉づかい"}
    expect(await admin.post(f"/admin/users/{author.id}/warn", json=warned), 201)
    await report(reporter, "user", author.id)
    suspended = {"status": "suspended", "hide_content": True, "reason": "x"}
    expect(await admin.patch(f"/admin/users/{author.id}", json=suspended), 200)
    await run_jobs(world, JOBS)
    assert await count(world, "posts", "moderation = 'hidden'") == 3
    browser = await signed_in(world, admin)

    async def numbers() -> dict[str, str]:
        pane = await pane_of(browser, "/reports")
        return dict(re.findall(r"<dt>([^<]+)</dt><dd>(\d+)</dd>", pane))

    found = await numbers()
    assert (found["非表示"], found["警告"], found["利用停止"]) == ("1", "1", "1")
    await sql(
        world,
        "INSERT INTO appeals (user_id, against, suspension_id, reason, quote, text, status)"
        " SELECT id, 'suspension', suspension_id, 'x', '', 'x', 'overturned'"
        " FROM users WHERE id = :id",
        id=author.id,
    )
    assert (await numbers())["利用停止"] == "0"
    other = await world.member()
    await report(reporter, "user", other.id)
    user = f"/users/{other.id}"
    await browser.post(f"{user}/suspend", reason="荒らし", days="good")
    await undo(browser, f"{user}?done=suspend")
    case = await case_of(admin, other.id)
    pane = await pane_of(browser, f"/reports?item={case['id']}")
    assert re.search(r"<dt>利用停止</dt><dd>0</dd>", pane)


@pytest.mark.parametrize("item", ["x", "01890000-0000-7000-8000-000000000000", "%00"])
async def test_a_made_up_choice_shows_the_first_card(world: World, item: str) -> None:
    await report(await world.member(), "user", (await world.member("目立つ人")).id)
    browser = await signed_in(world, await world.admin())
    assert "目立つ人" in await pane_of(browser, f"/reports?item={item}")


async def test_things_that_are_gone_leave_a_pane(world: World) -> None:
    author, reporter, admin = await world.member("花子"), await world.member(), await world.admin()
    post = await world.post(author)
    comment = await world.comment(author, post, "消える言葉")
    await report(reporter, "comment", comment["id"])
    expect(await author.delete(f"/comments/{comment['id']}"), 204)
    expect(await author.delete(f"/posts/{post['id']}"), 204)
    browser = await signed_in(world, admin)
    pane = await pane_of(browser, "/reports")
    assert "削除済み" in pane
    expect(await author.delete("/users/me", json={"password": author.password}), 202)
    await pane_of(browser, "/reports")


async def test_the_next_card_is_chosen_after_an_act_and_the_undone_one_after_undo(
    world: World,
) -> None:
    requests = [await ask(await world.member(), f"部屋{n}") for n in range(3)]
    browser = await signed_in(world, await world.admin())
    page = shown(await browser.get("/requests"))
    ids = [request["id"] for request in requests]
    assert cards(page) == [f"request:{id_}" for id_ in ids]
    form = re.search(rf'action="/admin/requests/{ids[1]}/approve".*?</form>', page, re.DOTALL)
    assert form
    assert f'name="next" value="{ids[2]}"' in form[0]
    done = await browser.post(f"/requests/{ids[1]}/approve", next=ids[2])
    location = done.headers["location"].removeprefix("/admin")
    assert f"item={ids[2]}" in location
    page = shown(await browser.get(location))
    assert "「部屋1」の申請を承認しました。" in page
    current = rf'data-item="request:{ids[2]}" [^>]*aria-current="true"'
    assert re.search(current, page)
    # Of the last one the one before is next.
    last = re.search(rf'action="/admin/requests/{ids[2]}/approve[?].*?</form>', page, re.DOTALL)
    assert last
    assert f'name="next" value="{ids[0]}"' in last[0]
    back = re.search(r'action="(/admin/undo/[^?"]+).*?</form>', page, re.DOTALL)
    assert back
    assert f'name="next" value="{ids[1]}"' in back[0]
    undone = await browser.post(back[1].removeprefix("/admin"), page="/admin/requests", next=ids[1])
    leads_to(undone, f"/admin/requests?item={ids[1]}&done=undone")


async def test_a_made_up_next_card_is_ignored(world: World) -> None:
    request = await ask(await world.member(), "盆栽")
    browser = await signed_in(world, await world.admin())
    done = await browser.post(f"/requests/{request['id']}/approve", next="x&act=1")
    leads_to(done, "/admin/requests?done=approved")


async def test_words_that_are_held_are_marked_and_shown_once(world: World) -> None:
    author, admin = await world.member(), await world.admin()
    await ban(admin, "ばくだん", "どく", exceptions=["ばくだんおにぎり"])
    text = "これはﾊﾞ.ｸ ダンと、ばくだんおにぎりと、ど〜く。<b>"
    post = await world.post(author, title="どくの題", body=text)
    comment = await world.comment(author, await world.post(author, title="宿"), text)
    page = shown(await (await signed_in(world, admin)).get("/held"))
    marked = "これは<mark>ﾊﾞ.ｸ ダン</mark>と、ばくだんおにぎりと、<mark>ど〜く</mark>。"
    for thing in (post, comment):
        card = re.search(rf'data-item="held:{thing["id"]}".*?</article>', page, re.DOTALL)
        assert card
        assert card[0].count(marked) == 1
        heading = re.search(r"<h2.*?</h2>", card[0], re.DOTALL)
        assert heading
        assert "これは" not in heading[0]
    assert "<mark>どく</mark>の題" in page
    assert "「宿」へのコメント" in page


async def test_decided_reports_come_by_their_decision(world: World) -> None:
    admin, reporter = await world.admin(), await world.member()
    posts = [await world.post(await world.member(), title=f"題{n}") for n in range(12)]
    for post, reason in zip(posts, ("minor_safety", *["spam"] * 11), strict=True):
        await report(reporter, "post", post["id"], reason)
    for post in posts:
        world.clock.advance(seconds=1)
        path = f"/admin/reports/{(await case_of(admin, post['id']))['id']}/resolve"
        expect(await admin.post(path, json={"action": "dismiss", "note": ""}), 200)
    browser = await signed_in(world, admin)
    page = shown(await browser.get("/reports?status=resolved"))
    titles = re.findall(r'class="look"[^>]*>(題\d+)</a></h2>', page)
    assert titles == [f"題{n}" for n in range(11, 1, -1)]
    cursor = re.search(r'name="cursor" value="([^"]+)"', page)
    assert cursor
    query = {"status": "resolved", "cursor": cursor[1]}
    rest = shown(await browser.get("/reports", params=query))
    assert re.findall(r'class="look"[^>]*>(題\d+)</a></h2>', rest) == ["題1", "題0"]


async def reported_lounge(world: World) -> tuple[Api, dict[str, Any], dict[str, Any]]:
    admin, lounge = await world.admin(), await world.lounge("銭湯")
    await report(await world.member(), "lounge", lounge["id"])
    return admin, lounge, await case_of(admin, lounge["id"])


def hidden(page: str, action: str, name: str) -> str:
    form = re.search(rf'action="/admin{action}[?"].*?</form>', page, re.DOTALL)
    assert form, action
    found = re.search(rf'name="{name}" value="([^"]+)"', form[0])
    assert found, name
    return found[1]


@pytest.mark.parametrize("verb", ["change", "close"])
@pytest.mark.parametrize("resolves", [True, False])
async def test_a_reported_lounge_is_changed_or_closed_from_its_report(
    world: World, verb: str, *, resolves: bool
) -> None:
    admin, lounge, case = await reported_lounge(world)
    browser = await signed_in(world, admin)
    path = f"/reports/{case['id']}/lounge/{verb}"
    page = shown(await browser.get("/reports"))
    form = {name: hidden(page, path, name) for name in ("seen", "lounge_seen")}
    form |= {"name": "温泉", "description": "湯の話"} if verb == "change" else {}
    form |= {"resolve": "on"} if resolves else {}
    done, key = {"change": "changed", "close": "closed"}[verb], "k" * 16
    for _ in range(2):
        leads_to(await browser.post(path, key=key, **form), f"/admin/reports?done={done}")
    name = "温泉" if verb == "change" else "銭湯"
    said = {
        "change": f"ラウンジ「{name}」を編集しました",
        "close": f"ラウンジ「{name}」を閉鎖しました",
    }
    where = f"/reports?done={done}&about=lounge:{lounge['id']}&act={browser.act}"
    assert said[verb] in shown(await browser.get(where))
    state = "status = 'resolved'"
    assert await count(world, "report_cases", state) == int(resolves)
    now = "name = '温泉'" if verb == "change" else "closed_at IS NOT NULL"
    assert await count(world, "lounges", now) == 1
    await undo(browser, f"/reports?done={done}")
    assert await count(world, "report_cases", state) == 0
    assert await count(world, "lounges", now) == 0


async def test_a_lounge_that_changed_meanwhile_is_not_changed_from_its_report(world: World) -> None:
    admin, lounge, case = await reported_lounge(world)
    browser = await signed_in(world, admin)
    path = f"/reports/{case['id']}/lounge/change"
    page = shown(await browser.get("/reports"))
    form = {name: hidden(page, path, name) for name in ("seen", "lounge_seen")}
    form |= {"name": "温泉", "description": "湯の話", "resolve": "on"}
    expect(await admin.patch(f"/admin/lounges/{lounge['id']}", json={"name": "足湯"}), 200)
    refused = shown(await browser.post(path, **form), 409)
    assert "この画面を開いた後に変更されました" in refused
    assert 'value="温泉"' in refused
    assert await count(world, "report_cases", "status = 'resolved'") == 0
    # The form that comes with the refusal has looked at the lounge as it is now.
    form["lounge_seen"] = hidden(refused, path, "lounge_seen")
    leads_to(await browser.post(path, **form), "/admin/reports?done=changed")
    shown(await browser.post(f"/reports/{case['id']}/lounge/explode"), 404)
    shown(await browser.post(f"/reports/{uuid4()}/lounge/close"), 404)


async def test_a_moderator_changes_no_lounge_from_a_report(world: World) -> None:
    admin, _, case = await reported_lounge(world)
    moderator = await world.member(is_verified=True)
    role = {"role": "moderator"}
    expect(await admin.patch(f"/admin/users/{moderator.id}", json=role), 200)
    browser = await signed_in(world, moderator)
    page = shown(await browser.get("/reports"))
    assert "管理者だけが行えます" in page
    assert f"/reports/{case['id']}/lounge" not in page
    form = {"token": await browser.token("/reports"), "resolve": "on"}
    path = f"/admin/reports/{case['id']}/lounge/close"
    shown(await browser.http.post(path, data=form), 403)
    assert await count(world, "lounges", "closed_at IS NULL") == 1


async def test_one_case_has_an_address_and_the_log_leads_to_what_it_is_about(world: World) -> None:
    author, admin, lounge = await world.member(), await world.admin(), await world.lounge("銭湯")
    post = await world.post(author, lounge, title="題")
    comment = await world.comment(author, post, "言葉")
    for kind, thing in (("posts", post), ("comments", comment)):
        path = f"/admin/{kind}/{thing['id']}/hide"
        expect(await admin.post(path, json={"reason": "x"}), 204)
    expect(await admin.patch(f"/admin/lounges/{lounge['id']}", json={"name": "温泉"}), 200)
    await report(await world.member(), "user", author.id)
    case = await case_of(admin, author.id)
    path = f"/admin/reports/{case['id']}/resolve"
    expect(await admin.post(path, json={"action": "dismiss", "note": ""}), 200)
    browser = await signed_in(world, admin)
    log = shown(await browser.get("/audit"))
    links = re.findall(r'<li><b><a href="/admin([^"]+)"', log)
    assert sorted(links) == sorted(
        [
            *(f"/posts/{post['id']}", f"/comments/{comment['id']}"),
            *("/lounges?q=%E6%B8%A9%E6%B3%89", f"/reports?case={case['id']}"),
        ]
    )
    for link in links:
        answer = await browser.get(link)
        if link.startswith("/comments"):
            place = f"/admin/posts/{post['id']}?comment={comment['id']}"
            assert (answer.status_code, answer.headers["location"]) == (303, place)
        else:
            shown(answer)
    assert cards(shown(await browser.get(f"/reports?case={case['id']}"))) == [
        f"report:{case['id']}"
    ]
    assert f"/admin/reports?case={case['id']}" in shown(await browser.get(f"/users/{author.id}"))
    for missing in (f"/reports?case={uuid4()}", f"/comments/{uuid4()}"):
        shown(await browser.get(missing), 404)


async def test_a_decided_report_says_who_decided(world: World) -> None:
    admin, decider = await world.admin(), await world.moderator()
    expect(await decider.patch("/users/me", json={"nickname": "決めた人"}), 200)
    browser = await signed_in(world, admin)
    post = await world.post(await world.member())
    await report(await world.member(), "post", post["id"])
    path = f"/admin/reports/{(await case_of(admin, post['id']))['id']}/resolve"
    assert "決めた人" not in shown(await browser.get("/reports"))
    expect(await decider.post(path, json={"action": "dismiss", "note": ""}), 200)
    page = shown(await browser.get("/reports?status=resolved"))
    assert f'（<a href="/admin/users/{decider.id}">決めた人</a>さん）' in page
