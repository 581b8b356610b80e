"""A user's own account, and the profile that others see."""

from uuid import UUID

from app.connection_log.enums import RecordedAct, Subject
from app.connection_log.service import ConnectionLogService
from app.core.errors import SessionRevoked
from app.core.etags import NO_CONDITION, IfMatch
from app.runtime.context import Needs, Service
from app.user.enums import STAFF
from app.user.exceptions import UserNotFound
from app.user.models import User
from app.user.policy import (
    Viewer,
    ensure_may_publish,
    ensure_member,
    ensure_not_staffs,
    is_suspended,
    may_publish,
)
from app.user.repository.profiles import ProfileRepository
from app.user.repository.sign_in_methods import SignInMethodRepository
from app.user.repository.users import UserRepository
from app.user.rows import Me, OwnAccount, Profile, unnamed
from app.user.schemas import MeUpdate, account_of, edit_of
from app.user.service.user_texts import UserTextService
from app.user.service.users import UserService


class ProfileService(Service):
    _users = Needs(UserService)
    _texts = Needs(UserTextService)
    _records = Needs(ConnectionLogService)
    _accounts = Needs(UserRepository)
    _profiles = Needs(ProfileRepository)
    _methods = Needs(SignInMethodRepository)

    async def me(self, viewer: Viewer) -> Me:
        """Raises SessionRevoked if the caller has left."""
        try:
            own = await self._profiles.get_own(
                viewer.user_id, self._ctx.clock(), unnamed(self._ctx.settings.app_name)
            )
        except UserNotFound:
            raise SessionRevoked from None
        return self._me(own)

    async def me_of(self, user: User) -> Me:
        """The account of a user who has been loaded, as they get it."""
        own = OwnAccount(
            account_of(user, self._ctx.settings),
            is_suspended(user, self._ctx.clock()),
            await self.is_verified(user),
        )
        return self._me(own)

    def _me(self, own: OwnAccount) -> Me:
        return Me(**vars(own.account), may_publish=may_publish(own, self._ctx.settings))

    async def is_verified(self, user: User) -> bool:
        """As `models.is_verified` says it. Most have a verified address, and cost no statement."""
        return user.email_verified_at is not None or await self._methods.has_other_than_email(
            user.id
        )

    async def update_me(
        self, viewer: Viewer, changes: MeUpdate, condition: IfMatch = NO_CONDITION
    ) -> User:
        """Change what was sent. A guest may change only the locale.

        Raises GuestNotAllowed, SessionRevoked, AccountSuspended; TermsRequired and EmailUnverified,
        if others would see the change; PreconditionFailed; NicknameReserved for a name that looks
        like the staff's; and TextNotAllowed.
        """
        if changes.model_fields_set - {"locale"}:
            ensure_member(viewer)
        user = await self._users.lock(viewer)
        is_public = changes.nickname is not None or changes.bio is not None
        if is_public:
            ensure_may_publish(
                user.role,
                changes.terms_version or user.terms_version,
                is_verified=await self.is_verified(user),
                settings=self._ctx.settings,
            )
        condition.ensure(edit_of(account_of(user, self._ctx.settings)))
        nickname = None if changes.nickname == user.nickname else changes.nickname
        bio = None if changes.bio == user.bio else changes.bio
        if nickname is not None and user.role not in STAFF:
            ensure_not_staffs(nickname, self._ctx.settings.app_name)
        await self._texts.ensure_profile(nickname, bio, user.created_at)
        if is_public:
            await self._records.note(RecordedAct.CHANGED, Subject.PROFILE, user.id, user.id)
        await self._accounts.change(user, **changes.model_dump(exclude_unset=True))
        return user

    async def set_avatar(self, viewer: Viewer, key: str | None) -> tuple[User, str | None]:
        """Show another picture, or none. Returns the user and the key of the picture before.

        Raises SessionRevoked, AccountSuspended.
        """
        user = await self._users.lock(viewer)
        before = user.avatar_key
        await self._accounts.change(user, avatar_key=key)
        return user, before

    async def set_first_avatar(self, user_id: UUID, key: str) -> bool:
        """Give a picture to a user who has none. False if they have one, or have left."""
        return await self._profiles.set_first_avatar(user_id, key)

    async def profile(self, user_id: UUID) -> Profile:
        """Raises UserNotFound."""
        return await self._profiles.get(user_id)
