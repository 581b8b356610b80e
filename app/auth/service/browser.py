"""Signing in by a browser: to the provider, back to us, and on to the app with a one-time code.

Those who removed the app prove on the same way who they are, and end at the page on which one
leaves (`/account/delete`). Nothing is asked of a provider while a transaction is open.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlencode, urlsplit

import structlog

from app.auth.enums import MailPurpose, SocialProvider
from app.auth.exceptions import InvalidCode, InvalidIdToken, InvalidState, ProviderUnavailable
from app.auth.models import ExchangeCode, OAuthAttempt
from app.auth.providers import (
    BrowserAnswer,
    BrowserRequest,
    IdentityProvider,
    Providers,
    Redeemed,
    Refused,
)
from app.auth.repository import AuthRepository
from app.auth.schemas import AuthorizeQuery, Exchange, SignedIn
from app.auth.service.accounts import PAGES, AccountService
from app.auth.service.provider_tokens import ProviderTokenService
from app.auth.service.sessions import AuthService
from app.auth.service.social import SocialService
from app.core.config import Settings
from app.core.errors import ValidationFailed
from app.core.field_errors import FieldCode
from app.core.tokens import hash_of, new_opaque_token
from app.core.words import Words
from app.record.enums import Act, Subject
from app.record.service import RecordService
from app.runtime.context import Context, Needs
from app.user.enums import UserStatus
from app.user.exceptions import AccountSuspended, UserNotFound
from app.user.models import User
from app.user.service import UserService

log = structlog.get_logger(__name__)

ATTEMPT_LIFETIME = timedelta(minutes=10)
CODE_LIFETIME = timedelta(seconds=60)
NOT_REGISTERED = FieldCode(
    "not_registered", Words("登録されていない URL です。", "This address is not registered.")
)

CALLBACK_PATH = "/api/v1/auth/oauth/{provider}/callback"

_ERROR_WORD = re.compile(r"[a-z][a-z0-9_]{0,63}")


@dataclass(frozen=True, slots=True)
class Cookie:
    """What binds an attempt to the browser that began it."""

    name: str
    value: str
    path: str
    secure: bool
    cross_site: bool
    max_age: int = int(ATTEMPT_LIFETIME.total_seconds())


class BrowserService:
    """One unit of work of a sign-in by a browser."""

    _users = Needs(UserService)
    _accounts = Needs(AccountService)
    _sessions = Needs(AuthService)
    _tokens = Needs(ProviderTokenService)
    _records = Needs(RecordService)

    def __init__(self, ctx: Context, providers: Providers) -> None:
        self._ctx = ctx
        self._providers = providers
        self._auth = AuthRepository(ctx.session)
        self._social = SocialService(ctx, providers)

    def offered(self) -> list[SocialProvider]:
        """The providers that the settings have enough of for a sign-in by the browser."""
        return [name for name, one in self._providers.items() if one.offers_browser()]

    async def begin(self, provider: SocialProvider, query: AuthorizeQuery) -> tuple[str, Cookie]:
        """Where to send the browser, and what it is to remember.

        Raises ValidationFailed for a redirect_uri that isn't registered, ProviderUnavailable.
        """
        if query.redirect_uri not in self._ctx.settings.oauth_redirect_uris:
            raise ValidationFailed(NOT_REGISTERED.at("redirect_uri"))
        return await self._begin(provider, query.redirect_uri, query.state, query.code_challenge)

    async def begin_leaving(self, provider: SocialProvider) -> tuple[str, Cookie]:
        """As `begin`, for one who ends at our own page, to leave. Raises ProviderUnavailable."""
        return await self._begin(provider, leave_page(self._ctx.settings), "", "")

    async def _begin(
        self, provider: SocialProvider, redirect_uri: str, app_state: str, app_challenge: str
    ) -> tuple[str, Cookie]:
        state, browser = new_opaque_token(), new_opaque_token()
        request = BrowserRequest(
            callback_url=callback_url(self._ctx.settings, provider),
            state=state,
            nonce=new_opaque_token(),
            code_verifier=new_opaque_token(),
        )
        found = self._providers[provider]
        location = await found.authorization_url(request)
        await self._auth.add(
            OAuthAttempt(
                state_hash=hash_of(state),
                browser_hash=hash_of(browser),
                provider=provider,
                nonce=request.nonce,
                code_verifier=request.code_verifier,
                redirect_uri=redirect_uri,
                app_state=app_state,
                app_challenge=app_challenge,
                expires_at=self._ctx.clock() + ATTEMPT_LIFETIME,
            )
        )
        return location, cookie_for(self._ctx.settings, found, state, browser)

    async def take_attempt(
        self, provider: SocialProvider, state: str, browser: str
    ) -> OAuthAttempt:
        """The attempt that this browser began, once. Raises InvalidState."""
        attempt = await self._auth.take_attempt(hash_of(state), provider)
        if attempt is None or attempt.expires_at <= self._ctx.clock():
            raise InvalidState
        if not hmac.compare_digest(attempt.browser_hash, hash_of(browser)):
            log.warning("oauth_state_of_another_browser", provider=str(provider))
            raise InvalidState
        return attempt

    async def hand_over(self, attempt: OAuthAttempt, redeemed: Redeemed) -> dict[str, str]:
        """What the browser takes along to where it began: a one-time code for the app.

        To our own page it takes a token that ends the account. Raises AccountSuspended.
        """
        provider, identity = SocialProvider(attempt.provider), redeemed.identity
        if attempt.redirect_uri == leave_page(self._ctx.settings):
            return await self._hand_over_to_leave(provider, redeemed)
        user, is_new = await self._social.user_of(provider, identity, None)
        if is_new:
            # The browser makes the account here; the app begins its session by the exchange.
            await self._records.note(Act.SIGNED_UP, Subject.ACCOUNT, user.id, user.id)
        await self._keep_token(provider, user, redeemed)
        return {"code": await self._exchange_code(attempt, user, is_new)}

    async def _hand_over_to_leave(
        self, provider: SocialProvider, redeemed: Redeemed
    ) -> dict[str, str]:
        """Nobody is made a user here, and who is suspended may leave as well."""
        try:
            user = await self._social.get_user(provider, redeemed.identity)
        except UserNotFound as error:
            if redeemed.refresh_token and self._providers[provider].keeps_tokens:
                client_id = redeemed.identity.client_id
                await self._tokens.revoke_at_once(provider, client_id, redeemed.refresh_token)
            return {"error": error.code}
        await self._keep_token(provider, user, redeemed)
        token = await self._accounts.make_token(
            user.id, MailPurpose.LEAVE, lifetime=ATTEMPT_LIFETIME
        )
        return {"token": token}

    async def _exchange_code(self, attempt: OAuthAttempt, user: User, is_new: bool) -> str:
        code = new_opaque_token()
        await self._auth.add(
            ExchangeCode(
                code_hash=hash_of(code),
                user_id=user.id,
                is_new=is_new,
                app_challenge=attempt.app_challenge,
                expires_at=self._ctx.clock() + CODE_LIFETIME,
            )
        )
        return code

    async def _keep_token(self, provider: SocialProvider, user: User, redeemed: Redeemed) -> None:
        token, client_id = redeemed.refresh_token, redeemed.identity.client_id
        if token is not None and self._providers[provider].keeps_tokens:
            await self._tokens.keep(user.id, provider, client_id, token)

    async def exchange(self, form: Exchange, user_agent: str) -> tuple[SignedIn, bool]:
        """Tokens for a one-time code and its verifier; also whether the user is new.

        A wrong verifier does not use the code up. Raises InvalidCode, AccountSuspended.
        """
        code_hash = hash_of(form.code)
        found = await self._auth.find_exchange_code(code_hash, self._ctx.clock())
        if found is None:
            raise InvalidCode
        if not hmac.compare_digest(found.app_challenge, challenge_of(form.code_verifier)):
            raise InvalidCode
        user = await self._hold_owner(found)
        if not await self._auth.use_exchange_code(code_hash):
            raise InvalidCode
        if user.status == UserStatus.SUSPENDED:
            raise AccountSuspended(user.suspension_reason)
        return await self._sessions.sign_in(user, user_agent), found.is_new

    async def _hold_owner(self, code: ExchangeCode) -> User:
        """Before the code is locked: erasing a user locks the user first, and then their codes."""
        try:
            return await self._users.lock_present(code.user_id)
        except UserNotFound:
            raise InvalidCode from None


class BrowserReturn:
    """A browser comes back from a provider: two units of work, and the provider between them."""

    def __init__(
        self,
        unit_of_work: Callable[[], AbstractAsyncContextManager[Context]],
        providers: Providers,
    ) -> None:
        self._unit_of_work = unit_of_work
        self._providers = providers

    async def finish(
        self, provider: SocialProvider, state: str, browser: str, answer: BrowserAnswer
    ) -> str:
        """Where to send the browser: to the app, with a code or with an error.

        Raises InvalidState, for which there is no app to be sent to.
        """
        async with self._unit_of_work() as ctx:
            browsers = BrowserService(ctx, self._providers)
            attempt = await browsers.take_attempt(provider, state, browser)
            request = BrowserRequest(
                callback_url(ctx.settings, provider), state, attempt.nonce, attempt.code_verifier
            )
        try:
            redeemed = await self._providers[provider].redeem(request, answer)
            async with self._unit_of_work() as ctx:
                handed = await BrowserService(ctx, self._providers).hand_over(attempt, redeemed)
        except Refused as refused:
            return _back(attempt, error=_word(refused.error), **_described(answer))
        except AccountSuspended as error:
            # Without a reason there are words in two languages, which the app has of its own.
            reason = error.params["reason"]
            described = {"error_description": reason} if isinstance(reason, str) else {}
            return _back(attempt, error=error.code, **described)
        except (InvalidIdToken, ProviderUnavailable) as error:
            return _back(attempt, error=error.code)
        return _back(attempt, **handed)


def callback_url(settings: Settings, provider: SocialProvider) -> str:
    """What is registered with the provider."""
    return settings.base_url + CALLBACK_PATH.format(provider=provider.value)


def leave_page(settings: Settings) -> str:
    """Where a sign-in ends that is to end an account: a page of ours, the same as a mail's link."""
    return settings.base_url + PAGES[MailPurpose.LEAVE]


def cookie_name(state: str) -> str:
    """One for each attempt, so that two tabs don't get in each other's way."""
    return f"linky_oauth_{hash_of(state).hex()[:16]}"


def cookie_for(settings: Settings, provider: IdentityProvider, state: str, browser: str) -> Cookie:
    """Lax does for a redirect; a form that is posted from another site brings only None."""
    url = callback_url(settings, provider.name)
    return Cookie(
        name=cookie_name(state),
        value=browser,
        path=urlsplit(url).path,
        secure=url.startswith("https://") or provider.posts_back,
        cross_site=provider.posts_back,
    )


def challenge_of(verifier: str) -> str:
    """S256 (RFC 7636, 4.2)."""
    digest = hashlib.sha256(verifier.encode("utf-8", "surrogatepass")).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def _back(attempt: OAuthAttempt, **parameters: str) -> str:
    joint = "&" if "?" in attempt.redirect_uri else "?"
    state = {"state": attempt.app_state} if attempt.app_state else {}
    query = urlencode({**parameters, **state})
    return f"{attempt.redirect_uri}{joint}{query}"


def _word(error: str) -> str:
    return error if _ERROR_WORD.fullmatch(error) else "provider_error"


def _described(answer: BrowserAnswer) -> dict[str, str]:
    described = answer.error_description
    if not (answer.error and described):
        return {}
    return {"error_description": "".join(c for c in described if c.isprintable())[:200]}
