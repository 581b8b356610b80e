"""Mails to send, and a check that they arrived whole."""

from app.core.settings.brand import brand_of
from app.integrations.mail.base import Mail
from tests.support.smtp import parsed

SENDER = "Linky <no-reply@linky.example>"
TO = "hanako@example.com"
BRAND = brand_of("Linky", "", None, None)
VALUES = {
    "nickname": "はなこ",
    "link": "https://linky.example/x?a=1&b=2",
    "button": "進む",
    "way": "LINE",
    "ways": "LINE, Google",
    "outcome": "内容を確認しました。",
    "overturned": "yes",
    "note": "お待たせしました。",
    "until": "2026年12月8日（火）15:59",
    "reason": "宣伝の繰り返し",
    "hides": "yes",
}


def mail(**fields: str) -> Mail:
    """A mail to `TO`, with these fields instead of the usual ones."""
    made = {"to": TO, "subject": "パスワードの再設定", "text": "本文です\n", "html": "<p>本文</p>"}
    return Mail(**(made | fields))


def ensure_it_arrived(content: bytes, sent: Mail) -> None:
    """Check that a mail program reads the same subject, text and HTML."""
    message = parsed(content)
    assert message["Subject"] == sent.subject
    assert (message["To"], message["From"]) == (sent.to, SENDER)
    text, html = message.get_body(("plain",)), message.get_body(("html",))
    assert text is not None
    assert html is not None
    assert text.get_content().splitlines() == sent.text.splitlines()
    assert html.get_content().splitlines() == sent.html.splitlines()
