"""The statement that makes notifications new which were written while nobody could see them."""

from sqlalchemy import Text, Uuid, bindparam, func, literal, or_, select, update

from app.core.database import AnySelect
from app.core.db import Repository
from app.core.sql.rows import Query
from app.core.sql.writes import table_of
from app.jobs.enqueue import job_params
from app.live_log.writing import logged
from app.notification.enums import NotificationType
from app.notification.models import Notification
from app.notification.rows import SEND_PUSH, Renew, RenewedBatch
from app.notification.writes import (
    NOTIFICATION_BATCH_ROWS,
    bulk_pushes,
    hidden_with,
    notification_changes,
)

_POST_ID, _AFTER_ID, _LAST_ID, _EXCEPT_ID = (
    bindparam(name, type_=Uuid) for name in ("post_id", "after_id", "last_id", "except_id")
)


def _renewed() -> AnySelect:
    """Gives a batch new ids and times, so that no mark of their users covers them.

    Pushes them, but for new posts of a lounge: these come once an hour at most.
    """
    is_for = or_(_EXCEPT_ID.is_(None), Notification.user_id != _EXCEPT_ID)
    batch = (
        select(Notification.id)
        .where(*hidden_with(_POST_ID, _AFTER_ID), Notification.id <= _LAST_ID, is_for)
        .order_by(Notification.id)
        .limit(NOTIFICATION_BATCH_ROWS)
        .with_for_update()
        .cte("batch")
    )
    notifications = table_of(Notification)
    ids = func.array(select(batch.c.id).scalar_subquery())
    renewed = (
        update(notifications)
        .where(notifications.c.id == func.any(ids))
        .values(
            id=func.uuidv7(),
            created_at=func.clock_timestamp(),
            read_at=None,
            written_in=func.pg_current_xact_id(),
        )
        .returning(notifications.c.id, notifications.c.user_id, notifications.c.type)
        .cte("renewed")
    )
    is_pushed = renewed.c.type != literal(NotificationType.LOUNGE_POST.value, Text)
    pushed = select(renewed.c.id, renewed.c.user_id).where(is_pushed).cte("pushed")
    newest = select(batch.c.id).order_by(batch.c.id.desc()).limit(1).scalar_subquery()
    number = select(func.count()).select_from(renewed).scalar_subquery()
    return select(number.label("number"), newest.label("last_id")).add_cte(
        *bulk_pushes(pushed), logged(notification_changes(renewed))
    )


_RENEW = Query(RenewedBatch, _renewed())


class RenewingRepository(Repository):
    async def renew(self, due: Renew) -> RenewedBatch:
        """Renew a batch of those that `due` names."""
        found = await self._db.first(
            _RENEW,
            post_id=due.post_id,
            after_id=due.after_id,
            last_id=due.last_id,
            except_id=due.except_id,
            **job_params(SEND_PUSH, "push"),
        )
        assert found is not None
        self._db.has_enqueued = True
        return found
