"""Pages from templates, in the reader's language, with the headers that keep them to themselves."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from pydantic import ValidationError
from starlette.responses import RedirectResponse

from app.admin.console.gate import form_token
from app.core.catalogue import FIELDS, PROBLEMS, UNKNOWN_FIELD, Locale, preferred_locale
from app.core.config import Settings
from app.core.errors import AppError, NotAuthenticated, NotFound, SessionRevoked
from app.core.problems import detail_of
from app.core.runtime import runtime_of

if TYPE_CHECKING:
    from jinja2 import Environment

    from app.user.policy import Viewer

_FOLDER = Path(__file__).parent
_ZONE = ZoneInfo("Asia/Tokyo")


def locale_of(request: Request) -> Locale:
    return preferred_locale(request.headers.get("accept-language"))


def render(
    request: Request, name: str, viewer: Viewer | None, code: int = 200, /, **values: Any
) -> Response:
    """A page of the console."""
    runtime = runtime_of(request)
    locale = locale_of(request)

    def t(ja: str, en: str) -> str:
        return en if locale == "en" else ja

    def age(moment: datetime) -> str:
        return _age(runtime.clock() - moment, t)

    shown = {
        "t": t,
        "locale": locale,
        "age": age,
        "now": runtime.clock(),
        "here": request.url.path,
        "query": request.query_params,
        "signed_in": viewer is not None,
        "me": str(viewer.user_id) if viewer else "",
        "token": form_token(viewer, runtime.settings),
        "banner": "",
        "done": request.query_params.get("done", ""),
        "failed": {},
        **values,
    }
    html = _templates().get_template(name).render(shown)
    headers = {
        "Content-Security-Policy": _policy(runtime.settings),
        "Cache-Control": "no-store",
        "Vary": "Accept-Language, Cookie",
        "Content-Language": locale,
    }
    return Response(html, code, headers, media_type="text/html")


def sentence(request: Request, error: AppError) -> str:
    return detail_of(error, locale_of(request))


def wrong_field(request: Request, error: ValidationError) -> str:
    """What is wrong with a form, by its first field."""
    first = error.errors()[0]
    words = FIELDS.get(first["type"], UNKNOWN_FIELD).in_(locale_of(request))
    return words.format(**first.get("ctx", {}))


class ConsoleRoute(APIRoute):
    """A route whose refusals are pages; who is not signed in is sent to where one signs in."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def handle_as_page(request: Request) -> Response:
            try:
                return await handle(request)
            except (NotAuthenticated, SessionRevoked):
                return RedirectResponse("/admin/sign-in", 303)
            except RequestValidationError:
                return _refusal(request, NotFound())
            except AppError as error:
                return _refusal(request, error)

        return handle_as_page


def _refusal(request: Request, error: AppError) -> Response:
    title = PROBLEMS[error.code].title.in_(locale_of(request))
    response = render(
        request, "refusal.html", None, error.status, title=title, banner=sentence(request, error)
    )
    response.headers.update(error.headers)
    return response


def _policy(settings: Settings) -> str:
    media = urlsplit(settings.media_url)
    return (
        "default-src 'none'; style-src 'self'; script-src 'self'; "
        f"img-src 'self' {media.scheme}://{media.netloc}; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    )


def _age(gone: timedelta, t: Callable[[str, str], str]) -> str:
    minutes = int(gone.total_seconds() // 60)
    if minutes < 1:
        return t("たった今", "just now")
    if minutes < 60:
        return t(f"{minutes} 分前", f"{minutes} min ago")
    if minutes < 48 * 60:
        return t(f"{minutes // 60} 時間前", f"{minutes // 60} h ago")
    return t(f"{minutes // 1440} 日前", f"{minutes // 1440} days ago")


def _time(moment: datetime) -> str:
    return moment.astimezone(_ZONE).strftime("%Y-%m-%d %H:%M")


def _hours_left(due: datetime, now: datetime) -> int:
    return int((due - now).total_seconds() // 3600)


def _bars(days: list[Any], name: str) -> list[Mapping[str, Any]]:
    """The bars of a chart, 32 high at most: height, number and day."""
    top = max((getattr(day, name) for day in days), default=0) or 1
    return [
        {
            "x": place * 8,
            "height": round(32 * getattr(day, name) / top, 1),
            "number": getattr(day, name),
            "day": day.day,
        }
        for place, day in enumerate(days)
    ]


@cache
def _templates() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    made = Environment(
        loader=FileSystemLoader(_FOLDER / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["time"] = _time
    made.globals.update(hours_left=_hours_left, bars=_bars)
    return made


@cache
def style() -> bytes:
    return (_FOLDER / "static" / "console.css").read_bytes()
