"""The search on every page of the console, and the page of a post with its comments."""

import pytest

from tests.support.api import UNKNOWN_ID, Api, expect
from tests.support.console import PAGES, Browser, leads_to, shown, signed_in, undo
from tests.support.moderating import report
from tests.support.world import World


async def test_every_page_has_the_search(world: World) -> None:
    browser = await signed_in(world, await world.admin())
    for path in (*PAGES, "/find"):
        assert 'action="/admin/find"' in shown(await browser.get(path)), path
    assert 'action="/admin/find"' not in shown(await Browser(world).get("/sign-in"))


async def test_one_field_finds_people_posts_comments_and_lounges(world: World) -> None:
    admin, author = await world.admin(), await world.member("紅茶好き")
    lounge = await world.lounge("紅茶の部屋")
    post = await world.post(author, lounge, title="紅茶<b>の時間")
    comment = await world.comment(author, post, "紅茶がいい")
    browser = await signed_in(world, admin)
    page = shown(await browser.get("/find?q=紅茶"))
    for words in ("紅茶好き", "紅茶<b>の時間", "紅茶がいい", "紅茶の部屋"):
        assert words in page, words
    link = f'href="/admin/posts/{post["id"]}?comment={comment["id"]}"'
    for query in ("紅茶がいい", comment["url"], comment["id"]):
        page = (await browser.get("/find", params={"q": query})).text
        assert link in page, query
    assert f"/admin/users/{author.id}" in shown(await browser.get(f"/find?q={author.id}"))
    page = shown(await browser.get("/find", params={"q": "<script>ありません"}))
    assert "見つかりませんでした" in page
    assert "<script>ありません" not in (await browser.get("/find?q=<script>ありません")).text


async def test_the_page_of_a_post_shows_the_thread_and_what_is_known_of_the_author(
    world: World,
) -> None:
    admin, author, other = await world.admin(), await world.member(), await world.member()
    post = await world.post(author)
    before = [await world.comment(other, post, f"前{number}") for number in range(8)]
    comment = await world.comment(author, post, "これです")
    replies = [await world.comment(other, post, f"返{n}", parent=comment) for n in range(2)]
    await world.comment(other, post, "後")
    warning = {"reason": "前にも注意しました"}
    expect(await admin.post(f"/admin/users/{author.id}/warn", json=warning), 201)
    await report(other, "comment", comment["id"], "abuse")
    browser = await signed_in(world, admin)
    await world.hide_comment(comment)
    page = shown(await browser.get(f"/posts/{post['id']}?comment={comment['id']}"))
    for words in (
        "これです",
        "前7",
        "後",
        "前にも注意しました",
        "嫌がらせ",
        author.user["nickname"],
    ):
        assert words in page, words
    assert "前0" not in page
    assert before[0]["id"] not in page
    # A reply is shown below what it answers, beside the other replies.
    page = shown(await browser.get(f"/posts/{post['id']}?comment={replies[0]['id']}"))
    for words in ("これです", "返0", "返1"):
        assert words in page, words
    # Without a comment, or with another post's, the first ones.
    for query in ("", f"?comment={UNKNOWN_ID}"):
        assert "前0" in shown(await browser.get(f"/posts/{post['id']}{query}"))
    shown(await browser.get(f"/posts/{UNKNOWN_ID}"), 404)


@pytest.mark.parametrize("kind", ["post", "comment"])
async def test_what_was_found_is_hidden_there_and_shown_again(world: World, kind: str) -> None:
    admin, author = await world.admin(), await world.member()
    post = await world.post(author)
    comment = await world.comment(author, post)
    thing = {"post": post, "comment": comment}[kind]
    browser = await signed_in(world, admin)
    path = f"/posts/{post['id']}/{kind}/{thing['id']}"
    shown(await browser.post(f"{path}/hide", reason=""), 422)
    hidden = await browser.post(f"{path}/hide", reason="規約違反")
    leads_to(hidden, f"/admin/posts/{post['id']}?done=hidden")
    assert await states(admin, kind) == ["hidden"]
    await undo(browser, f"/posts/{post['id']}?done=hidden")
    assert await states(admin, kind) == ["visible"]
    await browser.post(f"{path}/hide", reason="規約違反")
    back = await browser.post(f"{path}/restore", reason="見直しました")
    leads_to(back, f"/admin/posts/{post['id']}?done=shown")
    assert await states(admin, kind) == ["visible"]


async def states(admin: Api, kind: str) -> list[str]:
    return [item["moderation"] for item in await admin.items(f"/admin/{kind}s")]
