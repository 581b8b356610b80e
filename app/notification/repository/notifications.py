"""SQL statements about notifications."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Text,
    Uuid,
    and_,
    bindparam,
    delete,
    func,
    literal,
    or_,
    select,
    true,
    union,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute, aliased

from app.core.database import AnySelect
from app.core.database_session import note_write
from app.core.keyset import FIRST_ID, page_limit
from app.core.rows import Query, values_of
from app.notification.models import (
    EVERYONE,
    Device,
    Notification,
    NotificationHiding,
    NotificationSettings,
    is_unread,
    marked_at,
    visible_to,
)
from app.notification.rows import NewNotification, NotificationRow, PushRow
from app.notification.writes import BATCH, changed
from app.user.enums import UserStatus
from app.user.models import User
from app.user.rows import author_columns, with_author

_VIEWER = bindparam("viewer_id", type_=Uuid)
_BASE_URL = bindparam("base_url", type_=Text)
_UNREAD = is_unread(_VIEWER)
_READ_AT = func.coalesce(Notification.read_at, marked_at())
_Reader = aliased(User, name="reader")


def _page(*conditions: ColumnElement[bool]) -> Query[NotificationRow]:
    statement = (
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
        .where(
            visible_to(_VIEWER), Notification.id < bindparam("after_id", type_=Uuid), *conditions
        )
        .order_by(Notification.id.desc())
        .limit(page_limit())
    )
    return Query(with_author(NotificationRow), statement)


_ALL = _page()
_ALL_UNREAD = _page(_UNREAD)
_COUNT = values_of(int, select(func.count().label("unread")).where(visible_to(_VIEWER), _UNREAD))


def _pushes() -> AnySelect:
    """One row per device. Settings that were never saved are on."""
    recipient = Notification.user_id.expression
    other = aliased(Notification, name="other")
    # `visible_to` may name columns of `other` only: its inner EXISTS can't refer to the outermost
    # query.
    unread = select(func.count()).where(
        other.user_id == recipient,
        visible_to(other.user_id.expression, other),
        is_unread(recipient, other),
    )
    device_id = bindparam("device_id", type_=Uuid)
    return (
        select(
            Notification.id,
            Notification.type,
            Notification.post_id,
            Notification.comment_id,
            Notification.parent_id,
            Notification.lounge_id,
            Notification.lounge_request_id,
            Notification.params,
            _Reader.locale,
            _on_by_default(NotificationSettings.push_enabled),
            _on_by_default(NotificationSettings.comment),
            _on_by_default(NotificationSettings.reply),
            _on_by_default(NotificationSettings.lounge_request),
            unread.scalar_subquery().label("unread"),
            Device.id.label("device_id"),
            Device.kind,
            Device.value,
            Device.platform,
            _BASE_URL.label("base_url"),
            Notification.actor_id,
            *author_columns(),
        )
        .join(_Reader, _Reader.id == Notification.user_id)
        .join(Device, Device.user_id == Notification.user_id)
        .outerjoin(User, User.id == Notification.actor_id)
        .outerjoin(NotificationSettings, NotificationSettings.user_id == Notification.user_id)
        .where(
            Notification.id == bindparam("notification_id", type_=Uuid),
            _READ_AT.is_(None),
            visible_to(recipient),
            _Reader.left_at.is_(None),
            _Reader.status == UserStatus.ACTIVE,
            or_(device_id.is_(None), Device.id == device_id),
        )
        .order_by(Device.id)
    )


def _on_by_default(setting: Any) -> ColumnElement[bool]:
    return func.coalesce(setting, true()).label(setting.key)


_PUSHES = Query(with_author(PushRow), _pushes())


class NotificationRepository:
    def __init__(self, session: AsyncSession, media_url: str, base_url: str) -> None:
        self._session = session
        self._media_url = media_url
        self._base_url = base_url

    async def add(self, new: NewNotification) -> UUID | None:
        """Returns the notification's id; None if the recipient has left or is being erased."""
        values = asdict(new)
        recipient_id = values.pop("recipient_id")
        columns = Notification.__table__.c
        given = [literal(value, columns[name].type) for name, value in values.items()]
        row = select(User.id, *given).where(User.id == recipient_id, User.left_at.is_(None))
        # A locked recipient is being erased, and erasing waits for rows that this transaction has
        # locked. Waiting here as well would be a deadlock.
        row = row.with_for_update(read=True, key_share=True, skip_locked=True)
        statement = insert(Notification).from_select(["user_id", *values], row)
        added: UUID | None = await self._session.scalar(statement.returning(Notification.id))
        return added

    async def delete(self, notification_ids: Sequence[UUID]) -> None:
        """Delete notifications by their ids."""
        statement = delete(Notification).where(Notification.id.in_(notification_ids))
        await self._session.execute(statement)

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

    async def list_pushes(self, notification_id: UUID, device_id: UUID | None) -> Sequence[PushRow]:
        """What to push to each of the recipient's devices, or to the given device only.

        Empty if the notification is read or hidden, or the recipient has left or is suspended.
        """
        return await _PUSHES.all(
            self._session,
            media_url=self._media_url,
            base_url=self._base_url,
            notification_id=notification_id,
            device_id=device_id,
        )

    async def count_unread(self, viewer_id: UUID) -> int:
        return await _COUNT.first(self._session, viewer_id=viewer_id) or 0

    async def set_post_hidden(
        self, post_id: UUID, after_id: UUID, types: Sequence[str], *, hidden: bool
    ) -> UUID | None:
        about = and_(Notification.post_id == post_id, Notification.type.in_(types))
        go_on = await self._set_flag(Notification.post_gone, about, after_id, to=hidden)
        await self._set_hiding(post_id, EVERYONE, to=hidden and go_on is not None)
        return go_on

    async def set_comment_hidden(
        self, comment_id: UUID, types: Sequence[str], *, hidden: bool
    ) -> None:
        about = and_(Notification.comment_id == comment_id, Notification.type.in_(types))
        await self._change(about, comment_gone=hidden)

    async def set_post_muted(
        self, user_id: UUID, post_id: UUID, after_id: UUID, types: Sequence[str], *, muted: bool
    ) -> UUID | None:
        about = and_(
            Notification.post_id == post_id,
            Notification.user_id == user_id,
            Notification.type.in_(types),
        )
        go_on = await self._set_flag(Notification.post_muted, about, after_id, to=muted)
        await self._set_hiding(post_id, user_id, to=muted and go_on is not None)
        return go_on

    async def _set_flag(
        self,
        flag: InstrumentedAttribute[bool],
        about: ColumnElement[bool],
        after_id: UUID,
        *,
        to: bool,
    ) -> UUID | None:
        """Set a flag in a batch of rows. Returns after which id to go on; None at the end.

        Behind the last row it goes on at the first: between two batches another job of the same
        post may have changed what this one had passed.
        """
        which = and_(about, flag.is_(not to), Notification.id > after_id)
        changed = await self._change(which, BATCH, **{flag.key: to})
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

    async def _change(
        self, which: ColumnElement[bool], most: int | None = None, **values: Any
    ) -> Sequence[UUID]:
        """Change rows, `most` of them at most. Returns their ids."""
        rows = changed(select(Notification.id).where(which).limit(most), "changed", **values)
        note_write(self._session)
        return (await self._session.scalars(select(rows.c.id))).all()

    async def delete_some_about(self, user_id: UUID) -> bool:
        """Delete a batch of a leaver's notifications, and of others' about the leaver's acts.

        Returns whether those were all.
        """
        columns = (Notification.user_id, Notification.actor_id, Notification.post_author_id)
        of_each = (select(Notification.id).where(c == user_id).limit(BATCH) for c in columns)
        ids = (await self._session.scalars(union(*of_each).limit(BATCH))).all()
        locked = select(Notification.id).where(Notification.id.in_(ids)).order_by(Notification.id)
        await self._session.execute(
            delete(Notification).where(Notification.id.in_(locked.with_for_update()))
        )
        return len(ids) < BATCH
