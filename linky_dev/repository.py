"""The statements of `linky dev`. They only read, but for the times of a token that it hands out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Uuid, bindparam, func, select, union_all, update

from app.auth.models import RefreshToken
from app.core.database import AnySelect
from app.core.db import Repository
from app.core.sql.rows import Query
from app.notification.models import Device, Notification
from app.user.enums import Role, UserStatus
from app.user.models import User, UserIdentity, UserSession
from app.user.rows import avatar_url


@dataclass(frozen=True, slots=True)
class DevAccount:
    id: UUID
    nickname: str
    email: str | None
    avatar_url: str | None
    role: str
    provider: str
    is_suspended: bool
    """Their tokens read, and are refused where they would write: for the screens of an app."""


@dataclass(frozen=True, slots=True)
class Recipient:
    """Who got a push: the owner of its notification, or of the device that it went to."""

    source_id: UUID
    id: UUID
    nickname: str


@dataclass(frozen=True, slots=True)
class Holder:
    email: str
    id: UUID
    nickname: str


@dataclass(frozen=True, slots=True)
class TokenTimes:
    """The times to give a session's refresh token, and the session itself."""

    session_id: UUID
    token_hash: bytes
    expires_at: datetime
    rotated_at: datetime | None


_USERS = select(
    *(User.id, User.nickname, User.email, avatar_url(), User.role, User.provider),
    (User.status == UserStatus.SUSPENDED).label("is_suspended"),
).where(User.left_at.is_(None))
_MEMBERS = _USERS.where(User.role != Role.GUEST)


def _accounts(statement: AnySelect) -> Query[DevAccount]:
    return Query(DevAccount, statement)


_OLDEST = _accounts(_MEMBERS.order_by(User.created_at, User.id).limit(bindparam("row_limit")))
_LATEST = _accounts(
    _MEMBERS.order_by(User.created_at.desc(), User.id.desc()).limit(bindparam("row_limit"))
)
_OF_ROLE = _accounts(
    _USERS.where(User.role == bindparam("role"), User.status == UserStatus.ACTIVE)
    .order_by(User.created_at, User.id)
    .limit(1)
)
_BY_ID = _accounts(_USERS.where(User.id == bindparam("user_id", type_=Uuid)))
_BY_EMAIL = _accounts(_USERS.where(User.email == bindparam("email")))


class DevRepository(Repository):
    async def list_accounts(self, oldest: int, latest: int) -> list[DevAccount]:
        """The members of the demo community, then those who joined last."""
        first = await self._db.all(_OLDEST, row_limit=oldest)
        last = await self._db.all(_LATEST, row_limit=latest)
        known = {account.id for account in first}
        return [*first, *(account for account in last if account.id not in known)]

    async def find_of_role(self, role: Role) -> DevAccount | None:
        return await self._db.first(_OF_ROLE, role=role)

    async def find_by_id(self, user_id: UUID) -> DevAccount | None:
        return await self._db.first(_BY_ID, user_id=user_id)

    async def find_by_email(self, email: str) -> DevAccount | None:
        return await self._db.first(_BY_EMAIL, email=email)

    async def list_recipients(
        self, notification_ids: Sequence[UUID], device_ids: Sequence[UUID]
    ) -> list[Recipient]:
        """The owners of these. Leaves out what is deleted."""
        of_notifications = (
            select(Notification.id, User.id, User.nickname)
            .join(User, User.id == Notification.user_id)
            .where(Notification.id.in_(notification_ids))
        )
        of_devices = (
            select(Device.id, User.id, User.nickname)
            .join(User, User.id == Device.user_id)
            .where(Device.id.in_(device_ids))
        )
        rows = await self._db.all(union_all(of_notifications, of_devices))
        return [Recipient(*row) for row in rows]

    async def list_holders(self, emails: Sequence[str]) -> list[Holder]:
        rows = await self._db.all(
            select(User.email, User.id, User.nickname).where(
                User.email.in_(emails), User.left_at.is_(None)
            )
        )
        return [Holder(email, id_, name) for email, id_, name in rows if email is not None]

    async def list_ids_at_providers(self, subjects: Sequence[str]) -> list[UUID]:
        query = select(UserIdentity.user_id).where(UserIdentity.subject.in_(subjects))
        return list(await self._db.all(query))

    async def change_times(self, times: TokenTimes) -> None:
        """Give a new refresh token, and its session, times of another day."""
        await self._db.execute(
            update(RefreshToken)
            .where(RefreshToken.token_hash == times.token_hash)
            .values(expires_at=times.expires_at, rotated_at=times.rotated_at)
        )
        await self._db.execute(
            update(UserSession)
            .where(UserSession.id == times.session_id)
            .values(expires_at=func.greatest(times.expires_at, UserSession.created_at))
        )
