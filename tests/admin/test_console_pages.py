"""The pages of the admin console: assets, language, banners, lists and their statements."""

import re

import pytest

from tests.support.api import expect
from tests.support.console import PAGES, Browser, leads_to, shown, signed_in
from tests.support.fakes import FakeClock
from tests.support.jobs import add_job
from tests.support.moderating import ask, report
from tests.support.statements import statements
from tests.support.world import World


async def test_assets_are_our_own_and_cached_for_ever_by_their_hash(world: World) -> None:
    page = shown(await Browser(world).get("/sign-in"))
    addresses = re.findall(r'(?:src|href)="(/(?:admin/assets|app-icon)/[^"]+)"', page)
    types = []
    for address in addresses:
        asset = await world.http.get(address)
        assert asset.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert "http" not in re.sub("http://www.w3.org/2000/svg", "", asset.text[:2000])
        types.append(asset.headers["content-type"].partition(";")[0])
    assert types == ["image/svg+xml", *2 * ["text/css"], *3 * ["text/javascript"]]
    name = addresses[1].rpartition("/")[2]
    old = await world.http.get(f"/admin/assets/000000000000/{name}")
    assert (old.status_code, old.headers["cache-control"]) == (200, "no-store")
    assert "url(" not in old.text
    assert "@import" not in old.text
    assert (await world.http.get("/admin/assets/000000000000/secrets.py")).status_code == 404


async def test_the_console_uses_the_admins_language_or_the_browsers_before_sign_in(
    world: World,
) -> None:
    browser = Browser(world)
    english = {"Accept-Language": "en"}
    assert '<html lang="en">' in shown(await browser.get("/sign-in", headers=english))
    browser = await signed_in(world, await world.admin())
    assert '<html lang="ja">' in shown(await browser.get("", headers=english))
    leads_to(await browser.post("/settings/locale", locale="en"), "/admin/settings?done=language")
    for page in PAGES:
        english_page = shown(await browser.get(page))
        assert '<html lang="en">' in english_page
        # Text that admins wrote stays in its own language, and a canned reason shows both.
        written = r'<textarea.*?</textarea>|<p class="meta" lang="ja">.*?</p>'
        without_admin_text = re.sub(written, "", english_page, flags=re.DOTALL)
        assert not re.search(r"[ぁ-んァ-ン]", without_admin_text)
    refused = shown(await browser.post("/settings/locale", locale="fr"), 422)
    assert "Not one of the allowed values" in refused


async def test_a_sign_in_to_the_console_is_named_in_the_admins_language(world: World) -> None:
    browser = Browser(world)
    browser.http.headers["User-Agent"] = "Mozilla/5.0 (Windows NT 10.0) Chrome/140.0 Safari/537.36"
    admin = await world.admin()
    await browser.sign_in(admin.email, admin.password)
    assert "管理画面 · Chrome · Windows" in shown(await browser.get("/settings"))
    leads_to(await browser.post("/settings/locale", locale="en"), "/admin/settings?done=language")
    assert "Console · Chrome · Windows" in shown(await browser.get("/settings"))


async def test_no_page_sends_more_than_eight_statements(world: World) -> None:
    """Without the note, once a minute, that the session is in use."""
    member = await world.member()
    post = await world.post(member)
    lounge = f"/lounges/{post['lounge']['id']}/posts"
    of_things = (
        f"/users/{member.id}",
        f"/users/{member.id}/content",
        f"/posts/{post['id']}",
        lounge,
    )
    browser = await signed_in(world, await world.admin())
    for page in (*PAGES, *of_things, "/find?q=猫", "/users?q=ユーザー", "/lounges?q=お茶"):
        with statements(world.runtime) as sent:
            shown(await browser.get(page))
        sql = [each for each, _ in sent if not each.startswith(("BEGIN", "COMMIT", "SAVEPOINT"))]
        of_page = [each for each in sql if not each.startswith("UPDATE user_sessions")]
        assert len(of_page) <= 8, (page, of_page)


@pytest.mark.parametrize("page", PAGES)
async def test_every_page_shows_a_banner_for_a_known_outcome_only(world: World, page: str) -> None:
    browser = await signed_in(world, await world.admin())
    assert "保存しました。" in shown(await browser.get(f"{page}?done=saved"))
    assert "banner good" not in shown(await browser.get(f"{page}?done=unheard-of"))


async def test_lists_are_paged_by_cursor_and_dead_jobs_are_shown(world: World) -> None:
    admin = await world.admin()
    for number in range(21):
        form = {"name": f"部屋{number}", "description": "話す"}
        expect(await admin.post("/admin/lounges", json=form), 201)
    browser = await signed_in(world, admin)
    for page in ("/lounges", "/audit"):
        first = shown(await browser.get(page))
        assert "部屋20" in first
        assert "部屋0 " not in first.replace("<", " ")
        cursor = re.search(r'name="cursor" value="([^"]+)"', first)
        assert cursor
        assert "部屋0" in shown(await browser.get(page, params={"cursor": cursor[1]}))
        shown(await browser.get(page, params={"cursor": "x"}), 422)
    await add_job(world, "some.job", attempts=8)
    await add_job(world, "sanction.mail_standing", attempts=8)
    page = shown(await browser.get("/jobs"))
    assert "some.job" in page
    assert "利用停止・警告などのメール" in page
    assert "ジョブは、メールや" in page


async def test_the_statements_per_page_do_not_grow_with_the_rows(committed_world: World) -> None:
    world = committed_world
    # A page that is read a minute after the sign-in would note that the session is in use.
    world.runtime.clock = FakeClock()
    member, admin = await world.member(), await world.admin()
    browser = await signed_in(world, admin)
    of_user = f"/users/{member.id}"
    pages = (*PAGES, of_user, f"{of_user}/content", "/audit?action=report.resolved")
    # A process reads the banned words again if it knows another version, here of an earlier test.
    for page in pages:
        shown(await browser.get(page))
    laps: list[dict[str, list[str]]] = []
    for _ in range(2):
        for _ in range(4):
            await ask(await world.member())
            await report(member, "user", (await world.member()).id)
        lap: dict[str, list[str]] = {}
        for page in pages:
            with statements(world.runtime) as sent:
                shown(await browser.get(page))
            lap[page] = [statement for statement, _ in sent]
        laps.append(lap)
    first, second = ({page: len(sent) for page, sent in lap.items()} for lap in laps)
    assert first == second, laps
    assert max(first.values()) <= 8
    page = shown(await browser.get(""))
    assert re.search(r"<b>8</b>\s*件の申請", page)
    assert re.search(r"<b>8</b>\s*件の通報", page)
