"""Mail through Amazon SES (API v2), with the role of the instance."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Any

from anyio import to_thread

from app.integrations.mail.base import (
    Mail,
    MailError,
    encoded_sender,
    make_message,
    recipient_of,
)

CONNECT_SECONDS = 2
READ_SECONDS = 5
ATTEMPTS = 3
"""All attempts with the pauses between them take less than `MAX_SECONDS`."""


class SesMailer:
    def __init__(self, sender: str, endpoint_url: str | None = None) -> None:
        self._sender = sender
        self._endpoint_url = endpoint_url
        self._lock = Lock()
        self._made_client: Any = None

    async def send(self, mail: Mail) -> None:
        message = make_message(mail, self._sender)
        sender = encoded_sender(message)
        await to_thread.run_sync(self._send, sender, recipient_of(message), message.as_bytes())

    async def check(self) -> None:
        await to_thread.run_sync(self._check)

    def _check(self) -> None:
        """Check that the account may send. New accounts are in a sandbox."""
        with _as_mail_error():
            account = self._client().get_account()
        if not account.get("SendingEnabled"):
            raise MailError("SES has paused sending for this account")
        if not account.get("ProductionAccessEnabled"):
            raise MailError("SES is in the sandbox: ask for production access")

    def _send(self, sender: str, to: str, content: bytes) -> None:
        with _as_mail_error():
            self._client().send_email(
                FromEmailAddress=sender,
                Destination={"ToAddresses": [to]},
                Content={"Raw": {"Data": content}},
            )

    def _client(self) -> Any:
        with self._lock:
            if self._made_client is None:
                self._made_client = self._make_client()
            return self._made_client

    def _make_client(self) -> Any:
        import boto3
        from botocore.config import Config

        return boto3.session.Session().client(
            "sesv2",
            endpoint_url=self._endpoint_url,
            config=Config(
                connect_timeout=CONNECT_SECONDS,
                read_timeout=READ_SECONDS,
                retries={"mode": "standard", "total_max_attempts": ATTEMPTS},
            ),
        )


@contextmanager
def _as_mail_error() -> Iterator[None]:
    """Turn boto3's errors into ours. SES quotes the address in its text, so only the code stays."""
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        yield
    except ClientError as error:
        raise MailError(error.response.get("Error", {}).get("Code", "")) from None
    except BotoCoreError as error:
        raise MailError(type(error).__name__) from None
