"""Makes an HTML page of `linky dev`."""

from functools import cache
from pathlib import Path
from typing import Any

from fastapi import Request, Response

from app.core.templates import read_style, templates_in
from app.web.locale import preferred_locale
from linky_dev.texts import Texts
from linky_dev.tools import tools_of

_FOLDER = Path(__file__).parent
_TEMPLATES = _FOLDER / "templates"
_STATIC = _FOLDER / "static"
_CLIENT = _FOLDER / "client"

# No `form-action`: a browser applies it to redirects, too, and a sign-in ends at `linky://`.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' http: https: data:; "
    "connect-src 'self'; frame-src 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_TYPES = {".css": "text/css", ".js": "text/javascript"}


def page(request: Request, template: str, status: int = 200, **values: Any) -> Response:
    return Response(
        rendered(request, template, **values),
        status,
        {
            "Content-Security-Policy": POLICY,
            "Cache-Control": "no-store",
            "Vary": "Accept-Language",
        },
        "text/html",
    )


def client_page(request: Request) -> Response:
    """The page that the small web client runs in. The client knows its address from it."""
    html = (
        templates_in(_CLIENT)
        .get_template("index.html")
        .render(
            locale=preferred_locale(request),
            base_url=tools_of(request).settings.base_url,
            brand=tools_of(request).settings.brand,
        )
    )
    headers = {"Content-Security-Policy": POLICY, "Cache-Control": "no-cache"}
    return Response(html, headers=headers, media_type="text/html")


def rendered(request: Request, template: str, **values: Any) -> str:
    locale = preferred_locale(request)
    return (
        templates_in(_TEMPLATES)
        .get_template(template)
        .render(
            brand=tools_of(request).settings.brand,
            locale=locale,
            words=Texts(locale),
            base_url=tools_of(request).settings.base_url,
            **values,
        )
    )


@cache
def static_file(name: str, colors: bytes) -> tuple[bytes, str] | None:
    """The content and its type. None if there is no such file."""
    paths = {path.name: path for folder in (_STATIC, _CLIENT) for path in folder.iterdir()}
    path = paths.get(name) if Path(name).suffix in _TYPES else None
    if path is None:
        return None
    content = read_style(path, colors) if path.suffix == ".css" else path.read_bytes()
    return content, _TYPES[path.suffix]
