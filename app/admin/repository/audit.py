"""The audit log."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Text,
    Uuid,
    bindparam,
    case,
    cast,
    func,
    literal_column,
    null,
    select,
    union_all,
)
from sqlalchemy.orm import aliased

from app.admin.enums import TargetType
from app.admin.models import AuditEntry
from app.admin.rows import AuditRow, NamedAdmin
from app.comment.models import Comment
from app.core.database import AnySelect
from app.core.db import Repository
from app.core.keyset import LAST_ID, page_limit
from app.core.sql.rows import Query
from app.lounge.models import Lounge
from app.lounge_request.models import LoungeRequest
from app.post.models import Post
from app.reports.models import ReportCase, name_in
from app.suspension.models import Appeal
from app.user.enums import STAFF, Role
from app.user.models import User
from app.user.rows import author_columns

NAME_LENGTH = 60
NAMES: dict[TargetType, tuple[Any, Any]] = {
    TargetType.LOUNGE: (Lounge, Lounge.name),
    TargetType.LOUNGE_REQUEST: (LoungeRequest, LoungeRequest.name),
    TargetType.POST: (Post, Post.title),
    TargetType.COMMENT: (Comment, func.left(Comment.body, NAME_LENGTH)),
    TargetType.REPORT: (ReportCase, func.left(name_in(ReportCase.snapshot), NAME_LENGTH)),
}
"""The tables of targets, and what a row is called."""


def _name_of_target() -> ColumnElement[str | None]:
    """The target's present name. An entry itself has only the target's id."""
    # The statement joins the actor as `users`, so the target needs an alias.
    user = aliased(User)
    names = NAMES | {
        TargetType.USER: (user, user.nickname),
        TargetType.APPEAL: (Appeal, func.left(Appeal.text, NAME_LENGTH)),
    }
    queries = [
        (AuditEntry.target_type == kind, select(name).where(table.id == AuditEntry.target_id))
        for kind, (table, name) in names.items()
    ]
    # What waited has another id now, and what was deleted has none. The entry has the title.
    is_news = AuditEntry.target_type == TargetType.ANNOUNCEMENT
    titles = (state["title"].astext for state in (AuditEntry.after, AuditEntry.before))
    looked_up = ((is_kind, query.scalar_subquery()) for is_kind, query in queries)
    return case((is_news, func.coalesce(*titles)), *looked_up, else_=null())


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
        *author_columns("account"),
    )
    .outerjoin(User, User.id == AuditEntry.actor_id)
    .order_by(AuditEntry.id.desc())
    .limit(page_limit())
)
_FILTERS: dict[str, ColumnElement[bool]] = {
    "actor_id": AuditEntry.actor_id == bindparam("actor_id", type_=Uuid),
    "action": AuditEntry.action == bindparam("action", type_=Text),
    "target_type": AuditEntry.target_type == bindparam("target_type", type_=Text),
    "target_id": AuditEntry.target_id == bindparam("target_id", type_=Uuid),
}


@cache
def _newest_first(filters: tuple[str, ...]) -> Query[AuditRow]:
    """The entries between two ids that these filters let through. Each has an index."""
    between = (
        AuditEntry.id < bindparam("after_id", type_=Uuid),
        AuditEntry.id >= bindparam("first_id", type_=Uuid),
    )
    chosen = [_FILTERS[name] for name in filters]
    # What is rare has to be found by its index: for unknown values the planner takes the key's.
    return Query(AuditRow, _ENTRIES.where(*between, *chosen), plan_each_time=bool(filters))


_BY_IDS = Query(
    AuditRow,
    _ENTRIES.where(
        AuditEntry.id == func.any(cast(bindparam("entry_ids", type_=ARRAY(Uuid)), ARRAY(Uuid)))
    ),
)
_ABOUT_TARGET = Query(
    AuditRow,
    _ENTRIES.where(
        AuditEntry.target_type == bindparam("target_type", type_=Text),
        AuditEntry.target_id == bindparam("target_id", type_=Uuid),
        AuditEntry.id < bindparam("before_id", type_=Uuid),
    ),
)


def _of_role(role: Role) -> AnySelect:
    """An index has the users of a role. For two roles at once the planner may read all users."""
    return (
        select(User.id, User.nickname)
        .where(User.role == literal_column(f"'{role}'"), User.left_at.is_(None))
        .order_by(User.id)
        .limit(page_limit())
    )


_STAFF = union_all(*(_of_role(role).subquery().select() for role in sorted(STAFF))).subquery()
_ADMINS = Query(NamedAdmin, select(_STAFF).order_by(_STAFF.c.id).limit(page_limit()))


class AuditRepository(Repository):
    async def add(self, entry: AuditEntry) -> UUID:
        return (await self._db.add(entry)).id

    async def list_page(
        self, after_id: UUID, first_id: UUID, filters: Mapping[str, str | UUID], limit: int
    ) -> list[AuditRow]:
        """Entries before `after_id`, back to `first_id`, the newest first."""
        return await self._db.all(
            _newest_first(tuple(sorted(filters))),
            after_id=after_id,
            first_id=first_id,
            row_limit=limit,
            **filters,
        )

    async def list_admins(self, limit: int) -> list[NamedAdmin]:
        """Those who may have acted, for a filter of the log."""
        return await self._db.all(_ADMINS, row_limit=limit)

    async def list_about(
        self, target_type: TargetType, target_id: UUID, limit: int, before_id: UUID = LAST_ID
    ) -> list[AuditRow]:
        """The latest entries about one thing, of those before `before_id`."""
        return await self._db.all(
            _ABOUT_TARGET,
            target_type=target_type,
            target_id=target_id,
            before_id=before_id,
            row_limit=limit,
        )

    async def list_by_ids(self, entry_ids: Sequence[UUID]) -> list[AuditRow]:
        """These entries, the oldest first."""
        rows = await self._db.all(
            _BY_IDS,
            entry_ids=list(entry_ids),
            row_limit=len(entry_ids),
        )
        return rows[::-1]
