"""Whom we mail, and how often. The person who types an address in may not be its owner."""

import hmac
import math
from uuid import UUID

import structlog

from app.auth.enums import MailKind
from app.auth.exceptions import MailBusy
from app.auth.policy import blocks_sign_up
from app.auth.repository.apple import AppleRepository
from app.auth.repository.mails import AN_HOUR, MailRepository
from app.core.advisory_locks import lock_exclusive
from app.core.keys import derived_key
from app.core.metrics import SIGN_UPS_WITHOUT_MAIL
from app.core.text import fold
from app.integrations.mail.base import BadAddressError, Mail
from app.runtime.context import Needs, Service
from app.user.exceptions import UserNotFound
from app.user.models import User
from app.user.service.users import UserService

log = structlog.get_logger(__name__)


class MailService(Service):
    _users = Needs(UserService)
    _sent = Needs(MailRepository)
    _forwarded = Needs(AppleRepository)

    async def may_mail(self, email: str, kind: MailKind) -> bool:
        """Whether the address may get another mail of this kind. If so, the mail counts as sent.

        An address gets one mail a minute and five a day of each kind, from all servers together.
        Case and width of its letters make no other address. LINKY_RATE_LIMITS does not switch this
        off: it protects people who never asked for a mail.
        """
        allowed = await self._sent.count_mail(self._hash_of(email), kind, self._ctx.clock())
        if not allowed:
            log.info("mail_held_back", kind=kind)
        return allowed

    async def ensure_may_sign_up(self, *, last: bool) -> None:
        """Before a sign-up by e-mail. Raises MailBusy beyond LINKY_SIGN_UP_MAILS_PER_HOUR.

        The second half is reserved for networks that have used few of these mails.

        It is asked twice: before the password is hashed, and as the `last` thing before the mail
        counts. Then sign-ups wait for each other, so that the bound holds on all servers.
        """
        most = self._ctx.settings.most_sign_up_mails
        if most is None:
            return
        if last:
            await lock_exclusive(self._ctx.db, "sign-up mails")
        now, network = self._ctx.clock(), self._hash_of(self._ctx.caller_site)
        mails = await self._sent.find_sign_up_mails(most, most - most // 2, network, now)
        blocking = blocks_sign_up(mails)
        if blocking is not None:
            SIGN_UPS_WITHOUT_MAIL.inc()
            log.warning("sign_up_without_mail", most=most, is_all=mails.bounds_all is not None)
            raise MailBusy(math.ceil((blocking + AN_HOUR - now).total_seconds()))

    async def count_sign_up(self) -> None:
        """Count a sign-up mail for the caller's network, if there is a bound."""
        if self._ctx.settings.most_sign_up_mails is not None:
            network = self._hash_of(self._ctx.caller_site)
            await self._sent.count_sign_up(network, self._ctx.clock())

    async def may_notify(self, user: User, kind: MailKind) -> bool:
        """Whether to mail a user what has happened to their account.

        The owner of a verified address always gets this mail. An unverified address may belong to
        another person, so the limits of all other mails hold.
        """
        if user.email is None or user.email_verified_at is not None:
            return True
        return await self.may_mail(user.email, kind)

    async def find_addressee(self, user_id: UUID) -> User | None:
        """The user to mail. None if they have left."""
        try:
            return await self._users.get_user(user_id)
        except UserNotFound:
            return None

    async def send(self, mail: Mail) -> None:
        """Hand a mail over. It takes time, and needs no connection: the job's is given back first.

        An address that no mail can be sent to is only logged: trying again would not help. So is
        one to which Apple forwards nothing any more. Raises MailError, and WrittenBefore if the job
        has written what it has not committed.
        """
        if await self.is_stopped(mail.to):
            log.info("mail_not_forwarded")
            return
        await self._ctx.release_connection()
        try:
            await self._ctx.process.mailer.send(mail)
        except BadAddressError:
            log.warning("mail_not_addressed")

    async def is_stopped(self, email: str) -> bool:
        """Whether the owner has asked Apple to stop forwarding mail sent to this address."""
        return await self._forwarded.is_stopped(email)

    def _hash_of(self, whose: str) -> bytes:
        """Of an e-mail address, or of a network."""
        # The row outlives an erased account by a day and must not reveal it. Without our key
        # the hash matches no address. A new key starts all counts afresh.
        newest = next(iter(self._ctx.settings.signing_keys.values()))
        return hmac.digest(derived_key(newest, "mails"), fold(whose).encode(), "sha256")


def name_for_mail(user: User) -> str:
    """The nickname, or "" for an address that is not verified.

    Otherwise anybody could sign up with a stranger's address, and write to them by the nickname.
    """
    return user.nickname if user.email_verified_at is not None else ""
