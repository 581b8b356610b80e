"""A release that is taken back: its pictures need a review again, in any post."""

from typing import Any

import pytest

from tests.support.api import Api, expect
from tests.support.console import Browser, leads_to, signed_in, undo
from tests.support.hooks import running_hook, use_hooks
from tests.support.moderating import ban
from tests.support.sql import count
from tests.support.stub_server import Response
from tests.support.world import World

HOLD = Response(200, b'{"decision": "hold"}')


async def unreviewed(world: World, author: Api) -> dict[str, Any]:
    """A picture that the operator's check has put on hold."""
    with running_hook(HOLD) as hook:
        use_hooks(world, picture_check_url=hook.url)
        return await world.image(author)


async def release(browser: Browser, author: Api, post: dict[str, Any], how: str) -> str:
    """Show a held post; returns the page that offers to take it back."""
    if how == "alone":
        leads_to(
            await browser.post(f"/held/post/{post['id']}/release"), "/admin/held?done=released"
        )
        return "/held?done=released"
    page = f"/users/{author.id}/content"
    form = {"verb": "restore", "item": f"post:{post['id']}", "reason": "確認済み"}
    leads_to(await browser.post(page, **form), f"/admin{page}?done=bulk-restored")
    return f"{page}?done=bulk-restored"


@pytest.mark.parametrize("how", ["alone", "with others"])
async def test_the_picture_of_a_post_that_is_held_again_holds_the_next_post_too(
    world: World, how: str
) -> None:
    author, admin = await world.member(), await world.admin()
    image = await unreviewed(world, author)
    post = await world.post(author, image_ids=[image["id"]])
    browser = await signed_in(world, admin)
    page = await release(browser, author, post, how)
    assert await count(world, "images", "needs_review") == 0
    await undo(browser, page)
    detached = await author.put(f"/posts/{post['id']}/images", json={"image_ids": []})
    assert expect(detached, 200)["moderation"] == "held"
    again = await world.post(author, image_ids=[image["id"]])
    assert again["moderation"] == "held"
    # A release that stays is a review.
    await release(browser, author, again, how)
    expect(await author.put(f"/posts/{again['id']}/images", json={"image_ids": []}), 200)
    assert (await world.post(author, image_ids=[image["id"]]))["moderation"] == "visible"


async def test_a_picture_that_was_reviewed_before_stays_reviewed(world: World) -> None:
    author, admin = await world.member(), await world.admin()
    await ban(admin, "ばくだん")
    image = await world.image(author)
    post = await world.post(author, body="ばくだん", image_ids=[image["id"]])
    browser = await signed_in(world, admin)
    await undo(browser, await release(browser, author, post, "alone"))
    assert await count(world, "images", "needs_review") == 0


async def test_a_picture_that_its_author_has_detached_meanwhile_needs_a_review_too(
    world: World,
) -> None:
    author, admin = await world.member(), await world.admin()
    images = [await unreviewed(world, author) for _ in range(2)]
    post = await world.post(author, image_ids=[image["id"] for image in images])
    browser = await signed_in(world, admin)
    page = await release(browser, author, post, "alone")
    # One is free now: the author may take it up anywhere.
    kept = {"image_ids": [images[0]["id"]]}
    expect(await author.put(f"/posts/{post['id']}/images", json=kept), 200)
    await undo(browser, page)
    assert await count(world, "images", "needs_review") == 2
