"""SQL statements about notifications."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from uuid import UUID

from sqlalchemy import Uuid, bindparam, delete, func, literal, select, update
from sqlalchemy.dialects.postgresql import insert

from app.core.db import Repository
from app.core.sql.rows import Query
from app.notification.enums import NotificationType
from app.notification.models import Notification
from app.notification.rows import NewNotification, OwnNotification
from app.user.models import User

_VIEWER = bindparam("viewer_id", type_=Uuid)
_OWN = Query(
    OwnNotification,
    select(
        Notification.id,
        Notification.type,
        Notification.post_id,
        Notification.comment_id,
        Notification.parent_id,
        Notification.lounge_id,
        Notification.params,
    ).where(
        Notification.id == bindparam("notification_id", type_=Uuid),
        Notification.user_id == _VIEWER,
    ),
)


class NotificationRepository(Repository):
    async def add(self, new: NewNotification) -> UUID | None:
        """Returns the notification's id; None if the recipient has left."""
        values = asdict(new)
        recipient_id = values.pop("recipient_id")
        columns = Notification.__table__.c
        given = [literal(value, columns[name].type) for name, value in values.items()]
        row = select(User.id, *given).where(User.id == recipient_id, User.left_at.is_(None))
        # The lock that the foreign key's check would take later: a recipient who is erased at this
        # moment is not found, instead of an error. It waits for one who closes a sign-in method or
        # becomes a member at this moment.
        row = row.with_for_update(read=True, key_share=True)
        statement = insert(Notification).from_select(["user_id", *values], row)
        added: UUID | None = await self._db.first(statement.returning(Notification.id))
        return added

    async def delete(self, notification_ids: Sequence[UUID]) -> Sequence[tuple[UUID, UUID]]:
        """Delete notifications by their ids; returns whose and which they were."""
        statement = delete(Notification).where(Notification.id.in_(notification_ids))
        rows = statement.returning(Notification.user_id, Notification.id)
        return await self._db.all(rows)

    async def find_own(self, user_id: UUID, notification_id: UUID) -> OwnNotification | None:
        """One of a user's notifications, whether they see it or not."""
        return await self._db.first(_OWN, viewer_id=user_id, notification_id=notification_id)

    async def has_later_moderation(
        self, user_id: UUID, after_id: UUID, post_id: UUID, comment_id: UUID | None
    ) -> bool:
        """Whether the user has a notification, after `after_id`, about this post or comment."""
        query = select(Notification.id).where(
            Notification.user_id == user_id,
            Notification.type == NotificationType.MODERATION,
            Notification.post_id == post_id,
            Notification.comment_id.is_not_distinct_from(comment_id),
            Notification.id > after_id,
        )
        return await self._db.first(query.limit(1)) is not None

    async def mark_opened(self, user_id: UUID, notification_id: UUID, now: datetime) -> bool:
        """Note when the push of a notification was opened first. False if it is not the user's."""
        own = (
            update(Notification)
            .where(Notification.id == notification_id, Notification.user_id == user_id)
            .values(opened_at=func.coalesce(Notification.opened_at, now))
            .returning(Notification.id)
        )
        return await self._db.first(own) is not None

    async def exists_for_comment(self, comment_id: UUID, types: Sequence[str]) -> bool:
        query = select(Notification.id).where(
            Notification.comment_id == comment_id, Notification.type.in_(types)
        )
        return await self._db.first(query.limit(1)) is not None

    async def exists_for_post(self, post_id: UUID, kind: str) -> bool:
        query = select(Notification.id).where(
            Notification.post_id == post_id, Notification.type == kind
        )
        return await self._db.first(query.limit(1)) is not None
