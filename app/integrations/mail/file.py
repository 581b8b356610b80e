"""The mailer for development: writes an `.eml` file per mail. Any mail program opens it."""

from pathlib import Path
from uuid import uuid4

import structlog
from anyio import to_thread

from app.core.clock import utc_now
from app.core.files import replace_file
from app.integrations.mail.base import Mail, MailError, make_message

log = structlog.get_logger(__name__)


class FileMailer:
    def __init__(self, folder: Path, sender: str) -> None:
        self._folder = folder
        self._sender = sender

    async def send(self, mail: Mail) -> None:
        content = make_message(mail, self._sender).as_bytes()
        name = await to_thread.run_sync(self._write, content)
        log.info("mail_written", file=name)

    async def check(self) -> None:
        """Checks nothing. The first mail shows whether the folder can be written."""

    def _write(self, content: bytes) -> str:
        name = f"{utc_now():%Y%m%dT%H%M%S.%f}-{uuid4().hex[:8]}.eml"
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            replace_file(self._folder / name, content)
        except OSError as error:
            raise MailError(error.strerror or str(error)) from error
        return name
