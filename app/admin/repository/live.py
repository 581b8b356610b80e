"""What an open console is told: how much waits, what is new, decided, or looked at by others."""

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
    false,
    func,
    literal,
    literal_column,
    select,
    union_all,
)
from sqlalchemy.dialects.postgresql import JSONB, insert

from app.admin.enums import DeskKind, Queue
from app.admin.models import AuditEntry, DeskClaim
from app.admin.repository.overview import MAX_COUNTED, is_held, waiting_columns
from app.admin.rows import LiveRow
from app.comment.models import Comment, post_is_deleted
from app.core.database import AnySelect, broken_means
from app.core.db import Repository
from app.core.errors import SessionRevoked
from app.core.keyset import page_limit
from app.core.materialized import materialized
from app.core.rows import Query
from app.core.writes import table_of
from app.jobs import dead_jobs
from app.lounge_request.models import LoungeRequest
from app.moderation.models import URGENCY, ReportCase
from app.post.models import Post
from app.sanction.models import Appeal
from app.user.enums import STAFF
from app.user.models import User

type DeskItem = tuple[DeskKind, UUID]

_NOW = bindparam("now", type_=DateTime(timezone=True))
_ME = bindparam("admin_id", type_=Uuid)

# What waits, by kind: its id, and the conditions. Literals: PostgreSQL then uses partial indexes.
_OPEN: dict[DeskKind, tuple[Any, tuple[ColumnElement[bool], ...]]] = {
    DeskKind.REPORT: (ReportCase.id, (ReportCase.status == literal_column("'open'"),)),
    DeskKind.POST: (Post.id, is_held(Post)),
    DeskKind.COMMENT: (Comment.id, (*is_held(Comment), ~post_is_deleted())),
    DeskKind.LOUNGE_REQUEST: (
        LoungeRequest.id,
        (LoungeRequest.status == literal_column("'pending'"),),
    ),
    DeskKind.APPEAL: (Appeal.id, (Appeal.status == literal_column("'open'"),)),
}


def _is_open(kind: ColumnElement[str], item_id: ColumnElement[UUID]) -> ColumnElement[bool]:
    """Whether a thing waits. It is looked up by its id, never found in the list of what waits."""
    looked_up: list[tuple[Any, Any]] = []
    for each, (id_, conditions) in _OPEN.items():
        query: Any = select(literal_column("true")).where(id_ == item_id, *conditions)
        looked_up.append((kind == literal(each), query.scalar_subquery()))
    found = case(*looked_up)
    return func.coalesce(found, false())


def _first(kind: DeskKind, *order: Any) -> AnySelect:
    """The beginning of a list: the ids of its first page, in its order."""
    id_, conditions = _OPEN[kind]
    return (
        select(literal(kind).label("kind"), id_.label("id"))
        .where(*conditions)
        .order_by(*order)
        .limit(page_limit())
    )


_HELD = union_all(
    *(
        _first(kind, id_).subquery().select()
        for kind, id_ in ((DeskKind.POST, Post.id), (DeskKind.COMMENT, Comment.id))
    )
).subquery()
_FIRST_PAGES: dict[Queue, AnySelect] = {
    Queue.REPORTS: _first(DeskKind.REPORT, literal_column(URGENCY), ReportCase.id),
    Queue.HELD: select(_HELD.c.kind, _HELD.c.id).order_by(_HELD.c.id).limit(page_limit()),
    Queue.REQUESTS: _first(DeskKind.LOUNGE_REQUEST, LoungeRequest.id.desc()),
    Queue.APPEALS: _first(DeskKind.APPEAL, Appeal.id),
}

_SHOWN = (
    func.unnest(bindparam("kinds", type_=ARRAY(Text)), bindparam("ids", type_=ARRAY(Uuid)))
    .table_valued(column("kind", Text), column("id", Uuid), name="shown")
    .render_derived()
)
"""The cards of the page that asks."""

_STATES = materialized(
    select(_SHOWN.c.kind, _SHOWN.c.id, _is_open(_SHOWN.c.kind, _SHOWN.c.id).label("is_open"))
)


def _all_as_json(rows: AnySelect) -> ColumnElement[Any]:
    found = rows.subquery()
    built = func.jsonb_build_object(
        *(part for each in found.c for part in (literal_column(f"'{each.name}'"), each))
    )
    return func.coalesce(
        select(func.jsonb_agg(built)).scalar_subquery(), literal_column("'[]'::jsonb"), type_=JSONB
    )


_LAST_ACT = (
    select(AuditEntry.actor_id, AuditEntry.created_at)
    .where(AuditEntry.target_type == _STATES.c.kind, AuditEntry.target_id == _STATES.c.id)
    .order_by(AuditEntry.id.desc())
    .limit(1)
    .lateral("last_act")
)
_DECIDED = (
    select(
        _STATES.c.kind,
        _STATES.c.id,
        User.nickname.label("who"),
        (_LAST_ACT.c.actor_id == _ME).label("is_own"),
        _LAST_ACT.c.created_at.label("at"),
    )
    .select_from(_STATES)
    .outerjoin(_LAST_ACT, literal_column("true"))
    .outerjoin(User, and_(User.id == _LAST_ACT.c.actor_id, User.left_at.is_(None)))
    .where(~_STATES.c.is_open)
)
_CLAIMS = (
    select(_STATES.c.kind, _STATES.c.id, User.nickname.label("who"), DeskClaim.since.label("at"))
    .select_from(_STATES)
    .join(DeskClaim, and_(DeskClaim.kind == _STATES.c.kind, DeskClaim.item_id == _STATES.c.id))
    .join(User, User.id == DeskClaim.admin_id)
    .where(
        _STATES.c.is_open,
        DeskClaim.until > _NOW,
        DeskClaim.admin_id != _ME,
        User.left_at.is_(None),
        User.role.in_(sorted(STAFF)),
    )
    .order_by(DeskClaim.since)
)


def _look(first_page: AnySelect | None) -> Query[LiveRow]:
    nothing = literal_column("'[]'::jsonb", type_=JSONB)
    return Query(
        LiveRow,
        select(
            *waiting_columns(),
            dead_jobs(MAX_COUNTED).label("dead_jobs"),
            _all_as_json(_DECIDED).label("decided"),
            _all_as_json(_CLAIMS).label("claims"),
            (nothing if first_page is None else _all_as_json(first_page)).label("first"),
        ),
    )


_LOOK = {None: _look(None)} | {queue: _look(rows) for queue, rows in _FIRST_PAGES.items()}

_TABLE = table_of(DeskClaim)
_OVER = materialized(
    select(_TABLE.c.admin_id)
    .where(_TABLE.c.until < _NOW, _TABLE.c.admin_id != _ME)
    # Two who clear at once would wait for each other's rows.
    .with_for_update(skip_locked=True)
)
_CLEARED = delete(_TABLE).where(_TABLE.c.admin_id.in_(select(_OVER.c.admin_id))).cte("cleared")
_KIND, _ITEM = bindparam("kind", type_=Text), bindparam("item_id", type_=Uuid)
_UNTIL = bindparam("claimed_until", type_=DateTime(timezone=True))
_NEW = insert(_TABLE).from_select(
    ["admin_id", "kind", "item_id", "since", "until"],
    select(_ME, _KIND, _ITEM, _NOW, _UNTIL).where(_is_open(_KIND, _ITEM)),
)
_GOES_ON = and_(
    _TABLE.c.kind == _NEW.excluded.kind,
    _TABLE.c.item_id == _NEW.excluded.item_id,
    _TABLE.c.until > _NOW,
)
_CLAIM = _NEW.on_conflict_do_update(
    index_elements=[_TABLE.c.admin_id],
    set_={
        "kind": _NEW.excluded.kind,
        "item_id": _NEW.excluded.item_id,
        "since": case((_GOES_ON, _TABLE.c.since), else_=_NEW.excluded.since),
        "until": _NEW.excluded.until,
    },
).add_cte(_CLEARED)
_GIVE_UP = delete(_TABLE).where(
    _TABLE.c.admin_id == _ME, _TABLE.c.kind == _KIND, _TABLE.c.item_id == _ITEM
)


class LiveRepository(Repository):
    async def look(
        self,
        admin_id: UUID,
        queue: Queue | None,
        shown: Sequence[DeskItem],
        most: int,
        now: datetime,
    ) -> LiveRow:
        """`most`: how many cards a page of the queue has."""
        return await self._db.one(
            _LOOK[queue],
            admin_id=admin_id,
            kinds=[kind for kind, _ in shown],
            ids=[item_id for _, item_id in shown],
            row_limit=most,
            now=now,
        )

    async def claim(self, admin_id: UUID, item: DeskItem, now: datetime, until: datetime) -> None:
        """Nothing happens if the thing does not wait. What is over of others' is deleted.

        Raises SessionRevoked if the account was erased meanwhile.
        """
        kind, item_id = item
        with broken_means("desk_claims_admin_id_fkey", SessionRevoked):
            await self._db.execute(
                _CLAIM, admin_id=admin_id, kind=kind, item_id=item_id, now=now, claimed_until=until
            )

    async def give_up(self, admin_id: UUID, item: DeskItem) -> None:
        """Nothing happens if they look at something else by now, in another tab."""
        kind, item_id = item
        await self._db.execute(_GIVE_UP, admin_id=admin_id, kind=kind, item_id=item_id)
