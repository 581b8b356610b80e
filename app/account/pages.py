"""Pages for a browser, without script: where mailed links lead, and `/account/delete` for those
who removed the app. A token is the proof of who is there: mailed, or got by signing in.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request, Response
from pydantic import TypeAdapter, ValidationError

from app.account.service import LeavingService
from app.account.texts import NOT_AN_ADDRESS, PAGES, PROVIDERS, sign_in_error
from app.auth.dependencies import IdentityProviders, PathProvider, to_provider
from app.auth.enums import MailPurpose
from app.auth.exceptions import InvalidToken, PasswordTooWeak
from app.auth.service import AccountService, BrowserService, MailedLinkService
from app.core.errors import AppError, Overloaded
from app.core.schemas import EmailAddress
from app.core.templates import templates_in
from app.core.words import Locale, preferred_locale
from app.integrations.identity import Providers, ProviderUnavailable, providers_with_browser
from app.runtime.context import Context
from app.user.exceptions import LastAdmin
from app.web.dependencies import Ctx, ReadCtx, origin_of
from app.web.limits import limited
from app.web.problems import error_headers
from app.web.runtime import runtime_of

router = APIRouter(prefix="/account", include_in_schema=False)

_TEMPLATES = Path(__file__).parent / "templates"
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
    "Vary": "Accept-Language",
}
_FIRST_LIMIT = [limited("read", by_address=True)]
_POST_LIMIT = [limited("mail")]
_SIGN_IN_LIMIT = [limited("login")]

Token = Annotated[str, Form(max_length=200)]


@router.get("/style.css")
async def style() -> Response:
    headers = {"Cache-Control": "public, max-age=3600"}
    return Response(_style(), media_type="text/css", headers=headers)


@router.get("/delete", dependencies=_FIRST_LIMIT)
async def show_delete(request: Request, ctx: ReadCtx, providers: IdentityProviders) -> Response:
    """For those who removed the app: show who you are, by a mailed link or by signing in."""
    return _page(request, "delete", **_ways(ctx, providers))


@router.post("/delete", dependencies=_POST_LIMIT)
async def ask_to_delete(
    request: Request, ctx: Ctx, providers: IdentityProviders, email: Annotated[str, Form()] = ""
) -> Response:
    """Mail the link; the answer is the same for any address."""
    try:
        address = TypeAdapter(EmailAddress).validate_python(email)
    except ValidationError:
        error = NOT_AN_ADDRESS.in_(_locale(request))
        ways = _ways(ctx, providers)
        return _page(request, "delete", 422, error=error, value=email[:254], **ways)
    await ctx.service(AccountService).mail_leave_link(address)
    return _page(request, "mailed", 202)


def _ways(ctx: Context, providers: Providers) -> dict[str, Any]:
    """How one can show who one is."""
    return {
        "action": "/account/delete",
        "field": "email",
        "providers": [(str(one), PROVIDERS[one]) for one in providers_with_browser(providers)],
    }


@router.get("/delete/confirm", dependencies=_FIRST_LIMIT)
async def show_confirm(
    request: Request, ctx: Ctx, providers: IdentityProviders, token: str = "", error: str = ""
) -> Response:
    """Where a mailed link, or a sign-in with a provider, leads: nothing is done before a click."""
    if error:
        words = sign_in_error(error).in_(_locale(request))
        return _page(request, "delete", 422, error=words, **_ways(ctx, providers))
    try:
        await ctx.service(MailedLinkService).get_owner(MailPurpose.LEAVE, token)
    except InvalidToken as dead:
        return _begin_anew(request, ctx, providers, dead)
    action = "/account/delete/confirm"
    return _page(request, "confirm", token=token, action=action, dangerous=True)


@router.get("/delete/{provider}", dependencies=_SIGN_IN_LIMIT)
async def sign_in_to_delete(
    request: Request, provider: PathProvider, ctx: Ctx, providers: IdentityProviders
) -> Response:
    """Send the browser to a provider. A link leads here: the policy lets no form leave our site."""
    try:
        return to_provider(*await ctx.service(BrowserService).begin_leaving(provider))
    except ProviderUnavailable as error:
        return _begin_anew(request, ctx, providers, error)


@router.post("/delete/confirm", dependencies=_POST_LIMIT)
async def confirm(
    request: Request, ctx: ReadCtx, providers: IdentityProviders, token: Token = ""
) -> Response:
    """End the account, in a transaction of its own: a refusal takes back what had begun."""
    try:
        async with runtime_of(request).unit_of_work(origin_of(request)) as leaving:
            await LeavingService(leaving).leave_by_token(token)
    except (InvalidToken, LastAdmin) as error:
        return _begin_anew(request, ctx, providers, error)
    return _page(request, "left")


def _begin_anew(request: Request, ctx: Context, providers: Providers, error: AppError) -> Response:
    """What went wrong, above the ways to try again."""
    words = _detail(request, error)
    return _page(request, "delete", error.status, error=words, **_ways(ctx, providers))


@router.get("/verify-email", dependencies=_FIRST_LIMIT)
async def show_verify(request: Request, ctx: Ctx, token: str = "") -> Response:
    # By a button: a mail scanner that follows links must not confirm anything.
    form = {"action": "/account/verify-email"}
    return await _form_of_link(request, ctx, MailPurpose.VERIFY_EMAIL, token, "verify", form)


@router.post("/verify-email", dependencies=_POST_LIMIT)
async def verify(request: Request, ctx: Ctx, token: Token = "") -> Response:
    try:
        await ctx.service(AccountService).verify_email(token)
    except InvalidToken as error:
        return _refusal(request, error)
    return _page(request, "verified")


@router.get("/reset-password", dependencies=_FIRST_LIMIT)
async def show_reset(request: Request, ctx: Ctx, token: str = "") -> Response:
    form = {"action": "/account/reset-password", "field": "new_password"}
    return await _form_of_link(request, ctx, MailPurpose.RESET_PASSWORD, token, "reset", form)


@router.post("/reset-password", dependencies=_POST_LIMIT)
async def reset(
    request: Request,
    ctx: Ctx,
    token: Token = "",
    new_password: Annotated[str, Form(max_length=4096)] = "",
) -> Response:
    try:
        await ctx.service(AccountService).reset_password(token, new_password)
    except (PasswordTooWeak, Overloaded) as error:
        form = {"action": "/account/reset-password", "field": "new_password", "token": token}
        page = _page(request, "reset", error.status, error=_detail(request, error), **form)
        page.headers.update(error_headers(error))
        return page
    except InvalidToken as error:
        return _refusal(request, error)
    return _page(request, "was_reset")


async def _form_of_link(
    request: Request, ctx: Ctx, purpose: MailPurpose, token: str, name: str, form: dict[str, Any]
) -> Response:
    """The form that a mailed link leads to, unless the link is over."""
    try:
        await ctx.service(MailedLinkService).get_owner(purpose, token)
    except InvalidToken as error:
        return _refusal(request, error)
    return _page(request, name, token=token, **form)


def _refusal(request: Request, error: AppError) -> Response:
    return _page(request, "dead", error.status, error=_detail(request, error))


def _detail(request: Request, error: AppError) -> str:
    return error.detail_in(_locale(request))


def _locale(request: Request) -> Locale:
    return preferred_locale(request.headers.get("accept-language"))


def _page(request: Request, name: str, status: int = 200, **values: Any) -> Response:
    locale = _locale(request)
    words = {"instruction": "", "label": "", "button": "", **PAGES[name][locale]}
    days = runtime_of(request).settings.records_days
    words["paragraphs"] = [one.format(days=days) for one in words["paragraphs"]]
    shown = {"error": "", "action": "", "token": "", "field": "", "value": "", "dangerous": False}
    shown |= {"providers": ()}
    html = (
        templates_in(_TEMPLATES)
        .get_template("page.html")
        .render(locale=locale, **words, **{**shown, **values})
    )
    return Response(html, status, _HEADERS, media_type="text/html")


@cache
def _style() -> bytes:
    return (_TEMPLATES / "style.css").read_bytes()
