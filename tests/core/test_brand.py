"""An installation's own name, colour and icon: what is taken, what is refused, how it is said."""

import re
from email.header import decode_header, make_header
from email.utils import parseaddr
from io import BytesIO
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from pydantic import ValidationError

from app.core import templates
from app.core.settings import accent
from app.core.settings.accent import DARK_PAGES, LIGHT_PAGES, WHITE, contrast, shades_of
from app.core.settings.app_icon import LONGEST
from app.core.settings.config import Settings
from app.core.totp import new_secret, setup_address
from app.integrations.mail.base import encoded_sender, make_message
from app.user.nicknames.hidden_signs import without_hidden_signs
from app.user.nicknames.staff import passes_for_staff
from app.user.rows import NICKNAME_LENGTH, unnamed
from tests.integrations.mails import mail
from tests.support.apps import SettingsOfTests

NAMES = [
    *("猫の広場", "a", "あ" * 30, "<b>Neko</b>", 'The "Cat" & Dog', "O'Neko", "ねこ: 広場", "a:b"),
    *("🐈‍⬛ Neko 👨‍👩‍👧‍👦", "🇯🇵", "ملتقى القطط", "=?utf-8?q?x?=", "Neko, Inc."),
    *("neko@example.com", "{name}", "\\Neko", "100% Neko", "한국 고양이", "が" * 30),
    "Neko; (cats) [all]",
]  # fmt: skip
"""Names that some place could say wrongly."""

REFUSED = [
    *("あ" * 31, "a" * 200, " ", "\u3000", "\u3164", "Neko\nBcc: a@b.example", "a\rb", "a\x00b"),
    *("a\x1b[1m", "a\u2028b", "abc\u202ecba", "\u2066abc", "a\u200bb", "a\ufeffb", "\ud800"),
    "a" + "\u0301" * 60,
]


def named(name: str, **more: object) -> Settings:
    return SettingsOfTests.model_validate({"app_name": name, **more})


def icon(folder: Path, content: bytes) -> Path:
    path = folder / "icon.png"
    path.write_bytes(content)
    return path


def png(width: int = 128, height: int = 128, kind: str = "PNG") -> bytes:
    out = BytesIO()
    Image.new("RGB", (width, height), "#c2185b").save(out, kind)
    return out.getvalue()


# Names


@pytest.mark.parametrize("name", NAMES)
def test_a_name_of_any_script_is_taken_as_it_is(name: str) -> None:
    assert named(name).app_name == named(f" {name}\u3000").app_name == name


@pytest.mark.parametrize("name", REFUSED)
def test_a_name_that_is_too_long_or_hides_something_is_refused(name: str) -> None:
    with pytest.raises(ValidationError, match="app_name"):
        named(name)
    with pytest.raises(ValidationError, match="app_tagline"):
        SettingsOfTests(app_tagline="x" * 60 + name if name.strip() else "x" * 61)


@pytest.mark.parametrize("name", NAMES)
def test_the_sender_of_mails_has_the_name_and_no_other_header(name: str) -> None:
    settings = named(name, mail_from="no-reply@linky.example")
    message = make_message(mail(), settings.sender)
    written = message.as_bytes().replace(b"\r\n ", b" ").decode("ascii").split("\r\n")
    assert not any(line.startswith("Bcc") for line in written)
    # A name that looks like an encoded word is read as what it encodes.
    said = "x" if name.startswith("=?") else name
    for header in (written[0].removeprefix("From: "), encoded_sender(message)):
        assert all(len(word) <= 75 for word in header.split(" "))
        encoded, address = parseaddr(header)
        assert address == "no-reply@linky.example"
        assert str(make_header(decode_header(encoded))) == said


def test_a_sender_with_a_name_of_its_own_keeps_it() -> None:
    sender = "猫の広場 事務局 <post@linky.example>"
    assert named("猫の広場", mail_from=sender).sender == sender


@pytest.mark.parametrize("name", NAMES)
def test_an_authenticator_app_reads_the_name_back(name: str) -> None:
    address = urlsplit(setup_address(new_secret(), "a:b@example.com", name))
    issuer, account = unquote(address.path).removeprefix("/").split(":")
    (said,) = parse_qs(address.query)["issuer"]
    assert issuer == said == name.replace(":", "：")
    assert account == "a：b@example.com"


@pytest.mark.parametrize("name", NAMES)
def test_a_user_without_a_nickname_gets_one_with_the_name(name: str) -> None:
    nickname = unnamed(name)
    assert len(nickname) <= NICKNAME_LENGTH
    assert nickname.endswith("ユーザー")
    assert without_hidden_signs(nickname) == nickname
    assert not passes_for_staff(nickname, name)


@pytest.mark.parametrize(
    ("app_name", "taken", "free"),
    [
        (
            "猫の広場",
            *(
                ["猫の広場", "【猫の広場】", "猫 の 広 場", "猫ノ広場", "猫の広場スタッフ"],
                ["猫の広場好き", "猫", "広場", "Linky", "りんきスタッフ", "猫の広場ユーザー"],
            ),
        ),
        (
            "Neko Cafe",
            *(
                ["Neko Cafe", "nekocafe", "ＮＥＫＯ＿ＣＡＦＥ", "n3k0.caf3", "Neko Café Team"],
                ["Neko", "Neko Cafeteria", "my neko cafe", "Linky"],
            ),
        ),
        ("(.*)+", ["(.*)+運営"], ["はなこ", "Neko", "★"]),
        ("★", ["staff", "サポート"], ["★★", "はなこ"]),
    ],
)  # fmt: skip
def test_the_apps_own_name_is_reserved(app_name: str, taken: list[str], free: list[str]) -> None:
    assert [name for name in taken if not passes_for_staff(name, app_name)] == []
    assert [name for name in free if passes_for_staff(name, app_name)] == []


def test_in_japanese_a_latin_name_stands_apart() -> None:
    latin, wide = named("Neko").brand, named("猫の広場").brand
    assert f"これまで{latin.ja_within}を" == "これまで Neko を"
    assert f"これまで{wide.ja_within}を" == "これまで猫の広場を"
    assert (latin.before("en"), wide.before("ja")) == ("Neko", "猫の広場")


# Colour


def test_the_pages_that_the_contrast_is_measured_on_are_those_of_the_style_sheet() -> None:
    tokens = templates.read_style(Path(__file__), b"").decode()
    light, _, dark = tokens.partition("@media (prefers-color-scheme: dark)")
    for part, pages, ours in (
        (light, LIGHT_PAGES, accent.OURS.light),
        (dark, DARK_PAGES, accent.OURS.dark),
    ):
        has = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{3,6});", part))
        assert {has["ground"], has["hover"]} <= set(pages)
        assert (has["accent"], has["accent-fill"], has["tint"]) == (
            ours.accent,
            ours.fill,
            ours.tint,
        )


@given(st.integers(0, 0xFFFFFF))
def test_any_colour_is_readable_on_every_page_or_refused_with_one_that_would_do(
    number: int,
) -> None:
    color = f"#{number:06x}"
    try:
        SettingsOfTests(app_color=color.upper())
    except ValidationError as error:
        found = re.search(
            r"has (\d\.\d\d).* 4\.5 to 1 is needed; (#[0-9a-f]{6}) would do", str(error)
        )
        assert found
        assert float(found[1]) <= accent.ENOUGH
        color = SettingsOfTests(app_color=found[2]).app_color or ""
    shades = shades_of(color)
    for shade, pages in ((shades.light, LIGHT_PAGES), (shades.dark, DARK_PAGES)):
        assert contrast(WHITE, shade.fill) >= accent.ENOUGH
        for page in (*pages, shade.tint):
            assert contrast(shade.accent, page) >= accent.ENOUGH


@pytest.mark.parametrize("color", ["red", "#fff", "0f6b5c", "#0f6b5cff", "rgb(1 2 3)", "#0f6b5c;}"])
def test_a_colour_is_written_in_one_way(color: str) -> None:
    with pytest.raises(ValidationError, match="is written #rrggbb"):
        SettingsOfTests(app_color=color)


# Icon


def test_a_png_is_served_as_it_is(tmp_path: Path) -> None:
    content = png()
    brand = named("Neko", app_icon=str(icon(tmp_path, content))).brand
    assert (brand.icon.content, brand.icon.media_type) == (content, "image/png")
    assert brand.icon_url == f"/app-icon/{brand.icon.digest}"


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "must be a PNG"),
        (b"<svg><script>alert(1)</script></svg>", "must be a PNG"),
        (png(kind="JPEG"), "must be a PNG"),
        (png(128, 64), "square, of 64 to 1024 pixels; it is 128 × 64"),
        (png(32, 32), "it is 32 × 32"),
        (png(1025, 1025), "it is 1025 × 1025"),
        (png()[:-6], "cut off"),
        (png()[:40], "cut off"),
        (png() + b"<script>alert(1)</script>", "behind its end"),
        (png().replace(b"IDAT", b"IDAX"), "damaged"),
        (png() + b"\0" * LONGEST, "is larger than 256 KB"),
    ],
)  # fmt: skip
def test_what_is_no_whole_square_png_is_refused_and_it_says_why(
    tmp_path: Path, content: bytes, why: str
) -> None:
    with pytest.raises(ValidationError, match=why):
        named("Neko", app_icon=str(icon(tmp_path, content)))


def test_an_icon_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValidationError, match="can't be read: No such file"):
        named("Neko", app_icon=str(tmp_path / "none.png"))
    with pytest.raises(ValidationError, match="can't be read: Is a directory"):
        named("Neko", app_icon=str(tmp_path))


@pytest.mark.parametrize(
    ("name", "letter"),
    [("猫の広場", "猫"), ("<b>", "&lt;"), ("👨‍👩 x", "👨‍👩"), ("🇯🇵🇫🇷", "🇯🇵"), ("&", "&amp;")],
)  # fmt: skip
def test_without_an_icon_the_first_letter_is_one(name: str, letter: str) -> None:
    brand = named(name, app_color="#c2185b").brand
    assert f">{letter}</text>".encode() in brand.icon.content
    assert b"#c2185b" in brand.icon.content
    assert named("Linky", app_color="#c2185b").brand.icon.content.count(b"#c2185b") == 1
