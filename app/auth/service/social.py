"""Signing in by the word of LINE, Google or Apple: by an app's SDK, or by a browser.

A user is known by `(provider, provider_user_id)`, never by an e-mail address: a social sign-in
enters no e-mail account. Nothing is asked of a provider while a transaction is open.
"""

import base64
import hashlib
import hmac
import re
import unicodedata
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlencode, urlsplit

import structlog
from pydantic import TypeAdapter, ValidationError

from app.auth.enums import SocialProvider
from app.auth.exceptions import InvalidCode, InvalidIdToken, InvalidState, ProviderUnavailable
from app.auth.models import ExchangeCode, OAuthAttempt
from app.auth.providers import (
    BrowserAnswer,
    BrowserRequest,
    Identity,
    IdentityProvider,
    Providers,
    Refused,
)
from app.auth.repository import AuthRepository
from app.auth.schemas import AuthorizeQuery, Exchange, NativeSignIn, SignedIn
from app.auth.service.sessions import AuthService
from app.core.config import Settings
from app.core.context import Context
from app.core.errors import FieldError, ValidationFailed
from app.core.schemas import EmailAddress
from app.core.tokens import hash_of, new_opaque_token
from app.record.enums import Act, Subject
from app.record.service import RecordService
from app.user.enums import Provider, UserStatus
from app.user.exceptions import AccountSuspended, UserNotFound
from app.user.models import User
from app.user.schemas import NICKNAME_LENGTH
from app.user.service import UserService
from app.utils.text import clean

log = structlog.get_logger(__name__)

ATTEMPT_LIFETIME = timedelta(minutes=10)
CODE_LIFETIME = timedelta(seconds=60)
FALLBACK_NICKNAME = "Linkyユーザー"
CALLBACK_PATH = "/api/v1/auth/oauth/{provider}/callback"

_ERROR_WORD = re.compile(r"[a-z][a-z0-9_]{0,63}")
_EMAIL: TypeAdapter[str] = TypeAdapter(EmailAddress)


@dataclass(frozen=True, slots=True)
class Cookie:
    """What binds an attempt to the browser that began it."""

    name: str
    value: str
    path: str
    secure: bool
    cross_site: bool
    max_age: int = int(ATTEMPT_LIFETIME.total_seconds())


class SocialService:
    """One unit of work of a social sign-in."""

    def __init__(self, ctx: Context, providers: Providers) -> None:
        self._ctx = ctx
        self._providers = providers
        self._auth = AuthRepository(ctx.session)
        self._users = UserService(ctx)
        self._sessions = AuthService(ctx)
        self._records = RecordService(ctx)

    async def sign_in(
        self, provider: SocialProvider, form: NativeSignIn, user_agent: str
    ) -> tuple[SignedIn, bool]:
        """By the ID token of a native SDK; also whether the user is new.

        Raises InvalidIdToken, ProviderUnavailable, AccountSuspended.
        """
        identity = await self._providers[provider].verify(form.id_token, form.nonce)
        if form.nonce is not None:
            await self._use_nonce(provider, form.nonce)
        user, is_new = await self._user_of(provider, identity, form.terms_version)
        act = Act.SIGNED_UP if is_new else Act.SIGNED_IN
        return await self._sessions.sign_in(user, user_agent, act), is_new

    async def begin(self, provider: SocialProvider, query: AuthorizeQuery) -> tuple[str, Cookie]:
        """Where to send the browser, and what it is to remember.

        Raises ValidationFailed for a redirect_uri that isn't registered, ProviderUnavailable.
        """
        if query.redirect_uri not in self._ctx.settings.oauth_redirect_uris:
            raise ValidationFailed(FieldError("query.redirect_uri", "not_registered"))
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
                redirect_uri=query.redirect_uri,
                app_state=query.state,
                app_challenge=query.code_challenge,
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

    async def hand_over(self, attempt: OAuthAttempt, identity: Identity) -> str:
        """A one-time code for the app that began. Raises AccountSuspended."""
        user, is_new = await self._user_of(SocialProvider(attempt.provider), identity, None)
        if is_new:
            # The browser makes the account here; the app begins its session by the exchange.
            await self._records.note(Act.SIGNED_UP, Subject.ACCOUNT, user.id, user.id)
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

    async def exchange(self, form: Exchange, user_agent: str) -> tuple[SignedIn, bool]:
        """Tokens for a one-time code and its verifier; also whether the user is new.

        A wrong verifier does not use the code up. Raises InvalidCode, AccountSuspended.
        """
        found = await self._auth.take_exchange_code(hash_of(form.code))
        if found is None or found.expires_at <= self._ctx.clock():
            raise InvalidCode
        if not hmac.compare_digest(found.app_challenge, challenge_of(form.code_verifier)):
            raise InvalidCode
        try:
            user = await self._users.get_user(found.user_id)
        except UserNotFound:
            raise InvalidCode from None
        if user.status == UserStatus.SUSPENDED:
            raise AccountSuspended(user.suspension_reason)
        return await self._sessions.sign_in(user, user_agent), found.is_new

    async def _use_nonce(self, provider: SocialProvider, nonce: str) -> None:
        if not await self._auth.use_nonce(hash_of(nonce), self._ctx.clock()):
            log.warning(
                "id_token_refused", provider=str(provider), way="native", reason="nonce not ours"
            )
            raise InvalidIdToken

    async def _user_of(
        self, provider: SocialProvider, identity: Identity, terms_version: str | None
    ) -> tuple[User, bool]:
        """The user with this identity, made if there is none. Raises AccountSuspended."""
        email = usable_email(identity.email)
        verified_at = self._ctx.clock() if email and identity.email_verified else None
        user, is_new = await self._users.find_or_add_social(
            Provider(provider),
            identity.subject,
            email=email,
            email_verified_at=verified_at,
            nickname=nickname_from(identity.name),
            terms_version=terms_version,
        )
        if user.status == UserStatus.SUSPENDED:
            raise AccountSuspended(user.suspension_reason)
        return user, is_new


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
            attempt = await SocialService(ctx, self._providers).take_attempt(
                provider, state, browser
            )
            request = BrowserRequest(
                callback_url(ctx.settings, provider), state, attempt.nonce, attempt.code_verifier
            )
        try:
            identity = await self._providers[provider].redeem(request, answer)
            async with self._unit_of_work() as ctx:
                code = await SocialService(ctx, self._providers).hand_over(attempt, identity)
        except Refused as refused:
            return _back(attempt, error=_word(refused.error), **_described(answer))
        except (InvalidIdToken, ProviderUnavailable, AccountSuspended) as error:
            return _back(attempt, error=error.code)
        return _back(attempt, code=code)


def callback_url(settings: Settings, provider: SocialProvider) -> str:
    """What is registered with the provider."""
    return settings.base_url + CALLBACK_PATH.format(provider=provider.value)


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


def nickname_from(name: str | None) -> str:
    """A nickname out of what a provider calls somebody: always one that a member may have."""
    kept = "".join(char for char in name or "" if unicodedata.category(char) not in ("Cc", "Cs"))
    cut = clean(kept, multiline=False)[:NICKNAME_LENGTH]
    return clean(cut, multiline=False) or FALLBACK_NICKNAME


def usable_email(email: str | None) -> str | None:
    """The address as we would have taken it at a registration, or none."""
    try:
        return _EMAIL.validate_python(email)
    except ValidationError:
        return None


def _back(attempt: OAuthAttempt, **parameters: str) -> str:
    joint = "&" if "?" in attempt.redirect_uri else "?"
    query = urlencode({**parameters, "state": attempt.app_state})
    return f"{attempt.redirect_uri}{joint}{query}"


def _word(error: str) -> str:
    return error if _ERROR_WORD.fullmatch(error) else "provider_error"


def _described(answer: BrowserAnswer) -> dict[str, str]:
    described = answer.error_description
    if not (answer.error and described):
        return {}
    return {"error_description": "".join(c for c in described if c.isprintable())[:200]}
