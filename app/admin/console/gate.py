"""Who may see the console: a cookie that names a session, and a token on each form.

The cookie holds no secret of the account: the ids of the user and of the session, and when it is
over, signed. The session is one of `user_sessions`, so it is listed and ended as any other, and
who the user is now is asked of the database at each request.
"""

import hmac
from datetime import datetime, timedelta
from typing import Annotated
from urllib.parse import urlsplit
from uuid import UUID

from fastapi import Depends, Request, Response
from starlette.datastructures import FormData

from app.core.config import Settings
from app.core.errors import Forbidden, NotAuthenticated
from app.core.keys import derived_key
from app.core.tokens import AccessClaims
from app.user.enums import Role
from app.user.policy import Viewer, ensure_admin
from app.user.service import SessionService
from app.web.runtime import runtime_of

COOKIE = "linky_console"
PATH = "/admin"
LIFETIME = timedelta(hours=12)
FROM_HERE = (None, "same-origin", "none")
"""What a browser says of who sends a form; an old one says nothing, and the token must do."""


def keep_signed_in(response: Response, viewer: Viewer, now: datetime, settings: Settings) -> None:
    """Set the cookie of a session that has just begun."""
    over = int((now + LIFETIME).timestamp())
    payload = f"{viewer.user_id}.{viewer.session_id}.{over}"
    response.set_cookie(
        COOKIE,
        f"{payload}.{_mac('session', payload, settings)[0]}",
        max_age=int(LIFETIME.total_seconds()),
        path=PATH,
        secure=settings.base_url.startswith("https://"),
        httponly=True,
        samesite="strict",
    )


def forget(response: Response) -> None:
    response.delete_cookie(COOKIE, path=PATH, httponly=True, samesite="strict")


async def console_admin(request: Request) -> Viewer:
    """Raises NotAuthenticated, SessionRevoked, AccountSuspended, AdminOnly."""
    runtime = runtime_of(request)
    claims = _read(request.cookies.get(COOKIE, ""), runtime.clock(), runtime.settings)
    async with runtime.reading() as ctx:
        viewer = await ctx.service(SessionService).resolve(claims)
    ensure_admin(viewer)
    # For whatever is shown, a refusal included: in this admin's language, with the menu.
    request.state.console_admin = viewer
    return viewer


def _read(cookie: str, now: datetime, settings: Settings) -> AccessClaims:
    payload, _, mac = cookie.rpartition(".")
    good = _mac("session", payload, settings)
    if not any(hmac.compare_digest(mac.encode(), one.encode()) for one in good):
        raise NotAuthenticated
    user_id, session_id, over = payload.split(".")
    if int(over) <= now.timestamp():
        raise NotAuthenticated
    return AccessClaims(UUID(user_id), UUID(session_id), Role.ADMIN, is_guest=False)


def form_token(viewer: Viewer | None, settings: Settings) -> str:
    """What a form must bring back; without a viewer, the token of the sign-in form."""
    return _mac("form", str(viewer.session_id) if viewer else "", settings)[0]


def ensure_own_form(
    request: Request, form: FormData, viewer: Viewer | None, settings: Settings
) -> None:
    """Raises Forbidden for a form that no page of ours, or somebody else's, has sent."""
    if not _is_from_here(request, settings):
        raise Forbidden
    given = str(form.get("token", "")).encode()
    subject = str(viewer.session_id) if viewer else ""
    good = _mac("form", subject, settings)
    if not any(hmac.compare_digest(given, one.encode()) for one in good):
        raise Forbidden


def _is_from_here(request: Request, settings: Settings) -> bool:
    """Whether the page that sends the form is one of ours, as far as the browser says."""
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    if site not in FROM_HERE:
        return False
    if origin is None or (origin == "null" and site == "same-origin"):
        return True
    ours = (request.headers.get("host"), urlsplit(settings.base_url).netloc)
    # An origin has no path (RFC 6454). Parsing it would raise for what no browser sends: `http://[`.
    return origin.partition("://")[2] in ours


def _mac(use: str, text: str, settings: Settings) -> list[str]:
    """By each key that still counts, the newest first."""
    keys = (derived_key(secret, "console") for secret in settings.signing_keys.values())
    return [hmac.new(key, f"{use}\0{text}".encode(), "sha256").hexdigest() for key in keys]


ConsoleAdmin = Annotated[Viewer, Depends(console_admin)]
