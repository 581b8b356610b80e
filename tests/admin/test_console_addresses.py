"""Addresses in the console: those of a page after a refusal, and those that were made up."""

import re
from typing import Any

import pytest

from tests.support.api import UNKNOWN_ID, expect
from tests.support.console import PAGES, Browser, leads_to, shown, signed_in, undo_on
from tests.support.mfa import set_up
from tests.support.moderating import ask, report
from tests.support.sql import sql
from tests.support.world import World

LINKS = re.compile(r'<(?:a|form method="get")[^>]* (?:href|action)="([^"]*)"')


async def refused_pages(world: World, browser: Browser) -> dict[str, str]:
    """Pages with a list that a refused form shows, and the form's address."""
    member = await world.member()
    await ask(member)
    post = await world.post(member)
    await report(await world.member(), "post", post["id"])
    form = {"reason": "", "name": "", "verb": "hide", "action": "hide", "decision": ""}
    addresses = (
        *(f"/requests/{UNKNOWN_ID}/reject", f"/reports/{UNKNOWN_ID}/resolve"),
        *(f"/held/post/{UNKNOWN_ID}/hide", f"/appeals/{UNKNOWN_ID}/decide"),
        *("/lounges", f"/lounges/{UNKNOWN_ID}/close", f"/announcements/{UNKNOWN_ID}/delete"),
        *(f"/users/{member.id}/content", f"/users/{UNKNOWN_ID}/suspend"),
        "/settings/sessions/" + UNKNOWN_ID + "/end",
    )
    pages = {}
    for address in addresses:
        answer = await browser.post(f"{address}?cursor=", **form)
        assert answer.status_code >= 400, address
        pages[address] = shown(answer, answer.status_code)
    return pages


async def test_links_and_pagers_of_a_refused_forms_page_lead_to_the_page(world: World) -> None:
    browser = await signed_in(world, await world.admin())
    for address, page in (await refused_pages(world, browser)).items():
        main = page[page.index("<main") : page.index("</main>")]
        assert main.count('<form method="get"') >= 1, address
        links = [link for link in LINKS.findall(main) if "/audit?" not in link]
        for link in {link.partition("?")[0] for link in links}:
            assert link.startswith("/admin/"), (address, link)
            assert (await browser.http.get(link)).status_code == 200, (address, link)
        assert not re.search(r'<form method="get"(?! action)', main)


@pytest.mark.parametrize("page", PAGES)
async def test_a_made_up_query_is_no_error(world: World, page: str) -> None:
    browser = await signed_in(world, await world.admin())
    for made_up in ("%00", "%ED%A0%80", "%F0%9F%90%88" * 300):
        query = "&".join(
            f"{name}={made_up}"
            for name in (
                *("done", "act", "q", "status", "role", "state", "kind", "actor", "action"),
                *("type", "target", "since", "until", "ended"),
            )
        )
        shown(await browser.get(f"{page}?{query}"))
        shown(await browser.get(f"{page}?cursor={made_up}"), 200 if page in NO_LIST else 422)


NO_LIST = ("", "/words", "/jobs", "/reasons")


async def test_a_made_up_path_is_not_found(world: World) -> None:
    browser, lounge = await signed_in(world, await world.admin()), await world.lounge()
    things = (
        *(f"/lounges/{lounge['id']}", f"/requests/{UNKNOWN_ID}", f"/reasons/{UNKNOWN_ID}"),
        *(f"/users/{UNKNOWN_ID}", "/jobs/1", "/held/post/" + UNKNOWN_ID, "/reasons"),
        *("/held/%00/" + UNKNOWN_ID, f"/reports/{UNKNOWN_ID}", "/undo", "/users/%00"),
    )
    for thing in things:
        for verb in ("%00", "%ED%A0%80", "explode"):
            answer = await browser.post(f"{thing}/{verb}", key="k" * 16, reason="x")
            assert answer.status_code in (404, 405), (thing, verb)
    for path in ("/pictures/%00", "/pictures/a%00b.webp", "/%00", "/assets/%00/%00"):
        shown(await browser.get(path), 404)
    form = {"verb": "\0", "key": "k" * 16, "reason": "x"}
    member = await world.member()
    shown(await browser.post(f"/users/{member.id}/content", **form), 404)
    shown(await browser.post("/words/try", sentence="\0"))


async def test_undo_is_offered_for_the_act_that_led_to_the_page(world: World) -> None:
    member, admin = await world.member(), await world.admin()
    browser = await signed_in(world, admin)
    requests = [await ask(member) for _ in range(2)]
    first, second = [
        await browser.post(f"/requests/{request['id']}/approve") for request in requests
    ]
    acts = [answer.headers["location"].partition("&act=")[2] for answer in (first, second)]
    assert acts[0] != acts[1]
    for act in acts:
        browser.act = act
        assert await undo_on(browser, "/requests?done=approved") == f"/undo/{act}"
    # An address that names no act, another's or an unknown one offers none.
    for act in ("", "x", UNKNOWN_ID):
        browser.act = act
        assert await undo_on(browser, "/requests?done=approved") is None
    # Nor is it kept in the address of the next act.
    again = await browser.post(
        f"/requests/{requests[0]['id']}/approve?status=pending&act={acts[0]}"
    )
    assert acts[0] not in shown(again, 409)


async def test_turning_the_second_step_off_offers_no_undo_of_another_change(world: World) -> None:
    admin, lounge = await world.admin(), await world.lounge()
    browser = await signed_in(world, admin)
    app, _ = await set_up(browser, world.clock)
    done = await browser.post(f"/lounges/{lounge['id']}/change", name="銭湯", description="湯")
    leads_to(done, "/admin/lounges?done=changed")
    off = await browser.post("/mfa/off", code=app.next())
    leads_to(off, "/admin/settings?done=mfa-off")
    page = shown(await browser.http.get(off.headers["location"]))
    assert "2 段階認証を解除しました。" in page
    assert "/admin/undo/" not in page


@pytest.mark.parametrize(("locale", "words"), [("ja", "なし"), ("en", "Not set")])
async def test_an_admin_without_an_address_reads_that_there_is_none(
    world: World, locale: str, words: str
) -> None:
    admin = await world.admin()
    expect(await admin.patch("/users/me", json={"locale": locale}), 200)
    browser = await signed_in(world, admin)
    email: dict[str, Any] = {"e": admin.email}
    await sql(world, "UPDATE users SET email = NULL WHERE email = :e RETURNING id", **email)
    page = shown(await browser.get("/settings"))
    assert f"<dd>{words}</dd>" in page
    assert "None" not in page
