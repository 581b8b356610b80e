"""`/l/{id}`, `/p/{id}`, `/p/{id}/c/{id}`: what a link shows in a browser."""

import html
import re
from typing import Any

import httpx
import pytest

from app.account.jobs import JOBS
from tests.support.api import UNKNOWN_ID, Api, expect
from tests.support.jobs import run_jobs
from tests.support.leaving import leave
from tests.support.sql import sql
from tests.support.world import World, picture, token

ENGLISH = {"Accept-Language": "en"}


async def visit(world: World, url: str, **headers: str) -> httpx.Response:
    return await world.http.get(url, headers=headers)


def tags(page: httpx.Response) -> dict[str, str]:
    """The page's meta elements."""
    found = re.findall(r'<meta (?:property|name)="([^"]+)" content="([^"]*)"', page.text)
    return {name: html.unescape(content) for name, content in found}


class Scene:
    """A post with a picture, a comment on it, and their lounge."""

    def __init__(self, world: World) -> None:
        self.world, self.word = world, f"n{token()}"

    async def start(self) -> "Scene":
        self.author, self.commenter = await self.world.member(), await self.world.member()
        self.image = await self.world.image(self.author)
        words: dict[str, Any] = {"title": f"題{self.word}", "body": f"本文{self.word}\n二行目"}
        self.post = await self.world.post(self.author, image_ids=[self.image["id"]], **words)
        self.comment = await self.world.comment(self.commenter, self.post, f"感想{self.word}")
        return self

    async def pages(self) -> list[httpx.Response]:
        return [await visit(self.world, thing["url"]) for thing in (self.post, self.comment)]


async def test_a_post_is_shown_with_what_previews_need(world: World) -> None:
    scene = await Scene(world).start()
    page = await visit(world, scene.post["url"])
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    for word in (scene.post["title"], "二行目", scene.author.user["nickname"], "コメント 1"):
        assert word in page.text
    assert page.text.count(scene.image["url"]) >= 2
    found = tags(page)
    assert found["og:title"] == found["twitter:title"] == scene.post["title"]
    assert found["og:description"] == f"本文{scene.word} 二行目"
    assert found["og:url"] == scene.post["url"]
    assert found["og:image"] == found["twitter:image"] == scene.image["url"]
    assert found["twitter:card"] == "summary_large_image"
    assert f'href="linky://p/{scene.post["id"]}"' in page.text
    assert "<script" not in page.text
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert page.headers["cache-control"] == "no-cache"
    head = await world.http.head(scene.post["url"])
    assert (head.status_code, head.content) == (200, b"")


async def test_a_post_shows_four_of_its_pictures_and_says_how_many_more_there_are(
    world: World,
) -> None:
    author = await world.member()
    for number, shown, more in ((2, 2, ""), (4, 4, ""), (7, 4, "+3")):
        images = [await world.image(author) for _ in range(number)]
        ids = [each["id"] for each in images]
        page = await visit(world, (await world.post(author, image_ids=ids))["url"])
        pictures = page.text.partition('<div class="pictures')[2].partition("</div>")[0]
        found = re.findall(r'<img src="([^"]+)"', pictures)
        assert found == [each["thumbnail_url"] for each in images[:shown]]
        assert re.findall(r"<b>(.*?)</b>", pictures) == ([more] if more else [])
        assert tags(page)["og:image"] == images[0]["url"]


async def test_a_comment_and_a_lounge_have_pages(world: World) -> None:
    scene, admin = await Scene(world).start(), await world.admin()
    page = await visit(world, scene.comment["url"])
    assert tags(page)["og:description"] == f"感想{scene.word}"
    assert tags(page)["og:title"] == f"「題{scene.word}」へのコメント"
    assert scene.commenter.user["nickname"] in page.text
    assert f"本文{scene.word}" not in page.text
    reply = await world.comment(scene.author, scene.post, "返信です", scene.comment)
    assert "返信です" in (await visit(world, reply["url"])).text

    lounge = expect(await admin.get(f"/lounges/{scene.post['lounge']['id']}"), 200)
    plain = await visit(world, lounge["url"])
    assert (tags(plain)["og:title"], tags(plain)["twitter:card"]) == (lounge["name"], "summary")
    assert f'href="linky://l/{lounge["id"]}"' in plain.text
    path = f"/admin/lounges/{lounge['id']}/cover"
    cover = expect(await admin.put(path, files={"file": picture()}), 200)["cover_url"]
    assert tags(await visit(world, lounge["url"]))["og:image"] == cover
    expect(await admin.delete(f"/admin/lounges/{lounge['id']}"), 204)
    assert (await visit(world, lounge["url"])).status_code == 200  # Closed ones are readable.


async def test_pages_speak_the_readers_language(world: World) -> None:
    scene = await Scene(world).start()
    japanese, english = [await visit(world, scene.post["url"], **how) for how in ({}, ENGLISH)]
    assert ('<html lang="ja"' in japanese.text, "アプリで開く" in japanese.text) == (True, True)
    assert ('<html lang="en"' in english.text, "Open in the app" in english.text) == (True, True)
    assert "1 comment" in english.text
    for page, locale in ((japanese, "ja"), (english, "en")):
        assert page.headers["content-language"] == locale
        assert page.headers["vary"] == "Accept-Language"
    gone = await visit(world, f"http://test/p/{UNKNOWN_ID}", **ENGLISH)
    assert "This page isn't available" in html.unescape(gone.text)


async def test_what_a_user_wrote_is_never_markup(world: World) -> None:
    author = await world.member('"><b>名')
    attack = "</style></title><script>alert(1)</script>\"' onload=x {{ 7*7 }}"
    post = await world.post(author, title=attack, body=attack)
    comment = await world.comment(author, post, attack)
    for url in (post["url"], comment["url"]):
        page = await visit(world, url)
        assert page.status_code == 200
        assert "<script" not in page.text
        assert "<b>名" not in page.text
        assert "{{ 7*7 }}" in html.unescape(page.text)
        assert tags(page)["og:description"] == attack


async def test_a_long_text_is_cut_and_not_within_a_letter(world: World) -> None:
    author = await world.member()
    family = "👨‍👩‍👧‍👦"
    post = await world.post(author, body="あ" * 597 + family + "い" * 5000)
    page = await visit(world, post["url"])
    assert "続きはアプリで読めます" in page.text
    assert "い" * 100 not in page.text
    assert "あ…" in page.text
    assert len(tags(page)["og:description"]) <= 160


# What a guest could not see


async def hide_post(scene: Scene) -> None:
    await scene.world.hide_post(scene.post)


async def delete_post(scene: Scene) -> None:
    expect(await scene.author.delete(f"/posts/{scene.post['id']}"), 204)


async def hold_post(scene: Scene) -> None:
    await hold(scene.world, "posts", scene.post["id"])


async def hold(world: World, table: str, row_id: str) -> None:
    held = f"UPDATE {table} SET moderation = 'held' WHERE id = CAST(:id AS uuid)"
    await sql(world, held, id=row_id)


async def author_leaves(scene: Scene) -> None:
    await leave(scene.author)


async def author_is_erased(scene: Scene) -> None:
    await leave(scene.author)
    await run_jobs(scene.world, JOBS)


@pytest.mark.parametrize(
    "vanish", [hide_post, delete_post, hold_post, author_leaves, author_is_erased]
)
async def test_of_what_a_guest_could_not_see_no_word_and_no_picture_is_shown(
    world: World, vanish: Any
) -> None:
    scene = await Scene(world).start()
    assert [page.status_code for page in await scene.pages()] == [200, 200]
    await vanish(scene)
    unknown = await visit(world, f"http://test/p/{UNKNOWN_ID}")
    for page in await scene.pages():
        assert page.status_code == 404
        assert page.content == unknown.content
        assert page.headers["x-robots-tag"] == "noindex"
        assert scene.word not in page.text
        assert "og:" not in page.text


async def hide_comment(scene: Scene) -> None:
    await scene.world.hide_comment(scene.comment)


async def delete_comment(scene: Scene) -> None:
    expect(await scene.commenter.delete(f"/comments/{scene.comment['id']}"), 204)


async def hold_comment(scene: Scene) -> None:
    await hold(scene.world, "comments", scene.comment["id"])


@pytest.mark.parametrize("vanish", [hide_comment, delete_comment, hold_comment])
async def test_a_comment_that_is_gone_takes_its_replies_along(world: World, vanish: Any) -> None:
    scene = await Scene(world).start()
    reply = await world.comment(scene.author, scene.post, "返信です", scene.comment)
    assert (await visit(world, reply["url"])).status_code == 200
    await vanish(scene)
    post, comment = await scene.pages()
    assert (post.status_code, comment.status_code) == (200, 404)
    assert f"感想{scene.word}" not in post.text + comment.text
    # Below a placeholder replies stay.
    expected = 200 if vanish is delete_comment else 404
    assert (await visit(world, reply["url"])).status_code == expected


async def test_blocks_mutes_and_tokens_change_nothing_for_a_browser(world: World) -> None:
    scene, reader = await Scene(world).start(), await world.member()
    expect(await reader.put(f"/posts/{scene.post['id']}/mute"), 204)
    expect(await reader.put(f"/users/{scene.author.id}/block"), 204)
    page = await visit(world, scene.post["url"], Authorization=f"Bearer {reader.access}")
    assert page.status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        *(f"/p/{UNKNOWN_ID}", f"/l/{UNKNOWN_ID}", "/p/x", "/l/1", f"/p/{UNKNOWN_ID}/c/x"),
        *(f"/p/{UNKNOWN_ID.upper()}A", "/p/%00", "/p/" + "x" * 2000, "/l/%F0%9F%8D%B5"),
    ],
)
async def test_an_unknown_or_malformed_address_is_a_page_too(world: World, path: str) -> None:
    page = await visit(world, f"http://test{path}")
    assert (page.status_code, page.headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert "このページは表示できません" in page.text


async def test_a_comment_is_shown_below_its_own_post_alone(world: World) -> None:
    scene = await Scene(world).start()
    other = await world.post(scene.author)
    url = f"http://test/p/{other['id']}/c/{scene.comment['id']}"
    assert (await visit(world, url)).status_code == 404


async def test_pages_are_indexed_only_where_the_operator_wants_it(world: World) -> None:
    scene = await Scene(world).start()
    page = await visit(world, scene.post["url"])
    assert (tags(page)["robots"], page.headers["x-robots-tag"]) == ("noindex", "noindex")
    settings = world.runtime.settings
    world.runtime.settings = settings.model_copy(update={"links_indexed": "on"})
    page = await visit(world, scene.post["url"])
    assert "robots" not in tags(page)
    assert "x-robots-tag" not in page.headers
    gone = await visit(world, f"http://test/p/{UNKNOWN_ID}")
    assert (tags(gone)["robots"], gone.headers["x-robots-tag"]) == ("noindex", "noindex")


# Which apps open them

KEY = ":".join(["AB"] * 32)
APPS = {
    "apple_app_ids": ("ABCDE12345.jp.example.linky", "ABCDE12345.jp.example.linky.beta"),
    "android_apps": (f"jp.example.linky:{KEY}", f"jp.example.linky:{KEY.replace('A', 'c')}"),
    "app_store_url": "https://apps.apple.com/jp/app/linky/id1234567890",
}
APPLE, ANDROID = "/.well-known/apple-app-site-association", "/.well-known/assetlinks.json"


async def test_phones_learn_which_apps_open_the_links(world: World) -> None:
    scene: Api = world.anonymous()
    for path in (APPLE, ANDROID):
        assert (await scene.http.get(f"http://test{path}")).status_code == 404
    world.configure(**APPS)
    apple, android = [await world.http.get(f"http://test{path}") for path in (APPLE, ANDROID)]
    for answer in (apple, android):
        assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
    (details,) = apple.json()["applinks"]["details"]
    assert details["appIDs"] == list(APPS["apple_app_ids"])
    assert details["components"] == [{"/": "/l/*"}, {"/": "/p/*"}]
    (statement,) = android.json()
    assert statement["relation"] == ["delegate_permission/common.handle_all_urls"]
    assert statement["target"] == {
        "namespace": "android_app",
        "package_name": "jp.example.linky",
        "sha256_cert_fingerprints": [KEY, KEY.replace("A", "C")],
    }


async def test_the_stores_are_on_the_page_and_in_meta(world: World) -> None:
    scene = await Scene(world).start()
    links = expect(await world.anonymous().get("/meta"), 200)["links"]
    assert (links["app_store"], links["google_play"]) == (None, None)
    assert "Google Play" not in (await visit(world, scene.post["url"])).text
    world.configure(**APPS)
    page = await visit(world, scene.post["url"])
    links = expect(await world.anonymous().get("/meta"), 200)["links"]
    assert links["google_play"] == "https://play.google.com/store/apps/details?id=jp.example.linky"
    for store in ("app_store", "google_play"):
        assert f'href="{links[store]}"' in page.text
    expected = f"app-id=1234567890, app-argument={scene.post['url']}"
    assert tags(page)["apple-itunes-app"] == expected
    ids = {"post_id": scene.post["id"], "comment_id": scene.comment["id"]}
    assert links["post"].format(**ids) == scene.post["url"]
    assert links["comment"].format(**ids) == scene.comment["url"]


async def test_a_lounge_shows_its_newest_posts_and_what_a_guest_may_not_see_is_not_there(
    world: World,
) -> None:
    scene, admin = await Scene(world).start(), await world.admin()
    lounge = scene.post["lounge"]["id"]
    hidden = await world.post(scene.author, scene.post["lounge"], title="かくれた題")
    expect(await admin.post(f"/admin/posts/{hidden['id']}/hide", json={"reason": "試験"}), 204)
    page = await visit(world, f"http://test/l/{lounge}")
    assert f'<a href="{scene.post["url"]}"><b>{scene.post["title"]}</b>' in page.text
    assert scene.author.user["nickname"] in page.text
    assert "かくれた題" not in page.text
