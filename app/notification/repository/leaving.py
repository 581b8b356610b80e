"""SQL statements about notifications of a user who leaves, and of the user's acts, in batches."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, cast, delete, func, select, union

from app.core.db import Repository
from app.live_log.writing import logged
from app.notification.models import Notification
from app.notification.writes import NOTIFICATION_BATCH_ROWS, notification_changes


class LeavingRepository(Repository):
    async def list_some_about(self, user_id: UUID) -> tuple[Sequence[UUID], bool]:
        """A batch of a leaver's notifications, and of others' about the leaver's acts and posts.

        Returns whether those are all, too.
        """
        columns = (Notification.user_id, Notification.actor_id, Notification.post_author_id)
        of_each = (
            select(Notification.id).where(c == user_id).limit(NOTIFICATION_BATCH_ROWS)
            for c in columns
        )
        ids = await self._db.all(union(*of_each).limit(NOTIFICATION_BATCH_ROWS))
        return ids, len(ids) < NOTIFICATION_BATCH_ROWS

    async def lock(self, ids: Sequence[UUID]) -> None:
        """All at once, and in the order of their ids: so no deadlock arises."""
        chosen = Notification.id == func.any(cast(ids, ARRAY(Uuid)))
        query = select(Notification.id).where(chosen).order_by(Notification.id)
        await self._db.execute(query.with_for_update())

    async def delete(self, ids: Sequence[UUID]) -> None:
        """Delete notifications that are locked."""
        deleted = delete(Notification).where(Notification.id == func.any(cast(ids, ARRAY(Uuid))))
        rows = deleted.returning(Notification.id, Notification.user_id).cte("deleted")
        published = logged(notification_changes(rows))
        await self._db.execute(select(rows.c.id).add_cte(published))
