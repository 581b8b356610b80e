"""Banned words and links in evasive spellings, and harmless words that resemble them."""

import asyncio

import pytest

from app.core.spelling import squeeze
from app.screening.policy import WordList, holds_link
from tests.support.api import expect
from tests.support.moderating import ban, watch_new_accounts
from tests.support.world import World

EVASIONS = {
    "katakana": "シネ",
    "half width": "ｼﾈ",
    "mixed": "しﾈ",
    "a dot between": "し.ね",
    "a middle dot": "し・ね",
    "stretched": "しーーね",
    "half-width stretch": "ｼｰﾈ",
    "a wave": "し〜ね",
    "spaces": "し　 ね",
    "a line end": "し\nね",
    "a zero-width space": "し\u200bね",
    "a zero-width joiner": "し\u200dね",
    "a word joiner": "し\u2060ね",
    "a byte order mark": "し\ufeffね",
    "a soft hyphen": "し\u00adね",
    "a bidirectional override": "し\u202eね",
    "a combining accent": "し\u0301ね",
    "many combining marks": "し\u0301\u0328\u20ddね\u0336",
    "a combining grapheme joiner": "し\u034fね",
    "a variation selector": "し\ufe0fね",
    "an ideographic variation selector": "し\U000e0100ね",
    "a spaced voiced mark": "し゛ね",
    "a Hangul filler": "し\u3164ね",
    "a half-width Hangul filler": "し\uffa0ね",
    "a Braille blank": "し\u2800ね",
    "a letter that only stretches": "し\u02d0ね",
    "in circles": "㋛㋧",
    "small kana of Ainu": "ㇱね",
    "emoji": "し🌸ね",
    "quotes": "「し」「ね」",
    "brackets": "し<>ね</>",
}


@pytest.mark.parametrize("written", EVASIONS.values(), ids=EVASIONS)
def test_an_evasive_spelling_is_recognised(written: str) -> None:
    assert WordList([squeeze("しね")], []).holds_banned_word(f"もう{written}よ")


@pytest.mark.parametrize("written", ["じね", "しぬ", "しいね", "さねし", "しあわせね", "しんね"])
def test_a_similar_but_different_word_is_not_banned(written: str) -> None:
    assert not WordList([squeeze("しね")], []).holds_banned_word(f"もう{written}よ")


@pytest.mark.parametrize(
    "written", ["KILL", "ｋｉｌｌ", "k i l l", "kíll", "k\u0336i\u0336l\u0336l", "𝓴𝓲𝓵𝓵", "ⓚⓘⓛⓛ"]
)
def test_an_evasive_spelling_in_latin_letters_is_recognised(written: str) -> None:
    assert WordList([squeeze("kill")], []).holds_banned_word(f"i {written} you")
    assert not WordList([squeeze("kill")], []).holds_banned_word("i will you")


@pytest.mark.parametrize(
    ("text", "held"),
    [
        ("少しねむい", False),
        ("少し、ねむい。少シネムイ", False),
        ("少しねむいから、しね", True),
        ("しね。少しねむい", True),
        ("少しねむ", True),
        # An exception excuses a hit that it contains as a whole, not a hit that it overlaps.
        ("おまえしねむい", True),
        ("しねむしね", True),
    ],
)
def test_an_exception_excuses_only_hits_inside_it(text: str, held: bool) -> None:
    allowed = [squeeze("少しねむい"), squeeze("ねむい")]
    assert WordList([squeeze("しね")], allowed).holds_banned_word(text) is held


def test_words_without_letters_ban_nothing() -> None:
    assert squeeze("・・・") == squeeze("\u200b") == ""
    assert not WordList([], []).holds_banned_word("何でもない文")


async def test_words_without_letters_are_refused_for_the_list(world: World) -> None:
    admin = await world.admin()
    before = expect(await admin.get("/admin/banned-words"), 200)
    form = {"words": ["・・・", "ばくだん", "ー"], "exceptions": ["。。。"]}
    refused = expect(await admin.put("/admin/banned-words", json=form), 422, "validation_failed")
    assert {error["code"] for error in refused["errors"]} == {"no_letters"}
    # Only the first of each list: a list has up to 3,000.
    fields = [error["field"] for error in refused["errors"]]
    assert fields == ["body.words.0", "body.exceptions.0"]
    assert expect(await admin.get("/admin/banned-words"), 200) == before
    post = await world.post(await world.member(), title="・・・", body="ー")
    assert post["moderation"] == "visible"


async def test_a_word_split_between_title_and_body_is_held(world: World) -> None:
    admin, author = await world.admin(), await world.member()
    await ban(admin, "ばくだん", exceptions=["そばくだんご"])
    lounge = await world.lounge()
    post = await world.post(author, lounge, title="これが、ば・く", body="だ・ん")
    assert post["moderation"] == "held"
    harmless = await world.post(author, lounge, title="そばく", body="だんごの日")
    assert harmless["moderation"] == "visible"
    # An edit that completes the word is held too.
    path = f"/posts/{harmless['id']}"
    changed = expect(await author.patch(path, json={"title": "ばく"}), 200)
    assert changed["moderation"] == "held"


@pytest.mark.parametrize(
    "text",
    [
        *("HTTPS://a.example/x", "ｈｔｔｐｓ：／／ａ．ｅｘａｍｐｌｅ", "exam\u200bple.com"),
        *("example．ｃｏｍ", "lin.ee/abc", "見て t.me/abc", "foo.unknown/path", "www.a.example"),
        *("みて example.com へ", "hxxps://a.example"),
    ],
)
def test_a_disguised_link_is_recognised(text: str) -> None:
    assert holds_link(text)


@pytest.mark.parametrize(
    "text",
    [
        *("3.5キロ", "v2.0.1", "12.30に集合", "きょうは3.5キロ走った。v2.0も出た", "え...com?"),
        *("A.B.", "「…」。", "1/2", "u.s.a"),
    ],
)
def test_text_that_only_resembles_a_link_is_no_link(text: str) -> None:
    assert not holds_link(text)


async def test_a_new_account_cannot_add_a_link_by_an_edit_or_a_comment(world: World) -> None:
    member, lounge = await world.member(), await world.lounge()
    watch_new_accounts(world)
    post = await world.post(member, lounge)
    comment = await world.comment(member, post)
    link = {"body": "https://example.com"}
    calls = [
        ("PATCH", f"/posts/{post['id']}", link),
        ("PATCH", f"/posts/{post['id']}", {"title": "example.com"}),
        ("PATCH", f"/comments/{comment['id']}", link),
        ("POST", f"/posts/{post['id']}/comments", link),
    ]
    for method, path, body in calls:
        expect(await member.call(method, path, json=body), 403, "new_account_link")
    world.clock.advance(hours=25)
    await world.sign_in(member)
    for method, path, body in calls:
        assert (await member.call(method, path, json=body)).is_success


async def test_deleting_posts_does_not_raise_a_new_accounts_limit(world: World) -> None:
    member, lounge = await world.member(), await world.lounge()
    watch_new_accounts(world)
    form = {"lounge_id": lounge["id"], "title": "題", "body": "本文"}
    for _ in range(5):
        post = await world.post(member, lounge)
        expect(await member.delete(f"/posts/{post['id']}"), 204)
    expect(await member.post("/posts", json=form), 429, "rate_limited")


@pytest.mark.parametrize("body", ["本文", "禁句"])
async def test_five_of_ten_concurrent_posts_of_a_new_account_are_accepted(
    committed_world: World, body: str
) -> None:
    """Held posts count, too."""
    world = committed_world
    member, lounge = await world.member(), await world.lounge()
    await ban(await world.admin(), "禁句")
    watch_new_accounts(world)
    form = {"lounge_id": lounge["id"], "title": "題", "body": body}
    answers = await asyncio.gather(*[member.post("/posts", json=form) for _ in range(10)])
    assert sorted(a.status_code for a in answers) == [201] * 5 + [429] * 5
