"""Every SQL statement about notifications, their settings and devices."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import batched
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Uuid,
    and_,
    bindparam,
    cast,
    delete,
    func,
    literal,
    or_,
    select,
    union,
    update,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from app.core.database import AnySelect
from app.core.keyset import Row, page_limit
from app.integrations.push import PushTarget
from app.notification.models import Device, Notification, NotificationSettings, visible_to
from app.user.enums import UserStatus
from app.user.models import User, author_columns

_VIEWER = bindparam("viewer_id", type_=Uuid)
_UNREAD = Notification.read_at.is_(None)
_Reader = aliased(User, name="reader")


def _page(*conditions: Any, viewer: ColumnElement[UUID] = _VIEWER) -> AnySelect:
    return (
        select(
            Notification.id,
            Notification.type,
            Notification.read_at,
            Notification.created_at,
            Notification.post_id,
            Notification.comment_id,
            Notification.lounge_id,
            Notification.lounge_request_id,
            Notification.params,
            _Reader.locale,
            *author_columns(),
        )
        .join(_Reader, _Reader.id == Notification.user_id)
        .outerjoin(User, User.id == Notification.actor_id)
        .where(visible_to(viewer), *conditions)
        .order_by(Notification.id.desc())
    )


_AFTER = Notification.id < bindparam("after_id", type_=Uuid)
_ALL = _page(_AFTER).limit(page_limit())
_ALL_UNREAD = _page(_AFTER, _UNREAD).limit(page_limit())
_DUE = (
    _page(
        Notification.id == bindparam("notification_id", type_=Uuid),
        _UNREAD,
        _Reader.left_at.is_(None),
        _Reader.status == UserStatus.ACTIVE,
        viewer=Notification.user_id.expression,
    )
    .outerjoin(NotificationSettings, NotificationSettings.user_id == Notification.user_id)
    .add_columns(
        Notification.user_id,
        NotificationSettings.push_enabled,
        NotificationSettings.comment,
        NotificationSettings.reply,
        NotificationSettings.lounge_request,
    )
)
_COUNT = select(func.count()).where(visible_to(_VIEWER), _UNREAD)


def _pushes() -> AnySelect:
    due = _DUE.cte("due")
    owner = Notification.user_id.expression
    unread = select(func.count()).where(owner == due.c.user_id, visible_to(owner), _UNREAD)
    only = bindparam("device_id", type_=Uuid)
    return (
        select(
            *due.c,
            unread.scalar_subquery().label("unread"),
            Device.id.label("device_id"),
            Device.kind,
            Device.value,
            Device.platform,
        )
        .join_from(due, Device, Device.user_id == due.c.user_id)
        .where(or_(only.is_(None), Device.id == only))
        .order_by(Device.id)
    )


_PUSHES = _pushes()


BATCH = 5_000
"""Rows per statement when somebody leaves (statements time out after 2.3 s)."""

DEVICES_A_USER = 20
"""More devices than anybody carries. Each push goes to all of them."""


class NotificationRepository:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add(self, recipient_id: UUID, **values: Any) -> UUID | None:
        """Its id; None where the recipient has left, or is being erased at this moment."""
        columns = Notification.__table__.c
        given = [literal(value, columns[name].type) for name, value in values.items()]
        row = select(User.id, *given).where(User.id == recipient_id, User.left_at.is_(None))
        # Skipped, since erasing waits for what this transaction has locked: both would wait.
        row = row.with_for_update(read=True, key_share=True, skip_locked=True)
        statement = insert(Notification).from_select(["user_id", *values], row)
        added: UUID | None = await self._session.scalar(statement.returning(Notification.id))
        return added

    async def list_page(
        self, viewer_id: UUID, after_id: UUID, limit: int, *, unread: bool
    ) -> Sequence[Row]:
        params = {"viewer_id": viewer_id, "after_id": after_id, "row_limit": limit}
        found = await self._session.execute(_ALL_UNREAD if unread else _ALL, params)
        return found.mappings().all()

    async def list_pushes(self, notification_id: UUID, device_id: UUID | None) -> Sequence[Row]:
        """What is to be pushed to each device of its reader, or to one of them: with the settings
        (NULL where there are none) and how many are unread. Nothing where it is read or out of
        sight, or its reader has left or is suspended.
        """
        params = {"notification_id": notification_id, "device_id": device_id}
        return (await self._session.execute(_PUSHES, params)).mappings().all()

    async def count_unread(self, viewer_id: UUID) -> int:
        return await self._session.scalar(_COUNT, {"viewer_id": viewer_id}) or 0

    async def mark_read(
        self, viewer_id: UUID, notification_ids: Sequence[UUID] | None, now: datetime
    ) -> None:
        """Mark some, or with None all, of the viewer's; others' are left alone."""
        which = and_(Notification.user_id == viewer_id, _UNREAD)
        if notification_ids is not None:
            which = and_(which, Notification.id.in_(notification_ids))
        await self._change(which, read_at=now)

    async def set_post_hidden(self, post_id: UUID, types: Sequence[str], *, hidden: bool) -> None:
        about = and_(Notification.post_id == post_id, Notification.type.in_(types))
        await self._change(about, post_gone=hidden)

    async def set_comment_hidden(
        self, comment_id: UUID, types: Sequence[str], *, hidden: bool
    ) -> None:
        about = and_(Notification.comment_id == comment_id, Notification.type.in_(types))
        await self._change(about, comment_gone=hidden)

    async def exists_for_comment(self, comment_id: UUID, types: Sequence[str]) -> bool:
        query = select(Notification.id).where(
            Notification.comment_id == comment_id, Notification.type.in_(types)
        )
        return await self._session.scalar(query.limit(1)) is not None

    async def set_post_muted(
        self, user_id: UUID, post_id: UUID, types: Sequence[str], *, muted: bool
    ) -> None:
        theirs = and_(
            Notification.post_id == post_id,
            Notification.user_id == user_id,
            Notification.type.in_(types),
        )
        await self._change(theirs, post_muted=muted)

    async def _change(self, which: ColumnElement[bool], **values: Any) -> None:
        """In the order of their ids, so that two who change the same never wait in a circle."""
        locked = select(Notification.id).where(which).order_by(Notification.id)
        ids = locked.with_for_update(key_share=True).cte()
        await self._session.execute(
            update(Notification).where(Notification.id == ids.c.id).values(**values),
            execution_options={"synchronize_session": False},
        )

    async def delete_all_about(self, user_id: UUID) -> None:
        """Deletes what a leaver was told, and what others were told of the leaver and of their
        posts.
        """
        for batch in batched(await self._list_about(user_id), BATCH, strict=False):
            given = Notification.id == func.any(cast(batch, ARRAY(Uuid)))
            ids = select(Notification.id).where(given)
            locked = ids.order_by(Notification.id).with_for_update()
            await self._session.execute(delete(Notification).where(Notification.id.in_(locked)))

    async def _list_about(self, user_id: UUID) -> Sequence[UUID]:
        columns = (Notification.user_id, Notification.actor_id, Notification.post_author_id)
        found = union(*(select(Notification.id).where(one == user_id) for one in columns))
        return (await self._session.scalars(found.order_by("id"))).all()

    # Settings

    async def find_settings(self, user_id: UUID) -> NotificationSettings | None:
        query = select(NotificationSettings).where(NotificationSettings.user_id == user_id)
        return await self._session.scalar(query)

    async def save_settings(
        self, user_id: UUID, changes: Mapping[str, bool]
    ) -> NotificationSettings:
        statement = insert(NotificationSettings).values(user_id=user_id, **changes)
        upsert = statement.on_conflict_do_update(
            index_elements=["user_id"], set_={"user_id": user_id, **changes}
        )
        saved = await self._session.execute(upsert.returning(NotificationSettings))
        return saved.scalar_one()

    # Devices

    async def save_device(self, values: Mapping[str, Any], now: datetime) -> None:
        """Each installation has one row, and each token is in one row: both belong to the latest
        caller.

        Beyond DEVICES_A_USER the user's devices that were not seen for longest are deleted.
        """
        kind, value = values["kind"], values["value"]
        # Two phones of one user take turns, and so do two phones that register one token. The two
        # locks are always taken in this order and have hashes of their own, so no deadlock can
        # arise.
        for whose, seed in ((str(values["user_id"]), 1), (value, 0)):
            await self._session.execute(
                select(func.pg_advisory_xact_lock(func.hashtextextended(whose, seed)))
            )
        others = and_(Device.kind == kind, Device.value == value)
        await self._session.execute(
            delete(Device).where(others, Device.install_id != values["install_id"])
        )
        statement = insert(Device).values(**values, seen_at=now)
        await self._session.execute(
            statement.on_conflict_do_update(
                index_elements=["install_id"], set_={**values, "seen_at": now}
            )
        )
        await self._delete_longest_unseen(values["user_id"], but=values["install_id"])

    async def _delete_longest_unseen(self, user_id: UUID, *, but: str) -> None:
        too_many = (
            select(Device.id)
            .where(Device.user_id == user_id, Device.install_id != but)
            .order_by(Device.seen_at.desc(), Device.id.desc())
            .offset(DEVICES_A_USER - 1)
        )
        # One that is locked is just being taken over by another user: to wait for it could end in
        # a circle.
        free = (
            select(Device.id)
            .where(Device.id.in_(too_many.scalar_subquery()))
            .with_for_update(skip_locked=True)
        )
        await self._session.execute(delete(Device).where(Device.id.in_(free.scalar_subquery())))

    async def delete_device(self, user_id: UUID, install_id: str) -> None:
        await self._session.execute(
            delete(Device).where(Device.user_id == user_id, Device.install_id == install_id)
        )

    async def delete_device_if_unchanged(self, target: PushTarget) -> None:
        """Forget a dead address, unless the installation has registered another meanwhile."""
        await self._session.execute(
            delete(Device).where(
                Device.id == target.device_id,
                Device.kind == target.kind,
                Device.value == target.value,
            )
        )

    async def delete_devices_unseen_since(self, moment: datetime) -> None:
        await self._session.execute(delete(Device).where(Device.seen_at < moment))

    async def delete_devices_of(self, session_ids: Sequence[UUID]) -> None:
        await self._session.execute(delete(Device).where(Device.session_id.in_(session_ids)))
