"""Mails from templates. Each kind has a text in each language; all share one HTML layout."""

from pathlib import Path
from typing import Any

from app.core.settings.brand import Brand
from app.core.templates import templates_in
from app.integrations.mail.base import Mail

_FOLDER = Path(__file__).parent / "templates"


def render_mail(kind: str, to: str, locale: str, *, brand: Brand, **values: Any) -> Mail:
    """The mail `kind` (the name of its templates) in a language, `ja` or `en`.

    A template's first line is the subject. A missing value is an error, not an empty string.
    """
    templates = templates_in(_FOLDER)
    text = templates.get_template(f"{kind}.{locale}.txt").render(brand=brand, **values)
    subject, _, body = text.partition("\n")
    html = templates.get_template("layout.html").render(
        locale=locale, subject=subject, paragraphs=_paragraphs(body), brand=brand, **values
    )
    return Mail(to=to, subject=subject.strip(), text=body.strip() + "\n", html=html)


def _paragraphs(body: str) -> list[str]:
    return [part.strip() for part in body.strip().split("\n\n") if part.strip()]
