"""The first page of the console: a tile tells at a glance whether something waits."""

import re

from tests.support.console import shown, signed_in
from tests.support.moderating import report
from tests.support.world import World


def look(page: str) -> dict[str, str]:
    return dict(re.findall(r'href="/admin/(\w+)" class="(\w+)"', page))


async def test_tiles_differ_and_the_next_deadline_is_said(world: World) -> None:
    member, reported = await world.member(), await world.member()
    admin = await world.admin()
    browser = await signed_in(world, admin)
    page = shown(await browser.get(""))
    assert set(look(page).values()) == {"nothing"}
    assert "次の期限" not in page
    await report(member, "user", reported.id)
    page = shown(await browser.get(""))
    assert look(page)["reports"] == "some"
    assert "次の期限：残り 2" in page
    world.clock.advance(hours=25)
    browser = await signed_in(world, admin)
    page = shown(await browser.get(""))
    assert look(page)["reports"] == "late"
    assert "次の期限" not in page
