"""Several things hidden or shown by one form of the console: counts, and others who write then."""

from typing import Any

import httpx
import pytest

from app.admin.service.audit import AuditLog
from tests.support.api import expect
from tests.support.console import Browser, leads_to, signed_in, undo, undo_on
from tests.support.counts import wrong_counts
from tests.support.lists import comment_count
from tests.support.moderating import ban
from tests.support.notifications import notification_kinds
from tests.support.races import holding, start, until_waiting
from tests.support.world import World, token

ROW = "SELECT id FROM {} WHERE id = CAST(:id AS uuid) FOR NO KEY UPDATE"


async def send(browser: Browser, author_id: str, verb: str, *items: str) -> httpx.Response:
    form = {"token": await browser.token(), "verb": verb, "item": items, "reason": "規約違反"}
    return await browser.http.post(f"/admin/users/{author_id}/content", data=form)


def content(kind: str, *things: dict[str, Any]) -> list[str]:
    return [f"{kind}:{thing['id']}" for thing in things]


async def test_a_thread_with_its_replies_is_counted_each_way(world: World) -> None:
    host, writer, admin = await world.member(), await world.member(), await world.admin()
    post = await world.post(host)
    thread = await world.comment(writer, post)
    reply = await world.comment(writer, post, "返信", thread)
    await world.comment(host, post, "ほかの返信", thread)
    browser, page = await signed_in(world, admin), f"/users/{writer.id}/content"
    chosen = content("comment", thread, reply)
    for verb, done, expected in (
        ("hide", "bulk-hidden", 0),
        ("undo", "bulk-hidden", 3),
        ("hide", "bulk-hidden", 0),
        ("restore", "bulk-restored", 3),
        ("undo", "bulk-restored", 0),
    ):
        if verb == "undo":
            await undo(browser, f"{page}?done={done}")
        else:
            sent = await send(browser, writer.id, verb, *chosen)
            leads_to(sent, f"/admin{page}?done={done}")
        assert await comment_count(host, post) == expected, verb
        assert await wrong_counts(world) == [], verb


async def test_what_an_older_release_kept_for_an_undo_does_not_stop_it(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    author, browser = await world.member(), await signed_in(world, await world.admin())
    post = await world.post(author)
    await world.hide_post(post)
    keep = AuditLog.keep_for_undo
    monkeypatch.setattr(AuditLog, "keep_for_undo", lambda own, of, _: keep(own, of, "no time"))
    page = f"/users/{author.id}/content"
    leads_to(
        await send(browser, author.id, "restore", *content("post", post)),
        f"/admin{page}?done=bulk-restored",
    )
    await undo(browser, f"{page}?done=bulk-restored")
    expect(await author.get(f"/posts/{post['id']}"), 404, "post_not_found")


async def test_a_held_thread_and_its_held_reply_are_released_together(world: World) -> None:
    host, writer, admin = await world.member(), await world.member(), await world.admin()
    word = f"禁{token()}"
    await ban(admin, word)
    post = await world.post(host)
    thread = await world.comment(writer, post)
    reply = await world.comment(writer, post, word, thread)
    expect(await writer.patch(f"/comments/{thread['id']}", json={"body": word}), 200)
    browser = await signed_in(world, admin)
    await send(browser, writer.id, "restore", *content("comment", thread, reply))
    assert await comment_count(host, post) == 2
    assert await wrong_counts(world) == []
    assert await notification_kinds(host) == [("comment", reply["id"]), ("comment", thread["id"])]


async def test_a_reply_meanwhile_is_in_no_deadlock(committed_world: World) -> None:
    """Hiding counts in the post, which a reply locks behind the comment above it."""
    world = committed_world
    host, writer, admin = await world.member(), await world.member(), await world.admin()
    post = await world.post(host)
    threads = [await world.comment(writer, post) for _ in range(2)]
    browser, items = await signed_in(world, admin), content("comment", *threads)
    form = {"body": "返信", "parent_id": threads[1]["id"]}
    async with holding(world, ROW.format("posts"), id=post["id"]):
        hiding = start(send(browser, writer.id, "hide", *items))
        await until_waiting(world)
        reply = start(host.post(f"/posts/{post['id']}/comments", json=form))
        await until_waiting(world, 2)
    leads_to(await hiding, f"/admin/users/{writer.id}/content?done=bulk-hidden")
    expect(await reply, 422, "invalid_parent")
    assert await wrong_counts(world) == []


@pytest.mark.parametrize("act", ["hide", "undo"])
async def test_a_deletion_meanwhile_is_in_no_deadlock(committed_world: World, act: str) -> None:
    """A post counts for its author, whose row its deletion locks behind the post."""
    world = committed_world
    author, admin, lounge = await world.member(), await world.admin(), await world.lounge()
    posts = [await world.post(author, lounge) for _ in range(2)]
    browser, items = await signed_in(world, admin), content("post", *posts)
    page, path = f"/users/{author.id}/content", None
    if act == "undo":
        for verb in ("hide", "restore"):
            await send(browser, author.id, verb, *items)
        path = await undo_on(browser, f"{page}?done=bulk-restored")
    async with holding(world, ROW.format("users"), id=author.id):
        if path is None:
            hiding = start(send(browser, author.id, "hide", *items))
        else:
            hiding = start(browser.post(path, page=f"/admin{page}"))
        await until_waiting(world)
        # Taking back begins with what was done last.
        deletion = start(author.delete(f"/posts/{posts[act == 'hide']['id']}"))
        await until_waiting(world, 2)
    done = "bulk-hidden" if act == "hide" else "undone"
    leads_to(await hiding, f"/admin{page}?done={done}")
    expect(await deletion, 404, "post_not_found")
    assert await author.ids(f"/users/{author.id}/posts") == []
    assert await wrong_counts(world) == []
