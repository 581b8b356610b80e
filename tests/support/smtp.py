"""A real SMTP server on loopback that keeps the mails it accepts."""

from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope, Session

from tests.support.ports import free_port
from tests.support.waiting import HANG_SECONDS


def parsed(content: bytes) -> EmailMessage:
    message = message_from_bytes(content, policy=default)
    assert isinstance(message, EmailMessage)
    return message


class Inbox:
    """The accepted mails. `refusal` is the response to a recipient instead of accepting."""

    def __init__(self) -> None:
        self.taken: list[Envelope] = []
        self.signed_in: list[tuple[bytes, bytes]] = []
        self.refusal = ""

    async def handle_RCPT(  # noqa: N802
        self, _: Any, __: Any, envelope: Envelope, to: str, ___: Any
    ) -> str:
        if self.refusal:
            return self.refusal
        envelope.rcpt_tos.append(to)
        return "250 OK"

    async def handle_DATA(self, _: Any, __: Session, envelope: Envelope) -> str:  # noqa: N802
        self.taken.append(envelope)
        return "250 OK"

    def authenticate(self, _: Any, __: Any, ___: Any, mechanism: str, data: Any) -> AuthResult:
        self.signed_in.append((data.login, data.password))
        return AuthResult(success=data.password == b"right", handled=False)


@contextmanager
def smtp_server(inbox: Inbox, **options: Any) -> Iterator[int]:
    """Yields its port on loopback."""
    port = free_port()
    server = Controller(
        inbox, hostname="127.0.0.1", port=port, ready_timeout=HANG_SECONDS, **options
    )
    server.start()
    try:
        yield port
    finally:
        server.stop()
