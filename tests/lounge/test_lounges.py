"""Lounges: fields, lists, search and closing."""

from typing import Any

from app.lounge.rows import Lounge
from tests.support.api import Api, expect
from tests.support.lists import check, lounges, posts, walk
from tests.support.sql import count, sql
from tests.support.world import World


async def close_lounge(world: World, lounge: dict[str, Any]) -> None:
    await sql(world, "UPDATE lounges SET closed_at = now() WHERE id = :id", id=lounge["id"])


async def search(api: Api, q: str) -> list[str]:
    return await lounges(api, q=q, sort="new")


async def test_a_lounge_has_every_field_of_the_contract(world: World) -> None:
    lounge, api = await world.lounge("猫の部屋"), await world.member()
    body = expect(await api.get(f"/lounges/{lounge['id']}"), 200)
    check(Lounge, body)
    assert body | {"created_at": None} == {
        "id": lounge["id"],
        "name": "猫の部屋",
        "description": "試験用のラウンジ",
        "cover_url": None,
        "post_count": 0,
        "favorite_count": 0,
        "is_favorite": False,
        "last_posted_at": None,
        "created_at": None,
        "closed": False,
        "url": f"{world.runtime.settings.base_url}/l/{lounge['id']}",
        "has_new": True,
        "notification_level": "none",
    }


# Orders and pages


async def test_each_order_is_kept_over_pages_even_with_equal_sort_values(world: World) -> None:
    api, fans = await world.member(), [await world.guest() for _ in range(2)]
    made = [
        await world.lounge(name) for name in ["ｂ 部屋", "A 部屋", "c 部屋", "d 部屋", "e 部屋"]
    ]
    for lounge, likers in [(made[1], 2), (made[0], 1), (made[3], 1)]:
        for fan in fans[:likers]:
            expect(await fan.put(f"/lounges/{lounge['id']}/favorite"), 204)
    by_popularity = ["A 部屋", "d 部屋", "ｂ 部屋", "e 部屋", "c 部屋"]
    by_name = ["A 部屋", "ｂ 部屋", "c 部屋", "d 部屋", "e 部屋"]
    by_age = [lounge["name"] for lounge in reversed(made)]
    for sort, wanted in [("popular", by_popularity), ("name", by_name), ("new", by_age)]:
        assert await lounges(api, sort=sort) == wanted
        assert [item["name"] for item in await walk(api, "/lounges", sort=sort)] == wanted
        paged = await walk(api, "/lounges", sort=sort, q="部屋")
        assert [item["name"] for item in paged] == wanted
    assert await lounges(api) == by_popularity


async def test_an_unknown_order_is_refused(world: World) -> None:
    api = await world.member()
    expect(await api.get("/lounges", params={"sort": "new"}), 200)
    for sort in ["", "newest", "POPULAR", "name desc", "id"]:
        body = expect(await api.get("/lounges", params={"sort": sort}), 422, "validation_failed")
        assert [error["field"] for error in body["errors"]] == ["query.sort"]


# Search


FOUND = [
    ("ゲーム部屋", "ｹﾞｰﾑ"),
    ("ｹﾞｰﾑ部屋", "ゲーム"),
    ("ABC会", "ａｂｃ"),
    ("ＡＢＣ会", "abc"),
    ("Straße", "STRASSE"),
    ("猫と暮らす", "猫"),
    ("猫と暮らす", "す"),
    ("猫と暮らす", "暮らす"),
    ("東京 ラーメン 巡り", "巡り 東京"),
    ("東京 ラーメン 巡り", "京\u3000ラー"),
    ("😀の部屋", "😀"),
    ("か\u3099くせい", "がく"),
    ("100%の力", "0%"),
    ("snake_case", "e_c"),
    ("C:\\temp", ":\\t"),
    ("It's me", "t's"),
    ("It's me", "'"),
    ('"引用"', '"引'),
    ("A & B", "&"),
    ("a|b", "|b"),
    ("急げ!", "!"),
    ("a:*", ":*"),
    ("(仮)", "(仮)"),
    ("a <-> b", "<->"),
    ("\\", "\\"),
    ("a\\'b", "\\'"),
]
NOT_FOUND = [
    ("100点の力", "0%"),
    ("snakeXcase", "e_c"),
    ("anything", "%"),
    ("anything", "_"),
    ("anything", "\\"),
    ("anything", "' OR 1=1 --"),
    ("anything", "any | x"),
    ("anything", "!x"),
    ("anything", "any:*"),
    ("anything", "a <-> n"),
    ("anything", "'a':*"),
    ("東京 ラーメン", "東京 うどん"),
    ("あい いう", "あいう"),
    ("京東", "東京"),
    ("ハム", "ム ハ ス"),
    ("a%x%b", "a%b"),
    ("a_x_b axb", "a_b"),
]


async def test_the_search_matches_parts_of_a_name_in_any_spelling(world: World) -> None:
    api = await world.member()
    for name, q in FOUND:
        await sql(world, "DELETE FROM lounges")
        await world.lounge("zzz")
        await world.lounge(name)
        assert await search(api, q) == [name], (name, q)
        assert await lounges(api, q=q, sort="name") == [name]
        assert await lounges(api, q=q, sort="popular") == [name]


async def test_special_characters_in_a_search_match_only_themselves(world: World) -> None:
    api = await world.member()
    for name, q in NOT_FOUND:
        await sql(world, "DELETE FROM lounges")
        await world.lounge(name)
        assert await search(api, name) == [name]
        assert await search(api, q) == [], (name, q)


# Closed lounges


async def test_a_closed_lounge_stays_readable_but_is_unlisted_and_takes_no_new_posts(
    world: World,
) -> None:
    author, lounge = await world.member(), await world.lounge("閉じる部屋")
    post = await world.post(author, lounge)
    comment = await world.comment(author, post)
    seen = expect(await author.get(f"/lounges/{lounge['id']}"), 200)
    assert seen["closed"] is False
    expect(await author.put(f"/lounges/{lounge['id']}/favorite"), 204)
    assert await lounges(author, "/lounges/recent") == ["閉じる部屋"]
    form = {"lounge_id": lounge["id"], "title": "題", "body": "文"}
    assert await search(author, "閉じる") == ["閉じる部屋"]
    await close_lounge(world, lounge)
    expect(await author.post("/posts", json=form, key="closed"), 409, "lounge_closed")
    for words in ({"body": "文"}, {"body": "文", "parent_id": comment["id"]}):
        refused = await author.post(f"/posts/{post['id']}/comments", json=words)
        expect(refused, 409, "lounge_closed")
    assert await count(world, "posts") == 1
    assert await count(world, "comments") == 1
    for sort in ["popular", "new", "name"]:
        assert await lounges(author, sort=sort) == []
        assert await lounges(author, sort=sort, q="閉じる") == []
    assert await lounges(author, "/lounges/recent") == []
    (favorite,) = await author.items("/lounges/favorites")
    assert (favorite["id"], favorite["closed"]) == (lounge["id"], True)
    seen = expect(await author.get(f"/lounges/{lounge['id']}"), 200)
    assert (seen["post_count"], seen["closed"]) == (1, True)
    assert await posts(author, f"/lounges/{lounge['id']}/posts") == [post["id"]]
    expect(await author.get(f"/posts/{post['id']}"), 200)
    expect(await author.patch(f"/posts/{post['id']}", json={"title": "新しい題"}), 200)


# Names
