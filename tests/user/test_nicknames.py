"""Nicknames that imitate the staff, and invisible characters in nicknames."""

from collections.abc import Callable
from functools import partial

import pytest

from app.auth.service.social import nickname_from
from app.user.nicknames.hidden_signs import without_hidden_signs
from app.user.nicknames.staff import passes_for_staff
from app.user.rows import unnamed
from tests.support.api import Api, expect
from tests.support.auth import form
from tests.support.steps import steps
from tests.support.world import World

STAFF = [
    *("運営", "公式", "管理者", "admin", "official", "Linky運営", "リンキー公式", "運営チーム"),
    *("【公式】Linky", "運 営", "運・営", "公_式", "管.理.者", "運\u3000営", "運-営", "運営🌟"),
    *("公🌸式", "元運営です", "ADMIN", "Admin", "aDmIn", "ＡＤＭＩＮ", "ａｄｍｉｎ", "ⓐⓓⓜⓘⓝ"),
    *("🄰🄳🄼🄸🄽", "🅰🅳🅼🅸🅽", "𝐚𝐝𝐦𝐢𝐧", "a.d.m.i.n", "a d m i n", "ad-min", "a_d_m_i_n", "Linky_Admin"),
    *("LinkyAdmin", "admin01", "xx_admin_xx", "administrator", "Administrator", "admins"),
    *("the admin", "Ádmín", "a\u0301dmin", "adm1n", "@dmin", "4dm!n", "OFFICIAL", "Official"),
    *("Linky Official", "LinkyOfficial", "o.f.f.i.c.i.a.l", "ｏｆｆｉｃｉａｌ", "0fficial"),
    *("officia1", "linky-official", "off1cial", "аdmin", "аdмin", "оfficial", "ᴀᴅᴍɪɴ", "🇦🇩🇲🇮🇳"),
    *("管理人", "かんりしゃ", "カンリシャ", "ｶﾝﾘｼｬ", "うんえい", "アドミン", "オフィシャル"),
    *("Linkyうんえい", "管\u3099理者", "運営業務部", "公式戦略室", "AᎠMIN", "aðmin"),
    *("ɐdmin", "ADMIИ", "adーmin", "aーdーmーiーn", "adｰmin", "adˉmin", "adːmin", "offiːcial"),
    *("スタッフ", "ｽﾀｯﾌ", "すたっふ", "ス・タ・ッ・フ", "Linkyスタッフ"),
    *("サポート", "ｻﾎﾟｰﾄ", "サ ポ ー ト", "ѕtaff", "ⓛⓘⓝⓚⓨ"),
    *("Linkyサポート", "サポートセンター", "staff", "STAFF", "Ｓｔａｆｆ", "s.t.a.f.f", "5taff"),
    *("support", "Support Team", "su-pp-ort", "supp0rt", "ѕuрроrt", "moderator", "Moderators"),
    *("m_o_d_e_r_a_t_o_r", "m0derat0r", "Linky", "linky", "ＬＩＮＫＹ", "L.i.n.k.y", "1inky"),
    *("Linky Staff", "linky_support", "🌟Linky🌟", "Lìnky Team", "🇸🇹🇦🇫🇫"),
    *("事務局", "事 務 局", "事務局✨", "Linky事務局", "モデレーター", "ﾓﾃﾞﾚｰﾀｰ"),
    *("モ・デ・レ・ー・タ・ー", "もでれーたー", "お知らせ", "【お知らせ】", "お・知・ら・せ"),
    *("システム", "ｼｽﾃﾑ", "シ_ス_テ_ム"),
    *("運營", "運营", "运営", "运營", "运营", "運・營チーム"),
]  # fmt: skip

HARMLESS = [
    *("はなこ", "badminton", "Badminton部", "バドミントン大好き", "badminton-lover", "unofficial"),
    *("非公式", "Unofficial Fan", "非公式ファンクラブ", "mad mint", "glad mint", "dad mindy"),
    *("Sad Mind", "roadmap", "管理栄養士", "ビル管理", "うん、えいが好き", "店長", "営業マン"),
    *("運動会", "運命", "幸運営業マン", "公園", "式部", "office", "officer", "Ad Astra", "Minnie"),
    *("mina", "adam", "Linkyユーザー", "たろう＠週末カメラ", "社会人1年目", "公式戦みたい"),
    *("スタッフォード", "サポーター", "サポートありがとう", "りんき", "Linkyard", "Blinky"),
    *("slinky", "linkin", "moderate", "mod", "チーム", "さん", "Linky大好き"),
    *("事務局長の猫", "元モデレーターの人", "お知らせ待ち", "システムエンジニア"),
    *("staff_linky", "運⼋営"),
    *("Stafford", "staffan", "supporter", "I support you"),
    *("ゲスト", "official"[:6], "ad", "min", "あど", "みん", "офис", "Διονύσιος"),
]  # fmt: skip


@pytest.mark.parametrize("nickname", STAFF)
def test_a_nickname_like_the_staffs_is_recognised(nickname: str) -> None:
    assert passes_for_staff(nickname, "Linky")


@pytest.mark.parametrize("nickname", HARMLESS)
def test_a_harmless_nickname_is_allowed(nickname: str) -> None:
    assert not passes_for_staff(nickname, "Linky")


async def expect_reserved(api: Api, method: str, path: str, **sent: object) -> None:
    body = expect(await api.call(method, path, json=sent), 422, "nickname_reserved")
    assert [(error["field"], error["code"]) for error in body["errors"]] == [
        ("body.nickname", "reserved")
    ]


async def test_only_an_admin_may_use_a_staff_like_nickname(world: World) -> None:
    name = "Linky 運 営"
    await expect_reserved(world.anonymous(), "POST", "/auth/register", **form(nickname=name))
    guest = await world.guest()
    await expect_reserved(guest, "POST", "/auth/guest/upgrade", **form(nickname=name))
    member = await world.member("はなこ")
    await expect_reserved(member, "PATCH", "/users/me", nickname=name, bio="新しい")
    me = expect(await member.get("/users/me"), 200)
    assert (me["nickname"], me["bio"]) == ("はなこ", "")
    admin = await world.admin()
    assert expect(await admin.patch("/users/me", json={"nickname": name}), 200)["nickname"] == name
    # A former admin keeps the name: the app sends it back unchanged with a new bio.
    expect(await admin.get("/users/me"), 200)


async def test_a_former_admin_may_send_the_same_nickname_again(world: World) -> None:
    former, last = await world.admin(), await world.admin()
    demoted = {"role": "user", "reason": "引退しました"}
    expect(await last.patch(f"/admin/users/{former.id}", json=demoted), 200)
    same = {"nickname": former.user["nickname"], "bio": "お世話になりました"}
    assert expect(await former.patch("/users/me", json=same), 200)["bio"] == same["bio"]
    await expect_reserved(former, "PATCH", "/users/me", nickname="公式")


HIDDEN = {
    "left-to-right mark": "\u200e",
    "right-to-left mark": "\u200f",
    "Arabic letter mark": "\u061c",
    "embedding": "\u202a",
    "override": "\u202e",
    "pop": "\u202c",
    "isolate": "\u2066",
    "pop isolate": "\u2069",
    "zero-width space": "\u200b",
    "word joiner": "\u2060",
    "invisible times": "\u2062",
    "byte order mark": "\ufeff",
    "soft hyphen": "\u00ad",
    "grapheme joiner": "\u034f",
    "joiner": "\u200d",
    "non-joiner": "\u200c",
    "vowel separator": "\u180e",
    "interlinear": "\ufff9",
    "a tag": "\U000e0061",
    "an emoji's selector": "\ufe0f",
    "a kanji's selector": "\U000e0100",
    "a selector of Mongolian": "\u180b",
    "a fourth one": "\u180f",
    "a vowel of Khmer": "\u17b4",
    "a Hangul filler": "\u3164",
    "a filler of old Hangul": "\u1160",
    "a half-width filler": "\uffa0",
    "an empty Braille cell": "\u2800",
    "kept free for such signs": "\U000e0fff",
}


@pytest.mark.parametrize("separator", ["\n", "\u2028", "\u2029"])
async def test_a_nickname_has_one_line(world: World, separator: str) -> None:
    sent = form(nickname=f"はな{separator}こ")
    body = expect(await world.anonymous().post("/auth/register", json=sent), 422)
    assert [(error["field"], error["code"]) for error in body["errors"]] == [
        ("body.nickname", "forbidden_character")
    ]


SELECTORS = ("\ufe0f", "\U000e0100")


@pytest.mark.parametrize("sign", HIDDEN.values(), ids=HIDDEN)
async def test_an_invisible_character_is_refused(world: World, sign: str) -> None:
    sent = form(nickname=f"はな{sign}こ")
    body = expect(await world.anonymous().post("/auth/register", json=sent), 422)
    assert [(error["field"], error["code"]) for error in body["errors"]] == [
        ("body.nickname", "forbidden_character")
    ]
    for around in ("a{}b", "{}a", "a{}", "あ{}い", "ー{}", "+{}", "葛{}", "🍣{}a"):
        # Behind a kanji and an emoji there is something to select.
        if sign in SELECTORS and around[0] in "葛🍣":
            continue
        assert without_hidden_signs(around.format(sign)) == around.format("")


@pytest.mark.parametrize(
    "nickname", ["\ufe0f", "\u034f\u180b", "\U000e0100", "\u1160", "\u3164\ufe0f"]
)
async def test_a_nickname_of_invisible_characters_alone_is_empty(
    world: World, nickname: str
) -> None:
    sent = form(nickname=nickname)
    body = expect(await world.anonymous().post("/auth/register", json=sent), 422)
    assert [(error["field"], error["code"]) for error in body["errors"]] == [
        ("body.nickname", "string_too_short")
    ]


NEEDED = {
    "a family": "👨\u200d👩\u200d👧",
    "a heart on fire": "❤\ufe0f\u200d🔥",
    "a woman who runs, with a tone": "🏃🏽\u200d♀\ufe0f",
    "a rainbow flag": "🏳\ufe0f\u200d🌈",
    "a head that nods": "🙂\u200d↕\ufe0f",
    "the flag of England": "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
    "a key": "1\ufe0f\u20e3",
    "a kanji in its old form": "葛\U000e0100城",
    "a rare kanji in another form": "𠮟\U000e0101る",
    "signs as emoji": "ℹ\ufe0f‼\ufe0f©\ufe0f〰\ufe0f〽\ufe0f",
    "a sign that is not an emoji": "※\ufe0fはな",
    "a sign with a mark": "◡\u0308\ufe0e",
    "a hand with a tone": "☝🏽\ufe0f",
    "a face with two selectors": "☺\ufe0e\ufe0e",
    "hieroglyphs": "𓂃\ufe0e𓈒𓏸\ufe0e",
    "a kanji that repeats, in another form": "佐々\U000e0100木",
    "Braille with a space": "⠓⠁\u2800⠝⠁",
    "a heart as text": "❤\ufe0e",
    "Hangul": "하나코",
    "Phags-pa": "ꡖ\ufe00",
    "Persian": "می\u200cخواهم",
    "Hindi": "क्\u200dष",
    "Malayalam at the end": "ന്\u200d",
    "Sinhala": "ශ්\u200dරී",
    "Mongolian": "ᠬᠠᠷ\u180eᠠ",
    "a form of a Mongolian letter": "ᠭ\u180bᠠ",
    "an Arabic number": "\u0600١٢",
}


@pytest.mark.parametrize("nickname", NEEDED.values(), ids=NEEDED)
async def test_an_invisible_character_that_a_script_needs_is_allowed(
    world: World, nickname: str
) -> None:
    made = expect(await world.anonymous().post("/auth/register", json=form(nickname=nickname)), 201)
    assert made["user"]["nickname"] == nickname


@pytest.mark.parametrize(
    ("given", "nickname"),
    [
        ("公式アカウント", unnamed("Linky")),
        ("a\u200bd\u200bmin", unnamed("Linky")),
        ("はな\u202eこ\u200b", "はなこ"),
        ("\u200b\u2060", unnamed("Linky")),
        ("は\ufe0fな\u3164こ\u180b", "はなこ"),
        ("\U000e0100\u034f", unnamed("Linky")),
        ("はな\u2028こ\u2029\n", "はなこ"),
        ("あ" * 29 + "👨\u200d👩", "あ" * 29 + "👨"),
        ("はなこ" + "\u0301" * 200_000, "はなこ" + "\u0301" * 27),
    ],
)
def test_a_providers_name_becomes_a_valid_nickname(given: str, nickname: str) -> None:
    assert nickname_from(given, "Linky") == nickname


@pytest.mark.parametrize(
    "check", [partial(passes_for_staff, app_name="Linky"), without_hidden_signs]
)
def test_no_nickname_is_costly_to_check(check: Callable[[str], object]) -> None:
    """A text of fifty nicknames takes at most a hundred times as many steps as one.

    With a pattern that tries every way to match such a text, the search would never end.
    """
    one = steps(lambda: check("さくらの花びらがひらひらと舞う春の日に"))
    for text in (
        *("a" * 1000, "a." * 500, "ad" * 500, "adm" + "." * 997, "offic" + "_" * 995, "_" * 1000),
        *("\u200d" * 1000, "🏴" * 1000, "ﷺ" * 50),
    ):
        assert steps(lambda: check(text)) < 100 * one, text  # noqa: B023
