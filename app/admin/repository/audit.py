"""The audit log."""

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Text, Uuid, bindparam, case, func, null, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from app.admin.enums import TargetType
from app.admin.models import AuditEntry
from app.admin.rows import AuditRow
from app.comment.models import Comment
from app.core.keyset import page_limit
from app.core.rows import Query
from app.lounge.models import Lounge
from app.lounge_request.models import LoungeRequest
from app.moderation.models import ReportCase
from app.notification.models import Announcement
from app.post.models import Post
from app.sanction.models import Appeal
from app.user.models import User
from app.user.rows import author_columns, with_author

NAME_LENGTH = 60


def _name_of_target() -> ColumnElement[str | None]:
    """The target's present name. An entry itself has only the target's id."""
    # The statement joins the actor as `users`, so the target needs an alias.
    user, copy = aliased(User), ReportCase.snapshot
    titles = (copy[key].astext for key in ("title", "nickname", "name", "body"))
    names: dict[TargetType, tuple[Any, Any]] = {
        TargetType.USER: (user.id, user.nickname),
        TargetType.LOUNGE: (Lounge.id, Lounge.name),
        TargetType.LOUNGE_REQUEST: (LoungeRequest.id, LoungeRequest.name),
        TargetType.POST: (Post.id, Post.title),
        TargetType.COMMENT: (Comment.id, func.left(Comment.body, NAME_LENGTH)),
        TargetType.APPEAL: (Appeal.id, func.left(Appeal.text, NAME_LENGTH)),
        TargetType.ANNOUNCEMENT: (Announcement.id, Announcement.title_ja),
        TargetType.REPORT: (ReportCase.id, func.left(func.coalesce(*titles), NAME_LENGTH)),
    }
    queries = [
        (AuditEntry.target_type == kind, select(name).where(id_ == AuditEntry.target_id))
        for kind, (id_, name) in names.items()
    ]
    return case(*((is_kind, query.scalar_subquery()) for is_kind, query in queries), else_=null())


_ENTRIES = (
    select(
        AuditEntry.id,
        AuditEntry.action,
        AuditEntry.target_type,
        AuditEntry.target_id,
        _name_of_target().label("target_name"),
        AuditEntry.reason,
        AuditEntry.before,
        AuditEntry.after,
        AuditEntry.address,
        AuditEntry.created_at,
        AuditEntry.actor_id,
        *author_columns(),
    )
    .outerjoin(User, User.id == AuditEntry.actor_id)
    .order_by(AuditEntry.id.desc())
    .limit(page_limit())
)
_NEWEST_FIRST = Query(
    with_author(AuditRow), _ENTRIES.where(AuditEntry.id < bindparam("after_id", type_=Uuid))
)
_ABOUT_TARGET = Query(
    with_author(AuditRow),
    _ENTRIES.where(
        AuditEntry.target_type == bindparam("target_type", type_=Text),
        AuditEntry.target_id == bindparam("target_id", type_=Uuid),
    ),
)


class AuditRepository:
    def __init__(self, session: AsyncSession, media_url: str) -> None:
        self._session = session
        self._media_url = media_url

    async def add(self, entry: AuditEntry) -> None:
        self._session.add(entry)
        await self._session.flush()

    async def list_page(self, after_id: UUID, limit: int) -> list[AuditRow]:
        return await _NEWEST_FIRST.all(
            self._session, after_id=after_id, row_limit=limit, media_url=self._media_url
        )

    async def list_about(
        self, target_type: TargetType, target_id: UUID, limit: int
    ) -> list[AuditRow]:
        """The latest entries about one thing."""
        return await _ABOUT_TARGET.all(
            self._session,
            target_type=target_type,
            target_id=target_id,
            row_limit=limit,
            media_url=self._media_url,
        )
