"""The statements about mailed tokens, and how often an address was mailed."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Integer, and_, bindparam, delete, func, or_, select
from sqlalchemy.dialects.postgresql import aggregate_order_by, insert

from app.auth.enums import MailKind, MailPurpose
from app.auth.models import MailToken, SentMails
from app.auth.rows import MailedTo, SignUpMails
from app.core.db import Repository
from app.core.sql.rows import Query

_MAILED_TO = Query(
    MailedTo,
    select(MailToken.user_id, MailToken.email, MailToken.session_id).where(
        MailToken.token_hash == bindparam("token_hash"),
        MailToken.purpose == bindparam("purpose"),
        MailToken.expires_at > bindparam("now"),
    ),
)

MAIL_PAUSE, MAIL_DAY, MAILS_A_DAY = timedelta(minutes=1), timedelta(days=1), 5
AN_HOUR = timedelta(hours=1)

NETWORK_OF_SIGN_UP = "network_of_sign_up"
"""The kind of a row that has a network's sign-up mails, and not the mails to an address."""

MANY_OF_A_NETWORK = 3
"""Sign-up mails within an hour. A network with so many gets none of the reserved ones."""

_SENT = (
    select(func.unnest(SentMails.sent_at).label("sent_at"))
    .where(
        SentMails.kind == MailKind.SIGNED_UP,
        # Each row expires a day after its latest mail, and the index is on that.
        SentMails.expires_at > bindparam("expires_after"),
    )
    .subquery("sent")
)
_LATEST_FIRST = func.array_agg(
    aggregate_order_by(_SENT.c.sent_at, _SENT.c.sent_at.desc()), type_=SentMails.sent_at.type
)
_OF_NETWORK = select(SentMails.sent_at[MANY_OF_A_NETWORK]).where(
    SentMails.email_hash == bindparam("network_hash"),
    SentMails.kind == NETWORK_OF_SIGN_UP,
    SentMails.sent_at[MANY_OF_A_NETWORK] > bindparam("since"),
)
_SIGN_UP_MAILS = Query(
    SignUpMails,
    select(
        _LATEST_FIRST[bindparam("most", type_=Integer)].label("bounds_all"),
        _LATEST_FIRST[bindparam("most_open", type_=Integer)].label("bounds_open"),
        _OF_NETWORK.scalar_subquery().label("bounds_network"),
    ).where(_SENT.c.sent_at > bindparam("since")),
)


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

    async def find_sign_up_mails(
        self, most: int, most_open: int, network_hash: bytes, now: datetime
    ) -> SignUpMails:
        """The mails of the last hour that bound the next sign-up from this network.

        `most` may go out from all networks, and `most_open` of them from any.
        """
        return await self._db.one(
            _SIGN_UP_MAILS,
            most=most,
            most_open=most_open,
            network_hash=network_hash,
            since=now - AN_HOUR,
            expires_after=now - AN_HOUR + MAIL_DAY,
        )

    async def count_sign_up(self, network_hash: bytes, now: datetime) -> None:
        """Count a sign-up mail for the network that it was asked from, for an hour."""
        first = insert(SentMails).values(
            email_hash=network_hash,
            kind=NETWORK_OF_SIGN_UP,
            sent_at=[now],
            expires_at=now + AN_HOUR,
        )
        all_sent = func.array_prepend(now, SentMails.sent_at, type_=SentMails.sent_at.type)
        await self._db.execute(
            first.on_conflict_do_update(
                index_elements=[SentMails.email_hash, SentMails.kind],
                set_={"sent_at": all_sent[1:MANY_OF_A_NETWORK], "expires_at": now + AN_HOUR},
            )
        )

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
