"""The statements about profiles."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import DateTime, Text, bindparam, case, select, update

from app.core.db import Repository
from app.core.sql.rows import Query
from app.user.enums import Role
from app.user.exceptions import UserNotFound
from app.user.models import User, has_email_identity, is_verified, not_suspended
from app.user.rows import OwnAccount, Profile, avatar_url, needs_nickname

_UNNAMED = bindparam("unnamed", type_=Text)
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
    OwnAccount,
    select(
        User.id.label("account_id"),
        case((has_email_identity(_NOW), User.email)).label("account_email"),
        User.email_verified_at.is_not(None).label("account_email_verified"),
        User.nickname.label("account_nickname"),
        needs_nickname(User.nickname, User.provider, _UNNAMED).label("account_needs_nickname"),
        User.bio.label("account_bio"),
        avatar_url().element.label("account_avatar_url"),
        User.role.label("account_role"),
        (User.role == Role.GUEST).label("account_is_guest"),
        User.provider.label("account_provider"),
        User.locale.label("account_locale"),
        User.terms_version.label("account_terms_version"),
        User.created_at.label("account_created_at"),
        (~not_suspended(_NOW)).label("is_suspended"),
        is_verified().label("is_verified"),
    ).where(User.id == bindparam("user_id"), User.left_at.is_(None)),
)


class ProfileRepository(Repository):
    async def get(self, user_id: UUID) -> Profile:
        """Raises UserNotFound, also for a user who has left."""
        row = await self._db.first(_PROFILE, user_id=user_id)
        if row is None:
            raise UserNotFound
        return row

    async def get_own(self, user_id: UUID, now: datetime, unnamed: str) -> OwnAccount:
        """Raises UserNotFound, also for a user who has left."""
        account = await self._db.first(_OWN, user_id=user_id, now=now, unnamed=unnamed)
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
