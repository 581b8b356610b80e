"""SQL statements about notifications that are old: a batch of them by an index, and their end."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    DateTime,
    Uuid,
    bindparam,
    cast,
    delete,
    func,
    literal_column,
    select,
    tuple_,
)

from app.core.db import Repository
from app.core.sql.rows import Query
from app.live_log.changes import Kind
from app.live_log.writing import change, logged
from app.notification.models import Announcement, Notification
from app.notification.rows import OldNotification
from app.notification.writes import NOTIFICATION_BATCH_ROWS

_AGE = Notification.created_at, Notification.id
_BEFORE = bindparam("before", type_=DateTime(timezone=True))
_AFTER = (
    bindparam("after_at", type_=DateTime(timezone=True)),
    bindparam("after_id", type_=Uuid),
)
# Behind the batch before: what was deleted stays in the index until it is vacuumed.
_OLD = Query(
    OldNotification,
    select(Notification.id, Notification.type, Notification.created_at)
    .where(Notification.created_at < _BEFORE, tuple_(*_AGE) > tuple_(*_AFTER))
    .order_by(*_AGE)
    .limit(literal_column(str(NOTIFICATION_BATCH_ROWS))),
)


class RetentionRepository(Repository):
    async def list_old(
        self, before: datetime, after_at: datetime, after_id: UUID
    ) -> list[OldNotification]:
        """A batch of what was written before a time, the oldest first, behind one of them."""
        return await self._db.all(_OLD, before=before, after_at=after_at, after_id=after_id)

    async def delete(self, ids: Sequence[UUID]) -> None:
        """Delete locked notifications. Publish the badges of users who had unread ones.

        No change is published for each notification: an app that has old ones in its copy
        may keep them until it loads its list again.
        """
        rows = (
            delete(Notification)
            .where(Notification.id == func.any(cast(ids, ARRAY(Uuid))))
            .returning(Notification.user_id, Notification.read_at.is_(None).label("is_unread"))
            .cte("deleted")
        )
        users = select(rows.c.user_id).where(rows.c.is_unread).distinct().cte("users")
        published = logged(change(users, users.c.user_id, Kind.BADGE, users.c.user_id))
        await self._db.execute(select(users.c.user_id).add_cte(published))

    async def list_old_announcements(self, before: datetime) -> Sequence[UUID]:
        """Some announcements from before a time."""
        old = select(Announcement.id).where(Announcement.created_at < before)
        return await self._db.all(old.order_by(Announcement.id).limit(NOTIFICATION_BATCH_ROWS))
