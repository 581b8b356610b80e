"""`/docs`, the page of Swagger UI, and the document. They load nothing from other hosts."""

import re
from base64 import b64encode
from functools import cache
from hashlib import sha256
from html import escape
from pathlib import Path
from urllib.parse import urlsplit

import fastapi_offline
import orjson
from fastapi import APIRouter, FastAPI, Response
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.responses import HTMLResponse
from starlette.staticfiles import StaticFiles

from app.web.document.apps import for_apps
from app.web.route import ApiRoute

DOCUMENT = "/openapi.json"
FOR_APPS = "/openapi-app.json"
_FILES = "/static-offline-docs"
_SCRIPT = re.compile(rb"<script>(.*?)</script>", re.DOTALL)


def docs_router(app: FastAPI, address: str, *, keeps_token: bool) -> APIRouter:
    """The routes that show the app's document. Swagger UI calls the API at `address`.

    With `keeps_token` the page keeps its token in the browser, for as long as a developer likes. On
    the address of the console no token may stay.
    """
    router = APIRouter(include_in_schema=False, route_class=ApiRoute)
    page = get_swagger_ui_html(
        openapi_url=DOCUMENT,
        title=escape(f"{app.title} - Swagger UI"),
        oauth2_redirect_url=None,
        swagger_js_url=f"{_FILES}/swagger-ui-bundle.js",
        swagger_css_url=f"{_FILES}/swagger-ui.css",
        swagger_favicon_url="/favicon.ico",
        swagger_ui_parameters={
            "persistAuthorization": keeps_token,
            "docExpansion": "none",
            "filter": True,
        },
    )
    html = _accessible(bytes(page.body))
    policy = _policy(html, address)
    app.mount(_FILES, StaticFiles(directory=Path(fastapi_offline.__file__).parent / "static"))

    @router.get("/docs")
    async def show_docs() -> Response:
        return HTMLResponse(html, headers={"Content-Security-Policy": policy})

    @cache
    def document() -> bytes:
        return orjson.dumps(app.openapi())

    @cache
    def document_for_apps() -> bytes:
        return orjson.dumps(for_apps(app.openapi()))

    @router.get(DOCUMENT)
    async def show_document() -> Response:
        """Written at the first request, and kept: it takes ten milliseconds each time."""
        return Response(document(), media_type="application/json")

    @router.get(FOR_APPS)
    async def show_document_for_apps() -> Response:
        return Response(document_for_apps(), media_type="application/json")

    return router


def _accessible(page: bytes) -> bytes:
    """FastAPI's page names neither its language nor its main part, which a screen reader needs."""
    named = page.replace(b"<html>", b'<html lang="en">', 1)
    return named.replace(b'<div id="swagger-ui">\n    </div>', b'<main id="swagger-ui"></main>', 1)


def _policy(page: bytes, address: str) -> str:
    """No scripts but the page's own. Swagger UI writes styles, and draws by data URLs."""
    hashes = (b64encode(sha256(script).digest()).decode() for script in _SCRIPT.findall(page))
    scripts = " ".join(f"'sha256-{each}'" for each in hashes)
    server = urlsplit(address)
    return "; ".join(
        (
            *("default-src 'none'", f"script-src 'self' {scripts}"),
            *("style-src 'self' 'unsafe-inline'", "img-src 'self' data:"),
            f"connect-src 'self' {server.scheme}://{server.netloc}",
            *("base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'"),
        )
    )
