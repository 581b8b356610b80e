"""Every SQL statement about tokens, nonces, browser sign-ins, wrong passwords and mails."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, and_, case, delete, func, or_, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.auth.enums import MailKind, MailPurpose
from app.auth.models import (
    ExchangeCode,
    MailToken,
    Nonce,
    OAuthAttempt,
    ProviderToken,
    RefreshToken,
    SentMails,
    WrongPasswords,
)
from app.integrations.identity.enums import SocialProvider

NO_WAIT = datetime(1970, 1, 1, tzinfo=UTC)
"""A moment in the past. The present could make a sign-in wait that read the clock just before."""

MAIL_PAUSE, MAIL_DAY, MAILS_A_DAY = timedelta(minutes=1), timedelta(days=1), 5

type _Expiring = type[
    RefreshToken | Nonce | MailToken | OAuthAttempt | ExchangeCode | WrongPasswords | SentMails
]
_EXPIRING: tuple[_Expiring, ...] = (
    *(RefreshToken, Nonce, MailToken, OAuthAttempt, ExchangeCode),
    *(WrongPasswords, SentMails),
)


class AuthRepository:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add_refresh_token(
        self, session_id: UUID, token_hash: bytes, now: datetime, expires_at: datetime
    ) -> None:
        self._session.add(
            RefreshToken(
                session_id=session_id,
                token_hash=token_hash,
                created_at=now,
                expires_at=expires_at,
            )
        )
        await self._session.flush()

    async def lock_refresh_token(self, token_hash: bytes) -> RefreshToken | None:
        """Lock the token. Requests with the same token take turns."""
        query = select(RefreshToken).where(RefreshToken.token_hash == token_hash)
        return await self._session.scalar(query.with_for_update())

    async def add_nonce(self, nonce_hash: bytes, expires_at: datetime) -> None:
        self._session.add(Nonce(nonce_hash=nonce_hash, expires_at=expires_at))
        await self._session.flush()

    async def use_nonce(self, nonce_hash: bytes, now: datetime) -> bool:
        """Delete the nonce. Returns whether it was ours and had not expired.

        If two requests use a nonce at once, the second one waits, and then finds none.
        """
        used = await self._session.scalar(
            delete(Nonce)
            .where(Nonce.nonce_hash == nonce_hash, Nonce.expires_at > now)
            .returning(Nonce.nonce_hash)
        )
        return used is not None

    async def add(self, row: OAuthAttempt | ExchangeCode) -> None:
        self._session.add(row)
        await self._session.flush()

    async def take_attempt(
        self, state_hash: bytes, provider: SocialProvider
    ) -> OAuthAttempt | None:
        """Delete the attempt and return it."""
        return await self._session.scalar(
            delete(OAuthAttempt)
            .where(OAuthAttempt.state_hash == state_hash, OAuthAttempt.provider == provider)
            .returning(OAuthAttempt),
            execution_options={"synchronize_session": False},
        )

    async def find_exchange_code(self, code_hash: bytes, now: datetime) -> ExchangeCode | None:
        query = select(ExchangeCode).where(
            ExchangeCode.code_hash == code_hash, ExchangeCode.expires_at > now
        )
        return await self._session.scalar(query)

    async def use_exchange_code(self, code_hash: bytes) -> bool:
        """Delete the code. Returns whether it was there.

        If two requests use a code at once, the second one waits, and then finds none.
        """
        used = await self._session.scalar(
            delete(ExchangeCode)
            .where(ExchangeCode.code_hash == code_hash)
            .returning(ExchangeCode.code_hash),
            execution_options={"synchronize_session": False},
        )
        return used is not None

    async def add_mail_token(
        self, user_id: UUID, purpose: MailPurpose, token_hash: bytes, expires_at: datetime
    ) -> None:
        self._session.add(
            MailToken(
                user_id=user_id, purpose=purpose, token_hash=token_hash, expires_at=expires_at
            )
        )
        await self._session.flush()

    async def find_mail_token(
        self, purpose: MailPurpose, token_hash: bytes, now: datetime
    ) -> UUID | None:
        """Whose token it is. None if it is unknown or has expired."""
        query = select(MailToken.user_id).where(
            MailToken.token_hash == token_hash,
            MailToken.purpose == purpose,
            MailToken.expires_at > now,
        )
        return await self._session.scalar(query)

    async def use_mail_token(self, purpose: MailPurpose, token_hash: bytes, now: datetime) -> bool:
        """Delete the token, and the user's others of this purpose. Returns whether it was good."""
        user_id = await self._session.scalar(
            delete(MailToken)
            .where(
                MailToken.token_hash == token_hash,
                MailToken.purpose == purpose,
                MailToken.expires_at > now,
            )
            .returning(MailToken.user_id)
        )
        if user_id is not None:
            await self._session.execute(
                delete(MailToken).where(MailToken.user_id == user_id, MailToken.purpose == purpose)
            )
        return user_id is not None

    # Wrong passwords

    async def find_wait(self, email: str, now: datetime) -> datetime | None:
        """Until when this address must wait for a sign-in by password. None if it need not wait."""
        query = select(WrongPasswords.wait_until).where(
            WrongPasswords.email_hash == _hash_of_email(email), WrongPasswords.wait_until > now
        )
        return await self._session.scalar(query)

    async def count_wrong_password(self, email: str, now: datetime, expires_at: datetime) -> int:
        """Count a wrong password. Returns how many there are in a row, without expired ones."""
        statement = insert(WrongPasswords).values(
            email_hash=_hash_of_email(email), in_a_row=1, wait_until=NO_WAIT, expires_at=expires_at
        )
        next_ = case((WrongPasswords.expires_at < now, 1), else_=WrongPasswords.in_a_row + 1)
        counted = statement.on_conflict_do_update(
            index_elements=[WrongPasswords.email_hash],
            set_={"in_a_row": next_, "expires_at": expires_at},
        )
        in_a_row = await self._session.scalar(counted.returning(WrongPasswords.in_a_row))
        return in_a_row or 1

    async def make_wait(self, email: str, until: datetime) -> None:
        await self._session.execute(
            update(WrongPasswords)
            .where(WrongPasswords.email_hash == _hash_of_email(email))
            .values(wait_until=until)
        )

    async def forget_wrong_passwords(self, email: str) -> None:
        await self._session.execute(
            delete(WrongPasswords).where(WrongPasswords.email_hash == _hash_of_email(email))
        )

    # Mails

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
        return await self._session.scalar(one_more.returning(SentMails.kind)) is not None

    # Tokens of providers

    async def keep_provider_token(
        self, user_id: UUID, provider: SocialProvider, client_id: str, key_id: str, sealed: bytes
    ) -> None:
        """Store a token in place of the one before."""
        statement = insert(ProviderToken).values(
            user_id=user_id, provider=provider, client_id=client_id, key_id=key_id, sealed=sealed
        )
        await self._session.execute(
            statement.on_conflict_do_update(
                index_elements=[
                    ProviderToken.user_id,
                    ProviderToken.provider,
                    ProviderToken.client_id,
                ],
                set_={"key_id": key_id, "sealed": sealed},
            )
        )

    async def add_provider_token(
        self, provider: SocialProvider, client_id: str, key_id: str, sealed: bytes
    ) -> UUID:
        """Store a token without a user."""
        token = ProviderToken(provider=provider, client_id=client_id, key_id=key_id, sealed=sealed)
        self._session.add(token)
        await self._session.flush()
        return token.id

    async def list_provider_tokens_of(self, user_id: UUID) -> Sequence[UUID]:
        query = select(ProviderToken.id).where(ProviderToken.user_id == user_id)
        return (await self._session.scalars(query)).all()

    async def find_provider_token(self, token_id: UUID) -> ProviderToken | None:
        return await self._session.get(ProviderToken, token_id)

    async def delete_provider_token(self, token_id: UUID) -> None:
        await self._session.execute(delete(ProviderToken).where(ProviderToken.id == token_id))

    async def lock_provider_tokens_under_other_keys(
        self, key_id: str, after_id: UUID, limit: int
    ) -> Sequence[ProviderToken]:
        query = (
            select(ProviderToken)
            .where(ProviderToken.key_id != key_id, ProviderToken.id > after_id)
            .order_by(ProviderToken.id)
            .limit(limit)
        )
        return (await self._session.scalars(query.with_for_update(skip_locked=True))).all()

    async def flush(self) -> None:
        await self._session.flush()

    async def delete_expired(self, now: datetime, limit: int) -> bool:
        """Delete a batch of expired rows from each table. Returns whether there may be more."""
        deleted = [await self._delete_expired(table, now, limit) for table in _EXPIRING]
        return max(deleted) == limit

    async def _delete_expired(self, table: _Expiring, now: datetime, limit: int) -> int:
        key = tuple_(*table.__table__.primary_key)
        expired = (
            select(*table.__table__.primary_key)
            .where(table.expires_at < now)
            .order_by(table.expires_at)
            .limit(limit)
            .with_for_update(skip_locked=True)
            # A plain subquery may run once for each row of a join, and find other rows each time.
            .cte("expired")
        )
        deleted = delete(table).where(key.in_(select(expired))).returning(table.expires_at)
        return len((await self._session.scalars(deleted)).all())

    async def list_sessions_with_tokens(self, session_ids: Sequence[UUID]) -> Sequence[UUID]:
        """The sessions among these that still have refresh tokens."""
        query = select(RefreshToken.session_id).where(RefreshToken.session_id.in_(session_ids))
        return (await self._session.scalars(query.distinct())).all()


def _hash_of_email(email: str) -> ColumnElement[bytes]:
    # Lowered by the database, as when accounts are found. Python lowers some letters differently.
    return func.sha256(func.convert_to(func.lower(email), "UTF8"))
