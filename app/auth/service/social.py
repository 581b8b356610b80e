"""Signing in with LINE, Google or Apple by the SDK of an app, and finding the user.

A user is known by an id at a provider, never by an e-mail address: a social sign-in enters no
account that its owner has not linked. No transaction is open while a provider is asked.
"""

import unicodedata
from datetime import timedelta
from uuid import UUID

import structlog
from pydantic import TypeAdapter, ValidationError

from app.auth.policy import PROOF_LASTS, ensure_sign_up_open
from app.auth.repository.social import SocialRepository
from app.auth.schemas import LinkProvider, NativeSignIn, SignedIn
from app.auth.service.pictures import PictureService
from app.auth.service.provider_tokens import ProviderTokenService
from app.auth.service.tokens import TokenService
from app.connection_log.enums import RecordedAct
from app.core.combining_marks import limit_marks
from app.core.errors import ValidationFailed
from app.core.field_texts import EXTRA_FORBIDDEN
from app.core.schemas import EmailAddress
from app.core.text import MAX_COMPOSED, clean
from app.core.tokens import hash_of
from app.integrations.identity.base import IdentityProvider
from app.integrations.identity.enums import SocialProvider
from app.integrations.identity.exceptions import InvalidIdToken
from app.integrations.identity.id_tokens import VerifiedIdentity
from app.runtime.context import Needs, Service
from app.user.enums import EntryMethod, SignInMethod
from app.user.exceptions import NotAGuest
from app.user.models import User
from app.user.nicknames.hidden_signs import without_hidden_signs
from app.user.nicknames.staff import passes_for_staff
from app.user.policy import Viewer
from app.user.rows import NICKNAME_LENGTH, SocialMember, unnamed
from app.user.service.account_entry import AccountEntryService
from app.user.service.sign_in_methods import SignInMethodService
from app.user.service.suspension_check import SuspensionCheck

log = structlog.get_logger(__name__)

_EMAIL: TypeAdapter[str] = TypeAdapter(EmailAddress)

_NOT_IN_NAMES = ("Cc", "Cs", "Zl", "Zp")
"""Categories that a line refuses. From a provider's name they are left out."""


class SocialService(Service):
    _methods = Needs(SignInMethodService)
    _suspensions = Needs(SuspensionCheck)
    _accounts = Needs(AccountEntryService)
    _tokens = Needs(TokenService)
    _pictures = Needs(PictureService)
    _provider_tokens = Needs(ProviderTokenService)
    _nonces = Needs(SocialRepository)

    async def sign_in(
        self, provider: IdentityProvider, form: NativeSignIn, user_agent: str
    ) -> tuple[SignedIn, bool]:
        """Sign in by the ID token of a native SDK. Also says whether the user is new.

        Raises InvalidIdToken, ProviderUnavailable, AccountSuspended, ValidationFailed.
        """
        identity = await self.verify(provider, form)
        await self.use_nonce(provider.name, form.nonce)
        user, is_new = await self.find_or_add_user(provider.name, identity, form.terms_version)
        await self.redeem_later(provider, user.id, identity, form.authorization_code)
        act = RecordedAct.SIGNED_UP if is_new else RecordedAct.SIGNED_IN
        return await self._tokens.sign_in(user, user_agent, EntryMethod(provider.name), act), is_new

    async def upgrade_guest(
        self, viewer: Viewer, provider: IdentityProvider, form: NativeSignIn, user_agent: str
    ) -> SignedIn:
        """Make a guest a member with the same id, by an identity. The guest's sessions end.

        Raises NotAGuest, SignUpClosed, InvalidIdToken, ProviderNotEnabled, ProviderUnavailable,
        IdentityTaken, SessionRevoked, AccountSuspended.
        """
        if not viewer.is_guest:
            raise NotAGuest
        ensure_sign_up_open(self._ctx.settings)
        identity = await self.verify(provider, form)
        await self.use_nonce(provider.name, form.nonce)
        user = await self._accounts.lock_guest(viewer)
        await self._tokens.end_all_sessions(user.id)
        member = self._member(identity, form.terms_version)
        await self._accounts.make_social_member(
            user, SignInMethod(provider.name), identity.subject, member
        )
        if identity.picture is not None:
            await self._pictures.adopt_later(user.id, provider.name, identity.picture)
        await self.redeem_later(provider, user.id, identity, form.authorization_code)
        return await self._tokens.sign_in(
            user, user_agent, EntryMethod(provider.name), RecordedAct.SIGNED_UP
        )

    async def verify_fresh(
        self, provider: IdentityProvider, form: LinkProvider
    ) -> VerifiedIdentity:
        """Like `verify`, for a call that asks who the caller is now.

        Google's token needs the nonce here, or must be ten minutes old at most. It is valid for an
        hour, and one that was logged somewhere must not count as a proof.
        """
        return await self.verify(provider, form, issued_within=PROOF_LASTS)

    async def verify(
        self,
        provider: IdentityProvider,
        form: NativeSignIn | LinkProvider,
        issued_within: timedelta | None = None,
    ) -> VerifiedIdentity:
        """Who the ID token of a native SDK is about. Call it before the first write.

        The connection is given back, since a provider may take seconds to answer. `issued_within`
        is for a token without a nonce.

        Raises ProviderNotEnabled; ValidationFailed for an authorization code that is not Apple's;
        InvalidIdToken, ProviderUnavailable.
        """
        provider.ensure_configured()
        if form.authorization_code is not None and not provider.sdk_gives_code:
            raise ValidationFailed(EXTRA_FORBIDDEN.at("authorization_code"))
        await self._ctx.release_connection()
        return await provider.verify(form.id_token, form.nonce, issued_within)

    async def use_nonce(self, provider: SocialProvider, nonce: str | None) -> None:
        """Raises InvalidIdToken for a nonce that is not ours, has expired, or was used."""
        if nonce is None:
            return
        if not await self._nonces.use_nonce(hash_of(nonce), self._ctx.clock()):
            log.warning(
                "id_token_refused", provider=str(provider), way="native", reason="nonce not ours"
            )
            raise InvalidIdToken

    async def redeem_later(
        self,
        provider: IdentityProvider,
        user_id: UUID,
        identity: VerifiedIdentity,
        code: str | None,
    ) -> None:
        """Get the provider's token for Apple's code after this commits, if there is a code."""
        if code is not None and provider.offers_browser():
            await self._provider_tokens.redeem_later(user_id, identity.client_id, code)

    async def get_user(self, provider: SocialProvider, identity: VerifiedIdentity) -> User:
        """The user with this identity. Raises UserNotFound."""
        return await self._methods.get_user_by(SignInMethod(provider), identity.subject)

    async def ensure_not_suspended(
        self, provider: SocialProvider, identity: VerifiedIdentity
    ) -> None:
        """Raises AccountSuspended if this identity leads to a suspended account."""
        user = await self._methods.find_user_by(SignInMethod(provider), identity.subject)
        if user is not None:
            self._suspensions.ensure_not_suspended(user)

    async def find_or_add_user(
        self, provider: SocialProvider, identity: VerifiedIdentity, terms_version: str | None
    ) -> tuple[User, bool]:
        """The user with this identity, and whether they are new.

        Raises AccountSuspended; and SignUpClosed, which rolls a new user back.
        """
        user, is_new = await self._accounts.find_or_add_social(
            SignInMethod(provider), identity.subject, self._member(identity, terms_version)
        )
        self._suspensions.ensure_not_suspended(user)
        if is_new:
            ensure_sign_up_open(self._ctx.settings)
        if is_new and identity.picture is not None:
            await self._pictures.adopt_later(user.id, provider, identity.picture)
        return user, is_new

    def _member(self, identity: VerifiedIdentity, terms_version: str | None) -> SocialMember:
        email = usable_email(identity.email)
        verified_at = self._ctx.clock() if email and identity.email_verified else None
        nickname = nickname_from(identity.name, self._ctx.settings.app_name)
        return SocialMember(email, verified_at, nickname, terms_version)


def nickname_from(name: str | None, app_name: str) -> str:
    """A nickname that a member may have, made from the provider's name.

    A name that looks like a staff name is ignored, as if the provider knew no name.
    """
    # Cut first: the name comes from Apple in a form that anybody can send, of any length.
    begun = limit_marks((name or "").strip()[: MAX_COMPOSED * NICKNAME_LENGTH])
    kept = "".join(char for char in begun if unicodedata.category(char) not in _NOT_IN_NAMES)
    cut = _clean(without_hidden_signs(kept))[:NICKNAME_LENGTH]
    # Again: the cut may leave half an emoji.
    nickname = _clean(without_hidden_signs(cut))
    if not nickname or passes_for_staff(nickname, app_name):
        return unnamed(app_name)
    return nickname


def _clean(name: str) -> str:
    return clean(name, longest=NICKNAME_LENGTH, multiline=False)


def usable_email(email: str | None) -> str | None:
    """The address, if we would accept it at a registration."""
    try:
        return _EMAIL.validate_python(email)
    except ValidationError:
        return None
