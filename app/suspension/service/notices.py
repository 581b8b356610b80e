"""Notifies a user that they are suspended, and that it is over: by mail and by push.

The act enqueues the jobs. Each looks at the user again: the act may have been taken back, or
changed.
"""

from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID

from app.auth.service.mails import MailService, name_for_mail
from app.core.days import moment_words
from app.core.texts import NO_REASON, as_sentence
from app.integrations.mail.render import render_mail
from app.integrations.push.base import PushMessage
from app.jobs.enqueue import enqueue
from app.notification.schemas import SuspensionPushData
from app.notification_delivery.service.push import PushService
from app.runtime.context import Needs, Service
from app.suspension import texts
from app.user.enums import UserLocale, UserStatus
from app.user.models import User
from app.user.policy import is_suspended
from app.user.service.sign_in_methods import SignInMethodService
from app.user.service.suspension_check import SuspensionCheck

MAIL_STANDING = "sanction.mail_standing"
PUSH_SUSPENSION = "sanction.push_suspension"


@dataclass(frozen=True, slots=True)
class SuspensionToMail:
    """The payload of both jobs: the suspension to notify of; None if it was lifted."""

    user_id: UUID
    suspension_id: UUID | None
    email: str | None = None
    """The address to mail to."""

    device_id: UUID | None = None
    """The only device to push to. None is all."""


class SuspensionNoticeService(Service):
    _check = Needs(SuspensionCheck)
    _methods = Needs(SignInMethodService)
    _mails = Needs(MailService)
    _pushes = Needs(PushService)

    async def notify_of_suspension(self, user: User) -> None:
        """Tell a user who is suspended from now on, or otherwise than before."""
        payload = SuspensionToMail(user.id, user.suspension_id)
        await self._mail_each(user, payload)
        await self._enqueue(PUSH_SUSPENSION, payload)

    async def notify_of_lifting(self, user: User) -> None:
        """Tell a user whose suspension an admin has ended. By mail: they may not open the app."""
        await self._mail_each(user, SuspensionToMail(user.id, None))

    async def _mail_each(self, user: User, payload: SuspensionToMail) -> None:
        """A job for each verified address: one that fails repeats no other."""
        for email in await self._methods.verified_addresses(user):
            await self._enqueue(MAIL_STANDING, replace(payload, email=email))

    async def _enqueue(
        self, job: str, payload: SuspensionToMail, pause: timedelta | None = None
    ) -> None:
        await enqueue(self._ctx.db, job, payload, delay=pause or self._ctx.push_delay)

    async def mail(self, payload: SuspensionToMail) -> None:
        """The job. Does nothing if the address is not a verified one of the user any more."""
        user, to = await self._find(payload), payload.email
        if user is None or to is None or to not in await self._methods.verified_addresses(user):
            return
        locale, brand = UserLocale(user.locale), self._ctx.settings.brand
        if payload.suspension_id is None:
            mail = render_mail("restored", to, locale, brand=brand, nickname=name_for_mail(user))
        else:
            mail = render_mail(
                "suspended",
                to,
                locale,
                brand=brand,
                nickname=name_for_mail(user),
                until=_until(user, locale) if user.suspended_until else "",
                reason=user.suspension_reason or NO_REASON.in_(locale.value),
                hides=user.suspension_hides,
                link=self._check.page_of(user.suspension_id),
                button=texts.BUTTON.in_(locale.value),
            )
        await self._mails.send(mail)

    async def push(self, payload: SuspensionToMail) -> None:
        """The job. A device that can't be reached now gets a job of its own."""
        user = await self._find(payload)
        page = None if user is None else self._check.page_of(user.suspension_id)
        if user is None or page is None:
            return
        title, body = _pushed(user)
        data = SuspensionPushData(type="account_suspended", url=page)

        def message(unread: int) -> PushMessage:
            return PushMessage(
                title=title,
                body=body,
                data=data.model_dump(mode="json"),
                badge=unread,
                collapse_id=str(payload.suspension_id),
                channel="moderation",
            )

        for device_id, pause in await self._pushes.push_to(user.id, payload.device_id, message):
            await self._enqueue(PUSH_SUSPENSION, replace(payload, device_id=device_id), pause)

    async def _find(self, payload: SuspensionToMail) -> User | None:
        """The user, if they still are as the job has it."""
        user = await self._mails.find_addressee(payload.user_id)
        if user is None:
            return None
        if payload.suspension_id is None:
            return user if user.status == UserStatus.ACTIVE else None
        is_still = user.suspension_id == payload.suspension_id
        return user if is_still and is_suspended(user, self._ctx.clock()) else None


def _until(user: User, locale: UserLocale) -> str:
    until = user.suspended_until
    return (texts.NO_END if until is None else moment_words(until)).in_(locale.value)


def _pushed(user: User) -> tuple[str, str]:
    """The title and the body of the push."""
    locale = UserLocale(user.locale)
    reason = as_sentence(
        user.suspension_reason or NO_REASON.in_(locale.value),
        "。" if locale == UserLocale.JA else ".",
    )
    facts = ((texts.REASON, reason), (texts.UNTIL, _until(user, locale)))
    colon = "：" if locale == UserLocale.JA else ": "
    body = "\n".join(f"{name.in_(locale.value)}{colon}{value}" for name, value in facts)
    return texts.PUSHED.in_(locale.value), body
