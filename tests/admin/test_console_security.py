"""The admin console's sign-in, sessions, forged forms and content security policy."""

import re

import pytest

from app.core.rate_limit import RateLimiter
from tests.support.api import UNKNOWN_ID, expect
from tests.support.console import PAGES, Browser, leads_to, shown, signed_in
from tests.support.moderating import ask
from tests.support.sql import count
from tests.support.world import World

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
    browser = Browser(world)
    browser.http.base_url = "https://linky.example"
    response = await browser.sign_in(admin.email, admin.password)
    cookie = response.headers["set-cookie"]
    assert cookie.startswith("__Secure-linky_console=")
    assert all(part in cookie.lower() for part in ("; secure", "; httponly", "samesite=strict"))
    shown(await browser.get("/words"))
    leads_to(await browser.post("/sign-out"), "/admin/sign-in")
    assert [cookie.name for cookie in browser.http.cookies.jar] == ["__Secure-linky_console_visit"]


@pytest.mark.parametrize("page", ["/sign-in", "/forgot-password"])
async def test_a_form_in_a_charset_that_decodes_nothing_is_refused(world: World, page: str) -> None:
    response = await Browser(world).http.post(
        f"/admin{page}",
        content=b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\nx\r\n--b--\r\n',
        headers={"Content-Type": "multipart/form-data; boundary=b; charset=undefined"},
    )
    assert response.status_code == 400


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
    assert list(browser.http.cookies) == ["linky_console_visit"]
    leads_to(await browser.get(""), "/admin/sign-in")
    assert await count(world, "user_sessions") == before


async def test_password_guesses_at_one_account_are_rate_limited(world: World) -> None:
    admin = await world.admin()
    world.runtime.limiter = RateLimiter(enabled=True)
    browser = Browser(world)
    codes = [(await browser.sign_in(admin.email, f"wrong-{i}")).status_code for i in range(11)]
    assert codes == [401] * 10 + [429]


async def test_a_session_ends_by_sign_out_by_expiry_and_pauses_without_the_role(
    world: World,
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
    world.clock.advance(hours=13)
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


@pytest.mark.parametrize("page", ["/sign-in", "/forgot-password"])
async def test_a_form_of_the_sign_in_is_of_the_browser_that_got_it(world: World, page: str) -> None:
    """Otherwise a page of another site could sign a browser in as somebody else."""
    admin = await world.admin()
    attacker, victim = Browser(world), Browser(world)
    form = {"email": admin.email, "password": admin.password, "token": await attacker.token(page)}
    del victim.http.headers["Sec-Fetch-Site"]  # An old browser, which sends no Origin either.
    shown(await victim.http.post(f"/admin{page}", data=form), 403)
    await victim.get(page)
    shown(await victim.http.post(f"/admin{page}", data=form), 403)
    form["token"] = await victim.token(page)
    assert (await victim.http.post(f"/admin{page}", data=form)).status_code in (202, 303)


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
