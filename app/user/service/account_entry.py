"""How users get into an account: it is found or made by its email, as a guest or by a provider.

`auth` calls this after it has checked who is signing in. `sign_in_methods.py` beside it adds and
removes the sign-in methods of an account that there is.
"""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from app.runtime.context import Needs, Service
from app.user.enums import EntryMethod, Role, SignInMethod
from app.user.exceptions import NotAGuest
from app.user.models import User
from app.user.policy import Viewer
from app.user.repository.users import UserRepository
from app.user.rows import SocialMember
from app.user.service.sign_in_methods import SignInMethodService
from app.user.service.user_texts import UserTextService
from app.user.service.users import UserService

GUEST_NICKNAME = "ゲスト"


class AccountEntryService(Service):
    _presence = Needs(UserService)
    _texts = Needs(UserTextService)
    _methods = Needs(SignInMethodService)
    _users = Needs(UserRepository)

    # E-mail

    async def find_by_email(self, email: str) -> User | None:
        return await self._users.find_by_email(email, self._ctx.clock())

    async def lock_by_email(self, email: str) -> User | None:
        """Like `find_by_email`, and lock the row."""
        return await self._users.lock_by_email(email, self._ctx.clock())

    async def find_password_hash(self, user_id: UUID) -> str | None:
        """As it is now. None for an account without a password, or whose address has lapsed."""
        return await self._users.find_password_hash(user_id, self._ctx.clock())

    async def add_member(
        self,
        email: str,
        password_hash: str,
        nickname: str,
        terms_version: str | None,
        role: Role = Role.USER,
    ) -> User:
        """Make an account with an e-mail address. Raises TextNotAllowed, EmailTaken."""
        if role == Role.USER:
            await self._texts.ensure_nickname(nickname)
        return await self._users.add(
            User(
                provider=EntryMethod.EMAIL,
                email=email,
                password_hash=password_hash,
                nickname=nickname,
                terms_version=terms_version,
                role=role,
            )
        )

    async def set_password(self, user: User, password_hash: str) -> None:
        """The user must be locked."""
        await self._users.change(user, password_hash=password_hash)

    async def mark_email_verified(self, user: User, now: datetime) -> None:
        """The user must be locked."""
        if user.email_verified_at is None:
            await self._users.change(user, email_verified_at=now, email_lapses_at=None)
            await self._methods.note_proof(user.id)

    async def forget_address(self, user: User) -> None:
        """Take the address off an account that does not sign in by it. The user must be locked."""
        await self._users.change(user, email=None, email_verified_at=None)

    # Guests

    async def add_guest(self) -> User:
        guest = User(provider=EntryMethod.GUEST, nickname=GUEST_NICKNAME, role=Role.GUEST)
        return await self._users.add(guest)

    async def lock_guest(self, viewer: Viewer) -> User:
        """Lock a guest who wants to be a member.

        Raises SessionRevoked, AccountSuspended, NotAGuest.
        """
        user = await self._presence.lock(viewer)
        if user.role != Role.GUEST:
            raise NotAGuest
        return user

    async def make_member(
        self,
        guest: User,
        email: str,
        password_hash: str,
        nickname: str,
        terms_version: str | None,
    ) -> None:
        """Turn a locked guest into an e-mail account with the same id.

        Raises TextNotAllowed, EmailTaken.

        The provider is part of a unique key. So this waits for every transaction that has added a
        row of this user, and the caller must end the guest's sessions first: such a transaction
        has often locked its session, and would deadlock with a caller that needs both.
        """
        await self._texts.ensure_nickname(nickname)
        await self._users.upgrade(
            guest,
            provider=EntryMethod.EMAIL,
            role=Role.USER,
            joined_at=self._ctx.clock(),
            email=email,
            password_hash=password_hash,
            nickname=nickname,
            terms_version=terms_version,
        )

    async def make_social_member(
        self, guest: User, provider: SignInMethod, provider_user_id: str, member: SocialMember
    ) -> None:
        """Like `make_member`, by an id at a provider. Raises IdentityTaken."""
        await self._methods.forget_of_left(provider, provider_user_id)
        await self._users.upgrade(
            guest,
            provider=EntryMethod(provider),
            provider_user_id=provider_user_id,
            role=Role.USER,
            joined_at=self._ctx.clock(),
            email=member.email,
            email_verified_at=member.email_verified_at,
            nickname=await self._texts.nickname_or_default(member.nickname),
            terms_version=member.terms_version,
        )

    # Providers

    async def find_or_add_social(
        self, provider: SignInMethod, provider_user_id: str, member: SocialMember
    ) -> tuple[User, bool]:
        """The user with this id at the provider, and whether the account is new.

        An existing account keeps its address and nickname. Only the accepted terms are stored.
        """
        user = await self._methods.find_user_by(provider, provider_user_id)
        if user is None:
            await self._methods.forget_of_left(provider, provider_user_id)
            nickname = await self._texts.nickname_or_default(member.nickname)
            member = replace(member, nickname=nickname)
            added = await self._users.add_social(EntryMethod(provider), provider_user_id, member)
            if added is not None:
                return added, True
            # Two came at once with this identity, to sign in or to link it. This one waited in the
            # INSERT for the other, whose account has it now.
            user = await self._methods.get_user_by(provider, provider_user_id)
        if member.terms_version is not None:
            await self._users.change(user, terms_version=member.terms_version)
        return user, False
