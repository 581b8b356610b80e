"""Covers that are set in the console: the operator's check, and a store that is slow."""

import re
from typing import Any

import pytest

from app.core.admission import UPLOADS
from app.image.exceptions import PictureRefused
from app.web.uploads import LONGEST_SECONDS
from tests.support.api import expect
from tests.support.concurrent import REFUSALS_OF_ADMINS, happen_meanwhile
from tests.support.console import leads_to, shown, signed_in
from tests.support.hooks import running_hook, use_hooks
from tests.support.sql import sql
from tests.support.storage import stored
from tests.support.stub_server import Response
from tests.support.world import World, picture


async def test_a_cover_that_the_operator_refuses_is_said_on_the_page_and_not_stored(
    world: World,
) -> None:
    admin, lounge = await world.admin(), await world.lounge()
    browser, path = await signed_in(world, admin), f"/lounges/{lounge['id']}"
    seen = await browser.seen("/lounges", f"{path}/cover")
    with running_hook(Response(200, b'{"decision": "refuse"}')) as hook:
        use_hooks(world, picture_check_url=hook.url)
        page = shown(await browser.send_cover(path, picture(), seen), 422)
        assert PictureRefused.detail.in_("ja") in page
        assert [received.headers["linky-picture"] for received in hook.received] == ["cover"]
        assert stored(world) == []
        assert expect(await admin.get(path), 200)["cover_url"] is None
        assert await admin.items("/admin/audit-log") == []
        hook.says = Response(200, b'{"decision": "pass"}')
        done = await browser.send_cover(path, picture(), seen)
    leads_to(done, "/admin/lounges?done=cover")
    assert len(stored(world)) == 1


async def test_a_store_that_is_slow_keeps_no_one_from_writing_in_the_lounge(
    committed_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = committed_world
    admin, writer, lounge = await world.admin(), await world.member(), await world.lounge()
    post = await world.post(writer, lounge)
    browser, path = await signed_in(world, admin), f"/lounges/{lounge['id']}"
    seen = await browser.seen("/lounges", f"{path}/cover")
    put, written = world.runtime.storage.put, []

    async def put_slowly(*args: Any) -> None:
        """It takes until others have written."""
        written.append(await world.comment(writer, post))
        written.append(await world.post(writer, lounge))
        await put(*args)

    monkeypatch.setattr(world.runtime.storage, "put", put_slowly)
    leads_to(await browser.send_cover(path, picture(), seen), "/admin/lounges?done=cover")
    assert len(written) == 2
    # What is refused under the lock leaves nothing in the store.
    shown(await browser.send_cover(path, picture(80, 60), seen), 409)
    assert len(written) == 4
    assert len(stored(world)) == 1


@pytest.mark.parametrize(
    ("statement", "status", "code"), REFUSALS_OF_ADMINS.values(), ids=[*REFUSALS_OF_ADMINS]
)
async def test_an_admin_who_may_not_act_any_more_sets_no_cover(
    committed_world: World, monkeypatch: pytest.MonkeyPatch, statement: str, status: int, code: str
) -> None:
    world = committed_world
    admin, other, lounge = await world.admin(), await world.admin(), await world.lounge()
    browser, path = await signed_in(world, admin), f"/lounges/{lounge['id']}"
    seen = await browser.seen("/lounges", f"{path}/cover")

    async def refuse() -> None:
        await sql(world, statement, id=admin.id)

    happen_meanwhile(monkeypatch, refuse)
    # Without the second step the page is one of the sign-in.
    expected = 401 if code == "mfa_required" else status
    page = shown(await browser.send_cover(path, picture(), seen), expected)
    assert 'class="menu"' not in page
    assert stored(world) == []
    assert expect(await other.get(path), 200)["cover_url"] is None
    assert await other.items("/admin/audit-log") == []


async def test_another_cover_under_the_same_key_is_refused_and_not_called_done(
    world: World,
) -> None:
    admin, lounge = await world.admin(), await world.lounge()
    browser, path = await signed_in(world, admin), f"/lounges/{lounge['id']}"
    seen, key, cover = await browser.seen("/lounges", f"{path}/cover"), "k" * 16, picture()
    for _ in range(2):
        done = await browser.send_cover(path, cover, seen, key=key)
        leads_to(done, "/admin/lounges?done=cover")
    assert len(stored(world)) == 1
    page = shown(await browser.send_cover(path, picture(80, 60), seen, key=key), 422)
    assert "前に一度届き" in page
    assert len(stored(world)) == 1


async def test_a_browser_waits_for_a_cover_for_as_long_as_a_slow_phone_may_send_it(
    world: World,
) -> None:
    await world.lounge()
    page = shown(await (await signed_in(world, await world.admin())).get("/lounges"))
    (form,) = re.findall(r'<form [^>]*enctype="multipart/form-data"[^>]*>', page)
    found = re.search(r' hx-config="timeout:(\d+)s"', form)
    assert found
    assert int(found[1]) > UPLOADS.patience + LONGEST_SECONDS
    assert page.count("hx-config") == 1
