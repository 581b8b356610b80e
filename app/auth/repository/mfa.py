"""The statements about the second step of admins: secrets and recovery codes."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert

from app.auth.models import RecoveryCode, Totp
from app.core.db import Repository


class MfaRepository(Repository):
    async def find_totp(self, user_id: UUID) -> Totp | None:
        return await self._db.first(select(Totp).where(Totp.user_id == user_id))

    async def put_totp(self, user_id: UUID, key_id: str, sealed: bytes, step: int) -> None:
        """Store a secret, which replaces the previous one. The code of `step` is used already."""
        values = {"key_id": key_id, "sealed": sealed, "last_step": step}
        statement = insert(Totp).values(user_id=user_id, **values)
        await self._db.execute(
            statement.on_conflict_do_update(
                index_elements=[Totp.user_id],
                set_=values | {"created_at": func.clock_timestamp()},
            )
        )

    async def use_step(self, user_id: UUID, step: int) -> bool:
        """Use up the code of a step, and all before. Returns False if that has happened before."""
        used = await self._db.first(
            update(Totp)
            .where(Totp.user_id == user_id, Totp.last_step < step)
            .values(last_step=step)
            .returning(Totp.user_id),
        )
        return used is not None

    async def replace_recovery_codes(self, user_id: UUID, hashes: Sequence[bytes]) -> None:
        await self._db.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user_id))
        rows = [{"user_id": user_id, "code_hash": code_hash} for code_hash in hashes]
        await self._db.execute(insert(RecoveryCode).values(rows))

    async def use_recovery_code(self, user_id: UUID, code_hash: bytes) -> bool:
        """Delete the code. Returns whether it was there: of two requests at once one finds it."""
        used = await self._db.first(
            delete(RecoveryCode)
            .where(RecoveryCode.user_id == user_id, RecoveryCode.code_hash == code_hash)
            .returning(RecoveryCode.user_id),
        )
        return used is not None

    async def count_recovery_codes(self, user_id: UUID) -> int:
        query = select(func.count()).where(RecoveryCode.user_id == user_id)
        return await self._db.first(query) or 0

    async def delete(self, user_id: UUID) -> None:
        """Delete the secret and all recovery codes."""
        await self._db.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user_id))
        await self._db.execute(delete(Totp).where(Totp.user_id == user_id))

    async def lock_under_other_keys(
        self, key_id: str, after_id: UUID, limit: int
    ) -> Sequence[Totp]:
        query = (
            select(Totp)
            .where(Totp.key_id != key_id, Totp.user_id > after_id)
            .order_by(Totp.user_id)
            .limit(limit)
        )
        return await self._db.all(query.with_for_update(skip_locked=True))

    async def seal(self, row: Totp, key_id: str, sealed: bytes) -> None:
        await self._db.change(row, key_id=key_id, sealed=sealed)
