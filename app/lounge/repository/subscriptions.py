"""The statement that chooses whether a user is notified of a lounge's posts."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Text, Uuid, bindparam, case, exists, or_, select, true

from app.core.database import AnySelect, broken_means
from app.core.db import Repository
from app.core.errors import SessionRevoked
from app.core.sql.rows import Query
from app.core.sql.writes import insert_from, table_of
from app.live_log.changes import Kind
from app.live_log.writing import change, logged
from app.lounge.enums import NotificationLevel
from app.lounge.exceptions import LoungeClosed, LoungeNotFound
from app.lounge.models import Lounge, LoungeSubscription
from app.user.models import caller_params, writing_caller
from app.user.policy import Viewer


def _level_set() -> AnySelect:
    writer = writing_caller()
    # Locked against closing, as the statements that add a post or a comment do.
    lounge = (
        select(Lounge.id, Lounge.closed_at.is_not(None).label("is_closed"))
        .where(Lounge.id == bindparam("lounge_id", type_=Uuid))
        .with_for_update(read=True, key_share=True)
        .cte("lounge")
    )
    table, level = table_of(LoungeSubscription), bindparam("level", type_=Text)
    row = {"user_id": writer.c.id, "lounge_id": lounge.c.id, "level": level}
    is_taken = or_(~lounge.c.is_closed, level != NotificationLevel.ALL)
    rows = select().select_from(writer.join(lounge, true())).where(is_taken)
    added = insert_from(table, row, rows)
    is_on = added.excluded.level == NotificationLevel.ALL
    values = {"level": added.excluded.level, "push_due_at": case((is_on, table.c.push_due_at))}
    saved = added.on_conflict_do_update(index_elements=["user_id", "lounge_id"], set_=values)
    changed = saved.returning(table.c.user_id, table.c.lounge_id).cte("saved")
    published = change(changed, changed.c.user_id, Kind.LOUNGE_MARK, changed.c.lounge_id)
    return select(
        exists().select_from(writer).label("caller"),
        select(is_taken).select_from(lounge).scalar_subquery().label("is_taken"),
    ).add_cte(logged(published))


@dataclass(frozen=True, slots=True)
class LevelSet:
    """What the statement has found. If `caller` or `is_taken` is not true, it changed nothing."""

    caller: bool
    is_taken: bool | None
    """False if the lounge is closed and takes no new subscriptions; None if there is none."""


_SET_LEVEL = Query(LevelSet, _level_set())


class SubscriptionRepository(Repository):
    async def set_level(self, viewer: Viewer, lounge_id: UUID, level: NotificationLevel) -> None:
        """Raises SessionRevoked, LoungeNotFound, LoungeClosed."""
        caller = caller_params(viewer.user_id, viewer.session_id)
        with broken_means("lounge_subscriptions_lounge_id_fkey", LoungeNotFound):
            found = await self._db.first(_SET_LEVEL, lounge_id=lounge_id, level=level, **caller)
        if found is None or not found.caller:
            raise SessionRevoked
        if found.is_taken is None:
            raise LoungeNotFound
        if not found.is_taken:
            raise LoungeClosed
