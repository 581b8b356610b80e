"""The statements about mailed tokens, and how often an address was mailed."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import and_, bindparam, delete, func, or_, select
from sqlalchemy.dialects.postgresql import insert

from app.auth.enums import MailKind, MailPurpose
from app.auth.models import MailToken, SentMails
from app.auth.rows import MailedTo
from app.core.db import Repository
from app.core.rows import Query

_MAILED_TO = Query(
    MailedTo,
    select(MailToken.user_id, MailToken.email, MailToken.session_id).where(
        MailToken.token_hash == bindparam("token_hash"),
        MailToken.purpose == bindparam("purpose"),
        MailToken.expires_at > bindparam("now"),
    ),
)

MAIL_PAUSE, MAIL_DAY, MAILS_A_DAY = timedelta(minutes=1), timedelta(days=1), 5


class MailRepository(Repository):
    async def add_token(
        self,
        purpose: MailPurpose,
        token_hash: bytes,
        expires_at: datetime,
        of: MailedTo,
    ) -> None:
        await self._db.add(
            MailToken(
                user_id=of.user_id,
                purpose=purpose,
                token_hash=token_hash,
                expires_at=expires_at,
                email=of.email,
                session_id=of.session_id,
            )
        )

    async def find_owner(
        self, purpose: MailPurpose, token_hash: bytes, now: datetime
    ) -> MailedTo | None:
        """Whose token it is, and where it was mailed. None if it is unknown or has expired."""
        return await self._db.first(_MAILED_TO, purpose=purpose, token_hash=token_hash, now=now)

    async def use_token(self, purpose: MailPurpose, token_hash: bytes, now: datetime) -> bool:
        """Delete the token, and the user's others of this purpose. Returns whether it was good."""
        user_id = await self._db.first(
            delete(MailToken)
            .where(
                MailToken.token_hash == token_hash,
                MailToken.purpose == purpose,
                MailToken.expires_at > now,
            )
            .returning(MailToken.user_id)
        )
        if user_id is not None:
            await self.forget_tokens(user_id, purpose)
        return user_id is not None

    async def forget_tokens(self, user_id: UUID, purpose: MailPurpose) -> None:
        """Delete all tokens of a user for this purpose."""
        await self._db.execute(
            delete(MailToken).where(MailToken.user_id == user_id, MailToken.purpose == purpose)
        )

    async def find_sign_up_mail(self, number: int, since: datetime) -> datetime | None:
        """When the last mail but so many went out for a sign-up. None if it was before `since`.

        Each row expires a day after its latest mail, and the index is on that.
        """
        sent = (
            select(func.unnest(SentMails.sent_at).label("sent_at"))
            .where(SentMails.kind == MailKind.SIGNED_UP, SentMails.expires_at > since + MAIL_DAY)
            .subquery("sent")
        )
        at = sent.c.sent_at
        latest = select(at).where(at > since).order_by(at.desc()).offset(number).limit(1)
        return await self._db.first(latest)

    async def count_mail(self, email_hash: bytes, kind: MailKind, now: datetime) -> bool:
        """Count a mail. False if it may not be sent now.

        If two requests count at once, the second one waits, and sees the mail of the first.
        """
        first = insert(SentMails).values(
            email_hash=email_hash, kind=kind, sent_at=[now], expires_at=now + MAIL_DAY
        )
        all_sent = func.array_prepend(now, SentMails.sent_at, type_=SentMails.sent_at.type)
        latest, fifth = SentMails.sent_at[1], SentMails.sent_at[MAILS_A_DAY]
        one_more = first.on_conflict_do_update(
            index_elements=[SentMails.email_hash, SentMails.kind],
            set_={"sent_at": all_sent[1:MAILS_A_DAY], "expires_at": now + MAIL_DAY},
            where=and_(latest <= now - MAIL_PAUSE, or_(fifth.is_(None), fifth <= now - MAIL_DAY)),
        )
        return await self._db.first(one_more.returning(SentMails.kind)) is not None
