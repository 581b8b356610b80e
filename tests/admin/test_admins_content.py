"""What an admin wrote is not a moderator's: 403 `admin_only` for every act, also in the console."""

import re
from typing import Any

import pytest
from sqlalchemy import text

from tests.support.api import Api, expect
from tests.support.console import Browser, shown, signed_in
from tests.support.moderating import ask, ban, case_of, report
from tests.support.races import holding, start, until_waiting
from tests.support.sql import sql
from tests.support.world import World

WHY = {"reason": "確認のため"}
ADMINS_ONLY = "この操作は管理者だけが行えます。"
PROMOTE = "UPDATE users SET role = 'admin' WHERE id = CAST(:id AS uuid)"


async def acts(world: World) -> int:
    (row,) = await sql(world, "SELECT count(*) AS acts FROM audit_log")
    return int(row["acts"])


async def hidden_appeal(world: World, author: Api, decider: Api) -> dict[str, Any]:
    """An appeal of the author, whose post was hidden."""
    post = await world.post(author)
    expect(await decider.post(f"/admin/posts/{post['id']}/hide", json=WHY), 204)
    told = [n for n in await author.items("/notifications") if n["post_id"] == post["id"]]
    form = {"notification_id": told[0]["id"], "text": "誤解です"}
    return dict(expect(await author.post("/appeals", json=form), 201))


async def test_a_moderator_acts_on_nothing_that_an_admin_wrote(world: World) -> None:
    moderator, admin, other = await world.moderator(), await world.admin(), await world.admin()
    await ban(other, "禁句")
    post, held = await world.post(admin), await world.post(admin, body="禁句")
    comment = await world.comment(admin, await world.post(await world.member()))
    hidden = await world.post(admin)
    expect(await other.post(f"/admin/posts/{hidden['id']}/hide", json=WHY), 204)
    request = await ask(admin)
    appeal = await hidden_appeal(world, admin, other)
    for kind, thing in (("post", post), ("comment", comment), ("user", {"id": admin.id})):
        await report(await world.member(), kind, thing["id"])
    cases = [await case_of(other, id_) for id_ in (post["id"], comment["id"], admin.id)]
    calls: list[tuple[str, dict[str, Any]]] = [
        *((f"posts/{each['id']}/{verb}", WHY) for each in (post, held, hidden) for verb in VERBS),
        *((f"comments/{comment['id']}/{verb}", WHY) for verb in VERBS),
        (f"lounge-requests/{request['id']}/approve", {}),
        (f"lounge-requests/{request['id']}/reject", WHY),
        *((f"appeals/{appeal['id']}/decide", {"decision": d}) for d in ("uphold", "overturn")),
        (f"users/{admin.id}/warn", WHY),
        *(
            (f"reports/{case['id']}/resolve", {"action": action, "note": "x"})
            for case in cases
            for action in ("dismiss", "hide", "suspend")
        ),
    ]
    before = await acts(world)
    for path, form in calls:
        expect(await moderator.post(f"/admin/{path}", json=form), 403, "admin_only")
    assert await acts(world) == before
    assert len(calls) == 22


VERBS = ("hide", "restore")


async def test_what_another_moderator_wrote_can_be_moderated(world: World) -> None:
    moderator, other = await world.moderator(), await world.moderator()
    post = await world.post(other)
    await report(await world.member(), "post", post["id"])
    case = await case_of(moderator, post["id"])
    form = {"action": "hide", "note": "x"}
    expect(await moderator.post(f"/admin/reports/{case['id']}/resolve", json=form), 200)
    expect(await moderator.post(f"/admin/posts/{post['id']}/restore", json=WHY), 204)
    request = await ask(other)
    expect(await moderator.post(f"/admin/lounge-requests/{request['id']}/approve"), 200)
    appeal = await hidden_appeal(world, other, await world.admin())
    form = {"decision": "overturn"}
    expect(await moderator.post(f"/admin/appeals/{appeal['id']}/decide", json=form), 200)


async def test_the_console_offers_a_moderator_no_act_on_what_an_admin_wrote(world: World) -> None:
    moderator, admin, other = await world.moderator(), await world.admin(), await world.admin()
    await ban(other, "禁句")
    post, held = await world.post(admin), await world.post(admin, body="禁句")
    comment = await world.comment(admin, post)
    request, appeal = await ask(admin), await hidden_appeal(world, admin, other)
    await report(await world.member(), "post", post["id"])
    case = await case_of(other, post["id"])
    thread = f"/posts/{post['id']}"
    only = "管理者が書いたものは、管理者だけが操作できます。"
    forms = [
        ("/reports", f"/reports/{case['id']}/resolve", {"action": "dismiss"}, only),
        ("/held", f"/held/post/{held['id']}/hide", WHY, only),
        ("/held", f"/held/post/{held['id']}/release", {}, only),
        ("/requests", f"/requests/{request['id']}/approve", {}, only),
        (thread, f"{thread}/post/{post['id']}/hide", WHY, only),
        (thread, f"{thread}/comment/{comment['id']}/hide", WHY, only),
        (
            f"/users/{admin.id}/content",
            f"/users/{admin.id}/content",
            {**WHY, "verb": "hide", "item": f"post:{post['id']}"},
            only,
        ),
        (
            "/appeals",
            f"/appeals/{appeal['id']}/decide",
            {"decision": "uphold"},
            "管理者の申し立ては、管理者だけが決定できます。",
        ),
    ]
    mine, admins = await signed_in(world, moderator), await signed_in(world, other)
    before = await acts(world)
    for page, action, fields, words in forms:
        button = re.compile(rf'action="/admin{action}".*?<button', re.DOTALL)
        seen = shown(await mine.get(page))
        assert words in seen
        form = button.search(seen)
        assert form is None or "panel" not in form[0], (page, action)
        assert 'name="item" value=' not in seen
        assert button.search(shown(await admins.get(page))), (page, action)
        data = {"token": await mine.token("/settings"), **fields}
        answer = await mine.http.post(f"/admin{action}", data=data)
        assert ADMINS_ONLY in shown(answer, 403)
        assert 'class="menu"' in answer.text
    assert await acts(world) == before


async def test_an_act_on_many_leaves_out_what_an_admin_wrote(world: World) -> None:
    moderator, admin, member = await world.moderator(), await world.admin(), await world.member()
    await ban(admin, "禁句")
    for author in (admin, member):
        await world.post(author, body="禁句")
        await ask(author)
        await report(await world.member(), "post", (await world.post(author))["id"])
    mine, admins = await signed_in(world, moderator), await signed_in(world, admin)
    # What the admin sees and has asked for is not theirs to decide, so another one looks.
    admins = await signed_in(world, await world.admin())
    for page, verb, done in (
        ("/requests", "reject", "many-rejected"),
        ("/held", "release", "many-released"),
        ("/reports", "hide", "many-reported-hidden"),
    ):
        items = await boxes(admins, page)
        assert (len(items), len(await boxes(mine, page))) == (2, 1)
        answer = await send(mine, page, verb, items)
        assert answer.headers["location"].startswith(f"/admin{page}?done={done}&number=1")
        left = await boxes(admins, page)
        assert len(left) == 1
        assert ADMINS_ONLY in shown(await send(mine, page, verb, left), 403)


async def boxes(browser: Browser, page: str) -> list[str]:
    return re.findall(r'name="item" value="([^"]+)" form="bulk"', shown(await browser.get(page)))


async def send(browser: Browser, page: str, verb: str, items: list[str]) -> Any:
    form = {"token": await browser.token("/settings"), "verb": verb, "item": items, **WHY}
    return await browser.http.post(f"/admin{page}/many", data=form)


@pytest.mark.parametrize("kind", ["content", "case", "request"])
async def test_who_is_a_moderator_by_now_does_not_take_back_an_act_on_an_admins(
    world: World, kind: str
) -> None:
    admin, other = await world.admin(), await world.admin()
    browser = await signed_in(world, admin)
    post, request = await world.post(other), await ask(other)
    await report(await world.member(), "post", post["id"])
    case = await case_of(admin, post["id"])
    action, fields = {
        "content": (f"/posts/{post['id']}/post/{post['id']}/hide", WHY),
        "case": (f"/reports/{case['id']}/resolve", {"action": "dismiss"}),
        "request": (f"/requests/{request['id']}/reject", WHY),
    }[kind]
    assert (await browser.post(action, **fields)).status_code == 303
    expect(await other.patch(f"/admin/users/{admin.id}", json={"role": "moderator"}), 200)
    before = await acts(world)
    form = {"token": await browser.token("/settings"), "page": "/admin/reports"}
    shown(await browser.http.post(f"/admin/undo/{browser.act}", data=form), 403)
    assert await acts(world) == before


# At the same moment: the author becomes an admin while the moderator waits for the lock


LOCKS = {
    "posts": "SELECT id FROM posts WHERE id = CAST(:id AS uuid) FOR UPDATE",
    "reports": "SELECT id FROM report_cases WHERE id = CAST(:id AS uuid) FOR UPDATE",
    "lounge-requests": "SELECT id FROM lounge_requests WHERE id = CAST(:id AS uuid) FOR UPDATE",
}


@pytest.mark.parametrize("what", LOCKS)
async def test_whether_the_author_is_an_admin_is_checked_under_the_lock(
    committed_world: World, what: str
) -> None:
    world = committed_world
    moderator, author = await world.moderator(), await world.member()
    post = await world.post(author)
    await report(await world.member(), "post", post["id"])
    request, case = await ask(author), await case_of(moderator, post["id"])
    id_, verb, form = {
        "posts": (post["id"], "hide", WHY),
        "reports": (case["id"], "resolve", {"action": "dismiss"}),
        "lounge-requests": (request["id"], "reject", WHY),
    }[what]
    async with holding(world, LOCKS[what], id=id_) as db:
        call = start(moderator.post(f"/admin/{what}/{id_}/{verb}", json=form))
        await until_waiting(world)
        await db.execute(text(PROMOTE), id=author.id)
    expect(await call, 403, "admin_only")
    assert await acts(world) == 0
