"""Who may see the console: a signed cookie names a session, and each form has a token.

The cookie has no secret of the account. It has the ids of the user and of the session, and the time
at which it expires. The session is in `user_sessions`: it is listed and ended as any other. Each
request reads the user's role and status from the database. A session that was not used for
LINKY_CONSOLE_IDLE_MINUTES ends. One that has not passed the second step sees the sign-in only.
"""

import hmac
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta
from secrets import token_urlsafe
from typing import Annotated
from urllib.parse import urlsplit
from uuid import UUID

from fastapi import Depends, Request, Response
from starlette.datastructures import FormData

from app.auth.service.tokens import TokenService
from app.core.errors import Forbidden, NotAuthenticated, SessionRevoked
from app.core.keys import derived_key
from app.core.settings.config import Settings
from app.core.tokens import AccessClaims
from app.runtime.context import Context, Revocable
from app.user.enums import Role
from app.user.exceptions import SessionIdle, SessionNotFound
from app.user.policy import MODERATOR, OWNER, Access, Viewer, ensure_admitted, ensure_staff
from app.user.service.sessions import SessionService
from app.user.service.users import UserService
from app.web.dependencies import origin_of
from app.web.runtime import runtime_of

_SESSION = "linky_console"
_VISIT = "linky_console_visit"
"""The cookie of a browser that has not signed in. The forms of the sign-in are tied to it."""

PATH = "/admin"
LIFETIME = timedelta(hours=12)
SAME_SITE = (None, "same-origin", "none")
"""Values of Sec-Fetch-Site for our own forms. Old browsers send none: the token must suffice."""


def cookie_name(name: str, settings: Settings) -> str:
    """With https a prefix: browsers take such a cookie only from https (RFC 6265bis, 4.1.3.1)."""
    return f"__Secure-{name}" if _is_secure(settings) else name


def _is_secure(settings: Settings) -> bool:
    return settings.base_url.startswith("https://")


def keep_signed_in(response: Response, viewer: Viewer, now: datetime, settings: Settings) -> None:
    """Set the cookie of a session that has just begun."""
    expires_at = int((now + LIFETIME).timestamp())
    payload = f"{viewer.user_id}.{viewer.session_id}.{expires_at}"
    signed = f"{payload}.{_mac('session', payload, settings)[0]}"
    _set(response, _SESSION, signed, settings, seconds=int(LIFETIME.total_seconds()))


def _set(
    response: Response, name: str, value: str, settings: Settings, seconds: int | None = None
) -> None:
    response.set_cookie(
        cookie_name(name, settings),
        value,
        max_age=seconds,
        path=PATH,
        secure=_is_secure(settings),
        httponly=True,
        samesite="strict",
    )


def forget_session(request: Request, response: Response) -> None:
    """Delete the cookie of a session, if the browser has one."""
    settings = runtime_of(request).settings
    if _cookie(request, _SESSION):
        _set(response, _SESSION, "", settings, seconds=0)


def keep_visit(request: Request, response: Response) -> None:
    """Set the cookie that the forms of the sign-in are tied to, unless the browser has it."""
    if not _cookie(request, _VISIT):
        _set(response, _VISIT, _visit(request), runtime_of(request).settings)


def _visit(request: Request) -> str:
    if kept := _cookie(request, _VISIT):
        return kept
    if not hasattr(request.state, "console_visit"):
        request.state.console_visit = token_urlsafe(16)
    return str(request.state.console_visit)


def _cookie(request: Request, name: str) -> str:
    return request.cookies.get(cookie_name(name, runtime_of(request).settings), "")


async def _console_entrant(request: Request) -> Viewer:
    """An admin or a moderator who may still have to pass the second step. For the sign-in.

    Raises NotAuthenticated, SessionRevoked, SessionIdle, AccountSuspended, AdminOnly.
    """
    return await _entrant(request, by_itself=False)


async def _entrant(request: Request, *, by_itself: bool) -> Viewer:
    runtime = runtime_of(request)
    claims = _read(_cookie(request, _SESSION), runtime.clock(), runtime.settings)
    idle = timedelta(minutes=runtime.settings.console_idle_minutes)
    try:
        async with runtime.single(origin_of(request), claims.user_id) as ctx:
            viewer = await ctx.service(SessionService).resolve_in_use(
                claims, idle, by_itself=by_itself
            )
    except SessionIdle:
        await end_session(request, Viewer(claims.user_id, claims.session_id, Role.ADMIN))
        raise
    ensure_staff(viewer)
    # Every page of this request is in this admin's language, a refusal too.
    request.state.console_admin = viewer
    return viewer


@asynccontextmanager
async def writing_for(
    request: Request, viewer: Viewer, access: Access, revocable: Revocable | None = None
) -> AsyncIterator[Context]:
    """A transaction of the caller, opened as that of a route. Raises what `access` refuses."""
    runtime = runtime_of(request)
    async with runtime.writing(origin_of(request), viewer.user_id, revocable) as ctx:
        await ctx.service(UserService).open(viewer, access)
        yield ctx


async def end_session(request: Request, viewer: Viewer) -> None:
    """End a session, unless it has ended meanwhile."""
    with suppress(SessionRevoked, SessionNotFound):
        async with writing_for(request, viewer, OWNER) as ctx:
            await ctx.service(TokenService).end_session(viewer, viewer.session_id)


async def console_admin(
    request: Request, viewer: Annotated[Viewer, Depends(_console_entrant)]
) -> Viewer:
    """Also raises MfaRequired."""
    return _admitted(request, viewer)


async def console_by_itself(request: Request) -> Viewer:
    """As `console_admin`, for what an open page asks without a person: the session stays idle."""
    return _admitted(request, await _entrant(request, by_itself=True))


def _admitted(request: Request, viewer: Viewer) -> Viewer:
    ensure_admitted(viewer, MODERATOR, runtime_of(request).settings)
    # The pages have the menu.
    request.state.console_is_open = True
    return viewer


def _read(cookie: str, now: datetime, settings: Settings) -> AccessClaims:
    payload, _, mac = cookie.rpartition(".")
    if not _is_one_of(mac, _mac("session", payload, settings)):
        raise NotAuthenticated
    user_id, session_id, expires_at = payload.split(".")
    if int(expires_at) <= now.timestamp():
        raise NotAuthenticated
    return AccessClaims(UUID(user_id), UUID(session_id), Role.ADMIN, is_guest=False)


def form_token(request: Request, viewer: Viewer | None) -> str:
    """The token that a form must send back. Without a viewer, that of a form of the sign-in."""
    return _macs_of_form(request, viewer)[0]


def ensure_own_form(request: Request, form: FormData, viewer: Viewer | None) -> None:
    """Raises Forbidden for a form of another site, of another session, or of another browser."""
    if not _is_from_our_page(request, runtime_of(request).settings):
        raise Forbidden
    if not _is_one_of(str(form.get("token", "")), _macs_of_form(request, viewer)):
        raise Forbidden


def _macs_of_form(request: Request, viewer: Viewer | None) -> list[str]:
    settings = runtime_of(request).settings
    if viewer is None:
        return _mac("visit", _visit(request), settings)
    return _mac("form", str(viewer.session_id), settings)


def _is_from_our_page(request: Request, settings: Settings) -> bool:
    """Whether a page of ours sends the form, as far as the browser tells."""
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    if site not in SAME_SITE:
        return False
    if origin is None or (origin == "null" and site == "same-origin"):
        return True
    ours = (request.headers.get("host"), urlsplit(settings.base_url).netloc)
    # An origin has no path (RFC 6454). `urlsplit` would raise for a made-up one such as `http://[`.
    return origin.partition("://")[2] in ours


def _mac(use: str, text: str, settings: Settings) -> list[str]:
    """A MAC with each signing key, the newest first."""
    keys = (derived_key(secret, "console") for secret in settings.signing_keys.values())
    return [hmac.new(key, f"{use}\0{text}".encode(), "sha256").hexdigest() for key in keys]


def _is_one_of(given: str, macs: list[str]) -> bool:
    return any(hmac.compare_digest(given.encode(), mac.encode()) for mac in macs)


ConsoleAdmin = Annotated[Viewer, Depends(console_admin)]
ConsoleEntrant = Annotated[Viewer, Depends(_console_entrant)]
