"""Every SQL statement about refresh tokens, nonces, mailed tokens and sign-ins by a browser."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.auth.enums import MailPurpose, SocialProvider
from app.auth.models import ExchangeCode, MailToken, Nonce, OAuthAttempt, RefreshToken


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
        """The token, held until the transaction ends: twenty at once take turns."""
        query = select(RefreshToken).where(RefreshToken.token_hash == token_hash)
        return await self._session.scalar(query.with_for_update())

    async def add_nonce(self, nonce_hash: bytes, expires_at: datetime) -> None:
        self._session.add(Nonce(nonce_hash=nonce_hash, expires_at=expires_at))
        await self._session.flush()

    async def use_nonce(self, nonce_hash: bytes, now: datetime) -> bool:
        """Whether it was ours and good still. Of two at once the second waits, and finds none."""
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
        """The attempt, which is gone if the transaction commits."""
        return await self._session.scalar(
            delete(OAuthAttempt)
            .where(OAuthAttempt.state_hash == state_hash, OAuthAttempt.provider == provider)
            .returning(OAuthAttempt),
            execution_options={"synchronize_session": False},
        )

    async def take_exchange_code(self, code_hash: bytes) -> ExchangeCode | None:
        """The code, which is gone if the transaction commits."""
        return await self._session.scalar(
            delete(ExchangeCode).where(ExchangeCode.code_hash == code_hash).returning(ExchangeCode),
            execution_options={"synchronize_session": False},
        )

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
        """Whose token it is, if it is good still."""
        query = select(MailToken.user_id).where(
            MailToken.token_hash == token_hash,
            MailToken.purpose == purpose,
            MailToken.expires_at > now,
        )
        return await self._session.scalar(query)

    async def use_mail_token(
        self, purpose: MailPurpose, token_hash: bytes, now: datetime
    ) -> UUID | None:
        """As `find_mail_token`, once: the token and its siblings are gone."""
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
        return user_id

    async def delete_expired(self, now: datetime) -> None:
        for table in (RefreshToken, Nonce, MailToken, OAuthAttempt, ExchangeCode):
            await self._session.execute(delete(table).where(table.expires_at < now))
