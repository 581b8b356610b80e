"""SQL statements about notifications."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Text,
    Uuid,
    and_,
    bindparam,
    case,
    cast,
    delete,
    func,
    literal,
    or_,
    select,
    union_all,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute, aliased

from app.core.database import AnySelect
from app.core.database_session import note_write
from app.core.keyset import FIRST_ID, page_limit
from app.core.rows import Query, values_of
from app.live_log import logged
from app.notification.enums import MESSAGES, NotificationType
from app.notification.models import (
    EVERYONE,
    Announcement,
    Notification,
    NotificationHiding,
    is_unread,
    is_unread_announcement,
    marked_at,
    visible_to,
)
from app.notification.repository.announcements import announced, unread_announcements
from app.notification.repository.pushes import NEW_POSTS, PUSHES
from app.notification.rows import (
    COMMENT_SHOWN,
    NO,
    POST_SHOWN,
    YES,
    NewNotification,
    NewPosts,
    NotificationRow,
    OwnNotification,
    PushRow,
)
from app.notification.writes import BATCH, changed, notification_changes
from app.user.models import User
from app.user.rows import author_columns, with_author

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
    return Query(with_author(NotificationRow), page)


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
            Notification.actor_id,
            *author_columns(),
        )
        .join(_Reader, _Reader.id == Notification.user_id)
        .outerjoin(User, User.id == Notification.actor_id)
        .where(visible_to(viewer), *conditions)
    )


_ALL = _page(unread=False)
_ALL_UNREAD = _page(unread=True)
_OWN_UNREAD = select(func.count(Notification.id)).where(visible_to(_VIEWER), _UNREAD)
_COUNT = values_of(
    int, select((_OWN_UNREAD.scalar_subquery() + unread_announcements(_VIEWER)).label("unread"))
)
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


_NO_WORDS = literal({}, JSONB)


def _gone(
    flag: InstrumentedAttribute[bool],
    mark: str,
    types: Sequence[str],
    *,
    hidden: bool,
    for_good: bool = False,
) -> tuple[ColumnElement[bool], dict[str, Any]]:
    """Which notifications about a thing to change when it goes or comes back, and to what.

    Those of `types` get the flag. A moderator's message stays in sight: its `params` get the mark.
    `for_good` empties the `params` of the others: what a user deletes must not stay in rows of
    other users. Some of these had the flag before, because the thing was held.
    """
    shown = NO if hidden else YES
    is_message = Notification.type.in_(MESSAGES)
    is_other: ColumnElement[bool] = flag.is_(not hidden)
    if for_good:
        is_other = or_(is_other, Notification.params != _NO_WORDS)
    is_due = or_(
        and_(Notification.type.in_(types), is_other),
        and_(is_message, Notification.params[mark].astext.is_distinct_from(shown)),
    )
    marked = Notification.params.concat(literal({mark: shown}, JSONB))
    return is_due, {
        flag.key: case((is_message, flag), else_=literal(hidden)),
        "params": case((is_message, marked), else_=_NO_WORDS if for_good else Notification.params),
    }


class NotificationRepository:
    def __init__(self, session: AsyncSession, media_url: str, base_url: str) -> None:
        self._session = session
        self._media_url = media_url
        self._base_url = base_url

    async def add(self, new: NewNotification) -> UUID | None:
        """Returns the notification's id; None if the recipient has left."""
        values = asdict(new)
        recipient_id = values.pop("recipient_id")
        columns = Notification.__table__.c
        given = [literal(value, columns[name].type) for name, value in values.items()]
        row = select(User.id, *given).where(User.id == recipient_id, User.left_at.is_(None))
        # This waits for a recipient who closes a door, or becomes a member, at this moment. One who
        # is being erased has left before, and is not found.
        row = row.with_for_update(read=True, key_share=True)
        statement = insert(Notification).from_select(["user_id", *values], row)
        added: UUID | None = await self._session.scalar(statement.returning(Notification.id))
        return added

    async def delete(self, notification_ids: Sequence[UUID]) -> Sequence[tuple[UUID, UUID]]:
        """Delete notifications by their ids; returns whose and which they were."""
        statement = delete(Notification).where(Notification.id.in_(notification_ids))
        rows = statement.returning(Notification.user_id, Notification.id)
        return [(row.user_id, row.id) for row in await self._session.execute(rows)]

    async def list_page(
        self, viewer_id: UUID, after_id: UUID, limit: int, *, unread: bool
    ) -> Sequence[NotificationRow]:
        return await (_ALL_UNREAD if unread else _ALL).all(
            self._session,
            media_url=self._media_url,
            base_url=self._base_url,
            viewer_id=viewer_id,
            after_id=after_id,
            row_limit=limit,
        )

    async def find_own(self, user_id: UUID, notification_id: UUID) -> OwnNotification | None:
        """One of a user's notifications, whether they see it or not."""
        return await _OWN.first(self._session, viewer_id=user_id, notification_id=notification_id)

    async def has_later_moderation(self, user_id: UUID, told: OwnNotification) -> bool:
        """Whether the user was told of a later act on the same post or comment."""
        query = select(Notification.id).where(
            Notification.user_id == user_id,
            Notification.type == NotificationType.MODERATION,
            Notification.post_id == told.post_id,
            Notification.comment_id.is_not_distinct_from(told.comment_id),
            Notification.id > told.id,
        )
        return await self._session.scalar(query.limit(1)) is not None

    async def mark_opened(self, user_id: UUID, notification_id: UUID, now: datetime) -> bool:
        """Note when the push of a notification was opened first. False if it is not the user's."""
        own = (
            update(Notification)
            .where(Notification.id == notification_id, Notification.user_id == user_id)
            .values(opened_at=func.coalesce(Notification.opened_at, now))
            .returning(Notification.id)
        )
        return await self._session.scalar(own) is not None

    async def list_pushes(
        self, notification_id: UUID, device_id: UUID | None, now: datetime
    ) -> Sequence[PushRow]:
        """What to push to each of the recipient's devices, or to the given device only.

        Empty if the notification is read or hidden, or the recipient has left or is suspended.
        """
        return await PUSHES.all(
            self._session,
            media_url=self._media_url,
            base_url=self._base_url,
            notification_id=notification_id,
            device_id=device_id,
            now=now,
        )

    async def find_new_posts(self, notification_id: UUID, since_id: UUID) -> NewPosts | None:
        """The unread notifications of posts in the lounge of a notification, up to that one.

        Those after `since_id`, counted to a thousand. None if there is none.
        """
        return await NEW_POSTS.first(
            self._session, notification_id=notification_id, since_id=since_id
        )

    async def count_unread(self, viewer_id: UUID) -> int:
        return await _COUNT.first(self._session, viewer_id=viewer_id) or 0

    async def set_post_hidden(
        self,
        post_id: UUID,
        after_id: UUID,
        types: Sequence[str],
        *,
        hidden: bool,
        for_good: bool,
    ) -> UUID | None:
        flag = Notification.post_gone
        is_due, values = _gone(flag, POST_SHOWN, types, hidden=hidden, for_good=for_good)
        which = and_(Notification.post_id == post_id, is_due)
        go_on = await self._change_batch(which, after_id, **values)
        await self._set_hiding(post_id, EVERYONE, to=hidden and go_on is not None)
        return go_on

    async def set_posts_hidden(
        self, post_ids: Sequence[UUID], types: Sequence[str], *, hidden: bool
    ) -> bool:
        about = Notification.post_id == func.any(cast(post_ids, ARRAY(Uuid)))
        is_due, values = _gone(Notification.post_gone, POST_SHOWN, types, hidden=hidden)
        if len(await self._change(and_(about, is_due), BATCH, **values)) == BATCH:
            return False
        every = and_(
            NotificationHiding.post_id == func.any(cast(post_ids, ARRAY(Uuid))),
            NotificationHiding.reader_id == EVERYONE,
        )
        await self._session.execute(delete(NotificationHiding).where(every))
        return True

    async def set_comments_hidden(
        self, comment_ids: Sequence[UUID], types: Sequence[str], *, hidden: bool, for_good: bool
    ) -> None:
        about = Notification.comment_id == func.any(cast(comment_ids, ARRAY(Uuid)))
        flag = Notification.comment_gone
        is_due, values = _gone(flag, COMMENT_SHOWN, types, hidden=hidden, for_good=for_good)
        await self._change(and_(about, is_due), **values)

    async def set_post_muted(
        self, user_id: UUID, post_id: UUID, after_id: UUID, types: Sequence[str], *, muted: bool
    ) -> UUID | None:
        about = and_(
            Notification.post_id == post_id,
            Notification.user_id == user_id,
            Notification.type.in_(types),
            Notification.post_muted.is_(not muted),
        )
        go_on = await self._change_batch(about, after_id, post_muted=muted)
        await self._set_hiding(post_id, user_id, to=muted and go_on is not None)
        return go_on

    async def _change_batch(
        self, due: ColumnElement[bool], after_id: UUID, **values: Any
    ) -> UUID | None:
        """Change a batch of what is due. Returns after which id to go on; None at the end.

        Behind the last row it goes on at the first: between two batches another job of the same
        post may have changed what this one had passed.
        """
        changed = await self._change(and_(due, Notification.id > after_id), BATCH, **values)
        if len(changed) == BATCH:
            return max(changed)
        return None if after_id == FIRST_ID else FIRST_ID

    async def _set_hiding(self, post_id: UUID, reader_id: UUID, *, to: bool) -> None:
        """Put all notifications about a post out of sight by one row, or delete that row."""
        key = {"post_id": post_id, "reader_id": reader_id}
        if to:
            row = insert(NotificationHiding).values(key).on_conflict_do_nothing()
            await self._session.execute(row)
        else:
            await self._session.execute(delete(NotificationHiding).filter_by(**key))

    async def exists_for_comment(self, comment_id: UUID, types: Sequence[str]) -> bool:
        query = select(Notification.id).where(
            Notification.comment_id == comment_id, Notification.type.in_(types)
        )
        return await self._session.scalar(query.limit(1)) is not None

    async def exists_for_post(self, post_id: UUID, kind: str) -> bool:
        query = select(Notification.id).where(
            Notification.post_id == post_id, Notification.type == kind
        )
        return await self._session.scalar(query.limit(1)) is not None

    async def _change(
        self, which: ColumnElement[bool], most: int | None = None, **values: Any
    ) -> Sequence[UUID]:
        """Change rows, `most` of them at most. Returns their ids."""
        rows = changed(select(Notification.id).where(which).limit(most), "changed", **values)
        note_write(self._session)
        told = logged(notification_changes(rows))
        return (await self._session.scalars(select(rows.c.id).add_cte(told))).all()
