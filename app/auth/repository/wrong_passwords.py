"""The statements about wrong passwords in a row."""

from datetime import UTC, datetime

from sqlalchemy import ColumnElement, case, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert

from app.auth.models import WrongPasswords
from app.core.db import Repository

NO_WAIT = datetime(1970, 1, 1, tzinfo=UTC)
"""A moment in the past. The present could make a sign-in wait that read the clock just before."""


class WrongPasswordRepository(Repository):
    async def find_wait(self, email: str, now: datetime) -> datetime | None:
        """Until when this address must wait for a sign-in by password. None if it need not wait."""
        query = select(WrongPasswords.wait_until).where(
            WrongPasswords.email_hash == _hash_of_email(email), WrongPasswords.wait_until > now
        )
        return await self._db.first(query)

    async def count(self, email: str, now: datetime, expires_at: datetime) -> int:
        """Count a wrong password. Returns how many there are in a row, without expired ones."""
        statement = insert(WrongPasswords).values(
            email_hash=_hash_of_email(email), in_a_row=1, wait_until=NO_WAIT, expires_at=expires_at
        )
        next_ = case((WrongPasswords.expires_at < now, 1), else_=WrongPasswords.in_a_row + 1)
        counted = statement.on_conflict_do_update(
            index_elements=[WrongPasswords.email_hash],
            set_={"in_a_row": next_, "expires_at": expires_at},
        )
        in_a_row = await self._db.first(counted.returning(WrongPasswords.in_a_row))
        return in_a_row or 1

    async def make_wait(self, email: str, until: datetime) -> None:
        await self._db.execute(
            update(WrongPasswords)
            .where(WrongPasswords.email_hash == _hash_of_email(email))
            .values(wait_until=until)
        )

    async def delete(self, email: str) -> None:
        await self._db.execute(
            delete(WrongPasswords).where(WrongPasswords.email_hash == _hash_of_email(email))
        )


def _hash_of_email(email: str) -> ColumnElement[bytes]:
    # Lowered by the database, as when accounts are found. Python lowers some letters differently.
    return func.sha256(func.convert_to(func.lower(email), "UTF8"))
