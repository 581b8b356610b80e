"""Signing in and out."""

from fastapi import Depends, Request, Response
from pydantic import ValidationError
from starlette.responses import RedirectResponse

from app.admin.console.console_request import SignedIn
from app.admin.console.form import own_form
from app.admin.console.gate import ensure_own_form, forget, keep_signed_in
from app.admin.console.pages.common import ACT, READ, page_router
from app.admin.console.render import SIGN_IN, render, sentence
from app.auth.exceptions import InvalidCredentials
from app.auth.schemas import Login
from app.auth.service import AuthService, TokenService
from app.core.errors import AppError
from app.runtime.context import Context
from app.user.enums import Role
from app.user.policy import Viewer, ensure_admin
from app.web.dependencies import origin_of
from app.web.limits import count_account, limited
from app.web.problems import error_headers
from app.web.runtime import runtime_of

router = page_router()

LONGEST_EMAIL = 254


@router.get("/sign-in", dependencies=READ)
async def show_sign_in(request: Request) -> Response:
    return render(request, "sign_in.html", email="")


@router.post("/sign-in", dependencies=[limited("login")])
async def sign_in(request: Request) -> Response:
    """With the e-mail address and the password of an admin's account."""
    runtime, form = runtime_of(request), await request.form()
    ensure_own_form(request, form, None, runtime.settings)
    email = str(form.get("email", ""))
    try:
        viewer = await _sign_in(request, email, str(form.get("password", "")))
    except AppError as error:
        shown = {"email": email[:LONGEST_EMAIL], "banner": sentence(request, error)}
        response = render(request, "sign_in.html", error.status, **shown)
        response.headers.update(error_headers(error))
        return response
    response = RedirectResponse("/admin", 303)
    keep_signed_in(response, viewer, runtime.clock(), runtime.settings)
    return response


async def _sign_in(request: Request, email: str, password: str) -> Viewer:
    """Raises InvalidCredentials, RateLimited, AccountSuspended, AdminOnly."""
    runtime = runtime_of(request)
    try:
        login = Login(email=email, password=password)
    except ValidationError:
        raise InvalidCredentials from None
    await count_account(request, "login", login.email)
    async with runtime.unit_of_work(origin_of(request)) as ctx:
        return await _start_session(ctx, login, request)


async def _start_session(ctx: Context, login: Login, request: Request) -> Viewer:
    agent = "".join(c for c in request.headers.get("user-agent", "") if c.isprintable())
    signed_in = await ctx.service(AuthService).login(login, f"Console: {agent}"[:300])
    claims = ctx.tokens.decode(signed_in.tokens.access_token)
    viewer = Viewer(claims.user_id, claims.session_id, Role(claims.role))
    ensure_admin(viewer)
    return viewer


@router.post("/sign-out", dependencies=[*ACT, Depends(own_form)])
async def sign_out(console: SignedIn) -> Response:
    async with console.transaction() as ctx:
        await ctx.service(TokenService).end_session(console.admin, console.admin.session_id)
    response = RedirectResponse(SIGN_IN, 303)
    forget(response)
    return response
