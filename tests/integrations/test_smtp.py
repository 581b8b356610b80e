"""Sending mail over SMTP to a real server: signing in, TLS, refusals and timeouts."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from app.core.settings.config import Settings
from app.integrations.mail import smtp
from app.integrations.mail.base import BadAddressError, MailError
from app.integrations.mail.render import render_mail
from app.integrations.mail.smtp import SmtpMailer
from tests.integrations.mails import BRAND, SENDER, TO, VALUES, ensure_it_arrived, mail
from tests.support.smtp import Inbox, smtp_server
from tests.support.tls import Authority

pytestmark = pytest.mark.anyio


def mailer_to(
    port: int, user: str | None = None, password: str | None = None, *, insists: bool = False
) -> SmtpMailer:
    return SmtpMailer("127.0.0.1", port, user, password, SENDER, insists_on_tls=insists)


async def test_a_real_smtp_server_accepts_the_mail() -> None:
    inbox = Inbox()
    sent = render_mail("reset_password", TO, "ja", brand=BRAND, **VALUES)
    with smtp_server(inbox) as port:
        await mailer_to(port).send(sent)
    (envelope,) = inbox.taken
    assert (envelope.mail_from, envelope.rcpt_tos) == ("no-reply@linky.example", [TO])
    assert isinstance(envelope.content, bytes)
    ensure_it_arrived(envelope.content, sent)


async def test_the_envelope_has_the_address_as_it_is_or_no_mail_is_sent() -> None:
    inbox = Inbox()
    with smtp_server(inbox) as port:
        await mailer_to(port).send(mail(to="hana@例え.jp"))
        with pytest.raises(BadAddressError):
            await mailer_to(port).send(mail(to="=?utf-8?q?=76ictim?=@example.com"))
    assert [envelope.rcpt_tos for envelope in inbox.taken] == [["hana@xn--r8jz45g.jp"]]


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
