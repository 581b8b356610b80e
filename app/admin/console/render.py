"""Pages from templates, in the reader's language, with the headers that keep them to themselves."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit
from zoneinfo import ZoneInfo

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.responses import RedirectResponse

from app.admin.console.gate import COOKIE, PATH, form_token
from app.admin.policy import mark_of
from app.core.config import Settings
from app.core.errors import (
    AppError,
    NotAuthenticated,
    NotFound,
    ServiceUnavailable,
    SessionRevoked,
)
from app.core.templates import templates_in
from app.core.unavailable import is_unavailable
from app.core.words import Locale, preferred_locale
from app.integrations.storage import find_picture_key
from app.user.policy import Viewer
from app.web.problems import error_headers
from app.web.runtime import runtime_of

if TYPE_CHECKING:
    from jinja2 import Environment

_FOLDER = Path(__file__).parent
_ZONE = ZoneInfo("Asia/Tokyo")
SIGN_IN = f"{PATH}/sign-in"


def viewer_of(request: Request) -> Viewer | None:
    """The admin whom the gate has let in, if it was asked and has."""
    viewer = getattr(request.state, "console_admin", None)
    return viewer if isinstance(viewer, Viewer) else None


def locale_of(request: Request) -> Locale:
    """The admin's own; the browser's for who is not signed in."""
    viewer = viewer_of(request)
    if viewer is None:
        return preferred_locale(request.headers.get("accept-language"))
    return viewer.locale.value


def by_script(request: Request) -> bool:
    """Whether htmx asks, which takes a part of the page, and not the browser itself."""
    return request.headers.get("hx-request") == "true"


def render(request: Request, name: str, code: int = 200, /, **values: Any) -> Response:
    """A page of the console."""
    runtime, viewer = runtime_of(request), viewer_of(request)
    locale = locale_of(request)

    def t(ja: str, en: str) -> str:
        return en if locale == "en" else ja

    def age(moment: datetime) -> str:
        return _age(runtime.clock() - moment, t)

    def left(due: datetime) -> str:
        return _left(due - runtime.clock(), t)

    kept = {key: value for key, value in request.query_params.items() if key != "done"}
    shown = {
        "t": t,
        "locale": locale,
        "age": age,
        "left": left,
        "now": runtime.clock(),
        "here": request.url.path,
        "query": kept,
        "keep": f"?{urlencode(kept)}" if kept else "",
        "signed_in": viewer is not None,
        "me": str(viewer.user_id) if viewer else "",
        "token": form_token(viewer, runtime.settings),
        "by_script": by_script(request),
        "banner": "",
        "done": request.query_params.get("done", ""),
        "failed": None,
        "placed": False,
        **values,
    }
    html = _templates().get_template(name).render(shown)
    headers = {
        "Content-Security-Policy": _policy(runtime.settings),
        "Cache-Control": "no-store",
        "Vary": "Accept-Language, Cookie, HX-Request",
        "Content-Language": locale,
        # Without it a form would come from "null", and an old browser says nothing else.
        "Referrer-Policy": "same-origin",
    }
    return Response(html, code, headers, media_type="text/html")


def sentence(request: Request, error: AppError) -> str:
    """What a refusal says, to this reader."""
    return error.detail_in(locale_of(request))


class ConsoleRoute(APIRoute):
    """A route whose refusals are pages; who is not signed in is sent to where one signs in."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def handle_as_page(request: Request) -> Response:
            try:
                return await handle(request)
            except (NotAuthenticated, SessionRevoked):
                return _to_sign_in(request)
            except RequestValidationError:
                return refusal(request, NotFound())
            except AppError as error:
                return refusal(request, error)
            except Exception as error:
                if not is_unavailable(error):
                    raise
                return refusal(request, ServiceUnavailable())

        return handle_as_page


def _to_sign_in(request: Request) -> Response:
    if by_script(request):
        # A script would follow a 303 itself, and put the sign-in form into the page.
        return Response(headers={"HX-Redirect": SIGN_IN})
    response = RedirectResponse(SIGN_IN, 303)
    if request.cookies.get(COOKIE):
        response.delete_cookie(COOKIE, path=PATH, httponly=True, samesite="strict")
    return response


def refusal(request: Request, error: AppError) -> Response:
    """A page that says why there is no other."""
    title = error.title.in_(locale_of(request))
    response = render(
        request, "refusal.html", error.status, title=title, banner=sentence(request, error)
    )
    response.headers.update(error_headers(error))
    return response


def _policy(settings: Settings) -> str:
    media = urlsplit(settings.media_url)
    return (
        "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; "
        f"img-src 'self' {media.scheme}://{media.netloc}; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    )


def _age(gone: timedelta, t: Callable[[str, str], str]) -> str:
    if gone < timedelta(minutes=1):
        return t("たった今", "just now")
    return t(f"{_span(gone, t)}前", f"{_span(gone, t)} ago")


def _left(rest: timedelta, t: Callable[[str, str], str]) -> str:
    """How long there is until something is due, or since when it is late."""
    if rest < timedelta():
        return t(f"期限を {_span(-rest, t)}超過", f"late by {_span(-rest, t)}")
    return t(f"残り {_span(rest, t)}", f"{_span(rest, t)} left")


def _span(time: timedelta, t: Callable[[str, str], str]) -> str:
    minutes = int(time.total_seconds() // 60)
    if minutes < 60:
        return t(f"{minutes} 分", f"{minutes} min")
    if minutes < 48 * 60:
        return t(f"{minutes // 60} 時間", f"{minutes // 60} h")
    return t(f"{minutes // 1440} 日", f"{minutes // 1440} days")


def _time(moment: datetime) -> str:
    return moment.astimezone(_ZONE).strftime("%Y-%m-%d %H:%M")


def _picture(address: str) -> str:
    """Where the console loads a picture from: its own address works while it is hidden."""
    key = find_picture_key(address)
    return address if key is None else f"{PATH}/pictures/{key}"


_BROWSERS = ("Edg", "OPR", "Firefox", "FxiOS", "CriOS", "Chrome", "Safari")
"""Each before those that it claims to be as well."""

_NAMES = {"Edg": "Edge", "OPR": "Opera", "FxiOS": "Firefox", "CriOS": "Chrome"}
_SYSTEMS = ("iPhone", "iPad", "Android", "Windows", "Mac OS", "CrOS", "Linux")


def _device(user_agent: str) -> str:
    """Browser and system of a session, if that much can be told; else what it says of itself."""
    browser = next((one for one in _BROWSERS if one in user_agent), None)
    system = next((one for one in _SYSTEMS if one in user_agent), None)
    if browser is None or system is None:
        return user_agent
    name = f"{_NAMES.get(browser, browser)} · {system}"
    return f"Console · {name}" if user_agent.startswith("Console: ") else name


def _bars(days: Sequence[Any], name: str) -> list[Mapping[str, Any]]:
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
    from app.admin.console.assets import address_of

    made = templates_in(_FOLDER / "templates")
    made.filters["time"] = _time
    made.filters["device"] = _device
    made.filters["picture"] = _picture
    made.globals.update(bars=_bars, asset=address_of, mark=mark_of)
    return made
