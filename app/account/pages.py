"""Pages for a browser, which need no script: mailed links open them, and `/account/delete` is for
people who removed the app. A token shows who the user is. It comes by mail, or from a sign-in.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Request, Response
from fastapi import Form as PostedForm
from pydantic import TypeAdapter, ValidationError

from app.account.exceptions import OnlyInApp
from app.account.service.leaving import LeavingService
from app.account.texts import (
    LINE_IS_NOTIFIED,
    MORE_SESSIONS,
    NOT_AN_ADDRESS,
    OTHER_METHODS,
    PAGES,
    PERHAPS_LEFT,
    PROVIDERS,
    SESSION,
    SESSIONS,
    SHOW_PASSWORD,
    UNLINK_IN_LINE,
    PageText,
    sign_in_error,
)
from app.auth.dependencies import IdentityProviders, PathProvider, to_provider
from app.auth.enums import MailPurpose
from app.auth.exceptions import InvalidToken, PasswordTooWeak
from app.auth.service.accounts import AccountService, SignInOptions
from app.auth.service.addresses import AddressService
from app.auth.service.browser import BrowserService
from app.auth.service.mailed_links import MailedLinkService
from app.core.days import moment_words
from app.core.errors import AppError, Overloaded
from app.core.schemas import FORBIDDEN_CHARACTER, LONGEST_EMAIL, EmailAddress, Secret
from app.core.templates import read_script, read_style, templates_in
from app.core.texts import Locale
from app.integrations.identity import Providers, providers_with_browser
from app.integrations.identity.enums import SocialProvider
from app.integrations.identity.exceptions import ProviderNotEnabled, ProviderUnavailable
from app.runtime.context import Context
from app.user.exceptions import AccountSuspended, EmailTaken
from app.user.rows import Session
from app.user.texts import METHOD_NAMES
from app.web.dependencies import Ctx, origin_of
from app.web.limits import limited
from app.web.locale import preferred_locale
from app.web.page_route import PageRoute
from app.web.problems import error_headers
from app.web.runtime import runtime_of

_TEMPLATES = Path(__file__).parent / "templates"
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self'; "
    "form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
    "Vary": "Accept-Language",
}
_FIRST_LIMIT = [limited("read", by_address=True)]
_POST_LIMIT = [limited("mail")]
_SIGN_IN_LIMIT = [limited("login")]

LONGEST_DEVICE = 60
"""In letters: a browser says more of itself than anybody reads."""

_SECRET = TypeAdapter[str](Secret)

Token = Annotated[str, PostedForm(max_length=200)]


@dataclass(frozen=True, slots=True)
class PageForm:
    """The form of a page, the providers to sign in with instead, and what to decide about."""

    action: str = ""
    field: str = ""
    token: str = ""
    value: str = ""
    is_wrong: bool = False
    """Whether the error of the page is about what was typed into its field."""

    dangerous: bool = False
    providers: Sequence[tuple[str, str]] = ()
    facts: Sequence[tuple[str, Sequence[str]]] = ()
    """Names and their values."""


_NO_FORM = PageForm()


class _Route(PageRoute):
    async def refusal_page(self, request: Request, error: AppError) -> Response:
        return _refused(request, error)


router = APIRouter(prefix="/account", include_in_schema=False, route_class=_Route)


@router.get("/style.css")
async def style(request: Request) -> Response:
    headers = {"Cache-Control": "public, max-age=3600"}
    content = read_style(_TEMPLATES / "style.css", runtime_of(request).settings.brand.style)
    return Response(content, media_type="text/css", headers=headers)


@router.get("/show_password.js")
async def script() -> Response:
    """The one script of these pages. They work without it."""
    headers = {"Cache-Control": "public, max-age=3600"}
    return Response(read_script(), media_type="text/javascript", headers=headers)


@router.get("/delete", dependencies=_FIRST_LIMIT)
async def show_delete(request: Request, providers: IdentityProviders) -> Response:
    """Ask who the user is: by a mailed link, or by a sign-in with a provider."""
    return _rendered(request, _before_leaving("delete", providers), _proof(providers))


@router.post("/delete", dependencies=_POST_LIMIT)
async def ask_to_delete(
    request: Request,
    ctx: Ctx,
    providers: IdentityProviders,
    email: Annotated[str, PostedForm()] = "",
) -> Response:
    """Mail the link. The answer is the same for any address."""
    try:
        address = TypeAdapter(EmailAddress).validate_python(email)
    except ValidationError:
        error = NOT_AN_ADDRESS.in_(preferred_locale(request))
        form = replace(_proof(providers), value=email[:LONGEST_EMAIL], is_wrong=True)
        text = _before_leaving("delete", providers)
        return _rendered(request, text, form, status=422, error=error)
    await ctx.service(AccountService).mail_leave_link(address)
    return _page(request, "mailed", status=202)


def _before_leaving(name: str, providers: Providers) -> PageText:
    """LINE requires that the page says, beside the button, that LINE is notified."""
    text = PAGES[name]
    if not providers[SocialProvider.LINE].offers_browser():
        return text
    return replace(text, paragraphs=(*text.paragraphs, LINE_IS_NOTIFIED))


def _proof(providers: Providers) -> PageForm:
    """The form that asks for an address, and the providers."""
    offered = [(str(name), PROVIDERS[name]) for name in providers_with_browser(providers)]
    return PageForm("/account/delete", "email", providers=offered)


@router.get("/delete/confirm", dependencies=_FIRST_LIMIT)
async def show_confirm(
    request: Request, ctx: Ctx, providers: IdentityProviders, token: str = "", error: str = ""
) -> Response:
    """A mailed link, or a sign-in with a provider, leads here. Only the button ends the account."""
    if error:
        words = sign_in_error(error).in_(preferred_locale(request))
        text = _before_leaving("delete", providers)
        return _rendered(request, text, _proof(providers), status=422, error=words)
    try:
        await ctx.service(LeavingService).ensure_may_leave_by(token)
    except InvalidToken as invalid:
        return _try_again(request, providers, invalid)
    except OnlyInApp as refusal:
        return _refused(request, refusal)
    form = PageForm("/account/delete/confirm", token=token, dangerous=True)
    return _rendered(request, _before_leaving("confirm", providers), form)


@router.get("/delete/{provider}", dependencies=_SIGN_IN_LIMIT)
async def sign_in_to_delete(
    request: Request, provider: PathProvider, ctx: Ctx, providers: IdentityProviders
) -> Response:
    """Send the browser to a provider. A link leads here: the policy lets no form leave our site."""
    try:
        return to_provider(*await ctx.service(BrowserService).begin_leaving(provider))
    except (ProviderNotEnabled, ProviderUnavailable) as error:
        return _try_again(request, providers, error)


@router.post("/delete/confirm", dependencies=_POST_LIMIT)
async def confirm(request: Request, providers: IdentityProviders, token: Token = "") -> Response:
    """End the account, in a transaction of its own: a refusal rolls it back."""
    try:
        async with runtime_of(request).writing(origin_of(request)) as ctx:
            leaving = await ctx.service(LeavingService).leave_by_token(token)
    except InvalidToken as error:
        return _try_again(request, providers, error)
    except OnlyInApp as error:
        return _refused(request, error)
    text = PAGES["left"]
    if leaving.unlink_at_provider:
        text = replace(text, paragraphs=(*text.paragraphs, UNLINK_IN_LINE))
    return _rendered(request, text)


def _try_again(request: Request, providers: Providers, error: AppError) -> Response:
    """The first page, with what went wrong."""
    text, detail = _before_leaving("delete", providers), _detail(request, error)
    if isinstance(error, InvalidToken):
        text = replace(text, paragraphs=(PERHAPS_LEFT, *text.paragraphs))
    return _rendered(request, text, _proof(providers), status=error.status, error=detail)


@router.get("/verify-email", dependencies=_FIRST_LIMIT)
async def show_verify(request: Request, ctx: Ctx, token: str = "") -> Response:
    """Say what else opens the account: a stranger may have made it with this address."""
    # A button confirms. A mail scanner that follows links must not confirm anything.
    try:
        ways = await ctx.service(AccountService).list_ways_in(token)
    except InvalidToken as error:
        return _dead_link(request, error)
    name = "verify" if ways.is_of_address else "verify_added"
    return _page(request, name, _verify_form(request, token, ways))


@router.post("/verify-email", dependencies=_POST_LIMIT)
async def verify(
    request: Request, token: Token = "", mine: Annotated[str, PostedForm(max_length=10)] = ""
) -> Response:
    """Confirm the address, close all but it, or remove it, in a transaction of its own."""
    try:
        async with runtime_of(request).writing(origin_of(request)) as ctx:
            done = await ctx.service(AccountService).verify_email(token, mine=mine != "false")
    except InvalidToken as error:
        return _dead_link(request, error)
    except Overloaded as error:
        page = _refused(request, error)
        page.headers.update(error_headers(error))
        return page
    return _page(request, f"verify_{done}")


def _verify_form(request: Request, token: str, ways: SignInOptions) -> PageForm:
    locale = preferred_locale(request)
    methods = [METHOD_NAMES[method].in_(locale) for method in ways.methods]
    sessions = [_in_words(session, locale) for session in ways.sessions]
    if ways.has_more:
        sessions.append(MORE_SESSIONS.in_(locale))
    facts = [
        (name.in_(locale), lines)
        for name, lines in ((OTHER_METHODS, methods), (SESSIONS, sessions))
        if lines
    ]
    return PageForm("/account/verify-email", token=token, facts=facts)


def _in_words(session: Session, locale: Locale) -> str:
    since = moment_words(session.created_at).in_(locale)
    device = session.user_agent or "?"
    if len(device) > LONGEST_DEVICE:
        device = f"{device[:LONGEST_DEVICE]}…"
    return SESSION.in_(locale).format(device=device, since=since)


def _refused(request: Request, error: AppError) -> Response:
    """A page with only the error."""
    text = PageText(title=error.title)
    return _rendered(request, text, status=error.status, error=_detail(request, error))


@router.get("/change-email", dependencies=_FIRST_LIMIT)
async def show_change_email(request: Request, ctx: Ctx, token: str = "") -> Response:
    form = PageForm("/account/change-email", token=token)
    return await _form_of_link(request, ctx, MailPurpose.CHANGE_EMAIL, "change_email", form)


@router.post("/change-email", dependencies=_POST_LIMIT)
async def change_email(request: Request, token: Token = "") -> Response:
    """Change the address, in a transaction of its own: a refusal rolls it back."""
    try:
        async with runtime_of(request).writing(origin_of(request)) as ctx:
            await ctx.service(AddressService).change(token)
    except (InvalidToken, EmailTaken, AccountSuspended) as error:
        return _dead_link(request, error)
    return _page(request, "email_changed")


@router.get("/reset-password", dependencies=_FIRST_LIMIT)
async def show_reset(request: Request, ctx: Ctx, token: str = "") -> Response:
    form = _reset_form(token)
    return await _form_of_link(request, ctx, MailPurpose.RESET_PASSWORD, "reset", form)


@router.post("/reset-password", dependencies=_POST_LIMIT)
async def reset(
    request: Request,
    ctx: Ctx,
    token: Token = "",
    new_password: Annotated[str, PostedForm(max_length=4096)] = "",
) -> Response:
    try:
        chosen = _SECRET.validate_python(new_password)
        await ctx.service(AccountService).reset_password(token, chosen)
    except ValidationError:
        # A password that signing in refuses would lock its owner out.
        error = FORBIDDEN_CHARACTER.words.in_(preferred_locale(request))
        form = replace(_reset_form(token), is_wrong=True)
        return _page(request, "reset", form, status=422, error=error)
    except (PasswordTooWeak, Overloaded) as error:
        detail = _detail(request, error)
        form = replace(_reset_form(token), is_wrong=isinstance(error, PasswordTooWeak))
        page = _page(request, "reset", form, status=error.status, error=detail)
        page.headers.update(error_headers(error))
        return page
    except InvalidToken as error:
        return _dead_link(request, error)
    return _page(request, "was_reset")


def _reset_form(token: str) -> PageForm:
    return PageForm("/account/reset-password", "new_password", token)


async def _form_of_link(
    request: Request, ctx: Context, purpose: MailPurpose, name: str, form: PageForm
) -> Response:
    """The form that a mailed link leads to, unless the link has expired or was used."""
    try:
        await ctx.service(MailedLinkService).get_owner(purpose, form.token)
    except InvalidToken as error:
        return _dead_link(request, error)
    return _page(request, name, form)


def _dead_link(request: Request, error: AppError) -> Response:
    """If the link may have been used, the page says so: a button is pressed twice."""
    name = "used" if isinstance(error, InvalidToken) else "dead"
    return _page(request, name, status=error.status, error=_detail(request, error))


def _detail(request: Request, error: AppError) -> str:
    return error.detail_in(preferred_locale(request))


def _page(
    request: Request, name: str, form: PageForm = _NO_FORM, *, status: int = 200, error: str = ""
) -> Response:
    return _rendered(request, PAGES[name], form, status=status, error=error)


def _rendered(
    request: Request,
    text: PageText,
    form: PageForm = _NO_FORM,
    *,
    status: int = 200,
    error: str = "",
) -> Response:
    locale = preferred_locale(request)
    settings = runtime_of(request).settings
    filled = {"days": settings.records_days, "app": settings.brand.before(locale)}
    html = (
        templates_in(_TEMPLATES)
        .get_template("page.html")
        .render(
            brand=settings.brand,
            locale=locale,
            title=text.title.in_(locale),
            paragraphs=[words.in_(locale).format(**filled) for words in text.paragraphs],
            instruction=text.instruction.in_(locale),
            label=text.label.in_(locale),
            button=text.button.in_(locale),
            sign_in=text.sign_in.in_(locale),
            sign_in_with=text.sign_in_with.in_(locale),
            refusal=text.refusal.in_(locale),
            refuse=text.refuse.in_(locale),
            error=error,
            form=form,
            show=SHOW_PASSWORD.in_(locale),
        )
    )
    headers = {**_HEADERS, "Content-Language": locale}
    if form.field == "new_password":
        headers["Content-Security-Policy"] += "; script-src 'self'"
    return Response(html, status, headers, media_type="text/html")
