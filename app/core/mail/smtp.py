"""Mail through any SMTP server: the portable way."""

from app.core.mail.base import Mail, MailError, make_message

SECONDS = 10


class SmtpMailer:
    """One connection a mail, with STARTTLS where the server offers it, or TLS on port 465."""

    def __init__(
        self, host: str, port: int, user: str | None, password: str | None, sender: str
    ) -> None:
        self._host = host
        self._port = port
        self._user = user
        self._password = password
        self._sender = sender

    async def send(self, mail: Mail) -> None:
        import aiosmtplib

        try:
            await aiosmtplib.send(
                make_message(mail, self._sender),
                hostname=self._host,
                port=self._port,
                username=self._user,
                password=self._password,
                use_tls=self._port == 465,
                timeout=SECONDS,
            )
        except (aiosmtplib.SMTPException, OSError) as error:
            # The server's words may quote the address, so they stay out of the log.
            raise MailError(type(error).__name__) from None
