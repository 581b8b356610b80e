"""Every SQL statement about the word list."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert

from app.core.db import Repository
from app.core.sql.rows import Query
from app.screening.enums import WordKind
from app.screening.models import ListedWord, ListVersion
from app.screening.rows import WordRow

_WORDS = Query(
    WordRow,
    select(ListedWord.kind, ListedWord.word, ListedWord.key, ListedWord.created_at).order_by(
        ListedWord.key
    ),
)
_VERSION = select(ListVersion.version)

_LIST = 7_236_549_812
"""The advisory lock of the list: a number that no other lock has."""


class ScreeningRepository(Repository):
    async def list_words(self) -> Sequence[WordRow]:
        return await self._db.all(_WORDS)

    async def find_version(self) -> UUID | None:
        """The version of the list. Each change makes a new one. None if the row was removed."""
        return await self._db.first(_VERSION)

    async def keep_version(self) -> UUID | None:
        """Like `find_version`. A change of the list makes a new one, and so waits for this."""
        return await self._db.first(_VERSION.with_for_update(read=True))

    async def lock(self) -> None:
        # An advisory lock: rows that another transaction is about to add can't be locked.
        await self._db.execute(select(func.pg_advisory_xact_lock(_LIST)))

    async def replace(self, kind: WordKind, words: Mapping[str, str]) -> None:
        """`words` maps each key to its word."""
        await self._db.execute(
            delete(ListedWord).where(ListedWord.kind == kind, ListedWord.key.not_in(words))
        )
        if words:
            rows = [{"kind": kind, "key": key, "word": word} for key, word in words.items()]
            statement = insert(ListedWord).values(rows)
            await self._db.execute(
                statement.on_conflict_do_update(
                    index_elements=["kind", "key"], set_={"word": statement.excluded.word}
                )
            )
