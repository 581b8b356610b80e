"""What stands around every page of the console, in one statement."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import DateTime, Text, Uuid, bindparam, func, select, text
from sqlalchemy.dialects.postgresql import JSONB, aggregate_order_by

from app.admin.models import CannedReason, UndoableAct
from app.admin.repository.overview import MAX_COUNTED, waiting_columns
from app.admin.rows import FrameRow
from app.core.db import Repository
from app.core.rows import Query
from app.jobs import dead_jobs

_REASON = func.jsonb_build_object(
    *("id", CannedReason.id, "use", CannedReason.use, "ja", CannedReason.ja, "en", CannedReason.en)
)
_REASONS = select(func.jsonb_agg(aggregate_order_by(_REASON, CannedReason.id))).scalar_subquery()

_LAST_ACT = (
    select(UndoableAct.id, UndoableAct.until)
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
        func.coalesce(_REASONS, text("'[]'::jsonb"), type_=JSONB).label("reasons"),
        select(_LAST_ACT.c.id).scalar_subquery().label("undo_id"),
        select(_LAST_ACT.c.until).scalar_subquery().label("undo_until"),
    ),
)


class FrameRepository(Repository):
    async def get(
        self, session_id: UUID, done: str, act_id: UUID | None, now: datetime
    ) -> FrameRow:
        """`done` and `act_id` say which act of the session led here, if one did."""
        frame = await self._db.first(
            _FRAME, session_id=session_id, done=done, act_id=act_id, now=now
        )
        assert frame is not None
        return frame
