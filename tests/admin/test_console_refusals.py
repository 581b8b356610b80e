"""A refused form beside another admin's change.

If only the typed text was wrong, the form keeps its version, so that the change is not overwritten
unseen. If the thing has changed, the page shows it as it is now, and the form overwrites just that.
"""

import re

import pytest

from tests.admin.outdated import CASES, Case, MakeCase, user_case
from tests.support.api import expect
from tests.support.console import Browser, leads_to, seen_in, shown, signed_in
from tests.support.moderating import ban
from tests.support.sql import sql
from tests.support.world import World, picture


async def begin(world: World, make: MakeCase) -> tuple[Browser, Case, str]:
    """An admin with a form, after which the thing changed; and the version that the form has."""
    browser = await signed_in(world, await world.admin())
    case = await make(world, await world.admin())
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
    assert f"{rival.user['nickname']}さんが" in page
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
