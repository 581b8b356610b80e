"""Mails: the message, its templates, and the mailer that writes files."""

from html import escape
from pathlib import Path

import pytest
from jinja2 import UndefinedError
from structlog.testing import capture_logs

from app.auth.service.mails import MailService
from app.integrations.mail.base import BadAddressError, MailError, make_message
from app.integrations.mail.file import FileMailer
from app.integrations.mail.render import render_mail
from tests.integrations.mails import BRAND, SENDER, TO, VALUES, ensure_it_arrived, mail
from tests.support.smtp import parsed
from tests.support.world import World

pytestmark = pytest.mark.anyio

TEMPLATES = Path(__file__).parents[2] / "app" / "integrations" / "mail" / "templates"
KINDS = sorted({path.name.split(".")[0] for path in TEMPLATES.glob("*.txt")})


# The message


def test_a_message_has_text_and_html_and_is_plain_ascii() -> None:
    sent = mail()
    content = make_message(sent, SENDER).as_bytes()
    content.decode("ascii")
    assert all(len(line) <= 998 for line in content.split(b"\r\n"))
    message = parsed(content)
    assert message.get_content_type() == "multipart/alternative"
    kinds = [part.get_content_type() for part in message.iter_parts()]
    # RFC 2046, 5.1.4: the last part is the preferred part.
    assert kinds == ["text/plain", "text/html"]
    assert message["Message-ID"].endswith("@linky.example>")
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Date"].datetime.tzinfo is not None
    ensure_it_arrived(content, sent)


@pytest.mark.parametrize("subject", ["再設定" * 60, "a" * 300, "絵文字 🍣 と ｶﾅ", 'say "hi", 太郎'])
def test_any_subject_survives_encoding_and_parsing(subject: str) -> None:
    content = make_message(mail(subject=subject), SENDER).as_bytes()
    assert parsed(content)["Subject"] == subject


@pytest.mark.parametrize("ending", ["\r\n", "\n", "\r"])
@pytest.mark.parametrize("field", ["to", "subject"])
def test_a_line_break_cannot_add_a_header(field: str, ending: str) -> None:
    evil = f"x@example.com{ending}Bcc: victim@example.com"
    with pytest.raises((BadAddressError, ValueError), match=r"^$|linefeed or carriage return"):
        make_message(mail(**{field: evil}), SENDER)


@pytest.mark.parametrize(
    "address",
    [
        "=?utf-8?q?=76ictim?=@example.com",
        "=?utf-8?b?DQpCY2M6IHg=?=@example.com",
        "=?utf-8?q?x=00y?=@example.com",
        "花子@example.com",
        "no address",
    ],
)
async def test_a_job_gives_up_at_once_where_no_mail_can_be_addressed(
    world: World, tmp_path: Path, address: str
) -> None:
    """As plain text the first would become victim@example.com, past the limit of that address."""
    with pytest.raises(BadAddressError):
        make_message(mail(to=address), SENDER)
    world.runtime.mailer = FileMailer(tmp_path, SENDER)
    async with world.runtime.writing() as ctx:
        with capture_logs() as logs:
            await MailService(ctx).send(mail(to=address))
    assert [line["event"] for line in logs] == ["mail_not_addressed"]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("address", "written"),
    [
        ("hana@例え.jp", "hana@xn--r8jz45g.jp"),
        # Japanese carriers gave out such addresses, and providers tell them.
        ("hana..ko.@docomo.example", "hana..ko.@docomo.example"),
        ("hana@host.local", "hana@host.local"),
    ],
)
def test_unusual_addresses_are_written_as_servers_read_them(address: str, written: str) -> None:
    message = parsed(make_message(mail(to=address), SENDER).as_bytes())
    assert message["To"] == written


@pytest.mark.parametrize("ending", ["\r\n", "\n", "\r"])
@pytest.mark.parametrize("kind", KINDS)
def test_a_line_break_in_a_nickname_stays_in_the_text(kind: str, ending: str) -> None:
    evil = f"花子{ending}Bcc: victim@example.com{ending}{ending}<b>"
    made = render_mail(kind, TO, "ja", brand=BRAND, **VALUES | {"nickname": evil})
    message = parsed(make_message(made, SENDER).as_bytes())
    assert message["Bcc"] is None
    assert message["To"] == TO
    assert "<b>" not in made.html


# The templates


@pytest.mark.parametrize(
    ("kind", "values", "ja", "en"),
    [
        ("suspended", {}, "利用停止の期限：2026年", "Suspended until: 2026"),
        ("suspended", {"until": ""}, "利用停止の期限：無期限", "Duration: Permanent\n"),
        ("appeal_decided", {}, "内容を確認しました。", "and reversed our decision."),
        ("appeal_decided", {"overturned": ""}, "内容を確認しました。", "are keeping our decision."),
    ],
)
def test_a_mail_says_how_long_and_how_it_ended(
    kind: str, values: dict[str, str], ja: str, en: str
) -> None:
    for locale, words in (("ja", ja), ("en", en)):
        assert words in render_mail(kind, TO, locale, brand=BRAND, **VALUES | values).text


@pytest.mark.parametrize("kind", KINDS)
def test_each_mail_is_complete_in_both_languages(kind: str) -> None:
    ja, en = (render_mail(kind, TO, locale, brand=BRAND, **VALUES) for locale in ("ja", "en"))
    assert ja.subject != en.subject
    assert en.subject.isascii()
    assert not ja.subject.isascii()
    for made, locale in ((ja, "ja"), (en, "en")):
        assert "\n" not in made.subject
        assert f'<html lang="{locale}">' in made.html
        assert "{{" not in made.html + made.text
        for paragraph in made.text.strip().split("\n\n"):
            assert escape(paragraph, quote=False).replace("'", "&#39;") in made.html
    source = (TEMPLATES / f"{kind}.ja.txt").read_text(encoding="utf-8")
    if "link" in source:
        assert VALUES["link"] in ja.text
        assert f'href="{VALUES["link"].replace("&", "&amp;")}"' in ja.html
        assert f">{VALUES['button']}</a>" in ja.html


def test_a_missing_template_value_is_an_error() -> None:
    with pytest.raises(UndefinedError, match="nickname"):
        render_mail("password_changed", TO, "ja", brand=BRAND)


# Files


async def test_the_file_mailer_writes_the_whole_mail(tmp_path: Path) -> None:
    mailer = FileMailer(tmp_path / "mail", SENDER)
    first, second = (
        render_mail("password_changed", TO, "ja", brand=BRAND, **VALUES),
        mail(subject="二通目"),
    )
    await mailer.send(first)
    await mailer.send(second)
    files = sorted((tmp_path / "mail").iterdir())
    assert [file.suffix for file in files] == [".eml", ".eml"]
    ensure_it_arrived(files[0].read_bytes(), first)
    ensure_it_arrived(files[1].read_bytes(), second)


async def test_a_file_instead_of_the_folder_is_a_mail_error(tmp_path: Path) -> None:
    (tmp_path / "mail").write_text("in the way")
    with pytest.raises(MailError):
        await FileMailer(tmp_path / "mail", SENDER).send(mail())
