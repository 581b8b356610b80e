"""SQL statements that list and count a reader's notifications."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, Text, Uuid, bindparam, func, select, union_all
from sqlalchemy.orm import aliased

from app.core.database import AnySelect
from app.core.db import Repository
from app.core.keyset import page_limit
from app.core.sql.rows import Query
from app.notification.models import (
    Announcement,
    Notification,
    is_unread,
    is_unread_announcement,
    marked_at,
)
from app.notification.rows import Badge, NotificationRow
from app.notification_delivery.models import (
    subject_columns,
    visible_to,
    with_subjects,
)
from app.notification_delivery.repository.announced import announced
from app.notification_delivery.repository.unread import unread_of
from app.user.models import User
from app.user.rows import author_columns

_VIEWER = bindparam("viewer_id", type_=Uuid)
_BASE_URL = bindparam("base_url", type_=Text)
_UNREAD = is_unread(_VIEWER)
_READ_AT = func.coalesce(Notification.read_at, marked_at())
Reader = aliased(User, name="reader")


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
    return with_subjects(
        select(
            Notification.id,
            Notification.type,
            _READ_AT.is_not(None).label("read"),
            Notification.created_at,
            *subject_columns(viewer),
            Reader.locale,
            _BASE_URL.label("base_url"),
            Notification.actor_id.is_not(None).label("has_actor"),
            *author_columns("actor"),
        )
        .join(Reader, Reader.id == Notification.user_id)
        .outerjoin(User, User.id == Notification.actor_id)
        .where(visible_to(viewer), *conditions)
    )


_ALL = _page(unread=False)
_ALL_UNREAD = _page(unread=True)
_BADGE = Query(Badge, select(*unread_of(_VIEWER).c))


class NotificationListRepository(Repository):
    async def list_page(
        self, viewer_id: UUID, after_id: UUID, limit: int, *, unread: bool
    ) -> Sequence[NotificationRow]:
        return await self._db.all(
            _ALL_UNREAD if unread else _ALL,
            viewer_id=viewer_id,
            after_id=after_id,
            row_limit=limit,
        )

    async def count_unread(self, viewer_id: UUID) -> Badge:
        (badge,) = await self._db.all(_BADGE, viewer_id=viewer_id)
        return badge
