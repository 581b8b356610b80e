"""What the guard of a write asks about its caller: a part of a higher feature's statement."""

from sqlalchemy import DateTime, Subquery, Uuid, bindparam, select

from app.user.models import User, UserSession
from app.user.rows import avatar_url


def caller() -> Subquery:
    """The caller, if their session is open: how they stand, and how others see them.

    Takes `viewer_id`, `session_id`, `started_after` and `media_url`. It locks nothing, so the write
    asks `writing_caller` too.
    """
    return (
        select(
            *(User.status, User.role, User.terms_version, User.suspension_reason, User.locale),
            *(User.id, User.nickname, avatar_url(), User.created_at.label("member_since")),
        )
        .join(UserSession, UserSession.user_id == User.id)
        .where(
            User.id == bindparam("viewer_id", type_=Uuid),
            User.left_at.is_(None),
            UserSession.id == bindparam("session_id", type_=Uuid),
            UserSession.ended_at.is_(None),
            UserSession.created_at > bindparam("started_after", type_=DateTime(timezone=True)),
        )
        .subquery("caller")
    )
