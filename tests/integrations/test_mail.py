"""Sending mail: the message, files, a real SMTP server, and SES's API over HTTP."""

import asyncio
import base64
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
from jinja2 import UndefinedError

from app.core.config import Settings
from app.core.database import SERVER_SETTINGS
from app.integrations.mail import (
    FileMailer,
    Mail,
    MailError,
    SesMailer,
    SmtpMailer,
    make_message,
    render_mail,
    smtp,
)
from app.integrations.mail import ses as ses_module
from app.integrations.mail.base import MAX_SECONDS
from tests.support.aws import REGION, aws_server
from tests.support.smtp import Inbox, parsed, smtp_server
from tests.support.tls import Authority
from tests.support.waiting import HANG_SECONDS

pytestmark = pytest.mark.anyio

SENDER = "Linky <no-reply@linky.example>"
TEMPLATES = Path(__file__).parents[2] / "app" / "integrations" / "mail" / "templates"
KINDS = sorted({path.name.split(".")[0] for path in TEMPLATES.glob("*.txt")})
VALUES = {
    "nickname": "はなこ",
    "link": "https://linky.example/x?a=1&b=2",
    "button": "進む",
    "way": "LINE",
    "outcome": "内容を確認しました。",
    "note": "お待たせしました。",
}
TO = "hanako@example.com"


def mail(**fields: str) -> Mail:
    made = {"to": TO, "subject": "パスワードの再設定", "text": "本文です\n", "html": "<p>本文</p>"}
    return Mail(**(made | fields))


def ensure_it_arrived(content: bytes, sent: Mail) -> None:
    """Check that a mail program reads the same subject, text and HTML."""
    message = parsed(content)
    assert message["Subject"] == sent.subject
    assert (message["To"], message["From"]) == (sent.to, SENDER)
    text, html = message.get_body(("plain",)), message.get_body(("html",))
    assert text is not None
    assert html is not None
    assert text.get_content().splitlines() == sent.text.splitlines()
    assert html.get_content().splitlines() == sent.html.splitlines()


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
    with pytest.raises(ValueError, match="linefeed or carriage return"):
        make_message(mail(**{field: evil}), SENDER)


@pytest.mark.parametrize("ending", ["\r\n", "\n", "\r"])
@pytest.mark.parametrize("kind", KINDS)
def test_a_line_break_in_a_nickname_stays_in_the_text(kind: str, ending: str) -> None:
    evil = f"花子{ending}Bcc: victim@example.com{ending}{ending}<b>"
    made = render_mail(kind, TO, "ja", **VALUES | {"nickname": evil})
    message = parsed(make_message(made, SENDER).as_bytes())
    assert message["Bcc"] is None
    assert message["To"] == TO
    assert "<b>" not in made.html


# The templates


@pytest.mark.parametrize("kind", KINDS)
def test_each_mail_is_complete_in_both_languages(kind: str) -> None:
    ja, en = (render_mail(kind, TO, locale, **VALUES) for locale in ("ja", "en"))
    assert ja.subject != en.subject
    assert en.subject.isascii()
    assert not ja.subject.isascii()
    for made, locale in ((ja, "ja"), (en, "en")):
        assert "\n" not in made.subject
        assert f'<html lang="{locale}">' in made.html
        assert "{{" not in made.html + made.text
        for paragraph in made.text.strip().split("\n\n"):
            assert paragraph.replace("&", "&amp;") in made.html
    source = (TEMPLATES / f"{kind}.ja.txt").read_text(encoding="utf-8")
    if "link" in source:
        assert VALUES["link"] in ja.text
        assert f'href="{VALUES["link"].replace("&", "&amp;")}"' in ja.html
        assert f">{VALUES['button']}</a>" in ja.html


def test_a_missing_template_value_is_an_error() -> None:
    with pytest.raises(UndefinedError, match="nickname"):
        render_mail("password_changed", TO, "ja")


# Files


async def test_the_file_mailer_writes_the_whole_mail(tmp_path: Path) -> None:
    mailer = FileMailer(tmp_path / "mail", SENDER)
    first, second = render_mail("password_changed", TO, "ja", **VALUES), mail(subject="二通目")
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


# SMTP


def mailer_to(
    port: int, user: str | None = None, password: str | None = None, *, insists: bool = False
) -> SmtpMailer:
    return SmtpMailer("127.0.0.1", port, user, password, SENDER, insists_on_tls=insists)


async def test_a_real_smtp_server_accepts_the_mail() -> None:
    inbox = Inbox()
    sent = render_mail("reset_password", TO, "ja", **VALUES)
    with smtp_server(inbox) as port:
        await mailer_to(port).send(sent)
    (envelope,) = inbox.taken
    assert (envelope.mail_from, envelope.rcpt_tos) == ("no-reply@linky.example", [TO])
    assert isinstance(envelope.content, bytes)
    ensure_it_arrived(envelope.content, sent)


@pytest.mark.parametrize("password", ["right", "wrong"])
async def test_smtp_signs_in_if_a_user_is_set(password: str) -> None:
    inbox = Inbox()
    options = {"authenticator": inbox.authenticate, "auth_require_tls": False}
    with smtp_server(inbox, **options) as port:
        mailer = mailer_to(port, "linky", password)
        if password == "right":
            await mailer.send(mail())
        else:
            with pytest.raises(MailError, match="SMTPAuthenticationError"):
                await mailer.send(mail())
    assert (b"linky", password.encode()) in inbox.signed_in
    assert len(inbox.taken) == (password == "right")


async def test_an_smtp_refusal_is_reported_without_the_address() -> None:
    inbox = Inbox()
    inbox.refusal = f"550 5.1.1 <{TO}> is unknown here"
    with smtp_server(inbox) as port:
        mailer = mailer_to(port)
        with pytest.raises(MailError) as refused:
            await mailer.send(mail())
        inbox.refusal = ""
        await mailer.send(mail())
    assert str(refused.value) == "SMTPRecipientsRefused"
    assert refused.value.__suppress_context__
    assert len(inbox.taken) == 1


async def test_an_unreachable_smtp_server_is_a_mail_error() -> None:
    with smtp_server(Inbox()) as port:
        pass
    with pytest.raises(MailError, match="SMTPConnectError"):
        await mailer_to(port).send(mail())


async def test_an_smtp_server_that_is_slow_at_each_step_times_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class SlowInbox(Inbox):
        is_slow = True

        async def handle_RCPT(self, *args: Any) -> str:  # noqa: N802
            while self.is_slow:
                await asyncio.sleep(0.02)
            return await super().handle_RCPT(*args)

    inbox = SlowInbox()
    monkeypatch.setattr(smtp, "MAX_SECONDS", 0.3)
    with smtp_server(inbox) as port:
        with pytest.raises(MailError, match="TimeoutError"):
            await mailer_to(port).send(mail())
        inbox.is_slow = False
    assert inbox.taken == []


async def test_with_required_tls_a_server_without_it_gets_no_mail_and_no_password() -> None:
    inbox = Inbox()
    options = {"authenticator": inbox.authenticate, "auth_require_tls": False}
    with smtp_server(inbox, **options) as port:
        mailer = mailer_to(port, "linky", "right", insists=True)
        with pytest.raises(MailError, match="SMTPException"):
            await mailer.send(mail())
        with pytest.raises(MailError, match="STARTTLS"):
            await mailer.check()
        assert (inbox.taken, inbox.signed_in) == ([], [])
        # The same server gets the mail if TLS is not required.
        await mailer_to(port, "linky", "right").send(mail())
    assert len(inbox.taken) == len(inbox.signed_in) == 1


async def test_with_required_tls_a_server_with_a_trusted_certificate_gets_the_mail(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority = Authority(tmp_path)
    inbox = Inbox()
    options = {"authenticator": inbox.authenticate, "tls_context": authority.server_context()}
    with smtp_server(inbox, **options) as port:
        mailer = mailer_to(port, "linky", "right", insists=True)
        # This authority is not trusted yet.
        with pytest.raises(MailError, match=r"SMTPConnectError|SSL|SMTPException"):
            await mailer.send(mail())
        assert inbox.taken == []
        monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
        await mailer.check()
        assert inbox.taken == []
        await mailer.send(mail())
    assert len(inbox.taken) == 1
    assert set(inbox.signed_in) == {(b"linky", b"right")}


async def test_a_check_reports_a_wrong_password() -> None:
    inbox = Inbox()
    options = {"authenticator": inbox.authenticate, "auth_require_tls": False}
    with smtp_server(inbox, **options) as port:
        with pytest.raises(MailError, match="SMTPAuthenticationError"):
            await mailer_to(port, "linky", "wrong").check()
        await mailer_to(port, "linky", "right").check()
    assert inbox.taken == []


@pytest.mark.parametrize(
    ("settings", "insists"),
    [
        ({}, True),
        ({"smtp_port": 465}, True),
        ({"smtp_port": 25}, False),
        ({"smtp_host": "localhost"}, False),
        ({"smtp_host": "127.0.0.1", "smtp_starttls": "required"}, True),
        ({"smtp_port": 25, "smtp_starttls": "required"}, True),
        ({"smtp_starttls": "offered"}, False),
    ],
)
def test_smtp_requires_tls_except_on_loopback_and_port_25(
    settings: dict[str, Any], insists: bool
) -> None:
    made = Settings(_env_file=None, **{"smtp_host": "smtp.example", **settings})  # type: ignore[call-arg]
    assert made.smtp_insists_on_tls is insists


# SES


class FakeSes:
    """The part of SES's API v2 that we use. `refusals` are its next answers: status, code, text."""

    def __init__(self) -> None:
        self.taken: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.refusals: list[tuple[int, str, str]] = []
        self.account = {"SendingEnabled": True, "ProductionAccessEnabled": True}
        self.url = ""


@pytest.fixture
def ses(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeSes]:
    fake = FakeSes()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            assert self.path == "/v2/email/account"
            status, code, words = fake.refusals.pop(0) if fake.refusals else (200, "", "")
            self.answer(status, code, {"message": words} if code else fake.account)

        def do_POST(self) -> None:
            assert self.path == "/v2/email/outbound-emails"
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status, code, words = fake.refusals.pop(0) if fake.refusals else (200, "", "")
            if not code:
                fake.taken.append(json.loads(body))
                fake.headers.append(dict(self.headers))
            self.answer(status, code, {"message": words} if code else {"MessageId": "1"})

        def answer(self, status: int, code: str, body: dict[str, Any]) -> None:
            content = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            if code:
                self.send_header("x-amzn-ErrorType", code)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: Any) -> None:
            """No log."""

    for name, value in {
        "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_DEFAULT_REGION": "ap-northeast-1",
        "AWS_EC2_METADATA_DISABLED": "true",
    }.items():
        monkeypatch.setenv(name, value)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    fake.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    yield fake
    server.shutdown()
    server.server_close()
    thread.join()


async def test_ses_gets_the_whole_mail_in_a_signed_request(ses: FakeSes) -> None:
    sent = render_mail("verify_email", TO, "ja", **VALUES)
    await SesMailer(SENDER, ses.url).send(sent)
    (taken,) = ses.taken
    assert taken["Destination"] == {"ToAddresses": [TO]}
    assert taken["FromEmailAddress"] == SENDER
    ensure_it_arrived(base64.b64decode(taken["Content"]["Raw"]["Data"]), sent)
    assert "/ap-northeast-1/ses/aws4_request" in ses.headers[0]["Authorization"]


async def test_a_refusal_of_ses_is_reported_by_its_code_without_the_address(ses: FakeSes) -> None:
    mailer = SesMailer(SENDER, ses.url)
    ses.refusals = [(400, "MessageRejected", f"Email address is not verified: {TO}")]
    with pytest.raises(MailError) as refused:
        await mailer.send(mail())
    assert str(refused.value) == "MessageRejected"
    assert refused.value.__suppress_context__
    await mailer.send(mail())
    assert len(ses.taken) == 1


async def test_a_check_of_ses_reports_the_sandbox_and_a_pause(ses: FakeSes) -> None:
    mailer = SesMailer(SENDER, ses.url)
    await mailer.check()
    ses.account["ProductionAccessEnabled"] = False
    with pytest.raises(MailError, match="sandbox"):
        await mailer.check()
    ses.account["SendingEnabled"] = False
    with pytest.raises(MailError, match="paused"):
        await mailer.check()
    ses.refusals = [(403, "AccessDeniedException", "no")]
    with pytest.raises(MailError, match="AccessDeniedException"):
        await mailer.check()
    assert ses.taken == []


async def test_ses_accepts_the_mail_by_its_own_rules(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tested with moto, which checks the sender's identity as SES does."""
    sent = render_mail("verify_email", TO, "ja", **VALUES)
    with aws_server() as aws:
        for name, value in {
            "AWS_ACCESS_KEY_ID": "operator",
            "AWS_SECRET_ACCESS_KEY": "operator",
            "AWS_DEFAULT_REGION": REGION,
        }.items():
            monkeypatch.setenv(name, value)
        mailer = SesMailer(SENDER, aws.url)
        with pytest.raises(MailError, match="MessageRejected"):
            await mailer.send(sent)
        aws.client("sesv2").create_email_identity(EmailIdentity="linky.example")
        await mailer.send(sent)
        (taken,) = httpx.get(f"{aws.url}/moto-api/data.json", timeout=HANG_SECONDS).json()["ses"][
            "RawMessage"
        ]
    assert set(taken["destinations"]) == {TO}
    ensure_it_arrived(taken["raw_data"].encode(), sent)


def test_sending_a_mail_times_out_before_the_databases_idle_timeout() -> None:
    # boto3's standard mode waits up to 1 s before the first retry and 2 s before the second.
    longest_requests = ses_module.ATTEMPTS * (ses_module.CONNECT_SECONDS + ses_module.READ_SECONDS)
    assert longest_requests + 1 + 2 < MAX_SECONDS
    idle_timeout = SERVER_SETTINGS["idle_in_transaction_session_timeout"]
    assert int(idle_timeout.removesuffix("s")) > MAX_SECONDS


async def test_a_throttled_ses_request_is_retried(ses: FakeSes) -> None:
    ses.refusals = [(429, "TooManyRequestsException", "slow down")]
    await SesMailer(SENDER, ses.url).send(mail())
    assert (len(ses.taken), ses.refusals) == (1, [])


async def test_unreachable_ses_or_a_missing_region_is_a_mail_error(
    ses: FakeSes, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with pytest.raises(MailError, match="EndpointConnectionError"):
        await SesMailer(SENDER, "http://127.0.0.1:9").send(mail())
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    with pytest.raises(MailError, match="NoRegionError"):
        await SesMailer(SENDER).send(mail())
