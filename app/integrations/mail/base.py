"""What every mailer can do, and the message that all of them send."""

from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, make_msgid
from typing import Protocol

from app.core.clock import utc_now

_POLICY = SMTP.clone(cte_type="7bit")
"""Japanese is encoded, since not every server on the way takes eight bits (SES does not)."""


MOST_SECONDS = 25
"""In which a mail is taken or not: a job that mails a token has it in its transaction meanwhile,
and the database ends those that are idle for 30 s.
"""


class MailError(Exception):
    """The mail was not taken. The job that sends it tries again."""


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail to one reader, as text and as HTML."""

    to: str
    subject: str
    text: str
    html: str


class Mailer(Protocol):
    """Hands a mail to whoever delivers it. Raises MailError."""

    async def send(self, mail: Mail) -> None: ...

    async def check(self) -> None:
        """Go as far as one can without a mail. Raises MailError, which says what is wrong."""
        ...


def make_message(mail: Mail, sender: str) -> EmailMessage:
    """The mail as multipart/alternative (RFC 2046, 5.1.4): the text first, the HTML preferred."""
    message = EmailMessage(policy=_POLICY)
    message["From"] = sender
    message["To"] = mail.to
    message["Subject"] = mail.subject
    message["Date"] = format_datetime(utc_now())
    message["Message-ID"] = make_msgid(domain=sender.rpartition("@")[2].strip(">") or None)
    # RFC 3834: no machine answers a machine.
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(mail.text)
    message.add_alternative(mail.html, subtype="html")
    return message
