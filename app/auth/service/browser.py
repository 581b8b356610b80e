"""Signing in by the browser: to the provider, back to us, and on to the app with a one-time code.

People who removed the app prove in the same way who they are, and end at our page for leaving
(`/account/delete`). No transaction is open while a provider is asked.
"""

import hmac
from datetime import timedelta
from uuid import UUID

import structlog
from pydantic import TypeAdapter

from app.auth.enums import MailPurpose
from app.auth.exceptions import InvalidCode, InvalidState
from app.auth.models import ExchangeCode, OAuthAttempt
from app.auth.repository.social import SocialRepository
from app.auth.rows import MailedTo
from app.auth.schemas import AuthorizeQuery, Exchange, SignedIn
from app.auth.service.attempts import (
    ATTEMPT_LIFETIME,
    Cookie,
    callback_url,
    challenge_of,
    console_page,
    cookie_for,
    leave_page,
)
from app.auth.service.mailed_links import MailedLinkService
from app.auth.service.provider_tokens import KEPT, ProviderTokenService
from app.auth.service.social import SocialService
from app.auth.service.tokens import TokenService
from app.connection_log.enums import RecordedAct
from app.core.errors import ValidationFailed
from app.core.field_errors import FieldCode
from app.core.json import to_json
from app.core.sealing import CannotOpen, Sealer
from app.core.texts import Text
from app.core.tokens import hash_of, new_opaque_token
from app.integrations.identity.base import BrowserRequest, IdentityProvider, Redeemed
from app.integrations.identity.enums import SocialProvider
from app.runtime.context import Context, Needs, Service
from app.user.enums import STAFF, EntryMethod
from app.user.exceptions import AdminOnly, UserNotFound

log = structlog.get_logger(__name__)

CODE_LIFETIME = timedelta(seconds=60)
_REDEEMED = TypeAdapter(Redeemed)
NOT_REGISTERED = FieldCode(
    "not_registered",
    Text("登録されていない URL です。", "This URL isn't registered."),
)


class BrowserService(Service):
    """The steps of a sign-in by the browser that need the database."""

    _links = Needs(MailedLinkService)
    _social = Needs(SocialService)
    _tokens = Needs(TokenService)
    _provider_tokens = Needs(ProviderTokenService)
    _attempts = Needs(SocialRepository)

    def __init__(self, ctx: Context) -> None:
        super().__init__(ctx)
        self._sealer = Sealer(ctx.settings.signing_keys)

    async def begin(self, provider: IdentityProvider, query: AuthorizeQuery) -> tuple[str, Cookie]:
        """Where to send the browser, and the cookie that it gets.

        Raises ProviderNotEnabled, ProviderUnavailable; and ValidationFailed for a redirect_uri that
        isn't registered.
        """
        provider.ensure_offers_browser()
        if query.redirect_uri not in self._ctx.settings.oauth_redirect_uris:
            raise ValidationFailed(NOT_REGISTERED.at("redirect_uri"))
        return await self._begin(provider, query.redirect_uri, query.state, query.code_challenge)

    async def begin_leaving(self, provider: IdentityProvider) -> tuple[str, Cookie]:
        """Like `begin`, but ends at our page for leaving. Raises ProviderUnavailable."""
        return await self._begin(provider, leave_page(self._ctx.settings), "", "")

    async def begin_console(
        self, provider: IdentityProvider, code_verifier: str
    ) -> tuple[str, Cookie]:
        """Like `begin`, but ends at the console, in the browser that has the verifier.

        Raises ProviderNotEnabled, ProviderUnavailable.
        """
        page, challenge = console_page(self._ctx.settings), challenge_of(code_verifier)
        return await self._begin(provider, page, "", challenge)

    async def _begin(
        self, provider: IdentityProvider, redirect_uri: str, app_state: str, app_challenge: str
    ) -> tuple[str, Cookie]:
        state, browser = new_opaque_token(), new_opaque_token()
        request = BrowserRequest(
            callback_url=callback_url(self._ctx.settings, provider),
            state=state,
            nonce=new_opaque_token(),
            code_verifier=new_opaque_token(),
        )
        location = await provider.authorization_url(request)
        await self._attempts.add(
            OAuthAttempt(
                state_hash=hash_of(state),
                browser_hash=hash_of(browser),
                provider=provider.name,
                nonce=request.nonce,
                code_verifier=request.code_verifier,
                redirect_uri=redirect_uri,
                app_state=app_state,
                app_challenge=app_challenge,
                expires_at=self._ctx.clock() + ATTEMPT_LIFETIME,
            )
        )
        return location, cookie_for(self._ctx.settings, provider, state, browser)

    async def take_attempt(
        self, provider: SocialProvider, state: str, browser: str
    ) -> OAuthAttempt:
        """Use up the attempt that this browser began. Raises InvalidState."""
        attempt = await self._attempts.take_attempt(hash_of(state), provider)
        if attempt is None or attempt.expires_at <= self._ctx.clock():
            raise InvalidState
        if not hmac.compare_digest(attempt.browser_hash, hash_of(browser)):
            log.warning("oauth_state_of_another_browser", provider=str(provider))
            raise InvalidState
        return attempt

    async def hand_over(
        self, attempt: OAuthAttempt, provider: IdentityProvider, redeemed: Redeemed
    ) -> dict[str, str]:
        """The parameters with which the browser goes on to the app: a one-time code.

        Our page for leaving gets a token that ends the account, and the console a code only for
        admins. Raises AccountSuspended.
        """
        if attempt.redirect_uri == leave_page(self._ctx.settings):
            return await self._hand_over_to_leave(provider, redeemed)
        if attempt.redirect_uri == console_page(self._ctx.settings):
            return await self._hand_over_to_console(attempt, provider, redeemed)
        await self._social.ensure_not_suspended(provider.name, redeemed.identity)
        return {"code": await self._make_code(attempt, provider.name, redeemed)}

    async def _hand_over_to_leave(
        self, provider: IdentityProvider, redeemed: Redeemed
    ) -> dict[str, str]:
        """Makes no account. A suspended user may leave, too."""
        try:
            user = await self._social.get_user(provider.name, redeemed.identity)
        except UserNotFound as error:
            await self._revoke_unused(provider, redeemed)
            return {"error": error.code}
        await self.keep_token(provider.name, user.id, redeemed)
        proof = MailedTo(user.id)
        token = await self._links.make_token(proof, MailPurpose.LEAVE, lifetime=ATTEMPT_LIFETIME)
        return {"token": token}

    async def _hand_over_to_console(
        self, attempt: OAuthAttempt, provider: IdentityProvider, redeemed: Redeemed
    ) -> dict[str, str]:
        """Makes no account, and gives no role. Raises AccountSuspended."""
        await self._social.ensure_not_suspended(provider.name, redeemed.identity)
        try:
            user = await self._social.get_user(provider.name, redeemed.identity)
        except UserNotFound:
            await self._revoke_unused(provider, redeemed)
            return {"error": AdminOnly.code}
        if user.role not in STAFF:
            await self.keep_token(provider.name, user.id, redeemed)
            return {"error": AdminOnly.code}
        return {"code": await self._make_code(attempt, provider.name, redeemed)}

    async def _revoke_unused(self, provider: IdentityProvider, redeemed: Redeemed) -> None:
        """Revoke a token that belongs to no account, where the provider gave one."""
        if redeemed.refresh_token and provider.keeps_tokens:
            await self._provider_tokens.revoke_at_once(
                provider.name, redeemed.identity, redeemed.refresh_token
            )

    async def _make_code(
        self, attempt: OAuthAttempt, provider: SocialProvider, redeemed: Redeemed
    ) -> str:
        """A code for who signed in. Whether they sign in here or link is known when it is spent."""
        code = new_opaque_token()
        await self._attempts.add(
            ExchangeCode(
                code_hash=hash_of(code),
                provider=provider,
                sealed=self._sealer.seal(to_json(redeemed).decode()),
                app_challenge=attempt.app_challenge,
                expires_at=self._ctx.clock() + CODE_LIFETIME,
            )
        )
        return code

    async def spend_code(self, form: Exchange) -> tuple[SocialProvider, Redeemed]:
        """Who signed in at which provider. A wrong verifier does not use the code up.

        Raises InvalidCode.
        """
        code_hash = hash_of(form.code)
        code = await self._attempts.find_exchange_code(code_hash, self._ctx.clock())
        if code is None or code.sealed is None or code.provider is None:
            raise InvalidCode
        if not hmac.compare_digest(code.app_challenge, challenge_of(form.code_verifier)):
            raise InvalidCode
        if not await self._attempts.use_exchange_code(code_hash):
            raise InvalidCode
        try:
            opened = self._sealer.open(code.sealed)
        except CannotOpen:
            raise InvalidCode from None
        return SocialProvider(code.provider), _REDEEMED.validate_json(opened)

    async def exchange(self, form: Exchange, user_agent: str) -> tuple[SignedIn, bool]:
        """Exchange a one-time code and its verifier for tokens. Also says whether the user is new.

        Raises InvalidCode, AccountSuspended.
        """
        provider, redeemed = await self.spend_code(form)
        user, is_new = await self._social.find_or_add_user(provider, redeemed.identity, None)
        await self.keep_token(provider, user.id, redeemed)
        act = RecordedAct.SIGNED_UP if is_new else RecordedAct.SIGNED_IN
        return await self._tokens.sign_in(user, user_agent, EntryMethod(provider), act), is_new

    async def enter_console(self, form: Exchange, user_agent: str) -> SignedIn:
        """Exchange a one-time code and its verifier for a session of an admin or a moderator.

        Raises InvalidCode, AccountSuspended, AdminOnly.
        """
        provider, redeemed = await self.spend_code(form)
        await self._social.ensure_not_suspended(provider, redeemed.identity)
        try:
            user = await self._social.get_user(provider, redeemed.identity)
        except UserNotFound:
            raise AdminOnly from None
        if user.role not in STAFF:
            raise AdminOnly
        await self.keep_token(provider, user.id, redeemed)
        return await self._tokens.sign_in(user, user_agent, EntryMethod(provider))

    async def keep_token(self, provider: SocialProvider, user_id: UUID, redeemed: Redeemed) -> None:
        """Store the provider's token, if it requires a notification when the user leaves."""
        if redeemed.refresh_token is not None and provider in KEPT:
            await self._provider_tokens.keep(
                user_id, provider, redeemed.identity, redeemed.refresh_token
            )
