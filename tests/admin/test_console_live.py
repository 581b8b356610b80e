"""What an open console is told by itself, and who looks at what (ADR 0012)."""

import re

import httpx

from app.api import JOBS
from tests.support.api import UNKNOWN_ID, Api, expect
from tests.support.console import Browser, shown, signed_in
from tests.support.jobs import run_jobs
from tests.support.leaving import leave
from tests.support.moderating import ask, ban, case_of, report
from tests.support.sql import count, sql
from tests.support.statements import explain, nodes, statements
from tests.support.world import World

BY_SCRIPT = {"HX-Request": "true"}


async def look(browser: Browser, kind: str = "", *ids: str) -> str:
    asked = await browser.get(f"/live?kind={kind}&shown={','.join(ids)}", headers=BY_SCRIPT)
    assert asked.headers["linky-console"] == "live"
    assert asked.headers["cache-control"] == "no-store"
    return shown(asked)


async def hold(
    browser: Browser, item: str, verb: str = "hold", kind: str = "report"
) -> httpx.Response:
    return await browser.post(f"/claims/{kind}/{item}/{verb}")


def waits(page: str, path: str) -> str | None:
    found = re.search(rf'href="/admin/{path}".*?</a>(?:<span class="badge[^>]*>(\d+\+?))?', page)
    assert found
    return found[1]


def part(page: str, name: str) -> dict[str, str]:
    return dict(re.findall(rf'<p data-{name}="([^"]*)">(.*?)</p>', page))


async def reported(world: World, admin: Api) -> str:
    post = await world.post(await world.member())
    await report(await world.member(), "post", post["id"])
    return str((await case_of(admin, post["id"]))["id"])


async def appealed(world: World, admin: Api) -> str:
    author = await world.member()
    post = await world.post(author)
    expect(await admin.post(f"/admin/posts/{post['id']}/hide", json={"reason": "試験"}), 204)
    (hidden,) = [n for n in await author.items("/notifications") if n["type"] == "moderation"]
    form = {"notification_id": hidden["id"], "text": "誤解です"}
    return str(expect(await author.post("/appeals", json=form), 201)["id"])


async def test_new_work_of_each_kind_is_counted_and_offered_without_a_reload(world: World) -> None:
    admin = await world.admin()
    browser = await signed_in(world, admin)
    before = await look(browser, "report")
    assert [waits(before, each) for each in ("reports", "held", "requests", "appeals")] == [
        None
    ] * 4
    assert part(before, "new") == {}
    await ban(admin, "ばくだん")
    author = await world.member()
    held = await world.post(author, title="ばくだん")
    comment = await world.comment(author, await world.post(author), "ばくだん")
    request = await ask(author)
    made = {
        "report": ("reports", [await reported(world, admin), await reported(world, admin)]),
        "held": ("held", [held["id"], comment["id"]]),
        "request": ("requests", [request["id"]]),
        "appeal": ("appeals", [await appealed(world, admin)]),
    }
    for kind, (path, ids) in made.items():
        page = await look(browser, kind)
        assert waits(page, path) == str(len(ids))
        assert part(page, "new") == {" ".join(ids): f"新着 {len(ids)} 件を表示"}
        first, *others = ids
        offered = {" ".join(others): f"新着 {len(others)} 件を表示"} if others else {}
        assert part(await look(browser, kind, first), "new") == offered
        around = await look(browser, "", first)
        assert waits(around, path) == str(len(ids))
        assert part(around, "new") == part(around, "decided") == {}


async def test_what_others_decided_meanwhile_says_who_and_when(world: World) -> None:
    admin, other = await world.admin(), await world.moderator()
    browser = await signed_in(world, admin)
    case, appeal = await reported(world, admin), await appealed(world, admin)
    await ban(admin, "ばくだん")
    held = await world.post(author := await world.member(), title="ばくだん")
    comment = await world.comment(author, await world.post(author), "ばくだん")
    request, withdrawn = await ask(await world.member()), await ask(author)
    shown_ = {
        "report": [case, UNKNOWN_ID],
        "appeal": [appeal],
        "held": [held["id"], comment["id"]],
        "request": [request["id"], withdrawn["id"]],
    }
    for kind, ids in shown_.items():
        decided = part(await look(browser, kind, *ids), "decided")
        assert list(decided) == [each for each in ids if each == UNKNOWN_ID]
    note = {"action": "dismiss", "note": ""}
    expect(await other.post(f"/admin/reports/{case}/resolve", json=note), 200)
    decision = {"decision": "uphold", "note": ""}
    expect(await other.post(f"/admin/appeals/{appeal}/decide", json=decision), 200)
    expect(await other.post(f"/admin/posts/{held['id']}/hide", json={"reason": "試験"}), 204)
    expect(await other.post(f"/admin/comments/{comment['id']}/hide", json={"reason": "試験"}), 204)
    expect(await admin.post(f"/admin/lounge-requests/{request['id']}/approve"), 200)
    expect(await author.delete(f"/lounge-requests/{withdrawn['id']}"), 204)
    told: dict[str, str] = {}
    for kind, ids in shown_.items():
        told |= part(await look(browser, kind, *ids), "decided")
    for item in (case, appeal, held["id"], comment["id"]):
        assert re.fullmatch(r"当番さんが対応しました（.*\d\d:\d\d）", told[item])
    assert re.fullmatch(r"対応済み（.*\d\d:\d\d）", told[request["id"]])
    assert told[withdrawn["id"]] == told[UNKNOWN_ID] == "もう一覧にありません"


async def test_who_looks_at_what_is_seen_by_the_others_for_ten_minutes(world: World) -> None:
    admin, other = await world.admin(), await world.moderator()
    mine, theirs = await signed_in(world, admin), await signed_in(world, other)
    item, second = await reported(world, admin), await reported(world, admin)
    assert (await hold(theirs, item)).status_code == 204
    # Neither their own page nor one that does not show the card says so.
    assert part(await look(theirs, "report", item), "claim") == {}
    assert part(await look(mine, "report", second), "claim") == {}
    world.clock.advance(minutes=3)
    assert part(await look(mine, "report", second, item), "claim") == {
        item: "当番さんが対応中（3 分前から）"
    }
    # A second tab of the same person is the same claim. It goes on from the last look.
    tab = await signed_in(world, other)
    await hold(tab, item)
    world.clock.advance(minutes=9)
    assert part(await look(mine, "report", item), "claim") == {
        item: "当番さんが対応中（12 分前から）"
    }
    world.clock.advance(minutes=1)
    assert part(await look(mine, "report", item), "claim") == {}
    # After a pause it begins again. Another thing takes the place of the first.
    await hold(tab, item)
    assert part(await look(mine, "report", item), "claim") == {
        item: "当番さんが対応中（たった今から）"
    }
    await hold(theirs, second)
    assert list(part(await look(mine, "report", item, second), "claim")) == [second]
    # The tab that leaves what it had takes nothing away from the other tab.
    await hold(tab, item, "end")
    assert list(part(await look(mine, "report", second), "claim")) == [second]
    await hold(theirs, second, "end")
    assert part(await look(mine, "report", second), "claim") == {}
    assert await count(world, "desk_claims") == 0


async def test_a_claim_locks_nothing_and_ends_with_the_decision(world: World) -> None:
    admin, other = await world.admin(), await world.admin()
    mine, theirs = await signed_in(world, admin), await signed_in(world, other)
    item = await reported(world, admin)
    await hold(theirs, item)
    note = {"action": "dismiss", "note": ""}
    expect(await admin.post(f"/admin/reports/{item}/resolve", json=note), 200)
    page = await look(mine, "report", item)
    assert part(page, "claim") == {}
    assert list(part(page, "decided")) == [item]
    # What is decided can't be claimed any more.
    await hold(mine, item)
    assert await count(world, "desk_claims") == 1


async def test_two_may_look_at_one_thing_and_what_is_over_is_deleted(world: World) -> None:
    people = [await world.admin(), await world.moderator(), await world.moderator()]
    browsers = [await signed_in(world, each) for each in people]
    item = await reported(world, people[0])
    for browser in browsers[:2]:
        await hold(browser, item)
        world.clock.advance(seconds=1)
    claims = re.findall(r'data-claim="[^"]+">(.+?)さん', await look(browsers[2], "report", item))
    assert claims == ["運営", "当番"]
    world.clock.advance(minutes=11)
    await hold(browsers[2], item)
    assert await count(world, "desk_claims") == 1


async def test_claims_of_those_who_left_or_lost_the_role_are_gone(world: World) -> None:
    admin, leaver, demoted = await world.admin(), await world.admin(), await world.moderator()
    browser = await signed_in(world, admin)
    item = await reported(world, admin)
    for each in (leaver, demoted):
        await hold(await signed_in(world, each), item)
    assert len(re.findall("data-claim", await look(browser, "report", item))) == 2
    expect(await admin.patch(f"/admin/users/{demoted.id}", json={"role": "user"}), 200)
    expect(await admin.patch(f"/admin/users/{leaver.id}", json={"role": "user"}), 200)
    assert part(await look(browser, "report", item), "claim") == {}
    await sql(world, "UPDATE users SET role = 'admin' WHERE id = CAST(:id AS uuid)", id=leaver.id)
    await leave(leaver)
    assert part(await look(browser, "report", item), "claim") == {}
    await run_jobs(world, JOBS)
    assert await count(world, "desk_claims") == 1


async def test_a_moderator_and_an_admin_are_told_the_same(world: World) -> None:
    item = await reported(world, await world.admin())
    for person, has_jobs in ((await world.admin(), True), (await world.moderator(), False)):
        browser = await signed_in(world, person)
        page = await look(browser, "report")
        assert list(part(page, "new")) == [item]
        assert waits(page, "reports") == "1"
        assert ('href="/admin/jobs"' in page) == has_jobs


async def test_no_one_else_is_told_anything(world: World) -> None:
    item = await reported(world, await world.admin())
    stranger = Browser(world)
    answer = await stranger.get("/live?kind=report", headers=BY_SCRIPT)
    assert answer.status_code == 401
    assert answer.headers["linky-console"] == "signed-out"
    for person in (await world.member(), await world.guest()):
        asked = await world.http.get(
            "http://test/admin/live", headers={**BY_SCRIPT, **bearer(person)}
        )
        assert asked.status_code == 401
    demoted = await world.moderator()
    browser = await signed_in(world, demoted)
    token = await browser.token("")
    admin = await world.admin()
    expect(await admin.patch(f"/admin/users/{demoted.id}", json={"role": "user"}), 200)
    refused = await browser.get("/live?kind=report", headers=BY_SCRIPT)
    assert refused.status_code == 403
    path = f"/admin/claims/report/{item}/hold"
    assert (await browser.http.post(path, data={"token": token})).status_code == 403
    assert await count(world, "desk_claims") == 0


def bearer(person: Api) -> dict[str, str]:
    return {"Authorization": f"Bearer {person.access}"}


async def test_a_form_of_another_site_and_what_is_no_thing_are_refused(world: World) -> None:
    browser = await signed_in(world, await world.admin())
    item = await reported(world, await world.admin())
    form = {"token": "0" * 64}
    shown(await browser.http.post(f"/admin/claims/report/{item}/hold", data=form), 403)
    for kind, wrong in (("report", "x"), ("lounge", item), ("report", "%00"), ("%00", item)):
        shown(await hold(browser, wrong, kind=kind), 404)
    shown(await hold(browser, item, "take"), 404)
    for verb in ("hold", "end"):
        assert (await hold(browser, UNKNOWN_ID, verb)).status_code == 204
        assert (await hold(browser, item, verb, "appeal")).status_code == 204
    assert await count(world, "desk_claims") == 0
    # What the page asks for is as wrong as it likes: the rest is answered.
    many = [UNKNOWN_ID] * 400
    told = part(await look(browser, "report", "x", "é", "", "%00", *many), "decided")
    assert list(told) == [UNKNOWN_ID]
    await look(browser, "%00", item)


async def test_what_a_page_asks_by_itself_keeps_no_session_alive(world: World) -> None:
    world.configure(admin_mfa="optional")
    browser = await signed_in(world, await world.admin())
    for _ in range(5):
        world.clock.advance(minutes=11, seconds=59)
        await look(browser, "report")
    world.clock.advance(minutes=1)
    ended = await browser.get("/live", headers=BY_SCRIPT)
    assert (ended.status_code, ended.headers["linky-console"]) == (401, "signed-out")
    # What a person does keeps it, as ever: a claim is renewed by them only.
    browser = await signed_in(world, await world.admin())
    item = await reported(world, await world.admin())
    for _ in range(3):
        world.clock.advance(minutes=50)
        assert (await hold(browser, item)).status_code == 204
    await look(browser)


async def test_each_call_is_two_statements_which_read_little(committed_world: World) -> None:
    world = committed_world
    admin = await world.admin()
    browser = await signed_in(world, admin)
    item = await reported(world, admin)
    await sql(world, _MANY_CASES)
    await sql(world, _MANY_POSTS)
    await sql(world, _MANY_COMMENTS)
    await sql(world, "ANALYZE")
    token = await browser.token("")
    with statements(world.runtime) as sent:
        page = await look(browser, "report", item)
    assert waits(page, "reports") == "99+"
    assert len(sent) == 2, sent
    for mode in ("force_custom_plan", "force_generic_plan"):
        plan = await explain(world, *sent[1], mode, as_reader=True)
        read = {(node.get("Relation Name"), node.get("Node Type")) for node in nodes(plan)}
        indexes = {node.get("Index Name") for node in nodes(plan)}
        assert {"report_cases_urgency_idx", "report_cases_pkey"} <= indexes, plan
        for table in ("report_cases", "posts", "comments"):
            assert (table, "Seq Scan") not in read, plan
    with statements(world.runtime) as sent:
        path = f"/admin/claims/report/{item}/hold"
        done = await browser.http.post(path, data={"token": token})
    assert done.status_code == 204
    assert len([each for each in sent if each[0] not in ("BEGIN", "COMMIT")]) == 2, sent


_MANY_CASES = """
INSERT INTO report_cases
(target_type, target_id, gravity, reasons, report_count, snapshot, due_at, status)
SELECT 'post', uuidv7(), 1, '{spam}', 1, '{}', now(),
CASE WHEN n % 20 = 0 THEN 'open' ELSE 'resolved' END FROM generate_series(1, 5000) n
"""
_MANY_POSTS = """
INSERT INTO posts (lounge_id, author_id, title, body, moderation)
SELECT l.id, u.id, 't', 'b', CASE WHEN n % 50 = 0 THEN 'held' ELSE 'visible' END
FROM generate_series(1, 5000) n,
(SELECT id FROM lounges LIMIT 1) l, (SELECT id FROM users LIMIT 1) u
"""
_MANY_COMMENTS = """
INSERT INTO comments (post_id, author_id, body, moderation)
SELECT id, author_id, 'c', moderation FROM posts
"""
