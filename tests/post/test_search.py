"""`GET /posts?q=`: Japanese words of one or more letters, in any width and case."""

import pytest

from app.post.repository import search
from app.post.service import searching
from tests.support.api import expect
from tests.support.lists import posts, walk
from tests.support.sql import sql
from tests.support.world import World

FOUND = [
    ("猫", "本文", "猫"),
    ("題", "犬と猫が走る", "猫"),
    ("題", "犬と猫が走る", "る"),
    ("題", "犬と猫が走る", "犬と"),
    ("東京", "本文", "東京"),
    ("ゲーム", "本文", "ｹﾞｰﾑ"),
    ("ｹﾞｰﾑ", "本文", "ゲーム"),
    ("Python", "本文", "ＰＹＴＨＯＮ"),
    ("ＰＹＴＨＯＮ", "本文", "python"),
    ("２０２６年", "本文", "2026"),
    ("㈱リンキー", "本文", "(株)"),
    ("㍿", "本文", "会社"),
    ("か\u3099くせい", "本文", "がく"),
    ("猫", "犬", "猫 犬"),
    ("猫", "犬", "犬\u3000猫"),
    ("猫 犬", "本文", "犬  猫  本文"),
    ("題", "一行目\n二行目", "二行 一行"),
    ("題", "a\tb", "b a"),
    ("100%", "本文", "0%"),
    ("a_b", "本文", "_b"),
    ("a\\b", "本文", "\\b"),
    ("\\", "本文", "\\"),
    ("It's", "本文", "'s"),
    ("''", "本文", "''"),
    ('"', "本文", '"'),
    ("&", "本文", "&"),
    ("a|b", "本文", "|"),
    ("急げ!", "本文", "げ!"),
    ("a:*b", "本文", ":*"),
    ("(仮)", "本文", "("),
    ("x <-> y", "本文", "<->"),
    ("😀👍", "本文", "😀👍"),
    ("Straße", "本文", "strasse"),
    ("ΣΑΣ", "本文", "σας"),
    ("あ" * 100, "本文", "あ" * 100),
]
NOT_FOUND = [
    ("猫", "犬", "猫犬"),
    ("京東", "本文", "東京"),
    ("東 京", "本文", "東京"),
    ("あい", "いう", "あいう"),
    ("あい いう", "本文", "あいう"),
    ("猫", "本文", "猫 鳥"),
    ("100点", "本文", "0%"),
    ("aXb", "本文", "a_b"),
    ("題", "本文", "%"),
    ("題", "本文", "_"),
    ("題", "本文", "\\"),
    ("題", "本文", "題 | 鳥"),
    ("題", "本文", "!鳥"),
    ("題", "本文", "題:*"),
    ("題", "本文", "' OR '1'='1"),
    ("題", "本文", "';--"),
    ("題", "本文", "*"),
    ("a%x%b", "本文", "a%b"),
    ("a_x_b axb", "本文", "a_b"),
]


async def test_a_post_is_found_by_parts_of_its_words_in_any_width_and_case(world: World) -> None:
    author, lounge = await world.member(), await world.lounge()
    other = await world.post(author, lounge, title="zz", body="zz")
    for title, body, q in FOUND:
        post = await world.post(author, lounge, title=title, body=body)
        assert await posts(author, q=q) == [post["id"]], (title, body, q)
        assert await posts(author, q=q, author_id=author.id) == [post["id"]]
        await sql(world, "DELETE FROM posts WHERE id = :id", id=post["id"])
    assert await posts(author, q="zz") == [other["id"]]


async def test_a_post_without_all_the_words_is_not_found(world: World) -> None:
    author, lounge = await world.member(), await world.lounge()
    for title, body, q in NOT_FOUND:
        post = await world.post(author, lounge, title=title, body=body)
        assert await posts(author, q=title) == [post["id"]]
        assert await posts(author, q=q) == [], (title, body, q)
        await sql(world, "DELETE FROM posts WHERE id = :id", id=post["id"])


async def test_a_search_takes_a_hundred_code_points_and_no_more(world: World) -> None:
    author = await world.member()
    post = await world.post(author, body="😀" * 200)
    for q in ["😀" * 100, f"  {'😀' * 100}  "]:
        assert await posts(author, q=q) == [post["id"]]
    for q in ["😀" * 101, "", " ", "\u3000", "a\0b", "a\nb", "\u200b"]:
        body = expect(await author.get("/posts", params={"q": q}), 422, "validation_failed")
        assert [error["field"] for error in body["errors"]] == ["query.q"]
    # A letter that folds to eighteen letters, and a search of many words.
    assert await posts(author, q="ﷺ" * 100) == []
    assert await posts(author, q="\u3000".join("あいうえお" * 10)) == []


async def test_a_search_without_time_gives_short_pages_that_lead_to_every_post(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    author, lounge = await world.member(), await world.lounge()
    made = [
        (await world.post(author, lounge, title="東京" if n % 5 == 0 else "犬", body="京都"))["id"]
        for n in range(12)
    ]
    monkeypatch.setattr(search, "STEP", 1)
    monkeypatch.setattr(search, "LONG_STEP", 2)
    monkeypatch.setattr(search, "BUDGET_SECONDS", 0)
    for q, sort in [("東京", "new"), ("東京 京都", "new"), ("東京", "relevance"), ("京都", "new")]:
        found: list[str] = []
        pages = 0
        cursor: dict[str, str] = {}
        while True:
            params = {"q": q, "sort": sort, "limit": 10, **cursor}
            body = expect(await author.get("/posts", params=params), 200)
            found += [post["id"] for post in body["items"]]
            pages += 1
            if body["next_cursor"] is None:
                break
            cursor = {"cursor": body["next_cursor"]}
        wanted = made if q == "京都" else made[::5]
        assert found == wanted[::-1], (q, sort)
        assert pages > 3
        forged = cursor["cursor"][:-4] + "AAAA"
        expect(
            await author.get("/posts", params={"q": q, "sort": sort, "cursor": forged}),
            422,
            "invalid_cursor",
        )


async def test_by_relevance_titles_come_first_and_each_part_is_newest_first(world: World) -> None:
    author, lounge = await world.member(), await world.lounge()
    texts = [("猫の話", "犬も"), ("題", "猫と犬"), ("猫と犬", "本文"), ("犬", "猫"), ("鳥", "猫")]
    made = [(await world.post(author, lounge, title=t, body=b))["id"] for t, b in texts]
    order = {"猫": [2, 0, 4, 3, 1], "猫 犬": [2, 3, 1, 0], "猫の話": [0]}
    for q, numbers in order.items():
        expected = [made[number] for number in numbers]
        assert await posts(author, q=q, sort="relevance") == expected
        assert [p["id"] for p in await walk(author, "/posts", q=q, sort="relevance")] == expected
        assert await posts(author, q=q, sort="relevance", lounge_id=lounge["id"]) == expected
        assert await posts(author, q=q) == sorted(expected, reverse=True)
    other = await world.lounge()
    assert await posts(author, q="猫", sort="relevance", lounge_id=other["id"]) == []


async def test_relevance_ends_after_its_most_posts(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(searching, "MOST_RELEVANT", 5)
    author, lounge = await world.member(), await world.lounge()
    titles = ["猫", "犬"] * 4
    made = [(await world.post(author, lounge, title=t, body="猫"))["id"] for t in titles]
    relevant = [*made[6::-2], made[7]]
    assert await posts(author, q="猫", sort="relevance") == relevant
    found = await walk(author, "/posts", q="猫", sort="relevance")
    assert [post["id"] for post in found] == relevant


async def test_relevance_needs_words(world: World) -> None:
    author = await world.member()
    refused = await author.get("/posts", params={"sort": "relevance"})
    body = expect(refused, 422, "validation_failed")
    assert [(error["field"], error["code"]) for error in body["errors"]] == [("query.q", "missing")]
    expect(await author.get("/posts", params={"sort": "new"}), 200)
    expect(await author.get("/posts", params={"sort": "x", "q": "猫"}), 422)
