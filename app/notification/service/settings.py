"""What a user wants pushed."""

from app.notification.repository.settings import SettingsRepository
from app.notification.rows import ALL_ON, NotificationSettings
from app.notification.schemas import NotificationSettingsUpdate
from app.runtime.context import Needs, Service
from app.user.policy import Viewer


class SettingsService(Service):
    _settings = Needs(SettingsRepository)

    async def get(self, viewer: Viewer) -> NotificationSettings:
        return await self._settings.find(viewer.user_id) or ALL_ON

    async def update(
        self, viewer: Viewer, changes: NotificationSettingsUpdate
    ) -> NotificationSettings:
        """Change the settings that were sent."""
        changed = changes.model_dump(exclude_unset=True)
        return await self._settings.save(viewer.user_id, changed)
