"""The admin console over HTTP, as a browser uses it: sign-in, forms and refusals."""

import re

import pytest

from app.core.rate_limit import RateLimiter
from tests.support.api import UNKNOWN_ID, Api, expect
from tests.support.console import PAGES, Browser, leads_to, shown, signed_in
from tests.support.fakes import FakeClock
from tests.support.jobs import add_job
from tests.support.moderating import ask, case_of, last_act, report
from tests.support.sql import count
from tests.support.statements import statements
from tests.support.world import World

pytestmark = pytest.mark.anyio


# Signing in


@pytest.mark.parametrize("page", PAGES)
async def test_a_page_redirects_to_sign_in_without_a_session(world: World, page: str) -> None:
    browser = Browser(world)
    leads_to(await browser.get(page), "/admin/sign-in")
    browser = await signed_in(world, await world.admin())
    assert "<h1>" in shown(await browser.get(page))


async def test_the_cookie_is_hidden_from_scripts_and_other_sites(world: World) -> None:
    admin = await world.admin()
    response = await Browser(world).sign_in(admin.email, admin.password)
    cookie = response.headers["set-cookie"].lower()
    for part in ("httponly", "samesite=strict", "path=/admin"):
        assert part in cookie
    assert "secure" not in cookie
    world.runtime.settings = world.runtime.settings.model_copy(
        update={"public_url": "https://linky.example"}
    )
    response = await Browser(world).sign_in(admin.email, admin.password)
    assert "secure" in response.headers["set-cookie"].lower()


async def test_a_refused_sign_in_leaves_no_cookie_and_no_session(world: World) -> None:
    member, admin = await world.member(), await world.admin()
    before = await count(world, "user_sessions")
    browser = Browser(world)
    page = shown(await browser.sign_in(member.email, member.password), 403)
    assert "管理者だけ" in page
    for email, password in (
        (admin.email, "wrong-password"),
        ("unknown@example.com", "x"),
        ("x", ""),
    ):
        page = shown(await browser.sign_in(email, password), 401)
        assert f'value="{email}"' in page
        assert 'role="alert"' in page
    assert not browser.http.cookies
    leads_to(await browser.get(""), "/admin/sign-in")
    assert await count(world, "user_sessions") == before


async def test_password_guesses_at_one_account_are_rate_limited(world: World) -> None:
    admin = await world.admin()
    world.runtime.limiter = RateLimiter(enabled=True)
    browser = Browser(world)
    codes = [(await browser.sign_in(admin.email, f"wrong-{i}")).status_code for i in range(11)]
    assert codes == [401] * 10 + [429]


async def test_a_session_ends_by_sign_out_by_expiry_and_pauses_without_the_role(
    world: World, clock: FakeClock
) -> None:
    admin, other = await world.admin(), await world.admin()
    browser, signed_out = await signed_in(world, admin), await signed_in(world, admin)
    cookies = dict(signed_out.http.cookies)
    leads_to(await signed_out.post("/sign-out"), "/admin/sign-in")
    signed_out.http.cookies.update(cookies)
    leads_to(await signed_out.get(""), "/admin/sign-in")
    shown(await browser.get(""))
    expect(await other.patch(f"/admin/users/{admin.id}", json={"role": "user"}), 200)
    assert "管理者だけ" in shown(await browser.get(""), 403)
    expect(await other.patch(f"/admin/users/{admin.id}", json={"role": "admin"}), 200)
    shown(await browser.get(""))
    clock.advance(hours=13)
    leads_to(await browser.get(""), "/admin/sign-in")


@pytest.mark.parametrize(
    "cookie", ["", "x", "a.b.c.d", f"{UNKNOWN_ID}.{UNKNOWN_ID}.9999999999.00", "é"]
)
async def test_a_forged_cookie_redirects_to_sign_in(world: World, cookie: str) -> None:
    browser = Browser(world)
    headers = {"Cookie": f"linky_console={cookie}".encode()}
    leads_to(await browser.get("", headers=headers), "/admin/sign-in")


# Forged forms


async def test_a_form_from_another_site_or_without_its_token_is_refused(world: World) -> None:
    member, admin = await world.member(), await world.admin()
    request = await ask(member)
    browser, other = await signed_in(world, admin), await signed_in(world, admin)
    url = f"/admin/requests/{request['id']}/approve"
    token = await browser.token()
    for form, site in (
        ({}, "same-origin"),
        ({"token": "0" * 64}, "same-origin"),
        ({"token": await other.token()}, "same-origin"),
        ({"token": token}, "cross-site"),
        ({"token": token}, "same-site"),
        *(
            ({"token": token, "origin": origin}, "same-origin")
            for origin in (
                *("https://evil.example", "http://test.evil.example", "http://"),
                *("http://[", "http://test@evil.example", "test"),
            )
        ),
        ({"token": token, "origin": "null"}, None),
    ):
        origin = form.pop("origin", None)
        named = {"Sec-Fetch-Site": site, "Origin": origin}
        browser.http.headers.pop("Sec-Fetch-Site", None)
        headers = {name: value for name, value in named.items() if value is not None}
        shown(await browser.http.post(url, data=form, headers=headers), 403)
    assert (await browser.get(f"/requests/{request['id']}/approve")).status_code == 405
    assert await count(world, "audit_log") == 0
    ours = {"Origin": "http://test"}
    done = await browser.http.post(url, data={"token": token}, headers=ours)
    leads_to(done, "/admin/requests?done=approved")
    form = {"email": admin.email, "password": admin.password}
    shown(await browser.http.post("/admin/sign-in", data=form), 403)


async def test_a_page_loads_nothing_from_other_sites_and_has_no_inline_script_or_style(
    world: World,
) -> None:
    browser = await signed_in(world, await world.admin())
    for page in (*PAGES, "/sign-in"):
        response = await browser.get(page)
        policy = response.headers["content-security-policy"]
        for part in (
            *("default-src 'none'", "style-src 'self'", "script-src 'self'"),
            *("form-action 'self'", "frame-ancestors 'none'", "base-uri 'none'"),
        ):
            assert part in policy
        assert "unsafe" not in policy
        assert response.headers["cache-control"] == "no-store"
        body = shown(response)
        assert not re.search(r"<script(?! src=)|<style| style=| on\w+=|(src|href)=.?https?:", body)
        assert body.count("<h1>") == 1
        labels = re.findall(r'<label for="([^"]+)"', body)
        fields = re.findall(r'<(?:input|select|textarea) id="([^"]+)"', body)
        assert sorted(labels) == sorted(set(fields)) == sorted(fields)
        assert not re.findall(r"<(?:select|textarea)(?! id)|<input(?! id| type=.hidden)", body)


async def test_assets_are_our_own_and_cached_for_ever_by_their_hash(
    world: World,
) -> None:
    page = shown(await Browser(world).get("/sign-in"))
    addresses = re.findall(r'(?:src|href)="(/admin/assets/[^"]+)"', page)
    types = []
    for address in addresses:
        asset = await world.http.get(address)
        assert asset.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert "http" not in re.sub("http://www.w3.org/2000/svg", "", asset.text[:2000])
        types.append(asset.headers["content-type"].partition(";")[0])
    assert types == ["image/svg+xml", "text/css", "text/javascript", "text/javascript"]
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
        # Text that admins wrote stays in its own language.
        without_admin_text = re.sub(r"<textarea.*?</textarea>", "", english_page, flags=re.DOTALL)
        assert not re.search(r"[ぁ-んァ-ン]", without_admin_text)
    refused = shown(await browser.post("/settings/locale", locale="fr"), 422)
    assert "not one of the choices" in refused


# Acts


async def test_a_second_approval_of_a_request_names_the_admin_who_decided(
    world: World,
) -> None:
    member, admin = await world.member(), await world.admin()
    request = await ask(member, "盆栽")
    browser = await signed_in(world, admin)
    page = shown(await browser.get("/requests"))
    assert "盆栽" in page
    path = f"/requests/{request['id']}/approve"
    leads_to(await browser.post(path), "/admin/requests?done=approved")
    assert "盆栽" not in shown(await browser.get("/requests"))
    assert "盆栽" in shown(await browser.get("/requests?status=approved"))
    mine = expect(await member.get(f"/lounge-requests/{request['id']}"), 200)
    assert mine["status"] == "approved"
    assert (await last_act(admin))["action"] == "lounge_request.approved"
    page = shown(await browser.post(path), 409)
    assert f"{admin.user['nickname']} さん" in page
    assert await count(world, "lounges") == 1


async def test_a_rejection_without_a_valid_reason_shows_the_filled_form_again(
    world: World,
) -> None:
    member, admin = await world.member(), await world.admin()
    request = await ask(member, "盆栽<b>")
    browser = await signed_in(world, admin)
    path = f"/requests/{request['id']}/reject"
    too_long = "あ" * 501
    for reason in ("", too_long):
        page = await browser.post(path, reason=reason)
        assert re.search(r"<details[^>]* open>", shown(page, 422))
        assert reason in page.text
        assert "盆栽&lt;b&gt;" in page.text
    assert await count(world, "audit_log") == 0
    leads_to(await browser.post(path, reason="似た部屋があります"), "/admin/requests?done=rejected")
    (notification,) = await member.items("/notifications")
    assert notification["body"] == "似た部屋があります"


@pytest.mark.parametrize("action", ["dismiss", "hide", "suspend"])
async def test_a_report_is_resolved_by_form(world: World, action: str) -> None:
    author, admin = await world.member(), await world.admin()
    post = await world.post(author, title="通報された題")
    await report(await world.member(), "post", post["id"], "violence")
    browser = await signed_in(world, admin)
    page = shown(await browser.get("/reports"))
    assert "通報された題" in page
    assert "残り 24 時間" in page
    case = await case_of(admin, post["id"])
    path = f"/reports/{case['id']}/resolve"
    refused = shown(await browser.post(path, action=action, note="あ" * 1001), 422)
    assert re.search(rf'<details[^>]* open>.*?value="{action}"', refused, re.DOTALL)
    assert "あ" * 1001 in refused
    leads_to(await browser.post(path, action=action, note="確認"), "/admin/reports?done=resolved")
    assert (await case_of(admin, post["id"], "resolved"))["resolution"] == action
    again = shown(await browser.post(path, action=action, note="確認"), 409)
    assert f"{admin.user['nickname']} さん" in again


async def test_held_content_is_released_or_hidden_by_form(world: World) -> None:
    author, reader, admin = await world.member(), await world.member(), await world.admin()
    expect(await admin.put("/admin/banned-words", json={"words": ["ばくだん"]}), 200)
    post = await world.post(author, body="ばくだん", title="放つ題")
    comment = await world.comment(author, await world.post(author), "ばくだん隠す")
    browser = await signed_in(world, admin)
    page = shown(await browser.get("/held"))
    assert "放つ題" in page
    assert "ばくだん隠す" in page
    leads_to(await browser.post(f"/held/post/{post['id']}/release"), "/admin/held?done=released")
    expect(await reader.get(f"/posts/{post['id']}"), 200)
    path = f"/held/comment/{comment['id']}/hide"
    shown(await browser.post(path, reason=""), 422)
    leads_to(await browser.post(path, reason="暴言"), "/admin/held?done=hidden")
    assert await author.ids(f"/posts/{comment['post_id']}/comments") == []
    shown(await browser.post(f"/held/lounge/{post['id']}/hide", reason="x"), 404)
    assert "保留中の投稿やコメントはありません" in shown(await browser.get("/held"))


async def test_the_user_pages_search_suspend_restore_promote_and_demote(world: World) -> None:
    member, admin = await world.member("さがす人"), await world.admin()
    browser = await signed_in(world, admin)
    assert "さがす人" in shown(await browser.get("/users?q=さがす"))
    assert "条件に合うユーザーはいません" in shown(
        await browser.get("/users?q=いない&status=&role=")
    )
    path = f"/users/{member.id}"
    shown(await browser.post(f"{path}/suspend", reason=""), 422)
    for verb, name, value in (
        *(("suspend", "status", "suspended"), ("restore", "status", "active")),
        *(("promote", "role", "admin"), ("demote", "role", "user")),
    ):
        done = await browser.post(f"{path}/{verb}", reason="理由")
        leads_to(done, f"/admin/users/{member.id}?done={verb}")
        assert expect(await admin.get(f"/admin/users/{member.id}"), 200)[name] == value
        assert (await last_act(admin))["reason"] == "理由"
    page = shown(await browser.post(f"/users/{admin.id}/demote", reason="自分"), 409)
    assert "自分" in page
    shown(await browser.post(f"/users/{UNKNOWN_ID}/suspend", reason="x"), 404)
    shown(await browser.post("/users/1/suspend", reason="x"), 404)
    shown(await browser.post(f"{path}/explode", reason="x"), 404)


async def test_the_lounge_page_opens_changes_and_closes_a_lounge(world: World) -> None:
    admin = await world.admin()
    browser = await signed_in(world, admin)
    form = {"name": "銭湯", "description": "湯上がりの話"}
    leads_to(await browser.post("/lounges", **form), "/admin/lounges?done=made")
    page = shown(await browser.post("/lounges", **form), 409)
    assert page.count("湯上がりの話") >= 2
    (lounge,) = await admin.items("/lounges")
    path = f"/lounges/{lounge['id']}"
    shown(await browser.post(f"{path}/change", name="", description="別"), 422)
    changed = form | {"name": "町の銭湯"}
    leads_to(await browser.post(f"{path}/change", **changed), "/admin/lounges?done=changed")
    assert "町の銭湯" in shown(await browser.get("/lounges?q=町"))
    leads_to(await browser.post(f"{path}/close"), "/admin/lounges?done=closed")
    assert (await last_act(admin))["action"] == "lounge.closed"


async def admin_named_hayai(world: World) -> Api:
    rival = await world.admin()
    expect(await rival.patch("/users/me", json={"nickname": "早い人"}), 200)
    return rival


async def test_a_decision_after_another_admins_is_refused_with_that_admins_name(
    world: World,
) -> None:
    """Users and lounges, which have no queue, work the same: the form carries the version shown."""
    author, admin, rival = await world.member(), await world.admin(), await admin_named_hayai(world)
    expect(await admin.put("/admin/banned-words", json={"words": ["ばくだん"]}), 200)
    post, comment = await world.post(author, title="ばくだん"), await world.post(author)
    comment = await world.comment(author, comment, "ばくだん")
    lounge = await world.lounge("銭湯")
    browser = await signed_in(world, admin)
    reason = {"reason": "規約違反"}
    decisions = (
        ("POST", f"posts/{post['id']}/restore", f"/held/post/{post['id']}/hide"),
        ("POST", f"comments/{comment['id']}/hide", f"/held/comment/{comment['id']}/release"),
        ("PATCH", f"users/{author.id}", f"/users/{author.id}/suspend"),
        ("DELETE", f"lounges/{lounge['id']}", f"/lounges/{lounge['id']}/close"),
    )
    pages = ["/held", "/held", f"/users/{author.id}", "/lounges"]
    seen = {
        own_path: await browser.seen(page, own_path)
        for page, (_, _, own_path) in zip(pages, decisions, strict=True)
    }
    for rival_method, rival_path, own_path in decisions:
        body: dict[str, str] | None = {"PATCH": {"status": "suspended"}, "DELETE": {}}.get(
            rival_method
        )
        body = None if rival_method == "DELETE" else (body or {}) | reason
        assert (await rival.call(rival_method, f"/admin/{rival_path}", json=body)).is_success
        before = await count(world, "audit_log")
        page = shown(await browser.post(own_path, reason="わたしの理由", seen=seen[own_path]), 409)
        assert "早い人 さんが" in page
        if not own_path.endswith(("release", "close")):
            assert "わたしの理由" in page
        assert await count(world, "audit_log") == before
    assert expect(await admin.get(f"/admin/users/{author.id}"), 200)["suspension_reason"] == (
        "規約違反"
    )
    visible = f"id = '{post['id']}' AND moderation = 'visible'"
    assert await count(world, "posts", visible) == 1


async def test_a_change_by_another_admin_is_not_overwritten(world: World) -> None:
    admin, rival = await world.admin(), await admin_named_hayai(world)
    lounge = await world.lounge("銭湯")
    browser = await signed_in(world, admin)
    path = f"/lounges/{lounge['id']}"
    seen_words = await browser.seen("/words", "/words")
    seen_lounge = await browser.seen("/lounges", f"{path}/change")
    rival_words = {"words": ["ばくだん"], "exceptions": []}
    expect(await rival.put("/admin/banned-words", json=rival_words), 200)
    expect(await rival.patch(f"/admin{path}", json={"description": "別の話"}), 200)

    form = {"words": "わたしの語", "exceptions": "", "seen": seen_words}
    page = shown(await browser.post("/words", **form), 409)
    assert "早い人 さんが" in page
    assert "わたしの語" in page
    assert expect(await admin.get("/admin/banned-words"), 200) == rival_words
    changed = {"name": "町の銭湯", "description": "湯の話", "seen": seen_lounge}
    page = shown(await browser.post(f"{path}/change", **changed), 409)
    assert "早い人 さんが" in page
    assert "町の銭湯" in page
    # The refusal showed the current state, so the next submit succeeds.
    form["seen"] = await browser.seen("/words", "/words")
    leads_to(await browser.post("/words", **form), "/admin/words?done=saved")


async def test_retrying_a_dropped_job_names_the_admin_who_dropped_it(world: World) -> None:
    admin, rival = await world.admin(), await admin_named_hayai(world)
    job_id = await add_job(world, "some.job", attempts=8)
    first, second = await signed_in(world, rival), await signed_in(world, admin)
    leads_to(await first.post(f"/jobs/{job_id}/drop"), "/admin/jobs?done=dropped")
    assert "早い人 さんが" in shown(await second.post(f"/jobs/{job_id}/retry"), 404)


async def test_the_word_list_is_saved_and_a_bad_word_is_refused_in_the_form(world: World) -> None:
    admin = await world.admin()
    browser = await signed_in(world, admin)
    page = shown(await browser.post("/words", words="あ" * 51, exceptions="x"), 422)
    assert "あ" * 51 in page
    form = {"words": "ばくだん\r\n\r\nてろ\r\n", "exceptions": "ばくだんおにぎり"}
    leads_to(await browser.post("/words", **form), "/admin/words?done=saved")
    assert "保存しました。" in shown(await browser.get("/words?done=saved"))
    kept = expect(await admin.get("/admin/banned-words"), 200)
    assert set(kept["words"]) == {"ばくだん", "てろ"}
    assert kept["exceptions"] == ["ばくだんおにぎり"]
    assert "ばくだんおにぎり" in shown(await browser.get("/words"))


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
    assert "some.job" in shown(await browser.get("/jobs"))


async def test_the_statements_per_page_do_not_grow_with_the_rows(committed_world: World) -> None:
    world = committed_world
    member, admin = await world.member(), await world.admin()
    browser = await signed_in(world, admin)
    statement_counts: list[dict[str, int]] = []
    for _ in range(2):
        counts = {}
        for page in PAGES:
            with statements(world.runtime.engine) as sent:
                shown(await browser.get(page))
            counts[page] = len(sent)
        statement_counts.append(counts)
        for _ in range(4):
            await ask(await world.member())
            await report(member, "user", (await world.member()).id)
    assert statement_counts[0] == statement_counts[1]
    assert max(statement_counts[0].values()) <= 6
    page = shown(await browser.get(""))
    assert re.search(r"<b>8</b>\s*件の申請", page)
    assert re.search(r"<b>8</b>\s*件の通報", page)
