"""Which passwords count as guessable: a table, and every route that sets a password."""

import secrets
import string
from functools import cache

import pytest
import zxcvbn_rs_py

from app.auth.exceptions import PasswordTooWeak
from app.auth.policy import ensure_strong
from app.core.passwords.guessing import LONG
from app.core.passwords.hashing import LONGEST
from tests.support.api import expect
from tests.support.auth import form
from tests.support.steps import steps
from tests.support.world import World

EMAIL, NICKNAME = "taro.yamada@kaisha.example", "そらまめ 太郎"
GUESSABLE = "太郎そらまめの部屋"
"""Guessable for the user above: it contains the nickname."""

MAX_ESTIMATES = 25
"""How many texts of a password zxcvbn may estimate. An ordinary password has three."""

AMBIGUOUS = frozenset("@$!|+{[<")
"""For the letters of these signs others stand too. zxcvbn tries every combination of such signs."""

REFUSED = {
    "repeats": "aaaaaaaa あああああああああ 11111111 12341234 あいあいあいあい abababab abcabcabc "
    "asdfasdf !!!!!!!! 😀😀😀😀😀😀😀😀 passwordpassword 11112222 aaaaaaaaa1",
    "sequences": "abcdefgh ABCDEFGH AbCdEfGh zyxwvuts 12345678 87654321 0123456789 98765432 "
    "abcd1234 "
    "1234abcd a1b2c3d4 1a2b3c4d あいうえおかきく アイウエオカキクケコ "
    "いろはにほへとちりぬるを いろはにほへとちり はにほへとちりぬ "
    "一二三四五六七八 一二三四五六七八九 九八七六五四三二 一二三四五六七八九! "
    "たちつてとなにぬ をるぬりちとへほ 月火水木金土日月 "
    "112233445566 2468101214 １２３４５６７８",
    "dates": "19900101 01011990 1990/01/01 1990-01-01 1990.1.1 31/12/1999 12-31-1999 20240501! "
    "1990年1月1日 平成2年12月31日 １９９０年１月１日 19991231 2000-12-25",
    "keyboards": "qwertyui asdfghjk qazwsxedc 1qaz2wsx zaq12wsx !QAZ2wsx qwerty123 Qwerty12345! "
    "q1w2e3r4 1q2w3e4r lkjhgfds mnbvcxzl 147258369 qwertyuiop[] zxcvbnm1",
    "keyboards with Shift": "!@#$%^&* !@#$%^&*() 1qaz@WSX zaq1@WSX !QAZ@WSX #EDC4rfv !@#$qwer "
    '!"#$%&\'( 1qaz"WSX !QAZ"wsx $RFV5tgb !@#$%^123',
    "common": "password PassWord Password1! P@ssw0rd1 p455w0rd pa$$w0rd! passw0rd2024 iloveyou1 "
    "letmein1 sunshine1 monkey123 football1 Welcome2024! Summer2024! January2024 "
    "admin123 root1234 changeme1 trustno1 starwars1 pokemon1 Pikachu25 "
    "ｐａｓｓｗｏｒｄ１ Ｐ＠ｓｓｗ０ｒｄ",
    "common in Japan": "パスワード123 ぱすわーど1234 ﾊﾟｽﾜｰﾄﾞ2024 パスワードパスワード "
    "sakura2024 Sakura123! "
    "ありがとうございます おはようございます1 aishiteru1 arigatou1 Tokyo2020 tokyo2024! "
    "ドラえもん123",
    "the product": "linky2026 Linky123! linky2026! LINKY_2026 l1nky2024 linkylinky linky-app "
    "LinkyApp1 "
    "iLoveLinky1 ｌｉｎｋｙ２０２６ リンキー2026 LINKY2026LINKY linky!!!",
    "the address": "taro.yamada taro.yamada1 taroyamada TaroYamada99 yamada2024! kaisha2024 "
    "taro1990 "
    "yamada-taro taro.yamada@kaisha.example t4r0y4m4d4 ｙａｍａｄａ１２３",
    "the nickname": "そらまめ1234 ソラマメ2024 ｿﾗﾏﾒ12345 そらまめ太郎 太郎そらまめ1 そらまめ!!!!",
}
SPACED = [
    "pass word 1",
    "a b c d e f g h",
    "1 2 3 4 5 6 7 8",
    "linky linky",
    "1990 1 1",
    "aaaa aaaa",
]

ACCEPTED = [
    *("correct horse battery staple", "correcthorsebatterystaple", "four blue lamps"),
    *("東京の空は青いです2", "ぱすわーどではないよ", "吾輩は猫である。", "今日は良い天気ですね"),
    *("うちのねこはクロです", "ラーメン食べたい夜", "さくらさくらのやまも", "ひまわりとかき氷"),
    *("xK7#mQ2p", "J8f!2Lq9", "9zQ!vT4r", "b7Kp2xWq", "kqzvbxwm", "D#8vk2!sQ"),
    *("kawa-no-nagare", "yoi-kotoba-19", "unbreakable-otter", "tractor beam", "Tr0ub4dor&3"),
    *("кириллица и пробел", "كلمة-السر-الطويلة", "รหัสผ่านของฉัน", "비밀은말하지않아요"),
    *("  edges are kept  ", "tab\tand\nnewline", "Ｗｉｄｅ-letters-9", "<script>'\"; --%00"),
    "linky is where I meet my otters", "太郎は毎朝パンを焼いている",
]  # fmt: skip


def is_accepted(password: str, email: str = EMAIL) -> bool:
    try:
        ensure_strong(password, email, NICKNAME)
    except PasswordTooWeak:
        return False
    return True


@pytest.mark.parametrize("kind", REFUSED)
def test_commonly_guessed_passwords_are_refused(kind: str) -> None:
    assert [password for password in REFUSED[kind].split() if is_accepted(password)] == []


def test_spaces_do_not_hide_a_guessable_password() -> None:
    assert [password for password in SPACED if is_accepted(password)] == []


def test_strong_passwords_of_any_script_are_accepted() -> None:
    assert [password for password in ACCEPTED if not is_accepted(password)] == []


def test_eight_random_letters_are_accepted() -> None:
    letters = string.ascii_letters + string.digits + "!#%&-_"
    drawn = ["".join(secrets.choice(letters) for _ in range(8)) for _ in range(300)]
    # About one random password in 200 contains a word.
    assert sum(not is_accepted(password) for password in drawn) < 15


def test_a_long_password_is_refused_only_for_known_patterns() -> None:
    assert not is_accepted("12345678" * 16)
    assert not is_accepted("pokemon25" * 2)
    assert not is_accepted("password" * 4)
    for repeated in ("a" * 25, "a" * 128, "ab" * 20, "ab" * 20 + "a", "1" * 64, "Xy7" * 30):
        assert not is_accepted(repeated)
    assert not is_accepted("password" * 3 + "pass")
    assert is_accepted("あ" * 25)
    assert is_accepted("b" + "7c" * 63 + "d")
    address = "hanako.watanabe.1990@mail.longer-company-name.example"
    assert not is_accepted(address, address)
    assert is_accepted("a" * 100 + "xK7#mQ2p")
    assert is_accepted("xK7#mQ2p" + "a" * 100)
    assert is_accepted("1990" * 20 + "correct horse battery staple")


HOSTILE = [
    "4@8({[<369!1|0$5+7%2" * 7,
    "ﷺ" * 128,
    "1 1 1990 " * 15,
    "1234567890" * 13,
    "p@55w0rd" * 16,
    " " * 128,
    "48(3691057%2" * 11,
    # The slowest passwords that a search by mutation found: words, dates and ambiguous signs.
    (
        "password_6_9_9_ 11234567Y7q55w0rd-$c(hdX12345Y7q55w0rd_9_411-1-aa_9_9_ 11234567Y7q55w0909"
        "49654321./|aYqwertyiq_6_9_9_ 11234567Y7q"
    ),
    (
        "Yabcee6Y@82090abc$_ abcabc1linkyabcd0flinkygc906111pX55w0rdgi4+dY455w0rd(asf22.2.654321qw"
        "+inkyabcd0flinkygc9061d 7g2.2. 7g2.2.Ya"
    ),
    (
        "hpassword.567fb111j654321$gZdga2Z123456jaroabclinky1990+-cM90c4taro_ 1111990j31-1-linkyta"
        "ro3aaaa2Z123456taroabclinky1990+dcM0nk3"
    ),
    (
        "11eefXlinky9$7812345656e9_(Zp455w0rd8654111efX-$72123456e9_9_(Zp455w0rd8654111efX-$781234"
        "56e9_9_(Zp455w0rd865411eefX-$78123456e9"
    ),
]
LONG_ADDRESS = ".".join(["123.abc.111.aaa.p455.m0n"] * 2) + "@" + "x1y." * 45 + "example"


@pytest.fixture
def estimated(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The texts that zxcvbn estimates. That is nearly all the time that a check takes."""
    texts: list[str] = []
    estimate = zxcvbn_rs_py.zxcvbn

    def noting(text: str, about: list[str]) -> zxcvbn_rs_py.Entropy:
        texts.append(text)
        return estimate(text, about)

    monkeypatch.setattr(zxcvbn_rs_py, "zxcvbn", noting)
    return texts


def ensure_cheap(password: str, email: str, estimated: list[str]) -> None:
    estimated.clear()
    is_accepted(password, email)
    assert len(estimated) <= MAX_ESTIMATES, password
    assert max(map(len, estimated), default=0) < LONG, password
    assert not AMBIGUOUS & set("".join(estimated)), password
    assert steps(lambda: is_accepted(password, email)) < 5 * ordinary_steps(), password


@cache
def ordinary_steps() -> int:
    return steps(lambda: is_accepted("xK7#mQ2p"))


@pytest.mark.parametrize("email", [EMAIL, LONG_ADDRESS], ids=["short", "long"])
def test_no_hostile_password_is_costly_to_check(email: str, estimated: list[str]) -> None:
    for password in HOSTILE:
        ensure_cheap(password[:LONGEST], email, estimated)


async def test_every_route_that_sets_a_password_checks_it_against_the_user(world: World) -> None:
    """Registration, guest upgrade and change; test_passwords covers the reset."""
    weak = {"email": EMAIL, "nickname": NICKNAME, "password": GUESSABLE}
    anonymous = world.anonymous()
    expect(await anonymous.post("/auth/register", json=weak), 422, "password_too_weak")
    guest = await world.guest()
    expect(await guest.post("/auth/guest/upgrade", json=weak), 422, "password_too_weak")
    # For another user the same password is fine.
    expect(await anonymous.post("/auth/register", json=form(password=GUESSABLE)), 201)
    member = await world.member(nickname=NICKNAME)
    changed = {"current_password": member.password, "new_password": GUESSABLE}
    refused = expect(await member.post("/auth/password/change", json=changed), 422)
    assert refused["code"] == "password_too_weak"
    assert [(error["field"], error["code"]) for error in refused["errors"]] == [
        ("body.new_password", "common")
    ]
