"""Mail through any SMTP server."""

import asyncio
from typing import Any

from app.integrations.mail.base import MAX_SECONDS, Mail, MailError, make_message, recipient_of

SECONDS = 10
"""The time-out of each step of the conversation."""

TLS_PORT = 465


class SmtpMailer:
    """Opens a connection for each mail: TLS from the start on port 465, STARTTLS on other ports.

    With `insists_on_tls`, a server that does not offer TLS gets neither mail nor password: an
    attacker between us could have removed the offer. The certificate is always verified.
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
            # None uses STARTTLS if the server offers it.
            "start_tls": True if insists_on_tls and port != TLS_PORT else None,
            "timeout": SECONDS,
        }

    async def send(self, mail: Mail) -> None:
        import aiosmtplib

        message = make_message(mail, self._sender)
        recipients = [recipient_of(message)]
        try:
            async with asyncio.timeout(MAX_SECONDS):
                await aiosmtplib.send(message, recipients=recipients, **self._server)
        except (aiosmtplib.SMTPException, OSError, ValueError) as error:
            # The server's text may quote the address, which must not be logged.
            raise MailError(type(error).__name__) from None

    async def check(self) -> None:
        import aiosmtplib

        try:
            async with aiosmtplib.SMTP(**self._server) as connection:
                await connection.noop()
        except (aiosmtplib.SMTPException, OSError, ValueError) as error:
            # No address is part of this conversation, so the reason may be shown.
            raise MailError(f"{type(error).__name__}: {error}") from None
