"""SQL statements about notifications."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Text,
    Uuid,
    bindparam,
    delete,
    func,
    literal,
    select,
    union_all,
    update,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import aliased

from app.core.database import AnySelect
from app.core.db import Database
from app.core.keyset import page_limit
from app.core.rows import Query
from app.notification.enums import NotificationType
from app.notification.models import (
    Announcement,
    Notification,
    is_unread,
    is_unread_announcement,
    marked_at,
    visible_to,
)
from app.notification.repository.announcements import announced
from app.notification.repository.pushes import NEW_POSTS, PUSHES
from app.notification.repository.unread import unread_of
from app.notification.rows import (
    Badge,
    NewNotification,
    NewPosts,
    NotificationRow,
    OwnNotification,
    PushRow,
)
from app.user.models import User
from app.user.rows import author_columns

_VIEWER = bindparam("viewer_id", type_=Uuid)
_BASE_URL = bindparam("base_url", type_=Text)
_UNREAD = is_unread(_VIEWER)
_READ_AT = func.coalesce(Notification.read_at, marked_at())
_Reader = aliased(User, name="reader")


def _page(*, unread: bool) -> Query[NotificationRow]:
    """A page of both kinds: as many of each as the page has, and of these the newest."""
    after_id = bindparam("after_id", type_=Uuid)
    own = (_UNREAD,) if unread else ()
    of_all = (is_unread_announcement(_VIEWER),) if unread else ()
    parts = union_all(
        *(
            part.order_by(id_.desc()).limit(page_limit()).subquery().select()
            for part, id_ in (
                (shown(_VIEWER, *own, Notification.id < after_id), Notification.id),
                (announced(*of_all, Announcement.id < after_id), Announcement.id),
            )
        )
    ).subquery()
    page = select(parts).order_by(parts.c.id.desc()).limit(page_limit())
    return Query(NotificationRow, page)


def shown(viewer: ColumnElement[UUID], *conditions: ColumnElement[bool]) -> AnySelect:
    """A viewer's notifications, as they are shown."""
    return (
        select(
            Notification.id,
            Notification.type,
            _READ_AT.is_not(None).label("read"),
            Notification.created_at,
            Notification.post_id,
            Notification.comment_id,
            Notification.parent_id,
            Notification.lounge_id,
            Notification.lounge_request_id,
            Notification.params,
            _Reader.locale,
            _BASE_URL.label("base_url"),
            Notification.actor_id.is_not(None).label("has_actor"),
            *author_columns("actor"),
        )
        .join(_Reader, _Reader.id == Notification.user_id)
        .outerjoin(User, User.id == Notification.actor_id)
        .where(visible_to(viewer), *conditions)
    )


_ALL = _page(unread=False)
_ALL_UNREAD = _page(unread=True)
_BADGE = Query(Badge, select(*unread_of(_VIEWER).c))
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


class NotificationRepository:
    def __init__(self, db: Database) -> None:
        self._db = db

    async def add(self, new: NewNotification) -> UUID | None:
        """Returns the notification's id; None if the recipient has left."""
        values = asdict(new)
        recipient_id = values.pop("recipient_id")
        columns = Notification.__table__.c
        given = [literal(value, columns[name].type) for name, value in values.items()]
        row = select(User.id, *given).where(User.id == recipient_id, User.left_at.is_(None))
        # The lock that the foreign key's check would take later: a recipient who is erased at this
        # moment is not found, instead of an error. It waits for one who closes a door or becomes a
        # member at this moment.
        row = row.with_for_update(read=True, key_share=True)
        statement = insert(Notification).from_select(["user_id", *values], row)
        added: UUID | None = await self._db.first(statement.returning(Notification.id))
        return added

    async def delete(self, notification_ids: Sequence[UUID]) -> Sequence[tuple[UUID, UUID]]:
        """Delete notifications by their ids; returns whose and which they were."""
        statement = delete(Notification).where(Notification.id.in_(notification_ids))
        rows = statement.returning(Notification.user_id, Notification.id)
        return await self._db.all(rows)

    async def list_page(
        self, viewer_id: UUID, after_id: UUID, limit: int, *, unread: bool
    ) -> Sequence[NotificationRow]:
        return await self._db.all(
            _ALL_UNREAD if unread else _ALL,
            viewer_id=viewer_id,
            after_id=after_id,
            row_limit=limit,
        )

    async def find_own(self, user_id: UUID, notification_id: UUID) -> OwnNotification | None:
        """One of a user's notifications, whether they see it or not."""
        return await self._db.first(_OWN, viewer_id=user_id, notification_id=notification_id)

    async def has_later_moderation(
        self, user_id: UUID, after_id: UUID, post_id: UUID, comment_id: UUID | None
    ) -> bool:
        """Whether the user was told, after `after_id`, of an act on this post or comment."""
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

    async def list_pushes(
        self, notification_id: UUID, device_id: UUID | None, now: datetime
    ) -> Sequence[PushRow]:
        """What to push to each of the recipient's devices, or to the given device only.

        Empty if the notification is read or hidden, or the recipient has left or is suspended.
        """
        return await self._db.all(
            PUSHES,
            notification_id=notification_id,
            device_id=device_id,
            now=now,
        )

    async def find_new_posts(self, notification_id: UUID, since_id: UUID) -> NewPosts | None:
        """The unread notifications of posts in the lounge of a notification, up to that one.

        Those after `since_id`, counted to a thousand. None if there is none.
        """
        return await self._db.first(NEW_POSTS, notification_id=notification_id, since_id=since_id)

    async def count_unread(self, viewer_id: UUID) -> Badge:
        (badge,) = await self._db.all(_BADGE, viewer_id=viewer_id)
        return badge

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
