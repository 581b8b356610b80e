"""Mails out of templates: for each kind a text and an HTML one, with both languages in it."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from app.integrations.mail.base import Mail

if TYPE_CHECKING:
    from jinja2 import Environment


def render_mail(kind: str, to: str, locale: str, **values: Any) -> Mail:
    """The mail `kind` (the name of its templates) in a language, `ja` or `en`.

    A template's first line is the subject. A value that a template asks for and does not get is
    an error, and never an empty place.
    """
    text = _templates().get_template(f"{kind}.{locale}.txt").render(**values)
    subject, _, body = text.partition("\n")
    html = (
        _templates()
        .get_template("layout.html")
        .render(locale=locale, subject=subject, paragraphs=_paragraphs(body), **values)
    )
    return Mail(to=to, subject=subject.strip(), text=body.strip() + "\n", html=html)


def _paragraphs(body: str) -> list[str]:
    return [part.strip() for part in body.strip().split("\n\n") if part.strip()]


@cache
def _templates() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

    return Environment(
        loader=PackageLoader("app.integrations.mail"),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
    )
