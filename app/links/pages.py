"""`/l/{id}`, `/p/{id}`, `/p/{id}/c/{id}`: the pages of links, for browsers without the app.

They need no script and one request, and show only what a guest may see. Everything else gets the
same page, which does not say why. `/.well-known/` tells phones which apps open these links.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from fastapi import APIRouter, Request, Response
from pydantic import TypeAdapter, ValidationError

from app.core.days import day_words
from app.core.errors import AppError, NotFound
from app.core.json import to_json
from app.core.schemas import Id
from app.core.settings.app_links import google_play_url, package_and_key
from app.core.settings.config import Settings
from app.core.templates import read_style, templates_in
from app.core.text import cut, cut_paragraphs
from app.core.texts import Locale
from app.links import texts
from app.links.rows import LinkedContent
from app.links.service import LinkService
from app.web.dependencies import ReadCtx
from app.web.limits import limited
from app.web.locale import preferred_locale
from app.web.open_app import OPEN_APP, app_address
from app.web.page_route import PageRoute
from app.web.runtime import runtime_of

_TEMPLATES = Path(__file__).parent / "templates"
_LIMIT = [limited("read", by_address=True)]
_ID: TypeAdapter[UUID] = TypeAdapter(Id)
_STORE_ID = re.compile(r"/id(\d+)")

EXCERPT = 600
"""Letters of a text on the page."""

DESCRIPTION = 160
"""Letters of a text in a preview, where more would be cut off."""


SHOWN_PICTURES = 4
"""Of a post, on its page. The last of them says how many more there are."""


class _Route(PageRoute):
    async def refusal_page(self, request: Request, error: AppError) -> Response:
        locale = preferred_locale(request)
        why = {"title": error.title.in_(locale), "text": error.detail_in(locale)}
        return _rendered(request, "gone.html", error.status, why)


router = APIRouter(include_in_schema=False, route_class=_Route)


@router.get("/l/{lounge_id}", dependencies=_LIMIT)
async def show_lounge(request: Request, lounge_id: str, ctx: ReadCtx) -> Response:
    links = ctx.service(LinkService)
    return await _page(request, links.open_lounge, lounge_id)


@router.get("/p/{post_id}", dependencies=_LIMIT)
async def show_post(request: Request, post_id: str, ctx: ReadCtx) -> Response:
    links = ctx.service(LinkService)
    return await _page(request, links.open_post, post_id)


@router.get("/p/{post_id}/c/{comment_id}", dependencies=_LIMIT)
async def show_comment(request: Request, post_id: str, comment_id: str, ctx: ReadCtx) -> Response:
    links = ctx.service(LinkService)
    return await _page(request, links.open_comment, post_id, comment_id)


@router.get("/.well-known/apple-app-site-association", dependencies=_LIMIT)
async def apple_apps(request: Request) -> Response:
    """The iOS apps that open our links. Apple fetches it without following a redirect."""
    app_ids = runtime_of(request).settings.apple_app_ids
    if not app_ids:
        raise NotFound
    paths = [{"/": "/l/*"}, {"/": "/p/*"}]
    return _well_known({"applinks": {"details": [{"appIDs": app_ids, "components": paths}]}})


@router.get("/.well-known/assetlinks.json", dependencies=_LIMIT)
async def android_apps(request: Request) -> Response:
    """The Android apps that open our links. An app may be signed by several keys."""
    apps = runtime_of(request).settings.android_apps
    if not apps:
        raise NotFound
    keys: defaultdict[str, list[str]] = defaultdict(list)
    for app in apps:
        package, key = package_and_key(app)
        keys[package].append(key)
    return _well_known([_statement(package, of_package) for package, of_package in keys.items()])


def _statement(package: str, keys: Sequence[str]) -> dict[str, Any]:
    return {
        "relation": ["delegate_permission/common.handle_all_urls"],
        "target": {
            "namespace": "android_app",
            "package_name": package,
            "sha256_cert_fingerprints": keys,
        },
    }


def _well_known(value: Any) -> Response:
    headers = {"Cache-Control": "public, max-age=3600"}
    return Response(to_json(value), headers=headers, media_type="application/json")


async def _page(
    request: Request, open_it: Callable[..., Awaitable[LinkedContent]], *ids: str
) -> Response:
    """Refuses in the same way all that a guest may not see."""
    try:
        opened = await open_it(*map(_ID.validate_python, ids))
    except (ValidationError, NotFound):
        locale = preferred_locale(request)
        refusal = {"title": texts.GONE_TITLE.in_(locale), "text": texts.GONE_TEXT.in_(locale)}
        return _rendered(request, "gone.html", 404, refusal)
    settings = runtime_of(request).settings
    shown = _shown(opened, settings, preferred_locale(request))
    return _rendered(request, "page.html", 200, shown, is_indexed=settings.links_indexed == "on")


def _rendered(
    request: Request,
    template: str,
    status: int,
    shown: Mapping[str, Any],
    *,
    is_indexed: bool = False,
) -> Response:
    settings, locale = runtime_of(request).settings, preferred_locale(request)
    html = (
        templates_in(_TEMPLATES)
        .get_template(template)
        .render(
            locale=locale,
            brand=settings.brand,
            style=_style(settings.brand.style),
            app=app_address(request),
            open_app=OPEN_APP.in_(locale),
            is_indexed=is_indexed,
            app_store=settings.app_store_url,
            google_play=google_play_url(settings.android_apps),
            privacy_url=settings.privacy_url,
            terms_url=settings.terms_url,
            words=_Words(locale),
            **shown,
        )
    )
    return Response(html, status, _headers(settings, locale, is_indexed), "text/html")


class _Words:
    """The texts in one language, for the template: `words.open_in_app`."""

    def __init__(self, locale: Locale) -> None:
        self._locale = locale

    def __getattr__(self, name: str) -> str:
        text: str = getattr(texts, name.upper()).in_(self._locale)
        return text


def _shown(opened: LinkedContent, settings: Settings, locale: Locale) -> dict[str, Any]:
    excerpt = cut_paragraphs(opened.text, EXCERPT)
    heading = opened.title
    if opened.kind == "comment":
        heading = texts.COMMENT_ON.in_(locale).format(title=opened.title)
    left = len(opened.pictures) - SHOWN_PICTURES
    store_id = _STORE_ID.search(settings.app_store_url or "")
    return {
        "item": opened,
        "picture": next(iter(opened.pictures), None),
        "shown": opened.pictures[:SHOWN_PICTURES],
        "more_pictures": f"+{left}" if left > 0 else "",
        "heading": heading,
        "excerpt": excerpt,
        "is_cut": excerpt != opened.text,
        "description": cut(opened.text, DESCRIPTION),
        "day": day_words(opened.created_at).in_(locale),
        "kind": texts.KINDS[opened.kind].in_(locale),
        "counts": _counts(opened, locale),
        "app_path": opened.path,
        "newest": [(post, day_words(post.created_at).in_(locale)) for post in opened.newest],
        "store_id": store_id and store_id[1],
        "og_locale": "ja_JP" if locale == "ja" else "en_US",
    }


def _counts(opened: LinkedContent, locale: Locale) -> list[str]:
    counts = (
        (texts.LIKES, texts.ONE["likes"], opened.like_count),
        (texts.COMMENTS, texts.ONE["comments"], opened.comment_count),
        (texts.POSTS, texts.ONE["posts"], opened.post_count),
    )
    return [texts.counted(words, one, count, locale) for words, one, count in counts if count]


def _headers(settings: Settings, locale: Locale, is_indexed: bool) -> dict[str, str]:
    media, style = urlsplit(settings.media_url), _style_hash(settings.brand.style)
    headers = {
        "Content-Security-Policy": f"default-src 'none'; style-src 'sha256-{style}'; "
        f"img-src 'self' {media.scheme}://{media.netloc}; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'",
        # What a moderator hides must not be shown from a cache.
        "Cache-Control": "no-cache",
        "Content-Language": locale,
        "Vary": "Accept-Language",
    }
    return headers if is_indexed else {**headers, "X-Robots-Tag": "noindex"}


@cache
def _style(colors: bytes) -> str:
    return read_style(_TEMPLATES / "style.css", colors).decode()


@cache
def _style_hash(colors: bytes) -> str:
    return b64encode(sha256(_style(colors).encode()).digest()).decode()
