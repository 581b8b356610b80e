"""Mail, behind a protocol: files in development, SMTP or SES in production."""

from app.core.mail.base import Mail, Mailer, MailError, make_message
from app.core.mail.file import FileMailer
from app.core.mail.render import render_mail
from app.core.mail.ses import SesMailer
from app.core.mail.smtp import SmtpMailer

__all__ = [
    "FileMailer",
    "Mail",
    "MailError",
    "Mailer",
    "SesMailer",
    "SmtpMailer",
    "make_message",
    "render_mail",
]
