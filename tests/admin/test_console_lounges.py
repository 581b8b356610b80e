"""Lounges in the console: rows with a way to their posts, and the posts of one in any state."""

import re

from tests.support.api import expect
from tests.support.console import shown, signed_in
from tests.support.statements import statements
from tests.support.world import World


async def test_a_row_of_a_lounge_leads_to_its_posts_hidden_ones_too(world: World) -> None:
    author, admin = await world.member(), await world.admin()
    lounge, other = await world.lounge(), await world.lounge()
    post = await world.post(author, lounge, title="朝の川")
    hidden = await world.post(author, lounge, title="隠れた川")
    await world.post(author, other, title="よその川")
    reason = {"reason": "規約違反"}
    expect(await admin.post(f"/admin/posts/{hidden['id']}/hide", json=reason), 204)
    browser = await signed_in(world, admin)
    path = f"/lounges/{lounge['id']}/posts"
    assert f'href="/admin{path}"' in shown(await browser.get("/lounges"))
    with statements(world.runtime) as sent:
        page = shown(await browser.get(path))
    assert len(sent) <= 8
    assert re.findall(r'href="/admin/posts/([^"]+)"', page) == [hidden["id"], post["id"]]
    assert "よその川" not in page
    searched = shown(await browser.get(f"{path}?q=朝&state=visible"))
    assert re.findall(r'href="/admin/posts/([^"]+)"', searched) == [post["id"]]
    shown(await browser.get("/lounges/01890000-0000-7000-8000-000000000000/posts"), 404)
