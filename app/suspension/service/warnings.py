"""Warnings: giving one, and withdrawing it after an appeal."""

from uuid import UUID

from app.notification.enums import NotificationType
from app.notification.rows import NewNotification
from app.notification.service.notifications import NotificationService
from app.runtime.context import Needs, Service
from app.suspension.exceptions import WarnedAboutNotFound
from app.suspension.models import GivenWarning
from app.suspension.repository import WarningRepository
from app.suspension.rows import GivenWarning as WarningRow
from app.suspension.rows import WarnedThing
from app.suspension.schemas import Warn
from app.user.exceptions import UserNotFound
from app.user.service.users import UserService


class WarningService(Service):
    _users = Needs(UserService)
    _notifications = Needs(NotificationService)
    _warnings = Needs(WarningRepository)

    async def begin(self, user_id: UUID, form: Warn) -> WarnedThing:
        """Lock what a warning is about, and its user, for `warn`.

        Of two warnings for one user the second waits here, and then finds the first. Raises
        UserNotFound, WarnedAboutNotFound.
        """
        await self._users.ensure_exists(user_id)
        about = await self._find_about(user_id, form)
        # Before anything is inserted. Inserted rows lock the user only against an end of the
        # account or another address. Such a change would wait for them, and they for it.
        await self._users.lock_row(user_id)
        return about

    async def warn(self, user_id: UUID, form: Warn, about: WarnedThing) -> WarningRow:
        """Warn a user, and notify them of the reason. `about` is from `begin`.

        Raises UserNotFound.
        """
        await self._users.change_warning_count(user_id, 1)
        notification_id = await self._notifications.notify(
            NewNotification(
                user_id,
                NotificationType.WARNING,
                post_id=about.post_id,
                comment_id=about.comment_id,
                parent_id=about.parent_id,
                lounge_id=about.lounge_id,
                params={"body": form.reason},
            )
        )
        if notification_id is None:
            # The user is leaving at this moment.
            raise UserNotFound
        return await self._warnings.add(
            GivenWarning(
                user_id=user_id,
                notification_id=notification_id,
                reason=form.reason,
                target_type=form.target_type,
                target_id=form.target_id,
            )
        )

    async def _find_about(self, user_id: UUID, form: Warn) -> WarnedThing:
        """An unknown thing, or another's, would tell the user of something that they did not do."""
        if form.target_type is None or form.target_id is None:
            return WarnedThing()
        found = await self._warnings.find_about(user_id, form.target_type, form.target_id)
        if found is None:
            raise WarnedAboutNotFound
        return found

    async def withdraw(self, user_id: UUID, notification_id: UUID) -> None:
        """Withdraw the warning that a notification told. Does nothing the second time."""
        if await self._warnings.withdraw(notification_id, self._ctx.clock()):
            await self._users.change_warning_count(user_id, -1)

    async def list_of(self, user_id: UUID, limit: int) -> list[WarningRow]:
        """A user's latest warnings, withdrawn ones too."""
        return await self._warnings.list_of(user_id, limit)
