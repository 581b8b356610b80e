"""Leaving: the account is invisible at once, and a job erases it soon after."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

import structlog

from app.account.exceptions import OnlyInApp
from app.account.schemas import Leave, Leaving
from app.auth.enums import MailKind, MailPurpose
from app.auth.exceptions import InvalidToken
from app.auth.service.accounts import AccountService
from app.auth.service.mailed_links import MailedLinkService
from app.auth.service.mails import MailService
from app.auth.service.provider_tokens import ProviderTokenService
from app.auth.service.sign_in import AuthService
from app.auth.service.tokens import TokenService
from app.comment.service.author_content import AuthorCommentsService
from app.comment.service.leaving import CommentLeavingService
from app.comment.service.visibility import CommentVisibilityService
from app.connection_log.enums import RecordedAct, Subject
from app.connection_log.service import ConnectionLogService
from app.core.idempotency import IdempotencyRepository
from app.image.service.images import ImageService
from app.integrations.mail.base import MailError
from app.integrations.mail.render import render_mail
from app.jobs.definitions import AboutUser
from app.jobs.enqueue import enqueue
from app.jobs.operate import drop_jobs_about
from app.lounge.service import LoungeService
from app.notification.service.notifications import NotificationService
from app.post.enums import AuthorContent
from app.post.service.author_content import AuthorPostsService
from app.post.service.leaving import PostLeavingService
from app.post.service.visibility import PostVisibilityService
from app.runtime.context import Needs, Service
from app.user.enums import STAFF
from app.user.exceptions import UserNotFound
from app.user.models import User
from app.user.policy import Viewer
from app.user.service.removal import RemovalService
from app.user.service.users import UserService

log = structlog.get_logger(__name__)

ERASE = "account.erase"
MAIL_GOODBYE = "account.mail_goodbye"
END_IDLE_GUEST = "account.end_idle_guest"
COMPLETES_WITHIN = timedelta(hours=24)
GOODBYE_WITHIN = timedelta(hours=2)
"""For how long we try to mail. It is shorter than all attempts of the job together."""

IDLE_GUEST = timedelta(days=30)
"""How long a guest is kept after their last session, or after they came if they have none."""

CLOCKS_DIFFER = timedelta(hours=1)
"""How far the clocks of two hosts may differ: one deletes the first posts, another the rest."""

GUESTS_AT_ONCE = 300
"""Guests per run. A run every ten minutes ends more guests than a botnet is likely to make."""


@dataclass(frozen=True, slots=True)
class FarewellMail:
    """The payload of MAIL_GOODBYE. It has the address, because the user's row is erased."""

    email: str
    locale: str
    until: datetime


class LeavingService(Service):
    _users = Needs(UserService)
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
    _author_posts = Needs(AuthorPostsService)
    _author_comments = Needs(AuthorCommentsService)
    _post_visibility = Needs(PostVisibilityService)
    _comment_visibility = Needs(CommentVisibilityService)
    _notifications = Needs(NotificationService)
    _records = Needs(ConnectionLogService)

    async def leave(self, viewer: Viewer, form: Leave) -> Leaving:
        """End the caller's account.

        Raises WrongPassword, also if the password has changed while it was checked; ProofRequired,
        LastAdmin, SessionRevoked, AccountSuspended.
        """
        checked = await self._accounts.ensure_proof(viewer, form.password)
        # If the user tapped twice, the first request has ended the session.
        await self._users.exclusive(viewer)
        await self._accounts.ensure_unchanged(viewer, checked)
        return await self._leave(viewer.user_id, form.line_access_token)

    async def ensure_may_leave_by(self, token: str) -> None:
        """Check the token of a mailed link, or of a sign-in. Raises InvalidToken, OnlyInApp."""
        _ensure_not_only_in_app(await self._links.get_owner(MailPurpose.LEAVE, token))

    async def leave_by_token(self, token: str) -> Leaving:
        """Like `leave`, by the token of a mailed link, or of a sign-in at a provider.

        Raises InvalidToken, OnlyInApp. Roll back after a refusal, so that the token is not spent.
        """
        user = await self._links.use_leave_token(token)
        _ensure_not_only_in_app(user)
        try:
            return await self._leave(user.id, by_token=True)
        except UserNotFound:
            raise InvalidToken from None

    async def leave_for_provider(self, user_id: UUID) -> None:
        """End the account of a user whose provider says that they are gone. Raises LastAdmin."""
        with suppress(UserNotFound):
            await self._leave(user_id)

    async def leave_again(self, user_id: UUID) -> bool:
        """End an account again that a restored backup has brought back. False if there is none."""
        try:
            await self._users.get_user(user_id)
        except UserNotFound:
            return False
        await self._leave(user_id)
        return True

    async def end_idle_guests(self) -> None:
        """Enqueue a job for each guest who can't come back, at most GUESTS_AT_ONCE.

        No one can sign in to these accounts any more to end them. Each guest leaves in a job of
        their own, so that rows are locked in the usual order.
        """
        now = self._ctx.clock()
        for user_id in await self._removal.take_idle_guests(now - IDLE_GUEST, now, GUESTS_AT_ONCE):
            await enqueue(self._ctx.db, END_IDLE_GUEST, AboutUser(user_id))

    async def end_idle_guest(self, user_id: UUID) -> None:
        """The job behind `end_idle_guests`. It checks again, because a job may run twice."""
        if await self._removal.is_idle_guest(user_id, self._ctx.clock() - IDLE_GUEST):
            await self._leave(user_id)

    async def _leave(
        self, user_id: UUID, line_access_token: str | None = None, *, by_token: bool = False
    ) -> Leaving:
        """End the account: after the commit it has no sign-in or device, and shows nothing.

        Deletes a batch of each kind. If there is more, one row puts it hidden (ADR 0055).

        Waits until no write of the user is under way. Rows are locked in the order of all other
        code (replies, comments, posts, notifications, users, lounges), and rows of one kind by
        their ids. So two users who leave while others write never deadlock. Raises UserNotFound,
        LastAdmin; and OnlyInApp `by_token`.
        """
        await self._users.exclusive(user_id)
        now = self._ctx.clock()
        by_lounge, _, is_all = await self._soft_delete_some(user_id, left_at=now)
        user = await self._removal.mark_left(user_id, now)
        if by_token:
            # An admin may have given the user a role since the token was checked: that locks only
            # the row, and `mark_left` is the first to lock it here.
            _ensure_not_only_in_app(user)
        await self._tokens.end_all_sessions(user_id)
        is_left_to_user = await self._provider_tokens.revoke_all_of(
            user_id, line_access_token=line_access_token
        )
        _, favorites_done = await self._leave_some_lounges(user_id, by_lounge)
        if not (is_all and favorites_done):
            await self._removal.hide(user_id)
        await self._records.note(RecordedAct.LEFT, Subject.ACCOUNT, user_id, user_id)
        await self._images.unpublish_all_of(user_id)
        await enqueue(self._ctx.db, ERASE, AboutUser(user_id))
        # `linky leave-again` reads it after a restore, so it must be true.
        left = partial(log.info, "account_left", user_id=str(user_id))
        self._ctx.once_committed.append(left)
        return Leaving(completes_by=now + COMPLETES_WITHIN, unlink_at_provider=is_left_to_user)

    async def _soft_delete_some(
        self, user_id: UUID, left_at: datetime
    ) -> tuple[Mapping[UUID, int], bool, bool]:
        """Delete a batch of each kind.

        Returns what lounges count less, whether there was anything, and whether that was all.
        """
        comments = await self._author_comments.lock_some_of(user_id, AuthorContent.DELETED)
        liked, likes_done = await self._posts.delete_likes_of(user_id)
        counted = {*comments.post_ids, *liked}
        posts = await self._author_posts.lock_some_of(user_id, AuthorContent.DELETED, counted)
        # The posts first: their counts end with them.
        by_lounge = await self._posts.soft_delete(posts, liked)
        await self._comment_visibility.apply(comments.changes, comments.threads, leaves=True)
        ids, notifications_done = await self._notifications.list_some_about(user_id)
        was_any = bool(comments.changes or posts.changes or liked or ids)
        is_all = comments.is_all and posts.is_all and likes_done and notifications_done
        gone = await self._posts.list_deleted_since(user_id, left_at) if is_all else ()
        await self._notifications.delete(ids)
        # Moderators' messages about these posts open nothing any more.
        await self._notifications.publish_changed(post_ids=gone)
        return by_lounge, was_any, is_all

    async def _leave_some_lounges(
        self, user_id: UUID, by_lounge: Mapping[UUID, int]
    ) -> tuple[bool, bool]:
        """Returns whether there was a favorite, and whether those were all."""
        favorites = await self._lounges.forget_favorites_of(user_id, and_lock=by_lounge)
        await self._post_visibility.count_in_lounges(by_lounge)
        return favorites

    async def erase(self, user_id: UUID) -> None:
        """The job behind `leave`: erase all rows and images of a user.

        It may run twice. Each step erases only what it still finds. A user with a lot takes many
        jobs: each corrects the counts that one batch is part of, and enqueues the next. The last
        one finds no content any more, and erases the rows.
        """
        await self._users.exclusive(user_id)
        try:
            user = await self._removal.get_left(user_id)
        except UserNotFound:
            return
        # Even after a few: a server of an older release may have written while the user left.
        left_at = (user.left_at or self._ctx.clock()) - CLOCKS_DIFFER
        by_lounge, was_any, _ = await self._soft_delete_some(user_id, left_at)
        had_favorites, _ = await self._leave_some_lounges(user_id, by_lounge)
        # To erase comments locks them, and they come before all that this has locked.
        if was_any or had_favorites:
            await enqueue(self._ctx.db, ERASE, AboutUser(user_id))
        else:
            await self._erase(user)

    async def _erase(self, user: User) -> None:
        """Erase the rows of a user whose content is all soft-deleted."""
        user_id, email, locale = user.id, user.email, user.locale
        await self._images.discard_all_of(user_id, user.avatar_key)
        await self._comments.erase_all_of(user_id)
        await self._posts.erase_all_of(user_id)
        await IdempotencyRepository(self._ctx.db).delete_of(user_id)
        await drop_jobs_about(self._ctx.db, str(user_id))
        may_mail = await self._may_mail_goodbye(user)
        await self._removal.erase(user_id)
        if email is not None:
            await self._auth.forget_wrong_passwords(email)
        if email is not None and may_mail:
            goodbye = FarewellMail(email, locale, self._ctx.clock() + GOODBYE_WITHIN)
            await enqueue(self._ctx.db, MAIL_GOODBYE, goodbye)
        log.info("account_erased", user_id=str(user_id))

    async def _may_mail_goodbye(self, user: User) -> bool:
        # Asked here: what Apple said about the address goes with the account.
        if user.email is None or await self._mails.is_stopped(user.email):
            return False
        return await self._mails.may_notify(user, MailKind.LEFT)

    async def mail_goodbye(self, goodbye: FarewellMail) -> None:
        """The job behind `erase`: tell the user that it is done.

        Raises MailError, to be tried again until `goodbye.until`. After that it only logs: a failed
        job would keep the address for ever.
        """
        try:
            brand = self._ctx.settings.brand
            await self._mails.send(render_mail("left", goodbye.email, goodbye.locale, brand=brand))
        except MailError as error:
            if self._ctx.clock() <= goodbye.until:
                raise
            log.warning("goodbye_not_mailed", error=str(error))


def _ensure_not_only_in_app(user: User) -> None:
    """Raises OnlyInApp for a user with a second factor or a staff role.

    A mailbox or a provider's account would be enough to delete the account otherwise. In the app a
    session must have passed the second factor.
    """
    if user.mfa_since is not None or user.role in STAFF:
        raise OnlyInApp
