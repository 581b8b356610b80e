"""Every SQL statement about the word list."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.keyset import Row
from app.screening.enums import WordKind
from app.screening.models import ListedWord, ListVersion

_WORDS = select(ListedWord.kind, ListedWord.word, ListedWord.key).order_by(ListedWord.key)
_VERSION = select(ListVersion.version)

_LIST = 7_236_549_812
"""Any number that no other advisory lock has."""


class ScreeningRepository:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def list_words(self) -> Sequence[Row]:
        return (await self._session.execute(_WORDS)).mappings().all()

    async def find_version(self) -> UUID | None:
        """The state of the list; another after each change. None if somebody removed the row."""
        return await self._session.scalar(_VERSION)

    async def lock(self) -> None:
        # Not the rows: those that somebody else is about to add can't be locked.
        await self._session.execute(select(func.pg_advisory_xact_lock(_LIST)))

    async def replace(self, kind: WordKind, words: Mapping[str, str]) -> None:
        """The list is these, by their keys, and no others."""
        await self._session.execute(
            delete(ListedWord).where(ListedWord.kind == kind, ListedWord.key.not_in(words))
        )
        if words:
            rows = [{"kind": kind, "key": key, "word": word} for key, word in words.items()]
            statement = insert(ListedWord).values(rows)
            await self._session.execute(
                statement.on_conflict_do_update(
                    index_elements=["kind", "key"], set_={"word": statement.excluded.word}
                )
            )
