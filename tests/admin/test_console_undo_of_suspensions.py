"""Taking back suspensions that end or hide, and acts on what a suspension hides."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from app.suspension.jobs import JOBS
from tests.support.api import Api, expect
from tests.support.console import Browser, leads_to, shown, signed_in, undo, undo_on
from tests.support.jobs import run_jobs
from tests.support.sql import sql
from tests.support.world import World

HIDING = {"reason": "違反", "days": "3", "hide_content": "on"}


async def suspension(world: World, user: Api) -> dict[str, Any]:
    (row,) = await sql(
        world,
        "SELECT status, suspension_id, suspension_reason, suspended_until, suspension_hides"
        " FROM users WHERE id = :id",
        id=UUID(user.id),
    )
    return dict(row)


async def act(browser: Browser, user: Api, verb: str, **form: str) -> str:
    """Do something with a user; returns the page that offers to undo it."""
    page = f"/users/{user.id}"
    done = "suspend-hiding" if "hide_content" in form else verb
    leads_to(await browser.post(f"{page}/{verb}", **form), f"/admin{page}?done={done}")
    await browser.get(page)
    return f"{page}?done={done}"


async def test_a_suspension_that_hides_is_taken_back_and_put_back(world: World) -> None:
    admin, author, reader = await world.admin(), await world.member(), await world.member()
    browser = await signed_in(world, admin)
    post = await world.post(author)
    path = f"/posts/{post['id']}"

    page = await act(browser, author, "suspend", **HIDING)
    await run_jobs(world, JOBS)
    expect(await reader.get(path), 404)
    await undo(browser, page)
    await run_jobs(world, JOBS)
    expect(await reader.get(path), 200)
    assert (await suspension(world, author))["status"] == "active"

    await act(browser, author, "suspend", **HIDING)
    await run_jobs(world, JOBS)
    before = await suspension(world, author)
    assert before["suspended_until"] == world.clock() + timedelta(days=3)
    page = await act(browser, author, "restore", reason="誤り")
    await run_jobs(world, JOBS)
    expect(await reader.get(path), 200)
    await undo(browser, page)
    await run_jobs(world, JOBS)
    expect(await reader.get(path), 404)
    # The page on which the user can appeal is the same, too.
    assert await suspension(world, author) == before

    # A suspension that is over ends before the next one: that does not belong to the act.
    world.clock.advance(days=4)
    browser = await signed_in(world, admin)
    page = await act(browser, author, "suspend", reason="また", days="good")
    await undo(browser, page)
    assert (await suspension(world, author))["status"] == "active"


async def test_what_a_suspension_hides_goes_on_to_depend_on_it(world: World) -> None:
    admin, author, reader = await world.admin(), await world.member(), await world.member()
    browser = await signed_in(world, admin)
    lounge = await world.lounge()
    hidden, restored = [await world.post(author, lounge) for _ in range(2)]
    expect(await admin.post(f"/admin/posts/{restored['id']}/hide", json={"reason": "違反"}), 204)
    told = await author.items("/notifications")
    comment = await world.comment(author, await world.post(reader, lounge))
    await act(browser, author, "suspend", **HIDING)
    await run_jobs(world, JOBS)

    content = f"/users/{author.id}/content"
    items = [f"post:{hidden['id']}", f"comment:{comment['id']}"]
    for verb, chosen in (("hide", items), ("restore", [f"post:{restored['id']}"])):
        done = {"hide": "bulk-hidden", "restore": "withheld&number=1"}[verb]
        form: dict[str, Any] = {"token": await browser.token(), "verb": verb, "item": chosen}
        answer = await browser.http.post(f"/admin{content}", data={**form, "reason": "理由"})
        leads_to(answer, f"/admin{content}?done={done}")
        await undo(browser, f"{content}?done={done}")
        assert await author.items("/notifications") == told
    for item in (hidden, restored):
        expect(await reader.get(f"/posts/{item['id']}"), 404)
    await act(browser, author, "restore", reason="終わり")
    await run_jobs(world, JOBS)
    expect(await reader.get(f"/posts/{hidden['id']}"), 200)
    expect(await reader.get(f"/posts/{restored['id']}"), 404)
    expect(await reader.get(f"/comments/{comment['id']}"), 200)


async def test_a_warning_and_an_announcement_are_final(world: World) -> None:
    admin, user = await world.admin(), await world.member()
    browser = await signed_in(world, admin)
    page = await act(browser, user, "warn", reason="注意")
    assert await undo_on(browser, page) is None
    form = {"title_ja": "お休み", "body_ja": "明日", "title_en": "", "body_en": ""}
    leads_to(await browser.post("/announcements", **form), "/admin/announcements?done=announced")
    assert await undo_on(browser, "/announcements?done=announced") is None
    log = shown(await browser.get("/audit"))
    assert "さんに警告しました" in log
    assert "お知らせ「お休み」を掲載しました" in log


async def test_the_menu_counts_open_appeals(world: World) -> None:
    admin, user = await world.admin(), await world.member()
    expect(await admin.post(f"/admin/users/{user.id}/warn", json={"reason": "注意"}), 201)
    (note,) = await user.items("/notifications")
    form = {"notification_id": note["id"], "text": "誤解です"}
    appeal = expect(await user.post("/appeals", json=form), 201)
    browser = await signed_in(world, admin)
    badge = '">異議</a><span class="badge">1'
    assert badge in shown(await browser.get("/users"))
    await browser.post(f"/appeals/{appeal['id']}/decide", decision="uphold", note="")
    page = shown(await browser.get("/audit"))
    assert badge not in page
    assert "退け、対応を維持しました" in page
