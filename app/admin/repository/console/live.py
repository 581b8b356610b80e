"""Updates for an open console: pending counts, new items, others' decisions and claims."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    DateTime,
    Text,
    Uuid,
    and_,
    bindparam,
    case,
    column,
    delete,
    func,
    literal_column,
    or_,
    select,
    union_all,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import aliased

from app.admin.enums import QueueKind, TargetType
from app.admin.models import AuditEntry, QueueClaim
from app.admin.repository.console.overview import (
    HELD_COMMENTS,
    HELD_POSTS,
    MAX_COUNTED,
    OPEN_APPEALS,
    OPEN_CASES,
    PENDING_REQUESTS,
    waiting_columns,
)
from app.admin.repository.expressions import NO_OBJECTS, json_list
from app.admin.rows import LiveRow
from app.comment.models import Comment
from app.core.database import AnySelect, broken_means
from app.core.db import Repository
from app.core.errors import SessionRevoked
from app.core.keyset import page_limit
from app.core.sql.materialized import materialized
from app.core.sql.rows import Query
from app.core.sql.writes import table_of
from app.jobs.operate import dead_jobs
from app.lounge_request.models import LoungeRequest
from app.post.models import Post
from app.reports.models import URGENCY, ReportCase
from app.suspension.models import Appeal
from app.user.enums import STAFF
from app.user.models import User

_NOW = bindparam("now", type_=DateTime(timezone=True))
_ME = bindparam("admin_id", type_=Uuid)


def _first(waiting: AnySelect, *order: Any) -> AnySelect:
    """The ids of the first page of a list, in its order."""
    return waiting.order_by(*order).limit(page_limit())


_HELD = union_all(
    _first(HELD_POSTS, Post.id).subquery().select(),
    _first(HELD_COMMENTS, Comment.id).subquery().select(),
).subquery()
_WAITING: dict[QueueKind, tuple[Sequence[tuple[Any, AnySelect]], AnySelect, Sequence[str]]] = {
    QueueKind.REPORT: (
        [(ReportCase.id, OPEN_CASES)],
        _first(OPEN_CASES, literal_column(URGENCY), ReportCase.id),
        [TargetType.REPORT],
    ),
    QueueKind.HELD: (
        [(Post.id, HELD_POSTS), (Comment.id, HELD_COMMENTS)],
        _first(select(_HELD.c.id), _HELD.c.id),
        [TargetType.POST, TargetType.COMMENT],
    ),
    QueueKind.REQUEST: (
        [(LoungeRequest.id, PENDING_REQUESTS)],
        _first(PENDING_REQUESTS, LoungeRequest.id),
        [TargetType.LOUNGE_REQUEST],
    ),
    QueueKind.APPEAL: (
        [(Appeal.id, OPEN_APPEALS)],
        _first(OPEN_APPEALS, Appeal.id),
        [TargetType.APPEAL],
    ),
}
"""By kind: the lookup of a pending item by its id; the first page; its names in the log."""


def _is_open(kind: QueueKind, item_id: ColumnElement[UUID]) -> ColumnElement[bool]:
    """Whether an item is pending. It is looked up by its id, not searched in the list."""
    look_ups, _, _ = _WAITING[kind]
    found = (waiting.where(id_ == item_id).scalar_subquery() for id_, waiting in look_ups)
    return or_(*(each.is_not(None) for each in found))


_SHOWN = (
    func.unnest(bindparam("ids", type_=ARRAY(Uuid)))
    .table_valued(column("id", Uuid), name="shown")
    .render_derived()
)
"""The cards of the page that asks."""


def _last_act(item_id: ColumnElement[UUID], types: Sequence[str]) -> ColumnElement[UUID]:
    """The id in the log of the last act on a thing."""
    # One look into the log's index for each type: for both at once PostgreSQL walks the whole log.
    act = aliased(AuditEntry)
    of_each = (
        select(act.id)
        .where(act.target_type == target_type, act.target_id == item_id)
        .order_by(act.id.desc())
        .limit(literal_column("1"))
        .scalar_subquery()
        for target_type in types
    )
    return func.greatest(*of_each)


def _look(kind: QueueKind) -> Query[LiveRow]:
    _, first_page, types = _WAITING[kind]
    states = materialized(select(_SHOWN.c.id, _is_open(kind, _SHOWN.c.id).label("is_open")))
    decided = (
        select(
            states.c.id,
            User.nickname.label("who"),
            (AuditEntry.actor_id == _ME).label("is_own"),
            AuditEntry.created_at.label("at"),
        )
        .select_from(states)
        .outerjoin(AuditEntry, AuditEntry.id == _last_act(states.c.id, types))
        .outerjoin(User, and_(User.id == AuditEntry.actor_id, User.left_at.is_(None)))
        .where(~states.c.is_open)
    )
    claims = (
        select(states.c.id, User.nickname.label("who"), QueueClaim.since.label("at"))
        .select_from(states)
        .join(QueueClaim, and_(QueueClaim.kind == kind, QueueClaim.item_id == states.c.id))
        .join(User, User.id == QueueClaim.admin_id)
        .where(
            states.c.is_open,
            QueueClaim.until > _NOW,
            QueueClaim.admin_id != _ME,
            User.left_at.is_(None),
            User.role.in_(sorted(STAFF)),
        )
        .order_by(QueueClaim.since, QueueClaim.admin_id)
    )
    return _live_rows(*(json_list(rows.subquery()) for rows in (decided, claims, first_page)))


def _live_rows(*lists: ColumnElement[Any]) -> Query[LiveRow]:
    named = zip(("decided", "claims", "first"), lists, strict=True)
    return Query(
        LiveRow,
        select(
            *waiting_columns(),
            dead_jobs(MAX_COUNTED).label("dead_jobs"),
            *(each.label(name) for name, each in named),
        ),
    )


_LOOK_AROUND = _live_rows(NO_OBJECTS, NO_OBJECTS, NO_OBJECTS)
_LOOK = {kind: _look(kind) for kind in QueueKind}

_TABLE = table_of(QueueClaim)
_OVER = materialized(
    select(_TABLE.c.admin_id)
    .where(_TABLE.c.until < _NOW, _TABLE.c.admin_id != _ME)
    # Two who clear at once would wait for each other's rows.
    .with_for_update(skip_locked=True)
)
_CLEARED = delete(_TABLE).where(_TABLE.c.admin_id.in_(select(_OVER.c.admin_id))).cte("cleared")
_KIND, _ITEM = bindparam("kind", type_=Text), bindparam("item_id", type_=Uuid)
_UNTIL = bindparam("claimed_until", type_=DateTime(timezone=True))


def _claim(kind: QueueKind) -> Any:
    new = insert(_TABLE).from_select(
        ["admin_id", "kind", "item_id", "since", "until"],
        select(_ME, _KIND, _ITEM, _NOW, _UNTIL).where(_is_open(kind, _ITEM)),
    )
    goes_on = and_(
        _TABLE.c.kind == new.excluded.kind,
        _TABLE.c.item_id == new.excluded.item_id,
        _TABLE.c.until > _NOW,
    )
    return new.on_conflict_do_update(
        index_elements=[_TABLE.c.admin_id],
        set_={
            "kind": new.excluded.kind,
            "item_id": new.excluded.item_id,
            "since": case((goes_on, _TABLE.c.since), else_=new.excluded.since),
            "until": new.excluded.until,
        },
    ).add_cte(_CLEARED)


_CLAIM = {kind: _claim(kind) for kind in QueueKind}
_GIVE_UP = delete(_TABLE).where(
    _TABLE.c.admin_id == _ME, _TABLE.c.kind == _KIND, _TABLE.c.item_id == _ITEM
)


class LiveRepository(Repository):
    async def look(
        self, admin_id: UUID, kind: QueueKind, shown: Sequence[UUID], most: int, now: datetime
    ) -> LiveRow:
        """`shown`: the cards of a page. `most`: how many a page of this kind has."""
        return await self._db.one(
            _LOOK[kind], admin_id=admin_id, ids=list(shown), row_limit=most, now=now
        )

    async def look_around(self, now: datetime) -> LiveRow:
        """For a page without such cards: how much waits."""
        return await self._db.one(_LOOK_AROUND, now=now)

    async def claim(
        self, admin_id: UUID, kind: QueueKind, item_id: UUID, now: datetime, until: datetime
    ) -> None:
        """Nothing happens if the thing does not wait. What is over of others' is deleted.

        Raises SessionRevoked if the account was erased meanwhile.
        """
        which = {"admin_id": admin_id, "kind": kind, "item_id": item_id}
        with broken_means("desk_claims_admin_id_fkey", SessionRevoked):
            await self._db.execute(_CLAIM[kind], **which, now=now, claimed_until=until)

    async def give_up(self, admin_id: UUID, kind: QueueKind, item_id: UUID) -> None:
        """Nothing happens if they look at something else by now, in another tab."""
        await self._db.execute(_GIVE_UP, admin_id=admin_id, kind=kind, item_id=item_id)
