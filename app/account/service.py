"""Leaving: at once out of sight, soon after erased; and taking along what is held on oneself."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog

from app.account.repository import ExportRepository
from app.account.schemas import Leaving
from app.auth.enums import MailKind
from app.auth.exceptions import InvalidToken, WrongPassword
from app.auth.service import (
    AccountService,
    AuthService,
    MailedLinkService,
    MailService,
    ProviderTokenService,
    TokenService,
)
from app.comment.service import CommentLeavingService
from app.core.errors import SessionRevoked
from app.core.idempotency import IdempotencyRepository
from app.core.json import to_json
from app.core.keyset import Row
from app.image.service import ImageService
from app.integrations.mail import MailError, render_mail
from app.jobs import AboutUser, drop_jobs_about, enqueue
from app.lounge.service import LoungeService
from app.notification.service import NotificationService
from app.post.service import PostLeavingService
from app.record.enums import Act, Subject
from app.record.service import RecordService
from app.runtime.context import Context, Needs
from app.user.exceptions import UserNotFound
from app.user.policy import Viewer
from app.user.schemas import me_of
from app.user.service import ProfileService, RemovalService, UserService

log = structlog.get_logger(__name__)

ERASE = "account.erase"
MAIL_GOODBYE = "account.mail_goodbye"
END_IDLE_GUEST = "account.end_idle_guest"
COMPLETES_WITHIN = timedelta(hours=24)
GOODBYE_WITHIN = timedelta(hours=2)
"""Shorter than the job's attempts take together."""

IDLE_GUEST = timedelta(days=30)
"""How long a guest is kept after their last session was over; without a session, after they came.
"""

GUESTS_AT_ONCE = 300
"""Guests per run, which is every ten minutes: more than a botnet of some size can make."""


@dataclass(frozen=True, slots=True)
class Goodbye:
    """The payload of MAIL_GOODBYE. No other job carries an address: no row has it any more."""

    email: str
    locale: str
    until: datetime


class LeavingService:
    _users = Needs(UserService)
    _profiles = Needs(ProfileService)
    _removal = Needs(RemovalService)
    _accounts = Needs(AccountService)
    _auth = Needs(AuthService)
    _links = Needs(MailedLinkService)
    _mails = Needs(MailService)
    _tokens = Needs(TokenService)
    _provider_tokens = Needs(ProviderTokenService)
    _images = Needs(ImageService)
    _lounges = Needs(LoungeService)
    _posts = Needs(PostLeavingService)
    _comments = Needs(CommentLeavingService)
    _notifications = Needs(NotificationService)
    _records = Needs(RecordService)

    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx

    async def leave(self, viewer: Viewer, password: str | None) -> Leaving:
        """End one's own account. Raises WrongPassword, LastAdmin, SessionRevoked."""
        try:
            user = await self._users.get_caller(viewer)
            if user.password_hash is not None:
                if password is None:
                    raise WrongPassword
                await self._accounts.ensure_password(viewer, password)
            return await self._leave(viewer.user_id)
        except UserNotFound:
            # A double tap: the first one was faster.
            raise SessionRevoked from None

    async def leave_by_token(self, token: str) -> Leaving:
        """As `leave`, by the link of a mail. Raises InvalidToken, LastAdmin."""
        user_id = await self._links.use_leave_token(token)
        try:
            return await self._leave(user_id)
        except UserNotFound:
            raise InvalidToken from None

    async def leave_again(self, user_id: UUID) -> bool:
        """End an account that had left, and that a backup has brought back; False without one."""
        try:
            await self._users.get_user(user_id)
        except UserNotFound:
            return False
        await self._leave(user_id)
        return True

    async def end_idle_guests(self) -> None:
        """Enqueue a job for each guest who can't come back, some at a time.

        These accounts can't be ended in any other way. Each guest leaves in a job of their own, so
        that rows are locked in the usual order.
        """
        now = self._ctx.clock()
        for user_id in await self._removal.take_idle_guests(now - IDLE_GUEST, now, GUESTS_AT_ONCE):
            await enqueue(self._ctx.session, END_IDLE_GUEST, AboutUser(user_id))

    async def end_idle_guest(self, user_id: UUID) -> None:
        """The job behind `end_idle_guests`. It may run twice, and looks again."""
        if await self._removal.is_idle_guest(user_id, self._ctx.clock() - IDLE_GUEST):
            await self._leave(user_id)

    async def _leave(self, user_id: UUID) -> Leaving:
        """From this commit on the user has no sign-in, token or device, and nothing of theirs is
        shown.

        It waits until nothing that the user writes is under way. Rows are locked in the order of
        all other code (replies, comments, posts, notifications, users, lounges), and rows of one
        kind by their ids. So two users who leave while others write never deadlock.
        """
        await self._users.begin_leaving(user_id)
        now = self._ctx.clock()
        by_lounge = await self._soft_delete(user_id)
        await self._removal.mark_left(user_id, now)
        await self._tokens.end_all_sessions(user_id)
        await self._provider_tokens.revoke_all_of(user_id)
        await self._leave_lounges(user_id, by_lounge)
        await self._records.note(Act.LEFT, Subject.ACCOUNT, user_id, user_id)
        await self._images.unpublish_all_of(user_id)
        await enqueue(self._ctx.session, ERASE, AboutUser(user_id))
        return Leaving(completes_by=now + COMPLETES_WITHIN)

    async def _soft_delete(self, user_id: UUID) -> Mapping[UUID, int]:
        now = self._ctx.clock()
        comment_changes = await self._comments.soft_delete_all_of(user_id, now)
        by_lounge = await self._posts.soft_delete_all_of(user_id, now, comment_changes)
        await self._notifications.delete_all_about(user_id)
        return by_lounge

    async def _leave_lounges(self, user_id: UUID, by_lounge: Mapping[UUID, int]) -> None:
        await self._lounges.forget_favorites_of(user_id, and_lock=by_lounge)
        await self._posts.discount(by_lounge)

    async def erase(self, user_id: UUID) -> None:
        """The job behind `leave`: erase what is left, to the last row and object.

        It may run twice, and goes on where it stopped: each step finds only what is there still.
        """
        await self._users.begin_leaving(user_id)
        try:
            user = await self._removal.get_left(user_id)
        except UserNotFound:
            return
        email, locale = user.email, user.locale
        # Once more, for what a server of an older release was writing while its author left.
        await self._leave_lounges(user_id, await self._soft_delete(user_id))
        await self._images.discard_all_of(user_id, user.avatar_key)
        await self._comments.erase_all_of(user_id)
        await self._posts.erase_all_of(user_id)
        await IdempotencyRepository(self._ctx.session).delete_of(user_id)
        await drop_jobs_about(self._ctx.session, str(user_id))
        may_mail = await self._mails.may_notify(user, MailKind.LEFT)
        await self._removal.erase(user_id)
        if email is not None:
            await self._auth.forget_wrong_passwords(email)
        if email is not None and may_mail:
            goodbye = Goodbye(email, locale, self._ctx.clock() + GOODBYE_WITHIN)
            await enqueue(self._ctx.session, MAIL_GOODBYE, goodbye)
        log.info("account_erased", user_id=str(user_id))

    async def mail_goodbye(self, goodbye: Goodbye) -> None:
        """Say that it is done.

        Raises MailError, to be tried again; but a job that died would keep the address for ever.
        """
        try:
            await self._ctx.mailer.send(render_mail("left", goodbye.email, goodbye.locale))
        except MailError as error:
            if self._ctx.clock() <= goodbye.until:
                raise
            log.warning("goodbye_not_mailed", error=str(error))

    async def export(self, viewer: Viewer) -> AsyncIterator[bytes]:
        """Everything that is held on the caller, as JSON, piece by piece."""
        me = me_of(await self._profiles.me(viewer), self._ctx.media_url)
        yield b'{"exported_at":' + to_json(self._now()) + b',"user":' + to_json(me)
        async for name, rows in ExportRepository(self._ctx.session).sections(viewer.user_id):
            yield b"," + to_json(name) + b":["
            first = True
            async for row in rows:
                yield (b"" if first else b",") + to_json(self._exported(row))
                first = False
            yield b"]"
        yield b"}"

    def _exported(self, row: Row) -> dict[str, Any]:
        """A picture by its address: with a key of the store nobody could fetch it."""
        whole = dict(row)
        if "key" in whole:
            whole["url"] = self._ctx.storage.url(whole.pop("key"))
        return whole

    def _now(self) -> datetime:
        return self._ctx.clock()
