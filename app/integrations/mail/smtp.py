"""Mail through any SMTP server: the portable way."""

import asyncio
from typing import Any

from app.integrations.mail.base import MOST_SECONDS, Mail, MailError, make_message

SECONDS = 10
"""For each step of the conversation."""

TLS_PORT = 465


class SmtpMailer:
    """One connection a mail: TLS from the start on port 465, STARTTLS on others.

    Where TLS is insisted on, a server that does not offer it gets no mail and no password: whoever
    sits between us can strike the offer out. Its certificate is checked in any case.
    """

    def __init__(
        self,
        host: str,
        port: int,
        user: str | None,
        password: str | None,
        sender: str,
        *,
        insists_on_tls: bool,
    ) -> None:
        self._sender = sender
        self._server: dict[str, Any] = {
            "hostname": host,
            "port": port,
            "username": user,
            "password": password,
            "use_tls": port == TLS_PORT,
            # None takes it where it is offered.
            "start_tls": True if insists_on_tls and port != TLS_PORT else None,
            "timeout": SECONDS,
        }

    async def send(self, mail: Mail) -> None:
        import aiosmtplib

        try:
            async with asyncio.timeout(MOST_SECONDS):
                await aiosmtplib.send(make_message(mail, self._sender), **self._server)
        except (aiosmtplib.SMTPException, OSError, ValueError) as error:
            # The server's words may quote the address, so they stay out of the log.
            raise MailError(type(error).__name__) from None

    async def check(self) -> None:
        import aiosmtplib

        try:
            async with aiosmtplib.SMTP(**self._server) as connection:
                await connection.noop()
        except (aiosmtplib.SMTPException, OSError, ValueError) as error:
            # Nobody's address is in this conversation, so the reason can be told.
            raise MailError(f"{type(error).__name__}: {error}") from None
