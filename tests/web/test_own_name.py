"""An installation with a name of its own says the product's name nowhere that users look.

What is looked at is found: routes, kinds of mails and notifications, errors, texts in the source.
`tests/core/test_brand.py` has the names that are taken, and how they are written.
"""

import ast
import re
from collections.abc import AsyncIterator, Iterator, Mapping
from html import escape, unescape
from io import BytesIO
from pathlib import Path
from string import Formatter

import httpx
import orjson
import pytest
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from PIL import Image

from app.core.settings.config import Settings
from app.integrations.mail.render import render_mail
from app.main import create_app
from app.runtime.runtime import Runtime
from app.user.rows import unnamed
from linky_dev.app import create_dev_app, settings_for_dev
from tests.integrations.mails import TO, VALUES
from tests.support.api import expect
from tests.support.apps import SettingsOfTests
from tests.support.console import Browser, signed_in
from tests.support.routes import Stage
from tests.support.server import ROOT
from tests.support.sql import sql
from tests.support.world import World

NAME = "<猫> & 'の' \"広場\""
"""It must be escaped wherever it stands."""

TAGLINE = "ねこ < いぬ"
OURS = re.compile(r"Linky(?!-[A-Z])|LINKY(?!_)")
"""The product's name. Headers (`Linky-As-Of`) and settings (`LINKY_ENV`) keep it."""

BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
LANGUAGES = ("ja", "en")
TEMPLATES = ROOT / "app" / "integrations" / "mail" / "templates"
KINDS = sorted({path.name.split(".")[0] for path in TEMPLATES.glob("*.txt")})

OF_THE_OPERATOR = ("app/cli/", "app/operations/", "linky_dev/commands.py")
"""What the terminal says, where the product's name is right: its operator chose it."""

KEEPS_IT = {
    ("app/core/settings/brand.py", "Linky"),  # The default itself.
    (
        "app/integrations/outbound_http.py",
        "Linky",
    ),  # The User-Agent of webhooks: a receiver's rule.
}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    icon = BytesIO()
    Image.new("RGB", (64, 64), "#7b1fa2").save(icon, "PNG")
    (tmp_path / "icon.png").write_bytes(icon.getvalue())
    return SettingsOfTests(
        jwt_keys=("test:" + "t" * 40,),
        rate_limits="off",
        public_url="http://test",
        data_dir=tmp_path,
        app_name=NAME,
        app_tagline=TAGLINE,
        app_color="#7b1fa2",
        app_icon=tmp_path / "icon.png",
        contact_email="post@neko.example",
    )


def pages_of(app: FastAPI) -> set[str]:
    """The paths of all that a browser can open."""
    return {
        route.path
        for route in iter_route_contexts(app.routes)
        if route.path and "GET" in (route.methods or ()) and not route.path.startswith("/api/")
    }


def filled(path: str, ids: Mapping[str, str]) -> str:
    """Names without an id get one that leads nowhere, whose page is looked at, too."""
    names = [name.partition(":")[0] for _, name, _, _ in Formatter().parse(path) if name]
    plain = re.sub(r":[a-z]+}", "}", path)
    return plain.format(**{name: ids.get(name, "nothing") for name in names})


def ensure_named(answer: httpx.Response) -> bool:
    """Whether it is a page, and no part of one. Then its title has the name."""
    seen = f"{answer.request.url}: {answer.text[:2000]}"
    is_html = answer.headers.get("content-type", "").startswith("text/html")
    is_page = is_html and answer.text.lstrip().lower().startswith("<!doctype")
    if is_html or "json" in answer.headers.get("content-type", ""):
        assert OURS.search(unescape(answer.text)) is None, seen
    if is_page:
        title = re.search("<title>(.*?)</title>", answer.text, re.DOTALL)
        assert title, seen
        assert NAME in unescape(title[1]), seen
        assert "<猫>" not in answer.text, seen
    return is_page


async def test_each_page_has_the_name_and_ours_nowhere(world: World, stage: Stage) -> None:
    shown: set[str] = set()
    for path in pages_of(world.app) - {
        "/docs",
        "/docs/{operation_id}",
        "/openapi.json",
        "/openapi-app.json",
    }:
        for language in LANGUAGES:
            headers = {**BROWSER, "Accept-Language": language}
            if ensure_named(await world.http.get(filled(path, stage.ids), headers=headers)):
                shown.add(path)
    assert {
        "/account/delete",
        "/account/appeal",
        "/account/verify-email",
        "/l/{lounge_id}",
    } <= shown
    assert {
        "/p/{post_id}",
        "/p/{post_id}/c/{comment_id}",
        "/admin/sign-in",
        "/media/{key:path}",
    } <= shown


async def test_each_page_of_the_console_has_the_name_and_ours_nowhere(
    world: World, stage: Stage
) -> None:
    browser = await signed_in(world, stage.api)
    paths = {path for path in pages_of(world.app) if path.startswith("/admin")}
    for language in LANGUAGES:
        expect(await stage.api.patch("/users/me", json={"locale": language}), 200)
        answers = [
            await browser.http.get(filled(path, stage.ids), headers=BROWSER) for path in paths
        ]
        assert sum(map(ensure_named, answers)) > 15


async def test_a_link_page_shows_the_name_the_tagline_and_the_icon(
    world: World, stage: Stage
) -> None:
    page = (await world.http.get(filled("/p/{post_id}", stage.ids), headers=BROWSER)).text
    url = world.runtime.settings.brand.icon_url
    site = re.search('<meta property="og:site_name" content="([^"]*)">', page)
    assert site
    assert unescape(site[1]) == NAME
    assert f'<bdi class="tagline">{escape(TAGLINE)}</bdi>' in page
    assert page.count(f'"{url}"') == 2


async def test_pages_and_the_console_take_the_colour_and_their_policy_lets_it_in(
    world: World, stage: Stage
) -> None:
    sign_in = (await Browser(world).get("/sign-in")).text
    sheet = re.search(r'href="(/admin/assets/[^"]+/style.css)"', sign_in)
    assert sheet
    for path in ("/account/style.css", sheet[1]):
        assert "--accent: #7b1fa2;" in (await world.http.get(f"http://test{path}")).text
    for path in (filled("/p/{post_id}", stage.ids), "/nothing"):
        page = await world.http.get(f"http://test{path}", headers=BROWSER)
        assert "--accent: #7b1fa2;" in page.text
        assert "sha256-" in page.headers["content-security-policy"]


async def test_the_icon_is_kept_for_ever_by_its_digest(world: World) -> None:
    brand = world.runtime.settings.brand
    by_digest = await world.http.get(f"http://test{brand.icon_url}")
    assert by_digest.headers["cache-control"] == "public, max-age=31536000, immutable"
    for path, kept in (
        ("/app-icon/000000000000", "no-store"),
        ("/favicon.ico", "public, max-age=86400"),
    ):
        other = await world.http.get(f"http://test{path}")
        assert other.headers["cache-control"] == kept
        assert other.content == by_digest.content == brand.icon.content
    assert by_digest.headers["content-type"] == "image/png"
    assert by_digest.headers["x-content-type-options"] == "nosniff"
    assert by_digest.headers["content-security-policy"] == "default-src 'none'"


async def test_meta_says_the_name_and_the_version(world: World) -> None:
    meta = expect(await world.anonymous().get("/meta"), 200)
    ready = (await world.http.get("http://test/health/ready")).json()
    assert (meta["app_name"], meta["version"]) == (NAME, ready["version"])


async def test_the_docs_and_the_document_have_the_name(settings: Settings) -> None:
    app = create_app(settings)
    document = app.openapi()
    assert (document["info"]["title"], document["info"]["contact"]["name"]) == (NAME, NAME)
    assert OURS.search(orjson.dumps(document).decode()) is None
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://test"
    ) as http:
        assert ensure_named(await http.get("/docs"))


@pytest.fixture
async def dev(settings: Settings, runtime: Runtime) -> AsyncIterator[httpx.AsyncClient]:
    app = create_dev_app(settings_for_dev(settings))
    app.state.runtime = runtime
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://test"
    ) as http:
        http.headers["Host"] = "localhost"
        yield http


async def test_the_web_client_and_the_tools_of_a_developer_have_the_name(
    dev: httpx.AsyncClient,
) -> None:
    for path in ("/app", "/dev", "/dev/accounts", "/dev/faults"):
        for language in LANGUAGES:
            assert ensure_named(await dev.get(path, headers={"Accept-Language": language})), path


@pytest.mark.parametrize("locale", LANGUAGES)
@pytest.mark.parametrize("kind", KINDS)
def test_each_mail_has_the_name_and_ours_nowhere(
    settings: Settings, kind: str, locale: str
) -> None:
    mail = render_mail(kind, TO, locale, brand=settings.brand, **VALUES)
    for text in (mail.subject, mail.text, mail.html):
        assert OURS.search(text) is None
    assert NAME in unescape(mail.html)
    assert "<猫>" not in mail.html
    assert "#7b1fa2" in mail.html


# All else that is written down.


def sources() -> Iterator[tuple[str, str]]:
    """The strings of our modules that are no docstrings, and the files that browsers get."""
    for folder in ("app", "linky_dev"):
        for path in (ROOT / folder).rglob("*.*"):
            name = path.relative_to(ROOT).as_posix()
            if path.suffix == ".py":
                tree = ast.parse(path.read_text(encoding="utf-8"))
                alone = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
                yield from (
                    (name, node.value)
                    for node in ast.walk(tree)
                    if isinstance(node, ast.Constant)
                    and isinstance(node.value, str)
                    and id(node) not in alone
                )
            elif path.suffix in (".html", ".txt", ".css", ".js", ".svg"):
                text = path.read_text(encoding="utf-8")
                yield from ((name, line) for line in text.splitlines() if not line.startswith("//"))


def test_no_text_in_the_source_has_ours() -> None:
    found = {
        (name, text)
        for name, text in sources()
        if OURS.search(text) and not name.startswith((*OF_THE_OPERATOR, "linky_dev/seed/"))
    }
    assert found == KEEPS_IT


async def test_who_has_the_default_nickname_is_asked_for_one_before_and_after_a_change_of_name(
    world: World,
) -> None:
    for nickname, asked in ((unnamed(NAME), True), ("Linkyユーザー", True), ("Linky", False)):
        member = await world.member(nickname)
        await sql(world, f"UPDATE users SET provider = 'line' WHERE id = '{member.id}'")
        assert expect(await member.get("/users/me"), 200)["needs_nickname"] is asked
        edited = expect(await member.patch("/users/me", json={"locale": "en"}), 200)
        assert edited["needs_nickname"] is asked


async def test_the_own_name_is_reserved_as_a_nickname(world: World) -> None:
    refused = await world.anonymous().post(
        "/auth/register",
        json={"email": "a@neko.example", "password": "kiroi-neko-38", "nickname": NAME},
    )
    assert expect(refused, 422)["code"] == "nickname_reserved"
