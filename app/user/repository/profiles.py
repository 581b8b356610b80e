"""The statements about profiles."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import DateTime, bindparam, case, select, update

from app.core.db import Repository
from app.core.rows import Query
from app.user.enums import Role
from app.user.exceptions import UserNotFound
from app.user.models import User, has_email_door
from app.user.rows import Me, Profile, avatar_url, needs_nickname

_NOW = bindparam("now", type_=DateTime(timezone=True))

# While all is hidden that a suspended user wrote, so are their words and picture of themselves.
_PROFILE = Query(
    Profile,
    select(
        User.id,
        User.nickname,
        case((User.suspension_hides, ""), else_=User.bio).label("bio"),
        case((~User.suspension_hides, avatar_url().element)).label("avatar_url"),
        User.post_count,
        User.created_at,
    ).where(User.id == bindparam("user_id"), User.left_at.is_(None)),
)
_OWN = Query(
    Me,
    select(
        User.id,
        case((has_email_door(_NOW), User.email)).label("email"),
        User.email_verified_at.is_not(None).label("email_verified"),
        User.nickname,
        needs_nickname(User.nickname, User.provider).label("needs_nickname"),
        User.bio,
        avatar_url(),
        User.role,
        (User.role == Role.GUEST).label("is_guest"),
        User.provider,
        User.locale,
        User.terms_version,
        User.created_at,
    ).where(User.id == bindparam("user_id"), User.left_at.is_(None)),
)


class ProfileRepository(Repository):
    async def get(self, user_id: UUID) -> Profile:
        """Raises UserNotFound, also for a user who has left."""
        row = await self._db.first(_PROFILE, user_id=user_id)
        if row is None:
            raise UserNotFound
        return row

    async def get_own(self, user_id: UUID, now: datetime) -> Me:
        """Raises UserNotFound, also for a user who has left."""
        account = await self._db.first(_OWN, user_id=user_id, now=now)
        if account is None:
            raise UserNotFound
        return account

    async def set_first_avatar(self, user_id: UUID, key: str) -> bool:
        """False if the user has a picture already, or has left."""
        statement = (
            update(User)
            .where(User.id == user_id, User.avatar_key.is_(None), User.left_at.is_(None))
            .values(avatar_key=key)
        )
        return await self._db.first(statement.returning(User.id)) is not None
