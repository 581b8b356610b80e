"""The page of an error, for a browser that opened an address of ours; and the icon of all pages.

Outside of `/api` only: a program may name `text/html`, too, and an app wants a problem.
"""

from base64 import b64encode
from functools import cache
from hashlib import sha256
from pathlib import Path

from fastapi import APIRouter, Request, Response

from app.core.errors import AppError
from app.core.templates import read_icon, read_style, templates_in
from app.web.locale import preferred_locale
from app.web.route import ApiRoute

_TEMPLATES = Path(__file__).parent / "templates"

router = APIRouter(include_in_schema=False, route_class=ApiRoute)


@router.get("/favicon.ico")
async def show_icon() -> Response:
    """Browsers ask for it by themselves on each page."""
    headers = {"Cache-Control": "public, max-age=86400"}
    return Response(read_icon(), headers=headers, media_type="image/svg+xml")


def is_for_browser(request: Request) -> bool:
    """A browser that opens a page names `text/html`; a program says `*/*` or nothing."""
    is_page = not request.url.path.startswith("/api/")
    return is_page and "text/html" in request.headers.get("accept", "")


def error_page(request: Request, error: AppError) -> Response:
    locale = preferred_locale(request)
    html = (
        templates_in(_TEMPLATES)
        .get_template("error.html")
        .render(
            locale=locale,
            style=_style(),
            title=error.title.in_(locale),
            text=error.detail_in(locale),
        )
    )
    headers = {
        "Content-Security-Policy": f"default-src 'none'; style-src 'sha256-{_style_hash()}'; "
        "img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        "Content-Language": locale,
    }
    return Response(html, error.status, headers, "text/html")


@cache
def _style() -> str:
    return read_style(_TEMPLATES / "error.css").decode()


@cache
def _style_hash() -> str:
    return b64encode(sha256(_style().encode()).digest()).decode()
