"""The page of an error, for a browser that opened an address of ours; and the icon of all pages.

Outside of `/api` only: a program may name `text/html`, too, and an app wants a problem.
"""

from base64 import b64encode
from functools import cache
from hashlib import sha256
from pathlib import Path

from fastapi import APIRouter, Request, Response

from app.core.errors import AppError
from app.core.settings.app_icon import PREFIX
from app.core.templates import read_style, templates_in
from app.web.locale import preferred_locale
from app.web.open_app import OPEN_APP, app_address
from app.web.route import ApiRoute
from app.web.runtime import runtime_of

_TEMPLATES = Path(__file__).parent / "templates"

router = APIRouter(include_in_schema=False, route_class=ApiRoute)


@router.get("/favicon.ico")
async def show_favicon(request: Request) -> Response:
    """Browsers request it automatically where a page names no icon."""
    return _icon(request, "public, max-age=86400")


@router.get(f"{PREFIX}{{digest}}")
async def show_icon(request: Request, digest: str) -> Response:
    """A page from before a change asks for an old digest. It gets the present icon."""
    is_present = f"{PREFIX}{digest}" == runtime_of(request).settings.brand.icon_url
    return _icon(request, "public, max-age=31536000, immutable" if is_present else "no-store")


def _icon(request: Request, kept: str) -> Response:
    icon = runtime_of(request).settings.brand.icon
    headers = {"Cache-Control": kept, "Content-Security-Policy": "default-src 'none'"}
    return Response(icon.content, headers=headers, media_type=icon.media_type)


def is_for_browser(request: Request) -> bool:
    """A browser that opens a page names `text/html`; a program says `*/*` or nothing."""
    is_page = not request.url.path.startswith("/api/")
    return is_page and "text/html" in request.headers.get("accept", "")


def error_page(request: Request, error: AppError) -> Response:
    locale, brand = preferred_locale(request), runtime_of(request).settings.brand
    html = (
        templates_in(_TEMPLATES)
        .get_template("error.html")
        .render(
            brand=brand,
            locale=locale,
            style=_style(brand.style),
            title=error.title.in_(locale),
            text=error.detail_in(locale),
            app=app_address(request),
            open_app=OPEN_APP.in_(locale),
        )
    )
    digest = _style_hash(brand.style)
    headers = {
        "Content-Security-Policy": f"default-src 'none'; style-src 'sha256-{digest}'; "
        "img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        "Content-Language": locale,
    }
    return Response(html, error.status, headers, "text/html")


@cache
def _style(colors: bytes) -> str:
    return read_style(_TEMPLATES / "error.css", colors).decode()


@cache
def _style_hash(colors: bytes) -> str:
    return b64encode(sha256(_style(colors).encode()).digest()).decode()
