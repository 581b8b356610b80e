"""A refused form beside another admin's change.

If only the typed text was wrong, the form keeps its version, so that the change is not overwritten
unseen. If the thing has changed, the page shows it as it is now, and the form overwrites just that.
"""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import pytest

from tests.support.api import Api, expect
from tests.support.console import Browser, leads_to, seen_in, shown, signed_in
from tests.support.moderating import ask, ban, case_of, report
from tests.support.sql import sql
from tests.support.world import World, picture

LONG = "あ" * 1001


@dataclass
class Case:
    """A form with a text that is refused, and what changes while the admin types."""

    page: str
    action: str
    refused: dict[str, str]
    valid: dict[str, str]
    change: Callable[[], Awaitable[object]]
    now: str
    """What the page must show after the change."""


async def words_case(world: World, rival: Api) -> Case:
    await ban(rival, "ばくだん")
    valid = {"words": "ばくだん\nわたしの語", "exceptions": ""}
    refused = valid | {"words": LONG}

    async def add() -> None:
        await ban(rival, "ばくだん", "新語")

    return Case("/words", "/words", refused, valid, add, "新語")


async def lounge_case(world: World, rival: Api) -> Case:
    path = f"/lounges/{(await world.lounge())['id']}"
    valid = {"name": "私の名", "description": "私の"}

    async def describe() -> None:
        expect(await rival.patch(f"/admin{path}", json={"description": "別の話"}), 200)

    return Case("/lounges", f"{path}/change", valid | {"name": ""}, valid, describe, ">別の話</p>")


async def reason_case(world: World, rival: Api) -> Case:
    other = await signed_in(world, rival)
    (first, *_) = await sql(world, "SELECT id FROM canned_reasons ORDER BY id")
    action = f"/reasons/{first['id']}/change"
    valid = {"ja": "わたしの理由", "en": "My reason"}

    async def reword() -> None:
        done = await other.post(action, ja="早い人の理由", en="The other reason")
        leads_to(done, "/admin/reasons?done=saved")

    return Case("/reasons", action, valid | {"en": ""}, valid, reword, "早い人の理由</h3>")


async def user_case(world: World, rival: Api) -> Case:
    path = f"/users/{(await world.member(is_verified=True)).id}"

    async def promote() -> None:
        expect(await rival.patch(f"/admin{path}", json={"role": "admin"}), 200)

    valid = {"reason": "規約違反", "days": "good"}
    wrong = {**valid, "reason": LONG}
    return Case(path, f"{path}/suspend", wrong, valid, promote, ">管理者</span>")


async def suspended_case(world: World, rival: Api) -> Case:
    """A suspended user is suspended for another, graver reason."""
    path = f"/users/{(await world.member()).id}"
    form = {"status": "suspended", "reason": "軽い理由"}
    expect(await rival.patch(f"/admin{path}", json=form), 200)

    async def suspend_again() -> None:
        graver = form | {"reason": "重い理由"}
        expect(await rival.patch(f"/admin{path}", json=graver), 200)

    valid = {"reason": "もう十分"}
    return Case(path, f"{path}/restore", {"reason": LONG}, valid, suspend_again, "重い理由")


async def longer_case(world: World, rival: Api) -> Case:
    """The same, until another time and with all content hidden: the reason stays."""
    path = f"/users/{(await world.member()).id}"
    form = {"status": "suspended", "reason": "理由"}
    expect(await rival.patch(f"/admin{path}", json=form), 200)

    async def hide_all() -> None:
        more = form | {"until": "2035-01-01T00:00:00Z", "hide_content": True}
        expect(await rival.patch(f"/admin{path}", json=more), 200)

    valid = {"reason": "もう十分"}
    return Case(path, f"{path}/restore", {"reason": LONG}, valid, hide_all, "2035年1月1日")


async def request_case(world: World, rival: Api) -> Case:
    request = await ask(await world.member())

    async def rewrite() -> None:
        await sql(world, "UPDATE lounge_requests SET description = '別の話' RETURNING id")

    action = f"/requests/{request['id']}/reject"
    valid = {"reason": "似た部屋があります"}
    return Case("/requests", action, {"reason": ""}, valid, rewrite, "別の話")


async def report_case(world: World, rival: Api) -> Case:
    post = await world.post(await world.member())
    await report(await world.member(), "post", post["id"])
    case = await case_of(rival, post["id"])

    async def report_again() -> None:
        await report(await world.member(), "post", post["id"], "violence")

    valid = {"action": "dismiss", "note": "わたしのメモ"}
    action = f"/reports/{case['id']}/resolve"
    return Case("/reports", action, valid | {"note": LONG}, valid, report_again, "通報 2 件")


async def held_case(world: World, rival: Api) -> Case:
    await ban(rival, "ばくだん")
    author = await world.member()
    post = await world.post(author, title="ばくだん")

    async def rewrite() -> None:
        expect(await author.patch(f"/posts/{post['id']}", json={"body": "別の本文"}), 200)

    action = f"/held/post/{post['id']}/hide"
    return Case("/held", action, {"reason": ""}, {"reason": "暴言"}, rewrite, "別の本文")


async def held_picture_case(world: World, rival: Api) -> Case:
    """The author exchanges the picture of a held post while the admin looks at the harmless one."""
    await ban(rival, "ばくだん")
    author = await world.member()
    before, after = await world.image(author), await world.image(author)
    post = await world.post(author, title="ばくだん", image_ids=[before["id"]])

    async def exchange() -> None:
        form = {"image_ids": [after["id"]]}
        expect(await author.put(f"/posts/{post['id']}/images", json=form), 200)

    key = after["thumbnail_url"].partition("/images/")[2]
    action = f"/held/post/{post['id']}/hide"
    return Case("/held", action, {"reason": ""}, {"reason": "暴言"}, exchange, key)


CASES = (
    *(words_case, lounge_case, reason_case, user_case, suspended_case, longer_case),
    *(request_case, report_case, held_case, held_picture_case),
)
type MakeCase = Callable[[World, Api], Awaitable[Case]]


async def begin(world: World, make: MakeCase) -> tuple[Browser, Case, str]:
    """An admin with a form, after which the thing changed; and the version that the form has."""
    browser, case = (
        await signed_in(world, await world.admin()),
        await make(world, await world.admin()),
    )
    seen = await browser.seen(case.page, case.action)
    await case.change()
    return browser, case, seen


@pytest.mark.parametrize("make", CASES, ids=lambda make: make.__name__)
async def test_a_form_that_was_filled_wrongly_keeps_the_version_that_its_admin_has_seen(
    world: World, make: MakeCase
) -> None:
    browser, case, seen = await begin(world, make)
    page = shown(await browser.post(case.action, **case.refused, seen=seen), 422)
    assert seen_in(page, case.action) == seen
    shown(await browser.post(case.action, **case.valid, seen=seen), 409)


@pytest.mark.parametrize("make", CASES, ids=lambda make: make.__name__)
async def test_the_page_that_refuses_an_outdated_form_shows_what_the_next_send_overwrites(
    world: World, make: MakeCase
) -> None:
    browser, case, seen = await begin(world, make)
    page = shown(await browser.post(case.action, **case.valid, seen=seen), 409)
    main = page[page.index("<main") :]
    assert case.now in main
    if make is user_case:
        # The page of an admin offers the same act, on the person as they are now.
        assert "規約違反" in main
    now = seen_in(main, case.action)
    assert now != seen
    assert (await browser.post(case.action, **case.valid, seen=now)).status_code == 303


async def test_after_a_conflict_the_words_page_names_what_the_typed_list_lacks(
    world: World,
) -> None:
    admin, rival = await world.admin(), await world.admin()
    await ban(rival, "ばくだん", "古語", exceptions=["ばくだんおにぎり"])
    browser = await signed_in(world, admin)
    seen = await browser.seen("/words", "/words")
    await ban(rival, "ばくだん", "新語", exceptions=["ばくだんおにぎり"])
    form = {"words": "バクダン\n古語\nわたしの語", "exceptions": "ばくだんおにぎり"}
    page = shown(await browser.post("/words", **form, seen=seen), 409)
    words, exceptions = re.findall(r'<div class="compared">.*?\n</div>\n', page, re.DOTALL)
    assert re.findall(r'<p class="lead">(.*?)</p>.*?<p class="text">(.*?)</p>', words) == [
        ("今の一覧だけにある語", "新語"),
        ("入力だけにある語", "古語、わたしの語"),
        ("今の一覧", "ばくだん、新語"),
    ]
    assert "入力との違いはありません" in exceptions
    merged = form | {"words": "ばくだん\n新語\nわたしの語", "seen": seen_in(page, "/words")}
    leads_to(await browser.post("/words", **merged), "/admin/words?done=saved")
    kept = expect(await admin.get("/admin/banned-words"), 200)["words"]
    assert sorted(kept) == sorted(["ばくだん", "新語", "わたしの語"])


async def test_a_form_that_had_arrived_before_shows_the_present_list_too(world: World) -> None:
    admin = await world.admin()
    browser = await signed_in(world, admin)
    form = {"seen": await browser.seen("/words", "/words"), "key": "k" * 16, "exceptions": ""}
    leads_to(await browser.post("/words", **form, words="新語"), "/admin/words?done=saved")
    page = shown(await browser.post("/words", **form, words="別語"), 422)
    assert "前に一度届き" in page
    assert "今の一覧だけにある語" in page
    assert seen_in(page, "/words") != form["seen"]


async def test_a_reason_that_is_gone_is_refused_on_top_with_what_was_typed(world: World) -> None:
    browser, other = [await signed_in(world, await world.admin()) for _ in range(2)]
    (first, *_) = await sql(world, "SELECT id FROM canned_reasons ORDER BY id")
    path = f"/reasons/{first['id']}"
    leads_to(await other.post(f"{path}/remove"), "/admin/reasons?done=removed")
    page = shown(await browser.post(f"{path}/change", ja="わたしの理由", en="Mine"), 404)
    assert "わたしの理由" in page
    assert "data-wrong" in page[page.index("<main") :]


async def test_a_cover_that_another_admin_set_meanwhile_is_not_replaced_unseen(
    world: World,
) -> None:
    admin, rival = await world.admin(), await world.admin()
    browser, lounge = await signed_in(world, admin), await world.lounge("銭湯")
    path = f"/lounges/{lounge['id']}"
    actions = [f"{path}/{verb}" for verb in ("cover", "change", "close")]
    seen = [await browser.seen("/lounges", action) for action in actions]
    files = {"file": picture()}
    cover = expect(await rival.put(f"/admin{path}/cover", files=files), 200)["cover_url"]
    # What is not a picture keeps the version, too.
    wrong = shown(await browser.send_cover(path, b"no picture", seen[0]), 415)
    assert seen_in(wrong, actions[0]) == seen[0]
    page = shown(await browser.send_cover(path, picture(80, 60), seen[0]), 409)
    assert cover.partition("/covers/")[2] in page
    form = {"name": "銭湯", "description": "湯"}
    shown(await browser.post(actions[1], **form, seen=seen[1]), 409)
    shown(await browser.post(actions[2], seen=seen[2]), 409)
    (after,) = await admin.items("/lounges")
    assert after["cover_url"] == cover
    now = seen_in(page, actions[0])
    done = await browser.send_cover(path, picture(80, 60), now)
    leads_to(done, "/admin/lounges?done=cover")
    # Its removal was offered beside the first cover.
    shown(await browser.post(f"{path}/uncover", seen=now), 409)
