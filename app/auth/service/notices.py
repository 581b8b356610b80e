"""Mails that tell an owner what has happened to their account: each verified address gets one."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from app.auth.service.mails import MailService, name_for_mail
from app.integrations.mail import render_mail
from app.jobs import enqueue
from app.runtime.context import Context, Needs
from app.user.enums import Door, UserLocale
from app.user.models import User
from app.user.service import DoorService

MAIL_NOTICE = "auth.mail_notice"

NAMES = {
    Door.EMAIL: {"ja": "メールアドレスとパスワード", "en": "e-mail and password"},
    Door.LINE: {"ja": "LINE", "en": "LINE"},
    Door.GOOGLE: {"ja": "Google", "en": "Google"},
    Door.APPLE: {"ja": "Apple", "en": "Apple"},
}


class Notice(StrEnum):
    """What has happened. The names of the mails' templates."""

    LINKED = "linked"
    UNLINKED = "unlinked"
    EMAIL_CHANGE_ASKED = "email_change_asked"
    EMAIL_CHANGED = "email_changed"
    PASSWORD_CHANGED = "password_changed"
    MFA_SET_UP = "mfa_set_up"
    MFA_REMOVED = "mfa_removed"
    RECOVERY_CODE_USED = "recovery_code_used"


@dataclass(frozen=True, slots=True)
class MailNotice:
    """The payload of MAIL_NOTICE. It goes with the account: it names the user."""

    user_id: UUID
    email: str
    notice: Notice
    door: Door


class NoticeService:
    _doors = Needs(DoorService)
    _mails = Needs(MailService)

    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx

    async def tell(
        self, user: User, addresses: Sequence[str], notice: Notice, door: Door = Door.EMAIL
    ) -> None:
        """Mail each address, after this commits. A job each: one that fails repeats no other."""
        for email in addresses:
            await enqueue(self._ctx.session, MAIL_NOTICE, MailNotice(user.id, email, notice, door))

    async def send(self, told: MailNotice) -> None:
        """The job behind `tell`."""
        user = await self._mails.find_addressee(told.user_id)
        if user is None:
            return
        locale = UserLocale(user.locale)
        nickname, way = name_for_mail(user), NAMES[told.door][locale]
        ways = await self.ways_beside_password(user)
        await self._mails.send(
            render_mail(told.notice, told.email, locale, nickname=nickname, way=way, ways=ways)
        )

    async def ways_beside_password(self, user: User) -> str:
        """The names of the ways to sign in that a new password does not close, for a mail."""
        doors = [Door(row.provider) for row in await self._doors.list_of(user.id)]
        return ", ".join(NAMES[door][user.locale] for door in doors if door != Door.EMAIL)
