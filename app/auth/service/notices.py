"""Notifies an owner of changes to their account: in the app, and at each verified address."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from app.auth.service.mails import MailService, name_for_mail
from app.integrations.mail.render import render_mail
from app.jobs.enqueue import enqueue
from app.notification.enums import AccountEvent, NotificationType
from app.notification.rows import NewNotification
from app.notification.service.notifications import NotificationService
from app.runtime.context import Needs, Service
from app.user.enums import SignInMethod, UserLocale
from app.user.models import User
from app.user.service.sign_in_methods import SignInMethodService
from app.user.texts import METHOD_NAMES

MAIL_NOTICE = "auth.mail_notice"


@dataclass(frozen=True, slots=True)
class MailNotice:
    """The payload of MAIL_NOTICE. It goes with the account: it names the user."""

    user_id: UUID
    email: str
    notice: AccountEvent
    method: SignInMethod


class NoticeService(Service):
    _methods = Needs(SignInMethodService)
    _mails = Needs(MailService)
    _notifications = Needs(NotificationService)

    async def notify(
        self,
        user: User,
        addresses: Sequence[str],
        event: AccountEvent,
        method: SignInMethod = SignInMethod.EMAIL,
    ) -> None:
        """Notify the account, and mail each address after this commits.

        A job for each mail: one that fails repeats no other. An owner without an address learns of
        it by the notification. The user must be locked.
        """
        params = {"event": event.value, "door": method.value}
        await self._notifications.notify(
            NewNotification(user.id, NotificationType.SECURITY, params=params)
        )
        for email in addresses:
            await enqueue(self._ctx.db, MAIL_NOTICE, MailNotice(user.id, email, event, method))

    async def send(self, mail: MailNotice) -> None:
        """The job behind `notify`."""
        user = await self._mails.find_addressee(mail.user_id)
        if user is None:
            return
        locale = UserLocale(user.locale)
        nickname, way = name_for_mail(user), _name_of(mail.method, locale)
        ways = await self.ways_beside_password(user)
        await self._mails.send(
            render_mail(
                mail.notice,
                mail.email,
                locale,
                brand=self._ctx.settings.brand,
                nickname=nickname,
                way=way,
                ways=ways,
            )
        )

    async def ways_beside_password(self, user: User) -> str:
        """The names of the sign-in methods that a new password does not close, for a mail."""
        methods = [SignInMethod(row.provider) for row in await self._methods.list_of(user.id)]
        return ", ".join(
            _name_of(method, user.locale) for method in methods if method != SignInMethod.EMAIL
        )


def _name_of(method: SignInMethod, locale: str) -> str:
    return METHOD_NAMES[method].in_("en" if locale == UserLocale.EN else "ja")
