"""Signing in and out: by password or by a provider, and then by a code where there is one."""

from collections.abc import Awaitable, Callable
from typing import Any

from fastapi import Request, Response
from pydantic import ValidationError
from starlette.responses import RedirectResponse

from app.account.texts import PROVIDERS, sign_in_error
from app.auth.dependencies import IdentityProviders, PathProvider, to_provider
from app.auth.exceptions import InvalidCode, InvalidCredentials
from app.auth.schemas import Exchange, Login, SignedIn
from app.auth.service.attempts import ATTEMPT_LIFETIME
from app.auth.service.browser import BrowserService
from app.auth.service.mfa import MfaService
from app.auth.service.sign_in import AuthService
from app.console.form import EntrantForm, sent_form
from app.console.formats import BY_CONSOLE
from app.console.gate import (
    PATH,
    ConsoleEntrant,
    cookie_name,
    end_session,
    ensure_own_form,
    forget_session,
    keep_signed_in,
    writing_for,
)
from app.console.pages.common import ACT, READ, page_router
from app.console.render import SIGN_IN, locale_of, render, sentence
from app.core.errors import AppError
from app.core.schemas import LONGEST_EMAIL
from app.core.tokens import new_opaque_token
from app.integrations.identity import Providers, providers_with_browser
from app.runtime.context import Context
from app.suspension.service.suspensions import SuspensionService
from app.user.enums import Role
from app.user.exceptions import AccountSuspended, AdminOnly
from app.user.policy import ENTRANT, Viewer, ensure_staff, mfa_is_required
from app.web.dependencies import origin_of
from app.web.limits import count_account, limited
from app.web.problems import error_headers
from app.web.runtime import runtime_of

router = page_router()

VERIFIER = "linky_console_door"
"""The cookie with which a sign-in by a provider ends in the browser that began it."""

LIMIT = [limited("login")]


@router.get("/sign-in", dependencies=READ)
async def show_sign_in(request: Request, providers: IdentityProviders) -> Response:
    minutes = runtime_of(request).settings.console_idle_minutes
    idle = minutes if request.query_params.get("ended") == "idle" else 0
    return _page(request, providers, idle=idle)


def _page(request: Request, providers: Providers, status: int = 200, /, **values: Any) -> Response:
    offered = [(str(name), PROVIDERS[name]) for name in providers_with_browser(providers)]
    shown = {"email": "", "idle": 0, "providers": offered, **values}
    return render(request, "sign_in.html", status, **shown)


def _refused(request: Request, providers: Providers, error: AppError, email: str = "") -> Response:
    shown = {
        "email": email[:LONGEST_EMAIL],
        "banner": sentence(request, error),
        "appeal_url": error.members.get("appeal_url"),
    }
    response = _page(request, providers, error.status, **shown)
    response.headers.update(error_headers(error))
    return response


@router.post("/sign-in", dependencies=LIMIT)
async def sign_in(request: Request, providers: IdentityProviders) -> Response:
    """With the e-mail address and the password of an admin's account."""
    runtime, form = runtime_of(request), await sent_form(request)
    ensure_own_form(request, form, None)
    email = str(form.get("email", ""))
    try:
        viewer = await _sign_in(request, email, str(form.get("password", "")))
    except AppError as error:
        return _refused(request, providers, error, email)
    response = RedirectResponse(PATH, 303)
    keep_signed_in(response, viewer, runtime.clock(), runtime.settings)
    return response


async def _sign_in(request: Request, email: str, password: str) -> Viewer:
    """Raises InvalidCredentials, RateLimited, AccountSuspended, AdminOnly."""
    try:
        login = Login(email=email, password=password)
    except ValidationError:
        raise InvalidCredentials from None
    await count_account(request, "login", login.email)
    return await _start_session(
        request, lambda ctx, agent: ctx.service(AuthService).login(login, agent)
    )


async def _start_session(
    request: Request, enter: Callable[[Context, str], Awaitable[SignedIn]]
) -> Viewer:
    """Raises AdminOnly, and what `enter` raises. Then no session begins."""
    agent = "".join(c for c in request.headers.get("user-agent", "") if c.isprintable())
    async with runtime_of(request).writing(origin_of(request)) as ctx:
        signed_in = await enter(ctx, f"{BY_CONSOLE}{agent}"[:300])
        claims = ctx.process.tokens.decode(signed_in.tokens.access_token)
        viewer = Viewer(claims.user_id, claims.session_id, Role(claims.role))
        ensure_staff(viewer)
    return viewer


# By LINE, Google or Apple


@router.get("/sign-in/with/{provider}", dependencies=LIMIT)
async def go_to_provider(
    request: Request, provider: PathProvider, providers: IdentityProviders
) -> Response:
    """Send the browser to a provider. A link leads here: no form may leave our site."""
    runtime, verifier = runtime_of(request), new_opaque_token()
    try:
        async with runtime.writing(origin_of(request)) as ctx:
            browsers = ctx.service(BrowserService)
            response = to_provider(*await browsers.begin_console(provider, verifier))
    except AppError as error:
        return _refused(request, providers, error)
    response.set_cookie(
        _verifier_cookie(request),
        verifier,
        max_age=int(ATTEMPT_LIFETIME.total_seconds()),
        path=SIGN_IN,
        secure=runtime.settings.base_url.startswith("https://"),
        httponly=True,
        samesite="lax",
    )
    return response


@router.get("/sign-in/return", dependencies=LIMIT)
async def return_to_console(
    request: Request,
    providers: IdentityProviders,
    code: str = "",
    error: str = "",
    appeal_url: str = "",
) -> Response:
    """The provider has sent the browser back. Only an admin's account gets in."""
    runtime = runtime_of(request)
    if error == AdminOnly.code:
        return _refused(request, providers, AdminOnly())
    if error == AccountSuspended.code:
        # What else the address says is not shown: anybody can make one up.
        async with runtime.reading() as ctx:
            suspended = await ctx.service(SuspensionService).refusal_by_page(appeal_url)
        return _refused(request, providers, suspended)
    if error:
        words = sign_in_error(error).in_(locale_of(request))
        return _page(request, providers, 403, banner=words)
    try:
        viewer = await _enter(request, code)
    except AppError as refusal:
        return _refused(request, providers, refusal)
    # The browser came from another site, and would not send the new cookie with a redirect. This
    # page is ours: it goes on automatically.
    response = render(request, "entered.html")
    keep_signed_in(response, viewer, runtime.clock(), runtime.settings)
    name, secure = _verifier_cookie(request), runtime.settings.base_url.startswith("https://")
    response.delete_cookie(name, path=SIGN_IN, secure=secure, httponly=True, samesite="lax")
    return response


def _verifier_cookie(request: Request) -> str:
    return cookie_name(VERIFIER, runtime_of(request).settings)


async def _enter(request: Request, code: str) -> Viewer:
    """Raises InvalidCode, AccountSuspended, AdminOnly."""
    try:
        form = Exchange(code=code, code_verifier=request.cookies.get(_verifier_cookie(request), ""))
    except ValidationError:
        raise InvalidCode from None
    return await _start_session(
        request, lambda ctx, agent: ctx.service(BrowserService).enter_console(form, agent)
    )


# The second step


@router.get("/sign-in/code", dependencies=READ)
async def show_second_step(request: Request, entrant: ConsoleEntrant) -> Response:
    """Ask for a code. An admin who needs the second step and has none sets it up first."""
    if entrant.passed_mfa:
        return RedirectResponse(PATH, 303)
    if entrant.has_mfa:
        return render(request, "code.html")
    required = mfa_is_required(runtime_of(request).settings)
    return RedirectResponse(f"{PATH}/mfa" if required else PATH, 303)


@router.post("/sign-in/code", dependencies=LIMIT)
async def pass_second_step(
    request: Request, entrant: ConsoleEntrant, form: EntrantForm
) -> Response:
    """By a code. A form that is sent twice uses one code, and leads on both times."""
    code = form.text("code")[:64]
    try:
        async with writing_for(request, entrant, ENTRANT) as ctx:
            await ctx.service(MfaService).verify(entrant, code)
    except AppError as error:
        response = render(request, "code.html", error.status, banner=sentence(request, error))
        response.headers.update(error_headers(error))
        return response
    return RedirectResponse(PATH, 303)


@router.post("/sign-out", dependencies=ACT)
async def sign_out(request: Request, entrant: ConsoleEntrant, form: EntrantForm) -> Response:
    await end_session(request, entrant)
    response = RedirectResponse(SIGN_IN, 303)
    forget_session(request, response)
    return response
