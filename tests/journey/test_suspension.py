"""A suspension with a real worker and browser: all is hidden, an appeal without script, the end."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect

from tests.support.chromium import PHONE, SECONDS, fits, serious
from tests.support.installation import admin_of, copy_installation
from tests.support.person import Person
from tests.support.quick_linky import QUICK_LINKY
from tests.support.server import Server
from tests.support.waiting import wait_until


@pytest.fixture(scope="module")
def server(shared_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("suspension")
    copy_installation(shared_folder, folder / "data")
    server = Server(folder / "data", (*QUICK_LINKY, "serve"))
    try:
        yield server.start()
    finally:
        server.clean_up()


def test_a_suspended_user_appeals_and_comes_back(chromium: Browser, server: Server) -> None:
    admin, user = admin_of(server.url), Person(server.url, "停止される人").register()
    reader = Person(server.url, "読む人").register()
    lounge = {"name": "喫茶", "description": "話す場所"}
    lounge_id = admin.call("POST", "/admin/lounges", 201, json=lounge)["id"]
    form = {"lounge_id": lounge_id, "title": "題", "body": "本文"}
    post = user.call("POST", "/posts", 201, json=form)["id"]
    suspend: dict[str, Any] = {"status": "suspended", "reason": "違反", "hide_content": True}
    admin.call("PATCH", f"/admin/users/{user.id}", 200, json=suspend)

    def seen(status: int) -> bool:
        return reader.send("GET", f"/posts/{post}").status_code == status

    wait_until("hidden", lambda: seen(404))
    refused = user.call("POST", "/posts", 403, json=form)
    address = server.url + "/account/appeal?" + refused["appeal_url"].partition("?")[2]
    with page_of(chromium, script=True) as page:
        page.goto(address)
        assert serious(page) == []
    with page_of(chromium, script=False) as page:
        page.goto(address)
        appeal_on(page)
    (appeal,) = admin.items("/admin/appeals")
    assert appeal["text"] == "引用の範囲でした。"
    decision = {"decision": "overturn"}
    admin.call("POST", f"/admin/appeals/{appeal['id']}/decide", 200, json=decision)
    wait_until("shown again", lambda: seen(200))
    until = suspend_for_a_moment(admin, user, suspend)
    # Requests before that time would be refused, and each costs the server work.
    wait_until("the end", lambda: datetime.now(UTC) >= until)
    # By the worker's timer, without an act of an admin.
    wait_until("let in", lambda: user.send("POST", "/posts", json=form).status_code == 201)
    wait_until("shown at the end", lambda: seen(200))


def suspend_for_a_moment(admin: Person, user: Person, form: dict[str, Any]) -> datetime:
    """Suspend for three seconds; returns when they end.

    On a busy machine they may be over when the server reads the request, which it then refuses.
    """

    def suspended() -> datetime | None:
        until = datetime.now(UTC) + timedelta(seconds=3)
        form_with_end = {**form, "until": until.isoformat()}
        answer = admin.send("PATCH", f"/admin/users/{user.id}", json=form_with_end)
        assert answer.status_code == 200 or "not_in_future" in answer.text, answer.text
        return until if answer.status_code == 200 else None

    until = wait_until("suspended", suspended)
    assert until is not None
    return until


@contextmanager
def page_of(chromium: Browser, *, script: bool) -> Iterator[Page]:
    """A page on a phone. Without script axe can't run, and would never answer."""
    size = ViewportSize(width=PHONE["width"], height=PHONE["height"])
    context = chromium.new_context(viewport=size, java_script_enabled=script, locale="ja-JP")
    context.set_default_timeout(SECONDS)
    yield context.new_page()
    context.close()


def appeal_on(page: Page) -> None:
    expect(page.get_by_role("heading")).to_have_text("アカウントは利用停止中です")
    fits(page)
    page.get_by_label("異議の内容").fill("引用の範囲でした。")
    page.get_by_role("button", name="異議を申し立てる").click()
    expect(page.get_by_role("heading")).to_have_text("異議申し立てを受け付けました")
    fits(page)
