"""Suspending a user, and ending that: by staff, by time, or by an appeal."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from app.live_log.changes import Kind
from app.runtime.context import Needs, Service
from app.suspension.repository import SuspensionRepository
from app.suspension.service.hiding import ContentHidingService
from app.suspension.service.notices import SuspensionNoticeService
from app.user.enums import UserStatus
from app.user.exceptions import AccountSuspended
from app.user.models import User
from app.user.policy import is_suspended
from app.user.service.roles import LockedUser
from app.user.service.suspension_check import SuspensionCheck
from app.user.service.users import UserService
from app.webhook.enums import WebhookEvent
from app.webhook.service import WebhookService


@dataclass(frozen=True, slots=True)
class Suspension:
    reason: str | None = None
    """What the user is shown; None for what it was before."""

    until: datetime | None = None
    hides: bool = False
    """Whether all that the user wrote is hidden."""

    id: UUID | None = None
    """Of a suspension that comes back. Without it each suspension has a new one."""


class SuspensionService(Service):
    _users = Needs(UserService)
    _check = Needs(SuspensionCheck)
    _hiding = Needs(ContentHidingService)
    _notices = Needs(SuspensionNoticeService)
    _webhooks = Needs(WebhookService)
    _suspensions = Needs(SuspensionRepository)

    async def suspend(self, locked: LockedUser, suspension: Suspension) -> None:
        """Suspend a user, or change their suspension. They are notified of what they are shown.

        Raises LastAdmin.
        """
        before = _shown(locked.user)
        await self._set(locked, suspension)
        if _shown(locked.user) != before:
            await self._notices.notify_of_suspension(locked.user)

    async def end(self, user: User, *, notify: bool = False) -> None:
        """End a locked user's suspension, if there is one. What it hid is shown again."""
        if user.status != UserStatus.SUSPENDED:
            return
        hid = user.suspension_hides
        await self._users.set_suspension(user, UserStatus.ACTIVE)
        if hid:
            await self._hiding.begin(user.id)
        if notify:
            await self._notices.notify_of_lifting(user)

    async def put_back(self, locked: LockedUser, former: Suspension | None) -> None:
        """Undo a change: suspend a user as before, or not at all. Nobody is notified.

        Raises LastAdmin.
        """
        if former is None:
            await self.end(locked.user)
        else:
            await self._set(locked, former)

    async def _set(self, locked: LockedUser, new: Suspension) -> None:
        locked.ensure_replaceable()
        user = locked.user
        is_new, hid = user.status != UserStatus.SUSPENDED, user.suspension_hides
        # Each suspension has an id of its own, so that its page to appeal ends with it.
        suspension_id = (new.id or uuid4()) if is_new else user.suspension_id
        former_reason = "" if is_new else user.suspension_reason
        reason = former_reason if new.reason is None else new.reason
        await self._users.set_suspension(
            user, UserStatus.SUSPENDED, suspension_id, reason, new.until, hides=new.hides
        )
        if is_new:
            self._ctx.changed(user.id, Kind.SESSION, user.id)
        if is_new and new.id is None:
            await self._webhooks.announce(WebhookEvent.USER_SUSPENDED, user.id)
        if hid or new.hides:
            await self._hiding.begin(user.id)

    # By time

    async def list_over(self, limit: int) -> Sequence[UUID]:
        """Users whose suspension is past its end and not noted as ended, the longest past first."""
        return await self._suspensions.list_until(self._ctx.clock(), limit)

    def is_over(self, user: User) -> bool:
        """Whether a suspension is past its end, and not noted as ended."""
        return user.status == UserStatus.SUSPENDED and not is_suspended(user, self._ctx.clock())

    # The page to appeal

    async def find_suspended(self, suspension_id: UUID) -> User | None:
        """Whose suspension it is. None once it is over."""
        user = await self._suspensions.find_suspended(suspension_id)
        return user if user and is_suspended(user, self._ctx.clock()) else None

    async def refusal_by_page(self, page: str) -> AccountSuspended:
        """The refusal that led to a page to appeal, from the address of that page.

        Of an address that is not ours it tells nothing.
        """
        suspension_id = self._check.read_token(page.rpartition("token=")[2])
        user = suspension_id and await self.find_suspended(suspension_id)
        return self._check.refusal_of(user) if user else AccountSuspended(is_disclosed=False)


def _shown(user: User) -> tuple[UUID | None, datetime | None, str] | None:
    """What a suspended user is shown. None if they are not suspended."""
    if user.status != UserStatus.SUSPENDED:
        return None
    return user.suspension_id, user.suspended_until, user.suspension_reason
