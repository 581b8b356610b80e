"""What Apple's server tells, up to the leaving that it begins."""

from app.account.service.leaving import LeavingService
from app.auth.service.apple_notifications import AppleNotificationService
from app.integrations.identity.apple import AppleProvider
from app.runtime.context import Needs, Service


class ProviderNotificationService(Service):
    _heard = Needs(AppleNotificationService)
    _leaving = Needs(LeavingService)

    async def hear_apple(self, apple: AppleProvider, payload: str) -> None:
        """Raises ProviderNotEnabled, InvalidIdToken, ProviderUnavailable."""
        leaver = await self._heard.hear(apple, payload)
        if leaver is not None:
            await self._leaving.leave_for_provider(leaver)
