"""What follows when a door is closed, and closing all doors but the e-mail one.

A person who takes an account over by its address may not know of the other doors to it.
"""

from collections.abc import Sequence

from app.auth.enums import MailPurpose
from app.auth.service.mailed_links import MailedLinkService
from app.auth.service.notices import Notice, NoticeService
from app.auth.service.provider_tokens import ProviderTokenService
from app.integrations.identity import SocialProvider
from app.record.enums import Act, Subject
from app.record.service import RecordService
from app.runtime.context import Context, Needs
from app.user.enums import Door
from app.user.models import User
from app.user.service import DoorService


class ClosingService:
    _doors = Needs(DoorService)
    _links = Needs(MailedLinkService)
    _provider_tokens = Needs(ProviderTokenService)
    _notices = Needs(NoticeService)
    _records = Needs(RecordService)

    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx

    async def keep_only_email(self, user: User) -> Sequence[Door]:
        """Close all doors but the e-mail one. Returns those that were open.

        The user must be locked, as `DoorService.remove_all_but_email` says. The caller ends the
        sessions.
        """
        told = await self._doors.verified_addresses(user)
        closed = await self._doors.remove_all_but_email(user)
        for door in closed:
            await self.note(user, door, told)
        return closed

    async def note(self, user: User, door: Door, told: Sequence[str]) -> None:
        """Revoke what a closed door's provider gave us, and record and tell that it was closed.

        Links that end the account do not work any more: one may come from a sign-in by this door.
        """
        await self._links.forget(user.id, MailPurpose.LEAVE)
        if door == Door.APPLE:
            await self._provider_tokens.revoke_all_of(user.id, SocialProvider.APPLE)
        await self._records.note(Act.UNLINKED, Subject.ACCOUNT, user.id, user.id)
        await self._notices.tell(user, told, Notice.UNLINKED, door)
