"""The pages under `/dev`: the inbox, accounts to sign in with, and faults."""

import secrets
from typing import Annotated, Literal
from urllib.parse import urlencode
from uuid import UUID

from anyio import to_thread
from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import BaseModel, Field, ValidationError

from app.auth.exceptions import InvalidCode
from app.auth.schemas import Exchange, SignedIn
from app.auth.service.attempts import challenge_of
from app.auth.service.browser import BrowserService
from app.core.errors import NotFound
from app.runtime.context import Context
from app.web.dependencies import Ctx, ReadCtx
from app.web.locale import preferred_locale
from linky_dev import texts
from linky_dev.accounts import USER_AGENT, DevAccountService
from linky_dev.faults import Fault, InvalidFault, expire_access_tokens
from linky_dev.inbox import list_messages
from linky_dev.page import page
from linky_dev.repository import DevRepository
from linky_dev.schemas import DevSignIn
from linky_dev.tools import not_from_another_site, tools_of

router = APIRouter(
    prefix="/dev", include_in_schema=False, dependencies=[Depends(not_from_another_site)]
)
VERIFIER = "linky_dev_verifier"
RETURN_PATH = "/dev/signed-in"
OLDEST, LATEST = 7, 6
"""Accounts on the page: the demo community's first members, and those who joined last."""

MAIL_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src http: https: data:; "
    "frame-ancestors 'self'; "
    "sandbox allow-same-origin allow-popups allow-popups-to-escape-sandbox"
)


class AccountForm(BaseModel):
    """`refresh` is seconds, or `used-` with seconds."""

    who: str = ""
    access: str = ""
    refresh: str = ""


class FaultForm(BaseModel):
    """An empty field was not chosen."""

    pause: str = ""
    end: str = ""
    calls: str = ""
    who: UUID | Literal[""] = ""
    times: Annotated[int, Field(ge=1, le=1000)] | Literal[""] = ""


@router.get("")
async def show_inbox_page(request: Request, ctx: ReadCtx) -> Response:
    messages = await list_messages(ctx, tools_of(request).inbox)
    return page(request, "inbox.html", here="inbox", messages=messages)


@router.get("/cards")
async def show_new_cards(request: Request, ctx: ReadCtx, after: str = "") -> Response:
    """The messages after the one with this id, as the page has them."""
    messages = await list_messages(ctx, tools_of(request).inbox, after=after)
    return page(request, "cards.html", messages=messages)


@router.post("/inbox/empty")
async def empty_inbox_page(request: Request) -> Response:
    await to_thread.run_sync(tools_of(request).inbox.empty)
    return RedirectResponse("/dev", 303)


@router.get("/mails/{name}")
async def show_mail(request: Request, name: str) -> Response:
    """A mail's HTML. Its links open outside the frame, and no script runs."""
    html = await to_thread.run_sync(tools_of(request).inbox.html_of, name)
    if html is None:
        raise NotFound
    body = html.replace("<head>", '<head><base target="_blank">', 1)
    headers = {"Content-Security-Policy": MAIL_POLICY, "X-Frame-Options": "SAMEORIGIN"}
    return Response(body, headers=headers, media_type="text/html")


@router.get("/accounts")
async def show_accounts(request: Request, ctx: ReadCtx, expired: bool = False) -> Response:
    return await _accounts_page(request, ctx, is_expired=expired)


@router.post("/accounts")
async def sign_in_on_page(
    request: Request, ctx: Ctx, form: Annotated[AccountForm, Form()]
) -> Response:
    signed_in = await ctx.service(DevAccountService).sign_in(_sign_in_of(form))
    return await _accounts_page(request, ctx, signed_in=signed_in)


def _sign_in_of(form: AccountForm) -> DevSignIn:
    """Raises NotFound for what the page's own form never sends."""
    used = form.refresh.removeprefix("used-") if form.refresh.startswith("used-") else None
    left = form.refresh if used is None else None
    fields = {
        "as": form.who,
        "access_token_expires_in": form.access or None,
        "refresh_token_expires_in": left or None,
        "refresh_token_used_ago": used,
    }
    try:
        return DevSignIn.model_validate(fields)
    except ValidationError:
        raise NotFound from None


@router.post("/accounts/expire")
async def expire_on_page(request: Request) -> Response:
    await expire_access_tokens(tools_of(request).faults)
    return RedirectResponse("/dev/accounts?expired=true", 303)


@router.get("/begin/{provider}")
async def begin_sign_in(request: Request, provider: str) -> Response:
    """Signs in at a fake provider as an app does, with this browser as the app."""
    tools = tools_of(request)
    fake_provider, verifier = tools.fake_provider(provider), secrets.token_urlsafe(32)
    asked = {
        "redirect_uri": tools.settings.base_url + RETURN_PATH,
        "code_challenge": challenge_of(verifier),
        "state": secrets.token_urlsafe(8),
    }
    address = f"/api/v1/auth/oauth/{fake_provider.name}/authorize?{urlencode(asked)}"
    response = RedirectResponse(address, 303)
    response.set_cookie(VERIFIER, verifier, 600, path=RETURN_PATH, httponly=True, samesite="lax")
    return response


@router.get("/signed-in")
async def show_signed_in(request: Request, ctx: Ctx, code: str = "", error: str = "") -> Response:
    """The app's side of the end of a sign-in: exchanges the code, and shows who is signed in."""
    form = Exchange(code=code, code_verifier=request.cookies.get(VERIFIER, ""))
    try:
        signed_in, _ = await ctx.service(BrowserService).exchange(form, USER_AGENT)
    except InvalidCode as invalid:
        answer = error or invalid.code
        return page(request, "not_signed_in.html", here="accounts", error=answer)
    await ctx.service(DevAccountService).register_inbox(signed_in)
    return await _accounts_page(request, ctx, signed_in=signed_in)


async def _accounts_page(
    request: Request, ctx: Context, signed_in: SignedIn | None = None, *, is_expired: bool = False
) -> Response:
    accounts = await DevRepository(ctx.db).list_accounts(OLDEST, LATEST)
    fake_providers = tools_of(request).fake_providers
    return page(
        request,
        "accounts.html",
        here="accounts",
        accounts=accounts,
        providers=[(str(name), texts.NAMES[name]) for name in fake_providers],
        signed_in=signed_in,
        is_expired=is_expired,
        provider_names=texts.NAMES,
        roles={role: words.in_(preferred_locale(request)) for role, words in texts.ROLES.items()},
    )


@router.get("/faults")
async def show_faults(request: Request, ctx: ReadCtx) -> Response:
    rows = DevRepository(ctx.db)
    switch = tools_of(request).faults
    user = await rows.find_by_id(switch.user_id) if switch.user_id else None
    return page(
        request,
        "faults.html",
        here="faults",
        switch=switch,
        pause=_pause_of(switch.fault),
        end=str(switch.fault.end or "") if switch.fault else "",
        user=user,
        accounts=await rows.list_accounts(OLDEST, LATEST),
    )


def _pause_of(fault: Fault | None) -> str:
    """The choice of the form that stands for the pause of this fault."""
    seconds = fault.pause if fault else 0.0
    choices = (each for each in texts.PAUSES if each)
    return next((each for each in choices if Fault.parse(f"slow={each}").pause == seconds), "")


@router.post("/faults")
async def switch_fault_on_page(request: Request, form: Annotated[FaultForm, Form()]) -> Response:
    """Without a pause and an end, this switches the fault off."""
    switch = tools_of(request).faults
    parts = [*([f"slow={form.pause}"] if form.pause else []), *([form.end] if form.end else [])]
    try:
        fault = Fault.parse(",".join(parts))
    except InvalidFault:
        switch.off()
    else:
        switch.on(fault, form.calls == "writes", form.who or None, form.times or None)
    return RedirectResponse("/dev/faults", 303)
