"""SQL statements about the devices that notifications are pushed to."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Uuid,
    and_,
    cast,
    delete,
    func,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import insert

from app.core.db import Repository
from app.core.sql.materialized import materialized
from app.integrations.push.base import PushTarget
from app.notification.models import Device, SentPush
from app.notification.rows import NewDevice

DEVICES_A_USER = 20
"""More devices than a person carries. Each push goes to all of them."""


_TAKE_TURNS = "SELECT pg_advisory_xact_lock(hashtextextended($1, $2))"


class DeviceRepository(Repository):
    async def save(self, device: NewDevice, now: datetime) -> None:
        """Store a device. An installation has one row, and so has a token: the latest caller's.

        Beyond DEVICES_A_USER, the user's devices that were not seen for longest are deleted.
        """
        await self._take_turns(device)
        await self._lock(device)
        await self._db.execute(
            delete(Device).where(_has_address_of(device), Device.install_id != device.install_id)
        )
        values = {**asdict(device), "seen_at": now}
        upsert = insert(Device).values(values)
        await self._db.execute(
            upsert.on_conflict_do_update(index_elements=["install_id"], set_=values)
        )
        await self._delete_longest_unseen(device.user_id, but=device.install_id)

    async def _lock(self, device: NewDevice) -> None:
        """Lock the row of the installation and the row with the address, in the order of their ids.

        Two installations that swap their addresses at once would wait for each other otherwise.
        """
        is_theirs = or_(Device.install_id == device.install_id, _has_address_of(device))
        query = select(Device.id).where(is_theirs).order_by(Device.id).with_for_update()
        await self._db.execute(query)

    async def _take_turns(self, device: NewDevice) -> None:
        """Wait for other phones of the same user, and for phones that register the same token.

        All callers take the two locks in this order, and the locks have hashes of their own, so
        two callers never wait for each other's locks.
        """
        for text, seed in ((str(device.user_id), 1), (device.value, 0)):
            await self._db.driver(_TAKE_TURNS, text, seed)

    async def _delete_longest_unseen(self, user_id: UUID, *, but: str) -> None:
        too_many = (
            select(Device.id)
            .where(Device.user_id == user_id, Device.install_id != but)
            .order_by(Device.seen_at.desc(), Device.id.desc())
            .offset(DEVICES_A_USER - 1)
        )
        # A locked row is being taken over by another user. Waiting for it could be a deadlock.
        free = (
            select(Device.id)
            .where(Device.id.in_(too_many.scalar_subquery()))
            .with_for_update(skip_locked=True)
        )
        await self._db.execute(delete(Device).where(Device.id.in_(free.scalar_subquery())))

    async def delete(self, user_id: UUID, install_id: str) -> None:
        await self._db.execute(
            delete(Device).where(Device.user_id == user_id, Device.install_id == install_id)
        )

    async def delete_if_unchanged(self, target: PushTarget) -> None:
        """Delete a dead address, unless the installation has registered another since."""
        await self._db.execute(
            delete(Device).where(
                Device.id == target.device_id,
                Device.kind == target.kind,
                Device.value == target.value,
            )
        )

    async def delete_unseen_since(self, moment: datetime, limit: int) -> int:
        """Delete at most `limit`, and none that is locked. Returns how many were deleted."""
        unseen = materialized(
            select(Device.id)
            .where(Device.seen_at < moment)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        deleted = delete(Device).where(Device.id.in_(select(unseen.c.id))).returning(Device.id)
        return len(await self._db.all(deleted))

    async def delete_of_sessions(self, session_ids: Sequence[UUID]) -> None:
        # One parameter, however many: PostgreSQL takes 32,767.
        of_these = Device.session_id == func.any(cast(session_ids, ARRAY(Uuid)))
        await self._db.execute(delete(Device).where(of_these))

    async def list_targets(self, user_id: UUID, device_id: UUID | None) -> Sequence[PushTarget]:
        """A user's devices, or the given one. Settings make no difference."""
        query = select(Device.id, Device.kind, Device.value, Device.platform).where(
            Device.user_id == user_id
        )
        if device_id is not None:
            query = query.where(Device.id == device_id)
        rows = await self._db.all(query.order_by(Device.id))
        return [PushTarget(*row) for row in rows]

    async def note_push(self, push_id: UUID, now: datetime) -> None:
        """Note that a notification was pushed to a device, once."""
        noted = insert(SentPush).values(push_id=push_id, sent_at=now)
        await self._db.execute(noted.on_conflict_do_nothing())


def _has_address_of(device: NewDevice) -> ColumnElement[bool]:
    """Whether a row has the device's address: by the hash, as the unique index has it.

    Two texts with one hash count as one address. Only a caller who makes both on purpose has such.
    """
    return and_(Device.kind == device.kind, func.md5(Device.value) == func.md5(device.value))
