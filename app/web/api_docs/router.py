"""The routes of the API reference, and of the OpenAPI document."""

from base64 import b64encode
from functools import cache
from hashlib import sha256
from pathlib import Path

import orjson
from anyio import to_thread
from fastapi import APIRouter, FastAPI, Request, Response

from app.core.errors import NotFound
from app.core.settings.brand import Brand
from app.core.templates import read_style, templates_in
from app.core.texts import Locale
from app.web.api_docs.catalog import translator
from app.web.api_docs.reference import Reference
from app.web.api_docs.texts import WORDS
from app.web.document.apps import for_apps
from app.web.locale import preferred_locale
from app.web.route import ApiRoute

DOCUMENT = "/openapi.json"
FOR_APPS = "/openapi-app.json"
_TEMPLATES = Path(__file__).parent / "templates"


def docs_router(app: FastAPI, brand: Brand, script: str | None) -> APIRouter:
    """The routes that show the app's document. `script` is the path of another script of the page.

    The page keeps no token: what it has was typed there, or comes from that script.
    """
    router = APIRouter(include_in_schema=False, route_class=ApiRoute)
    style = read_style(_TEMPLATES / "docs.css", brand.style).decode()
    code = (_TEMPLATES / "docs.js").read_text("utf-8")
    policy = (
        f"default-src 'none'; script-src 'self' {_hash(code)}; style-src {_hash(style)}; "
        "img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'"
    )

    @cache
    def reference(locale: Locale) -> Reference:
        return Reference(app.openapi(), locale, translator(locale))

    @router.get("/docs")
    @router.get("/docs/{operation_id}")
    async def show_docs(request: Request, operation_id: str | None = None) -> Response:
        locale = preferred_locale(request)
        # The first call makes the document, which takes a second.
        shown = await to_thread.run_sync(reference, locale)
        if operation_id is not None and operation_id not in shown.operations:
            raise NotFound
        html = (
            templates_in(_TEMPLATES)
            .get_template("docs.html")
            .render(
                brand=brand,
                locale=locale,
                reference=shown,
                here=shown.details(operation_id or shown.first),
                is_first=operation_id is None,
                style=style,
                code=code,
                script=script,
                words={name: text.in_(locale) for name, text in WORDS.items()},
            )
        )
        headers = {
            "Content-Security-Policy": policy,
            "Content-Language": locale,
            "Vary": "Accept-Language",
        }
        return Response(html, headers=headers, media_type="text/html")

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


def _hash(content: str) -> str:
    return f"'sha256-{b64encode(sha256(content.encode()).digest()).decode()}'"
