"""Appeals: making one, the queue, the decision, and notifying the user. Admins undo the act."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from app.auth.enums import MailKind
from app.auth.service.mails import MailService, name_for_mail
from app.core.keyset import FIRST_ID, LAST_ID, Page, PageRequest
from app.integrations.mail.render import render_mail
from app.jobs.enqueue import enqueue
from app.notification.enums import NotificationType
from app.notification.rows import NewNotification
from app.notification.service.notifications import NotificationService
from app.runtime.context import Needs, Service
from app.suspension.enums import AppealAgainst, AppealDecision, AppealStatus
from app.suspension.exceptions import AlreadyAppealed, AppealNotFound, NotAppealable
from app.suspension.repository import AppealRepository
from app.suspension.rows import AppealRow, NewAppeal
from app.suspension.schemas import AppealCreate, AppealDecide
from app.suspension.service.suspensions import SuspensionService
from app.suspension.texts import OUTCOMES
from app.user.enums import UserLocale
from app.user.models import User
from app.user.policy import Viewer, is_suspended
from app.user.service.sign_in_methods import SignInMethodService
from app.user.service.suspension_check import SuspensionCheck
from app.user.service.users import UserService
from app.webhook.enums import WebhookEvent
from app.webhook.service import WebhookService

MAIL_DECISION = "sanction.mail_decision"

APPEALABLE: dict[str, AppealAgainst] = {
    NotificationType.MODERATION: AppealAgainst.MODERATION,
    NotificationType.WARNING: AppealAgainst.WARNING,
}
"""Of which notifications one can appeal, and against what."""

_OUTCOME = {
    AppealDecision.UPHOLD: AppealStatus.UPHELD,
    AppealDecision.OVERTURN: AppealStatus.OVERTURNED,
}


@dataclass(frozen=True, slots=True)
class DecisionToMail:
    """The payload of MAIL_DECISION. It names the user, so that it goes with the account."""

    user_id: UUID
    appeal_id: UUID
    email: str


PAGE_AFTER_DECISION = timedelta(days=30)
"""How long the page shows the decision, also when the suspension is over."""


@dataclass(frozen=True, slots=True)
class SuspensionPage:
    """What the page for a suspended user shows: the suspension, and the appeal if there is one.

    Of a suspension that is over, `until` is None.
    """

    reason: str
    is_over: bool
    until: datetime | None
    has_address: bool
    """Whether the decision is mailed to an address that the user has proved."""

    appeal: AppealRow | None

    @property
    def may_appeal(self) -> bool:
        return self.appeal is None and not self.is_over


class AppealService(Service):
    _users = Needs(UserService)
    _methods = Needs(SignInMethodService)
    _check = Needs(SuspensionCheck)
    _suspensions = Needs(SuspensionService)
    _notifications = Needs(NotificationService)
    _mails = Needs(MailService)
    _webhooks = Needs(WebhookService)
    _appeals = Needs(AppealRepository)

    # What a user does

    async def appeal(self, viewer: Viewer, form: AppealCreate) -> AppealRow:
        """Appeal against what a notification appealed.

        Raises NotificationNotFound, NotAppealable, AlreadyAppealed, SessionRevoked.
        """
        appealed = await self._notifications.get_own(viewer.user_id, form.notification_id)
        against = APPEALABLE.get(appealed.type)
        if against is None:
            raise NotAppealable
        return await self._add(
            NewAppeal(
                user_id=viewer.user_id,
                against=against,
                text=form.text,
                reason=appealed.params.get("body", ""),
                notification_id=appealed.id,
                post_id=appealed.post_id,
                comment_id=appealed.comment_id,
                quote=appealed.params.get("what", ""),
            )
        )

    async def list_own(self, viewer: Viewer, page: PageRequest) -> Page[AppealRow]:
        """The caller's appeals, the newest first."""
        page = page.formerly("appeals:mine")
        after_id = page.after_id(start=LAST_ID)
        rows = await self._appeals.list_own(viewer.user_id, after_id, page.row_limit)
        return page.slice(rows, lambda appeal: [appeal.id])

    # What a suspended user does on the page that only they know

    async def find_page(self, token: str) -> SuspensionPage | None:
        """What the page shows. None for a token that is not ours, and after the suspension.

        Who has appealed sees what came of it, until PAGE_AFTER_DECISION is over.
        """
        suspension_id = self._check.read_token(token)
        if suspension_id is None:
            return None
        appeal = await self._appeals.find_against_suspension(suspension_id)
        suspended = await self._suspensions.find_suspended(suspension_id)
        if suspended is not None:
            return await self._page_of(suspended, appeal)
        user = await self._find_appellant(appeal)
        return await self._page_of(user, appeal, is_over=True) if user else None

    async def _find_appellant(self, appeal: AppealRow | None) -> User | None:
        """Whose appeal it is, while it is open or was decided lately. None if they have left."""
        if appeal is None:
            return None
        decided_at, now = appeal.decided_at, self._ctx.clock()
        if decided_at is not None and decided_at + PAGE_AFTER_DECISION <= now:
            return None
        return await self._mails.find_addressee(appeal.appellant_id)

    async def appeal_by_token(self, token: str, text: str) -> SuspensionPage | None:
        """Appeal against a suspension. None as with `find_page`.

        Raises AlreadyAppealed, and UserNotFound if the user has left meanwhile. The user's row is
        locked, so the suspension does not end meanwhile.
        """
        suspension_id = self._check.read_token(token)
        found = suspension_id and await self._suspensions.find_suspended(suspension_id)
        if not found:
            return await self.find_page(token)
        user = await self._users.lock(found.id)
        is_over = user.suspension_id != suspension_id or not is_suspended(user, self._ctx.clock())
        if is_over:
            return await self.find_page(token)
        appeal = await self._add(
            NewAppeal(
                user_id=user.id,
                against=AppealAgainst.SUSPENSION,
                text=text,
                reason=user.suspension_reason,
                suspension_id=suspension_id,
            )
        )
        return await self._page_of(user, appeal)

    async def _page_of(
        self, user: User, appeal: AppealRow | None, *, is_over: bool = False
    ) -> SuspensionPage:
        """Of a suspension that is over, the user's row has nothing any more. The appeal has."""
        return SuspensionPage(
            reason=appeal.reason if is_over and appeal else user.suspension_reason,
            is_over=is_over,
            until=None if is_over else user.suspended_until,
            has_address=bool(await self._methods.verified_addresses(user)),
            appeal=appeal,
        )

    async def _add(self, new: NewAppeal) -> AppealRow:
        appeal_id = await self._appeals.add(new)
        if appeal_id is None:
            raise AlreadyAppealed
        await self._webhooks.announce(WebhookEvent.APPEAL_CREATED, appeal_id)
        return await self._appeals.get(appeal_id)

    # What admins do

    async def list_all(self, status: AppealStatus | None, page: PageRequest) -> Page[AppealRow]:
        """Every user's appeals, the oldest first."""
        page = page.formerly(f"appeals:{status or ''}")
        after_id = page.after_id(start=FIRST_ID)
        rows = await self._appeals.list_all(status, after_id, page.row_limit)
        return page.slice(rows, lambda appeal: [appeal.id])

    async def decide(self, appeal_id: UUID, form: AppealDecide, by: UUID) -> AppealRow:
        """Note the decision. Raises AppealNotFound, OwnAppeal, AlreadyDecided."""
        await self._appeals.decide(
            appeal_id, _OUTCOME[form.decision], form.note, by, self._ctx.clock()
        )
        return await self._appeals.get(appeal_id)

    async def notify(self, appeal: AppealRow) -> None:
        """Notify the user of the decision: by a notification, by mail while they are suspended.

        One whose suspension was overturned gets both: they may not open the app again otherwise.
        One who is suspended and gets no mail finds the notification when the suspension is over.
        """
        user = await self._users.get_user(appeal.appellant_id)
        suspended = is_suspended(user, self._ctx.clock())
        by_mail = suspended or appeal.against == AppealAgainst.SUSPENSION
        is_mailed = by_mail and await self._mail(user, appeal)
        if not (suspended and is_mailed):
            await self._notify(appeal)

    async def _mail(self, user: User, appeal: AppealRow) -> bool:
        """Mail each address. Returns whether there is one."""
        addresses = await self._addresses(user)
        for email in addresses:
            decision = DecisionToMail(user.id, appeal.id, email)
            await enqueue(self._ctx.db, MAIL_DECISION, decision)
        return bool(addresses)

    async def _addresses(self, user: User) -> list[str]:
        """The verified ones, or else one that is not verified and has not had its mails."""
        verified = await self._methods.verified_addresses(user)
        if verified or user.email is None:
            return verified
        allowed = await self._mails.may_notify(user, MailKind.APPEAL_DECIDED)
        return [user.email] if allowed else []

    async def _notify(self, appeal: AppealRow) -> None:
        """Say what came of it. What the appealed notification opens by now, this opens, too."""
        new = NewNotification(
            appeal.appellant_id,
            NotificationType.APPEAL_DECIDED,
            post_id=appeal.post_id,
            comment_id=appeal.comment_id,
            params={"outcome": appeal.status, "body": appeal.note},
        )
        appealed_id = appeal.notification_id
        appealed = (
            await self._notifications.find_own(appeal.appellant_id, appealed_id)
            if appealed_id
            else None
        )
        if appealed is not None:
            new = replace(
                new,
                parent_id=appealed.parent_id,
                lounge_id=appealed.lounge_id,
            )
        await self._notifications.notify(new)

    async def mail_decision(self, decision: DecisionToMail) -> None:
        """The job behind `notify`. Does nothing if the user has left, or lost the address."""
        user = await self._mails.find_addressee(decision.user_id)
        if user is None:
            return
        to = decision.email
        if to not in (user.email, *await self._methods.verified_addresses(user)):
            return
        try:
            appeal = await self._appeals.get(decision.appeal_id)
        except AppealNotFound:
            return
        locale = UserLocale(user.locale)
        values = {
            "nickname": name_for_mail(user),
            "outcome": OUTCOMES[AppealStatus(appeal.status)].in_(locale.value),
            "overturned": appeal.status == AppealStatus.OVERTURNED,
            "note": appeal.note,
        }
        brand = self._ctx.settings.brand
        await self._mails.send(render_mail("appeal_decided", to, locale, brand=brand, **values))
