"""The use cases of accounts: who is calling, one's own account, others' profiles, blocks.

`auth` makes accounts and sessions through the second half of the service.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from app.core.errors import SessionRevoked
from app.core.keyset import FIRST_ID, LAST_ID, PageRequest, Slice
from app.core.text import fold
from app.core.tokens import AccessClaims
from app.record.enums import Act, Subject
from app.record.service import RecordService
from app.runtime.context import Context, Needs
from app.user.enums import Provider, Role, UserLocale, UserStatus
from app.user.exceptions import (
    AccountSuspended,
    CannotBlockSelf,
    LastAdmin,
    NotAGuest,
    SessionNotFound,
    UserNotFound,
)
from app.user.models import User, UserSession
from app.user.policy import Viewer, ensure_member, ensure_not_staffs, ensure_terms_accepted
from app.user.repository import Standing, UserRepository
from app.user.schemas import UNNAMED, Me, MeUpdate, Profile, author_json

GUEST_NICKNAME = "ゲスト"
BLOCKS, SESSIONS = "blocks", "sessions"
BEFORE_ALL = datetime(1970, 1, 1, tzinfo=UTC)


class UserService:
    _records = Needs(RecordService)

    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx
        self._users = UserRepository(ctx.session)

    async def resolve(self, claims: AccessClaims) -> Viewer:
        """Who the token's bearer is now, by the database and not by the token.

        Raises SessionRevoked for a session that ended or a user who left, AccountSuspended.
        """
        standing = await self._standing(claims)
        if standing.status == UserStatus.SUSPENDED:
            raise AccountSuspended(standing.suspension_reason)
        return _viewer(claims, standing)

    async def resolve_reader(self, claims: AccessClaims) -> Viewer:
        """As `resolve`, for reads: a suspended user goes on reading. Raises SessionRevoked."""
        return _viewer(claims, await self._standing(claims))

    async def _standing(self, claims: AccessClaims) -> Standing:
        standing = await self._users.find_standing(
            claims.user_id, claims.session_id, self.oldest_session()
        )
        if standing is None:
            raise SessionRevoked
        return standing

    async def me(self, viewer: Viewer) -> Me:
        """Raises SessionRevoked for a caller who has left."""
        return self.describe(await self.get_caller(viewer))

    async def update_me(self, viewer: Viewer, changes: MeUpdate) -> Me:
        """Change what was sent. A guest may change the locale alone.

        Raises GuestNotAllowed, TermsRequired where others would see the change, and
        NicknameReserved for a name that passes for the staff's.
        """
        if changes.model_fields_set - {"locale"}:
            ensure_member(viewer)
        user = await self.lock_caller(viewer)
        if changes.nickname not in (None, user.nickname) and user.role != Role.ADMIN:
            ensure_not_staffs(changes.nickname)
        for name in changes.model_fields_set:
            setattr(user, name, getattr(changes, name))
        if changes.nickname is not None or changes.bio is not None:
            ensure_terms_accepted(user.terms_version, self._ctx.settings.terms_version)
            await self._records.note(Act.CHANGED, Subject.PROFILE, user.id, user.id)
        await self._users.flush()
        return self.describe(user)

    async def set_avatar(self, viewer: Viewer, key: str | None) -> tuple[Me, str | None]:
        """Show another picture, or none; also the key of the one before."""
        user = await self.lock_caller(viewer)
        before, user.avatar_key = user.avatar_key, key
        await self._users.flush()
        return self.describe(user), before

    async def set_first_avatar(self, user_id: UUID, key: str) -> bool:
        """Show a picture of somebody who shows none; False where they do, or have left."""
        return await self._users.set_first_avatar(user_id, key)

    async def profile(self, user_id: UUID) -> Profile:
        """Raises UserNotFound."""
        user = await self._users.get(user_id)
        return Profile(
            id=user.id,
            nickname=user.nickname,
            bio=user.bio,
            avatar_url=self._avatar_url(user),
            post_count=user.post_count,
            created_at=user.created_at,
        )

    async def ensure_exists(self, user_id: UUID) -> None:
        """Raises UserNotFound."""
        if not await self._users.exists(user_id):
            raise UserNotFound

    async def block(self, viewer: Viewer, user_id: UUID) -> None:
        """Out of the viewer's sight from now on. Raises UserNotFound, CannotBlockSelf."""
        if user_id == viewer.user_id:
            raise CannotBlockSelf
        await self.begin_write(viewer)
        await self.ensure_exists(user_id)
        await self._users.add_block(viewer.user_id, user_id)

    async def unblock(self, viewer: Viewer, user_id: UUID) -> None:
        await self.begin_write(viewer)
        await self._users.delete_block(viewer.user_id, user_id)

    async def begin_write(self, viewer: Viewer) -> None:
        """Call this before the first lock and write of a use case: the caller can't leave until
        the transaction ends (ADR 0036). Raises SessionRevoked for one who has left meanwhile.
        """
        await self._users.lock_presence(viewer.user_id, leaving=False)
        # A separate statement: the one that waited for the lock would still see the state before.
        if not await self._users.exists(viewer.user_id):
            raise SessionRevoked

    async def lock_caller(self, viewer: Viewer) -> User:
        """As `begin_write` and `lock_user`. Raises SessionRevoked."""
        try:
            return await self.lock_present(viewer.user_id)
        except UserNotFound:
            raise SessionRevoked from None

    async def lock_present(self, user_id: UUID) -> User:
        """As `lock_caller`, for a user who shows by something else than a session who they are.

        Raises UserNotFound for one who has left.
        """
        await self._users.lock_presence(user_id, leaving=False)
        return await self.lock_user(user_id)

    async def lock_user(self, user_id: UUID) -> User:
        """Nobody else changes this user until the transaction ends. Raises UserNotFound."""
        return await self._users.lock(user_id)

    async def has_blocked(self, blocker_id: UUID, blocked_id: UUID) -> bool:
        return await self._users.has_blocked(blocker_id, blocked_id)

    async def list_blocks(self, viewer: Viewer, page: PageRequest) -> Slice[dict[str, Any]]:
        after_id = page.after_id(BLOCKS, start=LAST_ID)
        rows = await self._users.list_blocks(viewer.user_id, after_id, page.row_limit)
        found = page.page(BLOCKS, rows, lambda row: [row["block_id"]])
        return found.map(lambda row: author_json(row, self._ctx.storage.url))

    def describe(self, user: User) -> Me:
        return Me(
            id=user.id,
            email=user.email,
            email_verified=user.email_verified_at is not None,
            nickname=user.nickname,
            needs_nickname=user.nickname == UNNAMED and user.password_hash is None,
            bio=user.bio,
            avatar_url=self._avatar_url(user),
            role=Role(user.role),
            is_guest=user.role == Role.GUEST,
            provider=Provider(user.provider),
            locale=UserLocale(user.locale),
            terms_version=user.terms_version,
            created_at=user.created_at,
        )

    def _avatar_url(self, user: User) -> str | None:
        return self._ctx.storage.url(user.avatar_key) if user.avatar_key else None

    # What admins need.

    async def lock_admins(self) -> Sequence[UUID]:
        """The active admins, whom nobody else changes until the transaction ends."""
        return await self._users.lock_admins()

    async def set_standing(self, user: User, role: str, status: str, reason: str) -> None:
        """The reason is what the user is told while suspended."""
        if status != UserStatus.SUSPENDED:
            user.suspension_reason = ""
        elif user.status != UserStatus.SUSPENDED or reason:
            user.suspension_reason = reason
        user.role, user.status = role, status
        await self._users.flush()

    async def list_for_admins(
        self,
        page: PageRequest,
        query: str | None,
        role: Role | None,
        status: UserStatus | None,
    ) -> Slice[User]:
        """Everybody who has not left, the newest first, narrowed by what is given."""
        words = None if query is None else fold(query)
        name = f"users:{role or ''}:{status or ''}:{words or ''}"
        after_id = page.after_id(name, start=LAST_ID)
        users = await self._users.list_page(after_id, page.row_limit, words, role, status)
        return page.page(name, users, lambda user: [user.id])

    async def member_since(self, user_id: UUID) -> datetime:
        """When the account was made. Raises UserNotFound."""
        return (await self._users.get(user_id)).created_at

    async def locale_of(self, user_id: UUID) -> UserLocale:
        """Of one who has left too."""
        return await self._users.find_locale(user_id) or UserLocale.JA

    # What posts need.

    async def change_post_count(self, user_id: UUID, by: int) -> None:
        await self._users.change_post_count(user_id, by)

    # What leaving needs.

    async def begin_leaving(self, user_id: UUID) -> None:
        """Wait for all that the user is writing; what they begin later waits for this transaction.

        It comes first in the transaction: no other one waits meanwhile for a lock that it holds.
        """
        await self._users.lock_presence(user_id, leaving=True)

    async def mark_left(self, user_id: UUID, now: datetime) -> None:
        """Nobody signs in any more, and there is no profile. Raises UserNotFound, LastAdmin."""
        admins = await self._users.lock_admins()
        user = await self._users.lock(user_id)
        if admins == [user_id]:
            raise LastAdmin
        user.left_at = now
        await self._users.flush()

    async def take_idle_guests(self, before: datetime, now: datetime, limit: int) -> Sequence[UUID]:
        """Guests without a living session since then, to be ended now; each is taken once."""
        return await self._users.take_idle_guests(before, now, limit)

    async def is_idle_guest(self, user_id: UUID, before: datetime) -> bool:
        return await self._users.is_idle_guest(user_id, before)

    async def get_left(self, user_id: UUID) -> User:
        """One who has left and is not erased yet. Raises UserNotFound."""
        return await self._users.get_left(user_id)

    async def erase(self, user_id: UUID) -> None:
        """The row, with all that hangs on it: sessions, blocks, marks, settings, devices."""
        await self._users.delete(user_id)

    # What auth needs.

    async def get_user(self, user_id: UUID) -> User:
        """Raises UserNotFound."""
        return await self._users.get(user_id)

    async def get_caller(self, viewer: Viewer) -> User:
        """Raises SessionRevoked for a caller who has left."""
        try:
            return await self._users.get(viewer.user_id)
        except UserNotFound:
            raise SessionRevoked from None

    async def set_password(self, user: User, password_hash: str) -> None:
        """Of a user who is held."""
        user.password_hash = password_hash
        await self._users.flush()

    async def mark_email_verified(self, user: User, now: datetime) -> None:
        """Of a user who is held."""
        user.email_verified_at = user.email_verified_at or now
        await self._users.flush()

    async def add_member(
        self,
        email: str,
        password_hash: str,
        nickname: str,
        terms_version: str | None,
        role: Role = Role.USER,
    ) -> User:
        """A new e-mail account. Raises EmailTaken."""
        return await self._users.add(
            User(
                provider=Provider.EMAIL,
                email=email,
                password_hash=password_hash,
                nickname=nickname,
                terms_version=terms_version,
                role=role,
            )
        )

    async def get_social(self, provider: Provider, provider_user_id: str) -> User:
        """The user whom a provider knows by this id, held. Raises UserNotFound."""
        user = await self._lock_social(provider, provider_user_id)
        if user is None:
            raise UserNotFound
        return user

    async def _lock_social(self, provider: Provider, provider_user_id: str) -> User | None:
        """They can't leave until the transaction ends. None for one who has left."""
        user = await self._users.find_by_identity(provider, provider_user_id)
        try:
            return user and await self.lock_present(user.id)
        except UserNotFound:
            return None

    async def find_or_add_social(
        self,
        provider: Provider,
        provider_user_id: str,
        *,
        email: str | None,
        email_verified_at: datetime | None,
        nickname: str,
        terms_version: str | None,
    ) -> tuple[User, bool]:
        """The user whom a provider knows by this id, and whether they are new.

        What is said of them counts when they are new, but for the terms that they accepted.
        """
        user = await self._lock_social(provider, provider_user_id)
        if user is None:
            await self._users.forget_identity_of_left(provider, provider_user_id)
            added = await self._users.add_social(
                provider=provider,
                provider_user_id=provider_user_id,
                email=email,
                email_verified_at=email_verified_at,
                nickname=nickname,
                terms_version=terms_version,
                role=Role.USER,
            )
            if added is not None:
                return added, True
            # Of two first sign-ins at once the slower one waited in the insert, and finds it now.
            user = await self.get_social(provider, provider_user_id)
        if terms_version is not None:
            user.terms_version = terms_version
            await self._users.flush()
        return user, False

    async def add_guest(self) -> User:
        """A user who has said nothing of themselves yet."""
        guest = User(provider=Provider.GUEST, nickname=GUEST_NICKNAME, role=Role.GUEST)
        return await self._users.add(guest)

    async def upgrade_guest(
        self,
        viewer: Viewer,
        email: str,
        password_hash: str,
        nickname: str,
        terms_version: str | None,
    ) -> User:
        """The same id gets an e-mail account. Raises SessionRevoked, NotAGuest, EmailTaken."""
        user = await self.lock_caller(viewer)
        if user.role != Role.GUEST:
            raise NotAGuest
        user.provider, user.role = Provider.EMAIL, Role.USER
        user.email, user.password_hash = email, password_hash
        user.nickname, user.terms_version = nickname, terms_version
        await self._users.flush()
        return user

    async def find_by_email(self, email: str) -> User | None:
        return await self._users.find_by_email(email)

    async def lock_by_email(self, email: str) -> User | None:
        """As `find_by_email`, and nobody else changes this user until the transaction ends."""
        return await self._users.lock_by_email(email)

    async def make_admin(self, user: User, password_hash: str) -> None:
        """Give an account the role, and the password by which its owner will sign in."""
        user.password_hash = password_hash
        # Who was suspended could not use what they are given.
        await self.set_standing(user, Role.ADMIN, UserStatus.ACTIVE, "")

    async def start_session(
        self, user_id: UUID, user_agent: str, expires_at: datetime
    ) -> UserSession:
        return await self._users.add_session(user_id, user_agent, self._ctx.clock(), expires_at)

    async def lock_session(self, session_id: UUID) -> tuple[UserSession, User] | None:
        """A living session and its user, held until the transaction ends."""
        return await self._users.lock_session(session_id)

    async def list_sessions(self, viewer: Viewer, page: PageRequest) -> Slice[dict[str, Any]]:
        """The caller's living sessions, the newest first."""
        after_id = page.after_id(SESSIONS, start=LAST_ID)
        rows = await self._users.list_sessions(
            viewer.user_id, self._ctx.clock(), self.oldest_session(), after_id, page.row_limit
        )
        found = page.page(SESSIONS, rows, lambda row: [row["id"]])
        return found.map(lambda row: {**row, "current": row["id"] == viewer.session_id})

    async def end_session(self, user_id: UUID, session_id: UUID) -> None:
        """Raises SessionNotFound for one that is not the user's, or over already."""
        ended = await self._users.end_sessions(user_id, self._ctx.clock(), only=session_id)
        if not ended:
            raise SessionNotFound

    async def end_sessions(self, user_id: UUID, *, but: UUID | None = None) -> Sequence[UUID]:
        """End all the user's sessions, or all but one; the ids of those that were alive."""
        return await self._users.end_sessions(user_id, self._ctx.clock(), but=but)

    def oldest_session(self) -> datetime:
        """Sessions that began at this moment or before are over, however they were used since."""
        days = self._ctx.settings.session_max_days
        return self._ctx.clock() - timedelta(days=days) if days else BEFORE_ALL

    async def end_sessions_of_age(self, limit: int) -> Sequence[UUID]:
        """End some of the sessions that began too long ago; their ids."""
        if not self._ctx.settings.session_max_days:
            return []
        moment = self.oldest_session()
        return await self._users.end_sessions_begun_before(moment, self._ctx.clock(), limit)

    async def list_sessions_over_since(
        self, moment: datetime, after: tuple[datetime, UUID] | None, limit: int
    ) -> Sequence[tuple[datetime, UUID]]:
        """When each was over, and its id; the longest ago first."""
        after = after or (BEFORE_ALL, FIRST_ID)
        return await self._users.list_sessions_over_since(moment, after, limit)

    async def delete_sessions(self, session_ids: Sequence[UUID]) -> None:
        """But for guests', which show when the guest was last here."""
        await self._users.delete_sessions(session_ids)


def _viewer(claims: AccessClaims, standing: Standing) -> Viewer:
    return Viewer(
        claims.user_id, claims.session_id, standing.role, standing.terms_version, standing.locale
    )
