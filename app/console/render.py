"""Pages from templates, in the admin's language, with headers that keep them private."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import cache, partial
from pathlib import Path
from secrets import token_urlsafe
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit
from uuid import UUID

from fastapi import Request, Response

from app.admin import policy
from app.admin.rows import FrameRow, LiveRow
from app.admin.service.console.undo import UNDO_SHOWN, UNDO_TAKEN
from app.console import charts, formats
from app.console.assets import address_of
from app.console.done_texts import NO_TERM, SAID, SOMEBODY, TERMS, name_of
from app.console.gate import PATH, form_token, keep_visit
from app.console.log_texts import act_in_words, changes_in_words
from app.core.days import day_of
from app.core.errors import AppError
from app.core.settings.config import Settings
from app.core.templates import templates_in
from app.core.texts import Locale
from app.user.enums import Role
from app.user.policy import Viewer, shown_email
from app.web.locale import preferred_locale
from app.web.runtime import runtime_of

if TYPE_CHECKING:
    from jinja2 import Environment

_FOLDER = Path(__file__).parent
MARKER = "Linky-Console"
"""The header by which the script knows our answers from those of a proxy, or of anything else."""

PAGE, REFUSAL, SIGNED_OUT, LIVE = "page", "refusal", "signed-out", "live"
"""Its values. The script shows a page. For the others it keeps the form, and says what happened."""

OF_LAST_ACT = ("done", "act", "about", "term", "number")
"""The parts of a page's query that say what led to it: the word for it, and the id to undo it."""

ITEM = "item"
"""The part of a page's query that says which card is chosen."""

SIGN_IN = f"{PATH}/sign-in"
SECOND_STEP = f"{SIGN_IN}/code"


def viewer_of(request: Request) -> Viewer | None:
    """The admin of this request; None before the gate has let them in."""
    viewer = getattr(request.state, "console_admin", None)
    return viewer if isinstance(viewer, Viewer) else None


def locale_of(request: Request) -> Locale:
    """The admin's own language. Before they sign in, the browser's."""
    viewer = viewer_of(request)
    if viewer is None:
        return preferred_locale(request)
    return viewer.locale.value


def by_script(request: Request) -> bool:
    """Whether htmx sends the request. It shows only a part of the page that it gets."""
    return request.headers.get("hx-request") == "true"


def render(
    request: Request, name: str, status: int = 200, mark: str = PAGE, /, **values: Any
) -> Response:
    """A page of the console. `mark` tells the script what to do with it."""
    shown = {**_shared_values(request), **values}
    html = _templates().get_template(name).render(shown)
    headers = {
        "Content-Security-Policy": _policy(runtime_of(request).settings),
        "Cache-Control": "no-store",
        "Vary": "Accept-Language, Cookie, HX-Request",
        "Content-Language": locale_of(request),
        # With `no-referrer` a form's Origin is "null", and old browsers send nothing else.
        "Referrer-Policy": "same-origin",
        MARKER: mark,
    }
    response = Response(html, status, headers, media_type="text/html")
    if viewer_of(request) is None:
        keep_visit(request, response)
    return response


def _shared_values(request: Request) -> dict[str, Any]:
    """What every template can use."""
    runtime, viewer, locale = runtime_of(request), viewer_of(request), locale_of(request)
    now = runtime.clock()
    kept = kept_query(request)
    is_admin = viewer is not None and viewer.role == Role.ADMIN
    frame: FrameRow | None = getattr(request.state, "console_frame", None)

    def t(ja: str, en: str) -> str:
        return en if locale == "en" else ja

    return {
        "brand": runtime.settings.brand,
        "t": t,
        "locale": locale,
        "age": lambda moment: formats.age(now - moment, t),
        "day_name": lambda day: formats.day_name(day, day_of(now), t),
        "left": lambda due: formats.left(due - now, t),
        "now": now,
        "here": request.url.path,
        "query": kept,
        "keep": f"?{urlencode(kept)}" if kept else "",
        "looking_at": partial(_looking_at, kept),
        "signed_in": viewer is not None and hasattr(request.state, "console_is_open"),
        "is_entrant": viewer is not None,
        "is_admin": is_admin,
        "shown_email": partial(shown_email, viewer) if viewer else None,
        "place_of": partial(formats.place_of, is_admin=is_admin),
        "token": form_token(request, viewer),
        "key": token_urlsafe(12),
        "frame": frame,
        "canned": frame.reasons_by_use() if frame else {},
        "undone": request.query_params.get("about", "").partition(":")[2],
        "undo_seconds": _seconds_to_undo(frame, now),
        "n": lambda number, unit, one, many: formats.counted(number, unit, one, many, t),
        "person": lambda who: formats.person(who, t),
        "by_script": by_script(request),
        "banner": "",
        "appeal_url": None,
        "said": _said(request, locale),
        "failed": None,
        "placed": False,
        "no_text": lambda _name: "",
    }


def waits_in_all(frame: FrameRow | LiveRow | None) -> str:
    """How much waits in all, for the title of the tab. Each kind is counted up to 100."""
    if frame is None:
        return ""
    kinds = frame.reports, frame.posts, frame.comments, frame.lounge_requests, frame.appeals
    number = sum(kinds)
    return "99+" if number > 99 else str(number or "")


def _looking_at(kept: dict[str, str], path: str, id_: UUID | None) -> str:
    """The address of a page with one of its cards chosen, or with none."""
    other = {key: value for key, value in kept.items() if key != ITEM}
    query = {**other, ITEM: str(id_)} if id_ is not None else other
    return f"{path}?{urlencode(query)}" if query else path


def _said(request: Request, locale: Locale) -> str:
    """What the page says of the act that led to it."""
    words = SAID.get(request.query_params.get("done", ""))
    if words is None:
        return ""
    frame: FrameRow | None = getattr(request.state, "console_frame", None)
    about = frame.about if frame else None
    number = request.query_params.get("number", "")
    return words.in_(locale).format(
        what=name_of(about, locale),
        name=(about and about["name"]) or SOMEBODY.in_(locale),
        term=TERMS.get(request.query_params.get("term", ""), NO_TERM).in_(locale),
        number=number if number.isdecimal() and len(number) < 3 else "",
    )


def kept_query(request: Request) -> dict[str, str]:
    """Which part of a list the page shows: its query without what was done before."""
    query = request.query_params.items()
    return {key: value for key, value in query if key not in OF_LAST_ACT}


def _seconds_to_undo(frame: FrameRow | None, now: datetime) -> int:
    """For how long the page offers to take the last act back."""
    if frame is None or frame.undo_until is None:
        return 0
    return int((frame.undo_until - (UNDO_TAKEN - UNDO_SHOWN) - now).total_seconds())


def sentence(request: Request, error: AppError) -> str:
    """Why something is refused, in the reader's language."""
    return error.detail_in(locale_of(request))


def _policy(settings: Settings) -> str:
    media = urlsplit(settings.media_url)
    return (
        "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; "
        f"img-src 'self' {media.scheme}://{media.netloc}; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    )


def _in_readers_words(show: Callable[[datetime, formats.Translate], str]) -> Any:
    """A filter of templates that takes the page's language from its context."""
    from jinja2 import pass_context

    return pass_context(lambda context, moment: show(moment, context["t"]))


@cache
def _templates() -> Environment:
    made = templates_in(_FOLDER / "templates")
    for show in (
        *(formats.moment, formats.device, formats.picture, formats.thumbnail, formats.large),
        *(formats.choice, formats.by_console),
    ):
        made.filters[show.__name__] = show
    for name, dated in {"time": formats.time, "day": formats.day}.items():
        made.filters[name] = _in_readers_words(dated)
    made.globals.update(
        charts=charts,
        asset=address_of,
        version=policy,
        waits_in_all=waits_in_all,
        act_in_words=act_in_words,
        changes_in_words=changes_in_words,
    )
    return made
