"""An account's sign-in methods: adding one, removing one, changing the e-mail address.

Two accounts are joined by nothing but their owner's own act, never by an address.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from app.runtime.context import Needs, Service
from app.user.enums import STAFF, EntryMethod, SignInMethod
from app.user.exceptions import (
    EmailTaken,
    IdentityNotFound,
    IdentityTaken,
    LastIdentity,
    ProviderAlreadyLinked,
    UserNotFound,
)
from app.user.models import User
from app.user.policy import UNPROVED_FOR, Viewer
from app.user.repository.sign_in_methods import SignInMethodRepository
from app.user.repository.users import UserRepository
from app.user.rows import Identity
from app.user.service.sessions import SessionService
from app.user.service.users import UserService


class SignInMethodService(Service):
    _presence = Needs(UserService)
    _sessions = Needs(SessionService)
    _users = Needs(UserRepository)
    _methods = Needs(SignInMethodRepository)

    async def list_of(self, user_id: UUID) -> Sequence[Identity]:
        """The oldest first."""
        return await self._methods.list_of(user_id, self._ctx.clock())

    async def get(self, user_id: UUID, method: SignInMethod) -> Identity:
        """Raises IdentityNotFound."""
        return _find(await self.list_of(user_id), method)

    async def find_subject(self, user_id: UUID, method: SignInMethod) -> str | None:
        """The user's id at a provider. None without this sign-in method."""
        return await self._methods.find_subject(user_id, method)

    async def note_use(self, user_id: UUID, provider: EntryMethod) -> None:
        """A user has come in by this sign-in method. A guest has none."""
        if provider != EntryMethod.GUEST:
            await self._methods.note_use(user_id, SignInMethod(provider), self._ctx.clock())

    async def add_provider(
        self,
        user: User,
        method: SignInMethod,
        subject: str,
        email: str | None,
        *,
        email_verified: bool,
    ) -> Identity:
        """Link an id at a provider. The user must be locked.

        Raises ProviderAlreadyLinked, IdentityTaken.
        """
        await self._methods.forget_of_left(method, subject)
        added = await self._methods.add(
            user.id,
            method,
            subject,
            email=email,
            email_verified=email_verified,
        )
        if added:
            await self._settle_lapse(user)
            return await self.get(user.id, method)
        try:
            await self.get(user.id, method)
        except IdentityNotFound:
            raise IdentityTaken from None
        raise ProviderAlreadyLinked

    async def add_email(self, user: User, email: str, password_hash: str) -> Identity:
        """Add an address and a password. The user must be locked.

        The address from a provider stays with that sign-in method. Raises
        ProviderAlreadyLinked, EmailTaken.
        """
        if not await self._methods.add(
            user.id, SignInMethod.EMAIL, None, email=None, email_verified=False
        ):
            raise ProviderAlreadyLinked
        await self._users.change(
            user, email=email, email_verified_at=None, password_hash=password_hash
        )
        await self._settle_lapse(user)
        return await self.get(user.id, SignInMethod.EMAIL)

    async def note_proof(self, user_id: UUID) -> None:
        """Note that the address was proved. Methods that were added before are older than that."""
        await self._methods.set_proved(user_id)

    async def _settle_lapse(self, user: User) -> None:
        """Begin or end the day after which an unverified address is no sign-in method."""
        lapses_at = None
        if await self.is_unproved(user):
            lapses_at = user.email_lapses_at or self._ctx.clock() + UNPROVED_FOR
        await self._users.change(user, email_lapses_at=lapses_at)

    async def is_unproved(self, user: User) -> bool:
        """Whether the address was only typed in, and there is another sign-in method beside it.

        Not an admin's or a moderator's: an operator has vouched for it, or another admin.
        """
        if user.password_hash is None or user.email_verified_at is not None:
            return False
        if user.role in STAFF:
            return False
        return await self._methods.has_other_than_email(user.id)

    async def find_unproved(self, email: str) -> UUID | None:
        """The account that has this address unproved, beside another sign-in method."""
        return await self._users.find_unproved(email)

    async def list_lapsed(self, limit: int) -> Sequence[UUID]:
        """Accounts whose e-mail sign-in has lapsed, the earliest first."""
        return await self._users.list_lapsed(self._ctx.clock(), limit)

    async def remove_unproved(self, user: User) -> bool:
        """Close the e-mail sign-in, if it is unproved. The user must be locked.

        Returns whether it is closed. A plain lock is enough: no row refers to a key with this
        sign-in method.
        """
        is_unproved = await self.is_unproved(user)
        if is_unproved:
            await self._methods.delete(user.id, SignInMethod.EMAIL)
            await self._users.change(user, email=None, password_hash=None)
        await self._users.change(user, email_lapses_at=None)
        return is_unproved

    async def lock_exclusively(self, viewer: Viewer) -> User:
        """Lock the caller's row when none of their writes is under way.

        The first sign-in method is part of a unique key of the user's row. To change it waits for
        every transaction that has added a row of this user, so those must not wait for us. A
        refresh locks its session before it adds such a row, so the sessions come first. Raises
        SessionRevoked, AccountSuspended.
        """
        await self._presence.exclusive(viewer)
        return await self._lock_whole(viewer.user_id)

    async def lock_other_exclusively(self, user_id: UUID) -> User:
        """Like `lock_exclusively`, for a user who is not the caller. Raises UserNotFound."""
        await self._presence.exclusive(user_id)
        return await self._lock_whole(user_id)

    async def _lock_whole(self, user_id: UUID) -> User:
        await self._sessions.lock_all(user_id)
        return await self._users.lock(user_id, whole=True)

    async def remove(self, user: User, method: SignInMethod) -> Identity:
        """Close a sign-in method. With the e-mail sign-in goes its address.

        The user must be locked by `lock_exclusively`. Raises IdentityNotFound, LastIdentity.
        """
        methods = await self.list_of(user.id)
        closed = _find(methods, method)
        if len(methods) == 1:
            raise LastIdentity
        await self._methods.delete(user.id, method)
        if method == SignInMethod.EMAIL:
            await self._users.change(user, email=None, email_verified_at=None, password_hash=None)
        elif user.provider == method:
            await self._users.change(user, provider_user_id=None)
        await self._settle_lapse(user)
        return closed

    async def remove_all_but_email(
        self, user: User, *, added_before_proof: bool = False
    ) -> Sequence[SignInMethod]:
        """Close every sign-in method but the e-mail one, which the account must have.

        Or only those that were added before the address was proved. The user must be locked
        exclusively: another sign-in method may be the first one. Returns those that were open.
        """
        deleted = await self._methods.delete_all_but_email(
            user.id, added_before_proof=added_before_proof
        )
        closed = sorted(map(SignInMethod, deleted))
        if user.provider in closed:
            await self._users.change(user, provider_user_id=None)
        await self._settle_lapse(user)
        return closed

    async def ensure_free(self, user: User, email: str) -> None:
        """Raises EmailTaken if another account signs in by this address, and has proved it."""
        owner = await self._users.find_by_email(email, self._ctx.clock())
        if owner is not None and owner.id != user.id and not await self.is_unproved(owner):
            raise EmailTaken

    async def change_address(self, user: User, email: str, now: datetime) -> None:
        """Set an address that its owner has confirmed. The user must be locked.

        Raises EmailTaken.
        """
        await self.ensure_free(user, email)
        await self._users.change(user, email=email, email_verified_at=now, email_lapses_at=None)
        await self.note_proof(user.id)

    async def verified_addresses(self, user: User) -> list[str]:
        """Each address once: the account's own, and what the providers have verified."""
        own = [user.email] if user.email and user.email_verified_at else []
        others = [
            row.email
            for row in await self.list_of(user.id)
            if row.email is not None and row.email_verified
        ]
        return list(dict.fromkeys(own + others))

    async def may_prove_by_email(self, user: User) -> bool:
        """Whether it shows who owns the account that someone reads the mails to its address."""
        return user.email_verified_at is not None or await self.began_by_email(user)

    async def began_by_email(self, user: User) -> bool:
        """Whether the e-mail sign-in is the account's first one, or the only one that is left.

        Otherwise the address was added to an account that began with another sign-in method: it may
        be mistyped, and its owner a stranger. Where e-mail is the only sign-in method left, its
        owner has no other way back.
        """
        methods = [row.provider for row in await self.list_of(user.id)]
        began_by_email = user.provider == EntryMethod.EMAIL and methods[:1] == [SignInMethod.EMAIL]
        return began_by_email or methods == [SignInMethod.EMAIL]

    async def get_user_by(self, method: SignInMethod, subject: str) -> User:
        """Lock and return the user with this id at the provider. Raises UserNotFound."""
        user = await self.find_user_by(method, subject)
        if user is None:
            raise UserNotFound
        return user

    async def find_id_by(self, method: SignInMethod, subject: str) -> UUID | None:
        """The id of the user with this id at the provider, who is not locked."""
        found = await self._methods.find_user(method, subject)
        return found.id if found else None

    async def find_user_by(self, method: SignInMethod, subject: str) -> User | None:
        """Like `get_user_by`. None if there is none, or they left, or are closing this sign-in
        method.
        """
        found = await self._methods.find_user(method, subject)
        if found is None:
            return None
        try:
            user = await self._presence.lock(found.id)
        except UserNotFound:
            return None
        # The lock may have waited for the owner to close this sign-in method, and it may lead
        # elsewhere now.
        is_still_theirs = await self._methods.find_subject(user.id, method) == subject
        return user if is_still_theirs else None

    async def forget_of_left(self, method: SignInMethod, subject: str) -> None:
        """Free an identity whose user has left, for a new account."""
        await self._methods.forget_of_left(method, subject)


def _find(methods: Sequence[Identity], method: SignInMethod) -> Identity:
    for row in methods:
        if row.provider == method:
            return row
    raise IdentityNotFound
