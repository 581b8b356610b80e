"""`/auth`: signing up, in and out; sessions; LINE, Google and Apple."""

from functools import partial
from typing import Annotated, Any

from fastapi import Depends, Form, Query, Request, Response
from fastapi.responses import RedirectResponse

from app.auth.dependencies import BY_APP, NO_STORE, IdentityProviders, PathProvider, to_provider
from app.auth.exceptions import (
    InvalidCode,
    InvalidCredentials,
    InvalidRefreshToken,
    InvalidState,
    InvalidToken,
    MailBusy,
    PasswordTooWeak,
    RefreshTokenReused,
    SignUpClosed,
    WrongCode,
    WrongPassword,
)
from app.auth.schemas import (
    AuthorizeQuery,
    EmailChangeConfirmation,
    EmailVerification,
    Exchange,
    Login,
    MfaCode,
    NativeSignIn,
    NonceCreated,
    PasswordChange,
    PasswordForgotten,
    PasswordReset,
    Proof,
    ProviderAnswer,
    RefreshRequest,
    Register,
    SignedIn,
    TokenPair,
)
from app.auth.service.accounts import AccountService
from app.auth.service.addresses import AddressService
from app.auth.service.attempts import cookie_name
from app.auth.service.browser import BrowserService
from app.auth.service.browser_return import BrowserReturn
from app.auth.service.mfa import MfaService
from app.auth.service.reauthentication import ReauthenticationService
from app.auth.service.refreshing import RefreshService
from app.auth.service.sign_in import AuthService
from app.auth.service.social import SocialService
from app.auth.service.tokens import TokenService
from app.core.errors import Overloaded
from app.core.keyset import Page
from app.core.schemas import Id
from app.integrations.identity.base import BrowserAnswer, IdentityProvider
from app.integrations.identity.enums import SocialProvider
from app.integrations.identity.exceptions import (
    InvalidIdToken,
    ProviderNotEnabled,
    ProviderUnavailable,
)
from app.user.dependencies import CurrentEntrant, CurrentMember, CurrentOwner, CurrentUser
from app.user.exceptions import (
    AccountSuspended,
    EmailTaken,
    IdentityTaken,
    NicknameReserved,
    NotAGuest,
    SessionNotFound,
    TextNotAllowed,
)
from app.user.rows import Session
from app.web.dependencies import Ctx, SingleCtx, origin_of
from app.web.limits import count_account, limited
from app.web.openapi import raises
from app.web.paging import PageQuery
from app.web.responses import json_response, page_response
from app.web.routing import feature_router
from app.web.runtime import runtime_of

router = feature_router("/auth", tags=["auth"])


async def user_agent(request: Request) -> str:
    """The client's User-Agent, shortened and without control characters."""
    given = request.headers.get("user-agent", "")
    return "".join(char for char in given if char.isprintable())[:300]


UserAgent = Annotated[str, Depends(user_agent)]


def _tokens_response(answer: SignedIn | TokenPair | NonceCreated, status: int = 200) -> Response:
    # RFC 6749, 5.1: no cache may keep tokens.
    return json_response(answer, status, {"Cache-Control": "no-store"})


@router.post(
    "/register",
    status_code=201,
    response_model=SignedIn,
    dependencies=[limited("register"), BY_APP],
)
@raises(
    PasswordTooWeak,
    EmailTaken,
    NicknameReserved,
    TextNotAllowed,
    Overloaded,
    SignUpClosed,
    MailBusy,
)
async def register(form: Register, ctx: Ctx, agent: UserAgent) -> Response:
    """Sign up by email. The password has 8 to 128 characters and isn't easy to guess."""
    return _tokens_response(await ctx.service(AuthService).register(form, agent), 201)


@router.post("/login", response_model=SignedIn, dependencies=[limited("login")])
@raises(InvalidCredentials, AccountSuspended, Overloaded)
async def login(request: Request, form: Login, ctx: Ctx, agent: UserAgent) -> Response:
    """Sign in by email."""
    await count_account(request, "login", form.email)
    return _tokens_response(await ctx.service(AuthService).login(form, agent))


@router.post(
    "/guest",
    status_code=201,
    response_model=SignedIn,
    dependencies=[limited("guest"), BY_APP],
)
async def enter_as_guest(ctx: Ctx, agent: UserAgent) -> Response:
    """Use the app without an account. A guest can sign up later and keeps their favorites."""
    return _tokens_response(await ctx.service(AuthService).enter_as_guest(agent), 201)


@router.post("/guest/upgrade", response_model=SignedIn, dependencies=[limited("register")])
@raises(
    *(NotAGuest, PasswordTooWeak, EmailTaken, NicknameReserved, TextNotAllowed, Overloaded),
    *(SignUpClosed, MailBusy),
)
async def upgrade_guest(
    form: Register, ctx: Ctx, viewer: CurrentUser, agent: UserAgent
) -> Response:
    """Turn a guest into a member with the same id. Favorites stay; the old tokens stop working."""
    return _tokens_response(await ctx.service(AuthService).upgrade_guest(viewer, form, agent))


@router.post("/guest/upgrade/{provider}", response_model=SignedIn, dependencies=[limited("login")])
@raises(
    *(NotAGuest, InvalidIdToken, ProviderNotEnabled, ProviderUnavailable, IdentityTaken),
    SignUpClosed,
)
async def upgrade_guest_with_provider(
    provider: PathProvider, form: NativeSignIn, ctx: Ctx, viewer: CurrentUser, agent: UserAgent
) -> Response:
    """Turn a guest into a member with the same id, by an ID token of LINE, Google or Apple.

    Everything the guest has stays; the old tokens stop working. An identity that already has an
    account is refused: sign in with it instead.
    """
    upgraded = await ctx.service(SocialService).upgrade_guest(viewer, provider, form, agent)
    return _tokens_response(upgraded)


@router.post("/refresh", response_model=TokenPair, dependencies=[limited("refresh")])
@raises(InvalidRefreshToken, RefreshTokenReused, AccountSuspended)
async def refresh_tokens(body: RefreshRequest, ctx: SingleCtx) -> Response:
    """Get the next pair. A refresh token works once, and again for 30 seconds after that."""
    return _tokens_response(await ctx.service(RefreshService).refresh(body.refresh_token))


@router.post("/logout", status_code=204, dependencies=[limited("refresh")])
async def logout(body: RefreshRequest, ctx: Ctx) -> None:
    """End this session and delete its device. An unknown token is accepted, too."""
    await ctx.service(TokenService).logout(body.refresh_token)


@router.get("/sessions", response_model=Page[Session], dependencies=[limited("read")])
async def list_sessions(ctx: SingleCtx, viewer: CurrentOwner, page: PageQuery) -> Response:
    """List the caller's sessions, newest first."""
    sessions = await ctx.service(TokenService).list_sessions(viewer, page)
    return page_response(sessions)


@router.delete("/sessions/{session_id}", status_code=204, dependencies=[limited("write")])
@raises(SessionNotFound)
async def end_session(session_id: Id, ctx: Ctx, viewer: CurrentEntrant) -> None:
    """Sign out one device."""
    await ctx.service(TokenService).end_session(viewer, session_id)


@router.delete("/sessions", status_code=204, dependencies=[limited("write")])
async def end_other_sessions(ctx: Ctx, viewer: CurrentEntrant) -> None:
    """Sign out of all other devices."""
    await ctx.service(TokenService).end_other_sessions(viewer)


@router.post(
    "/nonce",
    status_code=201,
    response_model=NonceCreated,
    dependencies=[limited("nonce")],
)
async def create_nonce(ctx: Ctx) -> Response:
    """Create a nonce for the ID token of a provider's SDK. It works once, for ten minutes."""
    return _tokens_response(await ctx.service(AuthService).create_nonce(), 201)


@router.post("/proof", status_code=204, dependencies=[limited("password")])
@raises(
    *(WrongPassword, InvalidIdToken, InvalidCode, ProviderNotEnabled, ProviderUnavailable),
    Overloaded,
)
async def prove_session(
    form: Proof, ctx: Ctx, viewer: CurrentMember, providers: IdentityProviders
) -> None:
    """Verify again who is using this session. It counts for the next ten minutes.

    Send the password, an ID token of a sign-in method that the account has, or the one-time code of
    such a sign-in in the browser. A Google token needs the nonce of `POST /auth/nonce`, or must
    have been issued within the last ten minutes. Linking, unlinking, changing the address and
    deleting the account need this if the sign-in is older and the call itself takes no password of
    the account. A refresh doesn't count. Wrong passwords count as at a sign-in.
    """
    await ctx.service(ReauthenticationService).prove(viewer, providers, form)


@router.post("/mfa", status_code=204, dependencies=[limited("password")])
@raises(WrongCode)
async def pass_mfa(form: MfaCode, ctx: Ctx, viewer: CurrentEntrant) -> None:
    """Pass two-factor authentication for this session, for the next twelve hours.

    Until then, a user who has set it up may read, sign out and end sessions; everything else is
    refused. A code of the authenticator app works once, and so does each recovery code. In a
    session that has passed, a repeated call is accepted and changes nothing. The session stays
    verified when its tokens are refreshed. After five wrong codes in a row, the next attempt has to
    wait. Admins set up two-factor authentication in the console.
    """
    await ctx.service(MfaService).verify(viewer, form.code)


@router.post("/password/change", status_code=204, dependencies=[limited("password")])
@raises(WrongPassword, PasswordTooWeak, Overloaded)
async def change_password(form: PasswordChange, ctx: Ctx, viewer: CurrentUser) -> None:
    """Change the password. The caller's other sessions and emailed reset links end."""
    await ctx.service(AccountService).change_password(
        viewer, form.current_password, form.new_password
    )


@router.post(
    "/password/forgot",
    status_code=202,
    response_class=Response,
    dependencies=[limited("mail")],
)
async def forget_password(form: PasswordForgotten, ctx: Ctx) -> Response:
    """Email a link to set a new password. The answer is the same for any address."""
    await ctx.service(AccountService).forget_password(form.email)
    return Response(status_code=202)


@router.post("/password/reset", status_code=204, dependencies=[limited("mail")])
@raises(InvalidToken, PasswordTooWeak, Overloaded)
async def reset_password(form: PasswordReset, ctx: Ctx) -> None:
    """Set a new password with an emailed token. It works once, for 30 minutes. All sessions end.

    All other sign-in methods that were added before the address was confirmed are removed.
    """
    await ctx.service(AccountService).reset_password(form.token, form.new_password)


@router.post("/email/verify", status_code=204, dependencies=[limited("mail")])
@raises(InvalidToken, Overloaded)
async def verify_email(form: EmailVerification, ctx: Ctx) -> None:
    """Confirm the address with an emailed token. This alone signs nobody out.

    With `mine: false` the reader says that the account isn't theirs: all other sign-in methods and
    all sessions are ended, and the password stops working. `POST /auth/password/forgot` then emails
    a link to set a new one. An account that began with another sign-in method and had the address
    added only loses the address.
    """
    await ctx.service(AccountService).verify_email(form.token, mine=form.mine is not False)


@router.post("/email/change", status_code=204, dependencies=[limited("mail")])
@raises(InvalidToken, EmailTaken, AccountSuspended)
async def change_email(form: EmailChangeConfirmation, ctx: Ctx) -> None:
    """Change the address with an emailed token. Other sessions end.

    The token works once, for 30 minutes, while the session that requested it lives. A suspended
    user can't change the address. That answer has neither the reason nor `appeal_url`, because the
    address that the token was sent to may be a stranger's.
    """
    await ctx.service(AddressService).change(form.token)


@router.post("/email/resend", status_code=204, dependencies=[limited("mail")])
async def resend_verification(ctx: Ctx, viewer: CurrentUser) -> None:
    """Email the link again if the address isn't confirmed yet."""
    await ctx.service(AccountService).resend_verification(viewer)


@router.post(
    "/oauth/exchange",
    response_model=SignedIn,
    responses={201: {"model": SignedIn, "description": "The user is new"}},
    dependencies=[limited("login")],
)
@raises(InvalidCode, AccountSuspended, SignUpClosed)
async def exchange_oauth_code(form: Exchange, ctx: Ctx, agent: UserAgent) -> Response:
    """Exchange the one-time code of a sign-in in the browser for tokens.

    The code works once, for 60 seconds, with the verifier of the app's challenge.
    """
    answer, is_new = await ctx.service(BrowserService).exchange(form, agent)
    return _tokens_response(answer, 201 if is_new else 200)


@router.post(
    "/oauth/{provider}",
    response_model=SignedIn,
    responses={201: {"model": SignedIn, "description": "The user is new"}},
    dependencies=[limited("login"), BY_APP],
)
@raises(InvalidIdToken, ProviderNotEnabled, ProviderUnavailable, AccountSuspended, SignUpClosed)
async def sign_in_with_provider(
    provider: PathProvider, form: NativeSignIn, ctx: Ctx, agent: UserAgent
) -> Response:
    """Sign in with the ID token of LINE's, Google's or Apple's native SDK.

    `nonce` comes from `POST /auth/nonce` and must be in the token.
    """
    answer, is_new = await ctx.service(SocialService).sign_in(provider, form, agent)
    return _tokens_response(answer, 201 if is_new else 200)


# 302, as the API contract says. After Apple's POST a browser follows it with GET.
_REDIRECT: dict[str, Any] = {
    "status_code": 302,
    "response_class": RedirectResponse,
    "dependencies": [limited("login")],
}


@router.get("/oauth/{provider}/authorize", **_REDIRECT)
@raises(ProviderNotEnabled, ProviderUnavailable)
async def authorize_with_provider(
    provider: PathProvider, query: Annotated[AuthorizeQuery, Query()], ctx: Ctx
) -> Response:
    """Start a sign-in in the browser: redirects to the provider.

    `code_challenge` is the app's own (PKCE, S256). The code at the end works only with its
    verifier. `redirect_uri` must be registered.
    """
    return to_provider(*await ctx.service(BrowserService).begin(provider, query))


@router.get("/oauth/{provider}/callback", **_REDIRECT)
@raises(InvalidState)
async def return_from_provider(
    request: Request, provider: PathProvider, answer: Annotated[ProviderAnswer, Query()]
) -> Response:
    """Return from the provider: the browser arrives here and is redirected to the app.

    The redirect carries the app's `state`, and a one-time `code` for `POST /auth/oauth/exchange` or
    an `error`. A state that is unknown or belongs to another browser is refused.
    """
    return await _back_to_app(request, provider, answer)


@router.post("/oauth/apple/callback", **_REDIRECT)
@raises(InvalidState)
async def return_from_apple(
    request: Request, providers: IdentityProviders, answer: Annotated[ProviderAnswer, Form()]
) -> Response:
    """Return from Apple: like the callback by GET, but Apple posts a form from its own site."""
    return await _back_to_app(request, providers[SocialProvider.APPLE], answer)


async def _back_to_app(
    request: Request, provider: IdentityProvider, sent: ProviderAnswer
) -> Response:
    name = cookie_name(sent.state)
    browser = request.cookies.get(name, "")
    answer = BrowserAnswer(sent.code, sent.error, sent.error_description, sent.iss, sent.user)
    open_context = partial(runtime_of(request).writing, origin_of(request))
    location = await BrowserReturn(open_context, provider).finish(sent.state, browser, answer)
    response = RedirectResponse(location, 302, NO_STORE)
    response.delete_cookie(name, path=request.url.path)
    return response
