"""The devices that notifications are pushed to."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from app.core.errors import SessionRevoked
from app.integrations.push.base import PushTarget
from app.notification.repository.devices import DeviceRepository
from app.notification.rows import NewDevice
from app.notification.schemas import DeviceRegistration
from app.runtime.batches import commit_batches
from app.runtime.context import Needs, Service
from app.user.policy import Viewer
from app.user.service.sessions import SessionService

STALE_AFTER = timedelta(days=270)
"""FCM drops a token that was not used for so long."""

DEVICE_BATCH_ROWS, MAX_BATCHES = 1_000, 100
"""How many devices a statement deletes, and how many statements a day's run has."""


class DeviceService(Service):
    _sessions = Needs(SessionService)
    _devices = Needs(DeviceRepository)

    async def register(self, viewer: Viewer, install_id: str, device: DeviceRegistration) -> None:
        """Push to this installation from now on, and to no other user by the same value.

        Raises SessionRevoked. Locks the session: ending a session removes its devices, and a
        device that was added at the same moment would still get pushes after the sign-out.
        """
        if await self._sessions.lock(viewer.session_id) is None:
            raise SessionRevoked
        new = NewDevice(viewer.user_id, viewer.session_id, install_id, **device.model_dump())
        await self._devices.save(new, self._ctx.clock())

    async def remove(self, viewer: Viewer, install_id: str) -> None:
        await self._devices.delete(viewer.user_id, install_id)

    async def delete_of_sessions(self, session_ids: Sequence[UUID]) -> None:
        """Stop pushing to the installations that were signed in by these sessions."""
        if session_ids:
            await self._devices.delete_of_sessions(session_ids)

    async def list_targets(self, user_id: UUID, device_id: UUID | None) -> Sequence[PushTarget]:
        """Where to push: all of a user's devices, or one of them."""
        return await self._devices.list_targets(user_id, device_id)

    async def remove_dead(self, target: PushTarget) -> None:
        """Stop pushing to an address that is no longer in use, if it is still the device's."""
        await self._devices.delete_if_unchanged(target)

    async def note_push(self, push_id: UUID) -> None:
        """Count a push, once."""
        await self._devices.note_push(push_id, self._ctx.clock())

    async def delete_stale(self) -> None:
        """Delete the devices that the app has not registered again for STALE_AFTER."""
        before = self._ctx.clock() - STALE_AFTER
        await commit_batches(
            self._ctx,
            lambda: self._devices.delete_unseen_since(before, DEVICE_BATCH_ROWS),
            DEVICE_BATCH_ROWS,
            MAX_BATCHES,
        )
