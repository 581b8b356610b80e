"""Signing in by the word of LINE, Google or Apple: who it is, and the way by an app's SDK.

A user is known by `(provider, provider_user_id)`, never by an e-mail address: a social sign-in
enters no e-mail account. Nothing is asked of a provider while a transaction is open.
"""

import unicodedata

import structlog
from pydantic import TypeAdapter, ValidationError

from app.auth.enums import SocialProvider
from app.auth.exceptions import InvalidIdToken
from app.auth.providers import Identity, Providers
from app.auth.repository import AuthRepository
from app.auth.schemas import NativeSignIn, SignedIn
from app.auth.service.pictures import PictureService
from app.auth.service.provider_tokens import ProviderTokenService
from app.auth.service.sessions import AuthService
from app.core.errors import ValidationFailed
from app.core.field_words import EXTRA_FORBIDDEN
from app.core.marks import limit_marks
from app.core.schemas import EmailAddress
from app.core.text import MOST_COMPOSED, clean
from app.core.tokens import hash_of
from app.record.enums import Act
from app.runtime.context import Context, Needs
from app.user.enums import Provider, UserStatus
from app.user.exceptions import AccountSuspended
from app.user.models import User
from app.user.nicknames import passes_for_staff, without_hidden_signs
from app.user.schemas import NICKNAME_LENGTH, UNNAMED
from app.user.service import IdentityService

log = structlog.get_logger(__name__)

_EMAIL: TypeAdapter[str] = TypeAdapter(EmailAddress)


class SocialService:
    """One unit of work of a social sign-in."""

    _identities = Needs(IdentityService)
    _sessions = Needs(AuthService)
    _pictures = Needs(PictureService)
    _tokens = Needs(ProviderTokenService)

    def __init__(self, ctx: Context, providers: Providers) -> None:
        self._ctx = ctx
        self._providers = providers
        self._auth = AuthRepository(ctx.session)

    async def sign_in(
        self, provider: SocialProvider, form: NativeSignIn, user_agent: str
    ) -> tuple[SignedIn, bool]:
        """By the ID token of a native SDK; also whether the user is new.

        Raises InvalidIdToken, ProviderUnavailable, AccountSuspended, and ValidationFailed for an
        authorization code that is not Apple's.
        """
        found = self._providers[provider]
        if form.authorization_code is not None and not found.keeps_tokens:
            raise ValidationFailed(EXTRA_FORBIDDEN.at("authorization_code"))
        identity = await found.verify(form.id_token, form.nonce)
        if form.nonce is not None:
            await self._use_nonce(provider, form.nonce)
        user, is_new = await self.user_of(provider, identity, form.terms_version)
        if form.authorization_code is not None and found.offers_browser():
            await self._tokens.redeem_later(user.id, identity.client_id, form.authorization_code)
        act = Act.SIGNED_UP if is_new else Act.SIGNED_IN
        return await self._sessions.sign_in(user, user_agent, act), is_new

    async def _use_nonce(self, provider: SocialProvider, nonce: str) -> None:
        if not await self._auth.use_nonce(hash_of(nonce), self._ctx.clock()):
            log.warning(
                "id_token_refused", provider=str(provider), way="native", reason="nonce not ours"
            )
            raise InvalidIdToken

    async def get_user(self, provider: SocialProvider, identity: Identity) -> User:
        """The user with this identity. Raises UserNotFound."""
        return await self._identities.get_social(Provider(provider), identity.subject)

    async def user_of(
        self, provider: SocialProvider, identity: Identity, terms_version: str | None
    ) -> tuple[User, bool]:
        """The user with this identity, made if there is none. Raises AccountSuspended."""
        email = usable_email(identity.email)
        verified_at = self._ctx.clock() if email and identity.email_verified else None
        user, is_new = await self._identities.find_or_add_social(
            Provider(provider),
            identity.subject,
            email=email,
            email_verified_at=verified_at,
            nickname=nickname_from(identity.name),
            terms_version=terms_version,
        )
        if user.status == UserStatus.SUSPENDED:
            raise AccountSuspended(user.suspension_reason)
        if is_new and identity.picture is not None:
            await self._pictures.adopt_later(user.id, provider, identity.picture)
        return user, is_new


def nickname_from(name: str | None) -> str:
    """A nickname made from the provider's name: always one that a member may have.

    A name that passes for the staff's is no error: it counts as if the provider knew none.
    """
    # Cut first: Apple's name comes in a form that anybody can send, and may be as long as a body.
    begun = limit_marks((name or "").strip()[: MOST_COMPOSED * NICKNAME_LENGTH])
    kept = "".join(char for char in begun if unicodedata.category(char) not in ("Cc", "Cs"))
    cut = _clean(without_hidden_signs(kept))[:NICKNAME_LENGTH]
    # Again: what is cut may leave half an emoji.
    nickname = _clean(without_hidden_signs(cut))
    return UNNAMED if not nickname or passes_for_staff(nickname) else nickname


def _clean(name: str) -> str:
    return clean(name, longest=NICKNAME_LENGTH, multiline=False)


def usable_email(email: str | None) -> str | None:
    """The address as we would have taken it at a registration, or none."""
    try:
        return _EMAIL.validate_python(email)
    except ValidationError:
        return None
