"""Mail, behind a protocol: files in development, SMTP or SES in production."""

from app.integrations.mail.base import BadAddressError, Mail, Mailer, MailError, make_message
from app.integrations.mail.file import FileMailer
from app.integrations.mail.render import render_mail
from app.integrations.mail.ses import SesMailer
from app.integrations.mail.smtp import SmtpMailer

__all__ = [
    "BadAddressError",
    "FileMailer",
    "Mail",
    "MailError",
    "Mailer",
    "SesMailer",
    "SmtpMailer",
    "make_message",
    "render_mail",
]
