"""The protocol of mailers, and the message that they send."""

from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, make_msgid
from typing import Protocol

from app.core.clock import utc_now

_POLICY = SMTP.clone(cte_type="7bit")
"""Seven bits: Japanese is encoded, because SES and other servers refuse eight bits."""


MAX_SECONDS = 25
"""How long handing over a mail may take. A few jobs of each kind wait at once (`Job.at_once`)."""


class MailError(Exception):
    """The mail was not accepted. The job that sends it tries again."""


class BadAddressError(MailError):
    """No mail can be sent to this address, now or later."""


@dataclass(frozen=True, slots=True)
class Mail:
    to: str
    subject: str
    text: str
    html: str


class Mailer(Protocol):
    """Hands a mail over for delivery. Raises MailError."""

    async def send(self, mail: Mail) -> None: ...

    async def check(self) -> None:
        """Check all that can be checked without a mail. Raises MailError with the reason."""
        ...


def make_message(mail: Mail, sender: str) -> EmailMessage:
    """The mail as multipart/alternative (RFC 2046, 5.1.4): the text first, the HTML preferred.

    Raises BadAddressError.
    """
    message = EmailMessage(policy=_POLICY)
    message["From"] = sender
    message["To"] = _addressee(mail.to)
    message["Subject"] = mail.subject
    message["Date"] = format_datetime(utc_now())
    message["Message-ID"] = make_msgid(domain=sender.rpartition("@")[2].strip(">") or None)
    # RFC 3834: no auto-responder answers this mail.
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(mail.text)
    message.add_alternative(mail.html, subtype="html")
    return message


def _addressee(address: str) -> Address:
    """The address as it is, in seven bits. As plain text it would be decoded by RFC 2047."""
    local, _, domain = address.rpartition("@")
    if not local or not local.isascii() or "=?" in local:
        raise BadAddressError
    try:
        # Not as one text, which refuses the old addresses of Japanese carriers (`a..b@`). A domain
        # of other letters has a form in ASCII.
        return Address(username=local, domain=domain.encode("idna").decode())
    except ValueError:
        raise BadAddressError from None


def encoded_sender(message: EmailMessage) -> str:
    """The sender on one line of ASCII (RFC 2047): SES takes no other letters."""
    _, _, folded = message["From"].fold(policy=_POLICY).partition(": ")
    return " ".join(folded.split())


def recipient_of(message: EmailMessage) -> str:
    addressee: Address = message["To"].addresses[0]
    return addressee.addr_spec
