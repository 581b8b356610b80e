"""What an admin typed is on the page of a refusal that comes before the form's own page."""

import pytest

from app.core import rate_limit
from app.core.rate_limit import RateLimiter
from app.core.rate_store import Quota
from tests.support.console import Browser, shown, signed_in
from tests.support.outage import without_database
from tests.support.world import World

WRITTEN = "長く考えた\n理由です"


async def send(browser: Browser, user_id: str, **more: str) -> str:
    """Send a form whose token is wrong; returns the page."""
    form = {"token": "0" * 64, "reason": WRITTEN, "days": "3", "seen": "5ee5"} | more
    response = await browser.http.post(f"/admin/users/{user_id}/suspend", data=form)
    assert response.status_code in (403, 429, 503)
    return shown(response, response.status_code)


def keeps(page: str) -> bool:
    main = page[page.index("<main") : page.index("</main>")]
    assert "5ee5" not in main
    return f"入力した内容</span> {WRITTEN}" in main


async def test_a_form_with_an_old_token_keeps_what_was_typed(world: World) -> None:
    user, browser = await world.member(), await signed_in(world, await world.admin())
    assert keeps(await send(browser, user.id))
    # A script has the form still, and shows the words beside it.
    browser.http.headers["HX-Request"] = "true"
    assert not keeps(await send(browser, user.id))


async def test_a_form_too_many_keeps_what_was_typed(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    user, browser = await world.member(), await signed_in(world, await world.admin())
    monkeypatch.setitem(rate_limit.PER_ADDRESS, "write", (Quota(1, 60),))
    world.runtime.limiter = RateLimiter(enabled=True)
    pages = [await send(browser, user.id) for _ in range(2)]
    assert "しばらく" in pages[1]
    assert [keeps(page) for page in pages] == [True, True]


async def test_a_form_that_meets_no_database_keeps_what_was_typed(world: World) -> None:
    user, browser = await world.member(), await signed_in(world, await world.admin())
    async with without_database(world):
        page = await send(browser, user.id)
    assert keeps(page)


async def test_no_secret_and_no_button_is_shown(world: World) -> None:
    browser = await signed_in(world, await world.admin())
    secrets = {"password": "himitsu-1", "code": "123456"}
    chosen = {"verb": "verb-1", "item": "post:1", "days": "days-1", "hide_content": "hide-1"}
    page = await send(browser, "x" * 36, **secrets, **chosen)
    for words in (*secrets.values(), *chosen.values()):
        assert words not in page[page.index("<main") :]


async def test_a_file_is_not_read_for_its_page(world: World) -> None:
    browser = await signed_in(world, await world.admin())
    lounge = await world.lounge()
    form, files = {"token": "0" * 64, "reason": WRITTEN}, {"file": ("a", b"x" * 1000)}
    path = f"/admin/lounges/{lounge['id']}/cover"
    assert WRITTEN not in shown(await browser.http.post(path, data=form, files=files), 403)
