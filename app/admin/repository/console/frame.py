"""What stands around every page of the console, in one statement."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    DateTime,
    Text,
    Uuid,
    bindparam,
    case,
    cast,
    func,
    null,
    select,
)
from sqlalchemy.dialects.postgresql import JSONB

from app.admin.enums import TargetType
from app.admin.models import LEFT_OUT, AuditEntry, CannedReason, UndoableAct
from app.admin.repository.audit import NAMES
from app.admin.repository.console.overview import MAX_COUNTED, waiting_columns
from app.admin.repository.expressions import json_list
from app.admin.rows import FrameRow
from app.comment.models import Comment
from app.core.db import Repository
from app.core.sql.rows import Query
from app.jobs.operate import dead_jobs
from app.post.models import Post
from app.reports.models import ReportCase
from app.suspension.models import Appeal
from app.user.models import User

_REASONS = json_list(
    CannedReason.__table__,
    CannedReason.id,
    id=CannedReason.id,
    use=CannedReason.use,
    ja=CannedReason.ja,
    en=CannedReason.en,
)


def _about() -> ColumnElement[Any]:
    """What an act was about: its kind and its name. None if it is gone."""
    this, kind = bindparam("about_id", type_=Uuid), bindparam("about_kind", type_=Text)
    of_case = select(Post.title).where(Post.id == cast(ReportCase.snapshot["post_id"].astext, Uuid))
    posts: dict[TargetType, Any] = {
        TargetType.COMMENT: select(Post.title).where(Post.id == Comment.post_id).scalar_subquery(),
        TargetType.REPORT: of_case.scalar_subquery(),
    }
    found = {
        each: select(
            _thing(
                str(each) if each != TargetType.REPORT else table.target_type,
                name,
                posts.get(each, null()),
            )
        )
        .where(table.id == this)
        .scalar_subquery()
        for each, (table, name) in NAMES.items()
    }
    there = (User.left_at.is_(None),)
    found[TargetType.USER] = (
        select(_thing(str(TargetType.USER), User.nickname, null()))
        .where(User.id == this, *there)
        .scalar_subquery()
    )
    found[TargetType.APPEAL] = (
        select(_thing(str(TargetType.APPEAL), User.nickname, null()))
        .join(Appeal, Appeal.user_id == User.id)
        .where(Appeal.id == this, *there)
        .scalar_subquery()
    )
    # The log has the words of a reason that was removed, in both languages.
    removed = AuditEntry.before
    found[TargetType.CANNED_REASONS] = (
        select(_thing(str(TargetType.CANNED_REASONS), removed["ja"].astext, removed["en"].astext))
        .where(
            AuditEntry.target_type == TargetType.CANNED_REASONS,
            AuditEntry.target_id == this,
            removed["ja"].astext.is_not(None),
        )
        .order_by(AuditEntry.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    return case(*((kind == each, query) for each, query in found.items()), else_=null())


def _thing(kind: Any, name: Any, post: Any) -> Any:
    return func.jsonb_build_object("kind", kind, "name", name, "post", post, type_=JSONB)


_LAST_ACT = (
    select(UndoableAct.id, UndoableAct.until, UndoableAct.kept)
    .where(
        UndoableAct.id == bindparam("act_id", type_=Uuid),
        UndoableAct.done == bindparam("done", type_=Text),
        UndoableAct.admin_session_id == bindparam("session_id", type_=Uuid),
        UndoableAct.until > bindparam("now", type_=DateTime(timezone=True)),
        UndoableAct.undone_at.is_(None),
    )
    .subquery()
)
_FRAME = Query(
    FrameRow,
    select(
        *waiting_columns(),
        dead_jobs(MAX_COUNTED).label("dead_jobs"),
        _REASONS.label("reasons"),
        select(_LAST_ACT.c.id).scalar_subquery().label("undo_id"),
        select(_LAST_ACT.c.until).scalar_subquery().label("undo_until"),
        select(cast(_LAST_ACT.c.kept[LEFT_OUT].astext, JSONB)).scalar_subquery().label("left_out"),
        _about().label("about"),
    ),
)


class FrameRepository(Repository):
    async def get(
        self,
        session_id: UUID,
        done: str,
        act_id: UUID | None,
        about: tuple[TargetType, UUID] | None,
        now: datetime,
    ) -> FrameRow:
        """`done` and `act_id` say which act of the session led here, if one did."""
        kind, about_id = about or (None, None)
        which = {"session_id": session_id, "done": done, "act_id": act_id, "now": now}
        frame = await self._db.first(_FRAME, **which, about_kind=kind, about_id=about_id)
        assert frame is not None
        return frame
