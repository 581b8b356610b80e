"""Proving again, in an open session, who the caller is (ADR 0101)."""

from app.auth.exceptions import InvalidCode
from app.auth.schemas import Exchange, LinkProvider, Proof
from app.auth.service.accounts import AccountService
from app.auth.service.browser import BrowserService
from app.auth.service.social import SocialService
from app.auth.service.tokens import TokenService
from app.connection_log.enums import RecordedAct, Subject
from app.connection_log.service import ConnectionLogService
from app.integrations.identity import Providers
from app.integrations.identity.enums import SocialProvider
from app.integrations.identity.exceptions import InvalidIdToken
from app.integrations.identity.id_tokens import VerifiedIdentity
from app.runtime.context import Needs, Service
from app.user.enums import SignInMethod
from app.user.models import User
from app.user.policy import Viewer
from app.user.service.sessions import SessionService
from app.user.service.sign_in_methods import SignInMethodService
from app.user.service.users import UserService


class ReauthenticationService(Service):
    _users = Needs(UserService)
    _methods = Needs(SignInMethodService)
    _sessions = Needs(SessionService)
    _accounts = Needs(AccountService)
    _social = Needs(SocialService)
    _browsers = Needs(BrowserService)
    _tokens = Needs(TokenService)
    _records = Needs(ConnectionLogService)

    async def prove(self, viewer: Viewer, providers: Providers, form: Proof) -> None:
        """Note that the caller's session has proved now whose it is.

        By the account's password, or by a sign-in method that it has. What came with a refused call
        is not spent. Raises WrongPassword, InvalidIdToken, InvalidCode, ProviderNotEnabled,
        ProviderUnavailable, RateLimited, SessionRevoked, AccountSuspended, MfaRequired.
        """
        if form.password is not None:
            checked = await self._accounts.ensure_password(viewer, form.password)
            user = await self._lock(viewer)
            await self._accounts.settle_proof(user, checked)
        elif form.provider is not None and form.id_token is not None:
            token = LinkProvider(id_token=form.id_token, nonce=form.nonce)
            identity = await self._social.verify_fresh(providers[form.provider], token)
            user = await self._lock(viewer)
            await self._social.use_nonce(form.provider, form.nonce)
            if not await self._has(user, form.provider, identity):
                raise InvalidIdToken
        else:
            assert form.code is not None
            assert form.code_verifier is not None
            spent = Exchange(code=form.code, code_verifier=form.code_verifier)
            user = await self._lock(viewer)
            provider, redeemed = await self._browsers.spend_code(spent)
            if not await self._has(user, provider, redeemed.identity):
                raise InvalidCode
            await self._browsers.keep_token(provider, user.id, redeemed)
        await self._sessions.note_proof(viewer)
        await self._records.note(RecordedAct.SIGNED_IN, Subject.SESSION, viewer.session_id, user.id)

    async def _lock(self, viewer: Viewer) -> User:
        # The sessions come first, as wherever one of them is written with the user's row locked.
        await self._tokens.lock_sessions_of(viewer)
        return await self._users.lock(viewer)

    async def _has(self, user: User, provider: SocialProvider, identity: VerifiedIdentity) -> bool:
        return await self._methods.find_subject(user.id, SignInMethod(provider)) == identity.subject
