"""Deleting an account in a real browser without script: by a mailed link, and by signing in."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journey.provider_journey import by_sdk, settings_for
from tests.support.chromium import DESKTOP, PHONE, SECONDS, fits, serious_in_light_and_dark
from tests.support.installation import copy_installation
from tests.support.mail_folder import mailed_links
from tests.support.person import Person
from tests.support.provider import Providers, running_providers
from tests.support.quick_linky import QUICK_LINKY
from tests.support.server import Server
from tests.support.waiting import wait_until


@pytest.fixture(scope="module")
def providers() -> Iterator[Providers]:
    with running_providers() as providers:
        providers.reset(lambda: datetime.now(UTC))
        yield providers


@pytest.fixture(scope="module")
def server(
    shared_folder: Path, tmp_path_factory: pytest.TempPathFactory, providers: Providers
) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("pages")
    copy_installation(shared_folder, folder / "data")
    server = Server(folder / "data", (*QUICK_LINKY, "serve"), **settings_for(providers, folder))
    try:
        yield server.start()
    finally:
        server.clean_up()


@contextmanager
def window(
    chromium: Browser, server: Server, size: Any, *, script: bool = False, **how: Any
) -> Iterator[Page]:
    context = chromium.new_context(
        base_url=server.url, viewport=size, java_script_enabled=script, **how
    )
    context.set_default_timeout(SECONDS)
    yield context.new_page()
    context.close()


def links_to(server: Server, email: str) -> list[str]:
    """The links in the mails to this address that delete an account."""
    return mailed_links(server.data_dir, email, "/account/delete/confirm")


def test_an_account_can_be_deleted_in_a_browser(
    chromium: Browser, server: Server, providers: Providers
) -> None:
    by_mail = Person(server.url, "メールの人").register()
    with window(chromium, server, PHONE, locale="ja-JP") as page:
        page.goto("/account/delete")
        expect(page.locator("html")).to_have_attribute("lang", "ja")
        page.get_by_label("メールアドレス").fill(by_mail.email)
        page.get_by_role("button", name="リンクを送信する").click()
        expect(page.get_by_role("heading")).to_have_text("メールをご確認ください")
        (link,) = wait_until("mailed", lambda: links_to(server, by_mail.email))
        page.goto(link)
        by_mail.call("GET", "/users/me", 200)  # Nothing is done before the click.
        page.get_by_role("button", name="アカウントを削除する").click()
        expect(page.get_by_role("heading")).to_have_text("アカウントの削除手続きが完了しました")
        page.goto(link)
        expect(page.get_by_role("alert")).to_be_visible()
        expect(page.get_by_label("メールアドレス")).to_be_visible()
    assert by_mail.code("GET", "/users/me", 401) == "session_revoked"

    by_line = by_sdk(server.url, providers, "line", "U-page")
    providers["line"].user = {"sub": "U-page"}
    with window(chromium, server, DESKTOP, locale="en-US") as page:
        page.goto("/account/delete")
        page.get_by_role("link", name="Sign in with LINE").click()
        expect(page.get_by_role("heading")).to_have_text("Delete your account?")
        page.get_by_role("button", name="Delete my account").click()
        expect(page.get_by_role("heading")).to_have_text("Your account was deleted")
    assert by_line.code("GET", "/users/me", 401) == "session_revoked"


@pytest.mark.parametrize(("language", "size"), [("ja-JP", PHONE), ("en-US", DESKTOP)])
def test_the_account_pages_are_accessible_in_light_and_dark(
    chromium: Browser, server: Server, language: str, size: Any
) -> None:
    person, problems = Person(server.url, "見る人").register(), []
    with window(chromium, server, size, script=True, locale=language) as page:
        page.goto("/account/delete")
        page.locator("#email").fill(person.email)
        page.locator("button").click()
        links = wait_until("mailed", lambda: links_to(server, person.email))
        for path in ("/account/delete", "/account/delete/confirm?error=x", *links):
            page.goto(path)
            fits(page)
            problems += [f"{path}, {problem}" for problem in serious_in_light_and_dark(page)]
        assert page.locator("button.dangerous").count() == 1
    assert problems == []
