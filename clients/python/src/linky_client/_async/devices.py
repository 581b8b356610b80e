"""The device's registration for pushes."""

import uuid
from typing import TYPE_CHECKING

from linky_client.generated import models
from linky_client.generated.enums import DeviceKind, DevicePlatform
from linky_client.store import Store
from linky_client.values import SignedIn

if TYPE_CHECKING:
    from linky_client._async.apis import AsyncNotificationsApi
    from linky_client._async.session import AsyncSession

INSTALL_ID = "install_id"


class AsyncDevices:
    """Registers this installation at every start, at every sign-in, and when its value changes."""

    def __init__(
        self, notifications: "AsyncNotificationsApi", session: "AsyncSession", store: Store
    ) -> None:
        self._notifications = notifications
        self._session = session
        self._store = store
        self._registration: models.DeviceRegistration | None = None
        session.after_sign_in(self._send)

    @property
    def install_id(self) -> str:
        """The random id of this installation. It is made once, and stays after a sign-out."""
        known = self._store.read(INSTALL_ID)
        if known is None:
            known = str(uuid.uuid4())
            self._store.write(INSTALL_ID, known)
        return known

    async def start(self, value: str, platform: DevicePlatform, kind: DeviceKind) -> None:
        """Say where to push to. Call it at every start, and whenever the value changes."""
        self._registration = models.DeviceRegistration(kind=kind, value=value, platform=platform)
        if isinstance(self._session.state, SignedIn):
            await self._send()

    async def _send(self) -> None:
        if self._registration is not None:
            await self._notifications.register_device(self.install_id, self._registration)
