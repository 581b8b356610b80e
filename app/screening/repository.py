"""Every SQL statement about the word list."""

from collections.abc import Mapping, Sequence

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.pagination import Row
from app.screening.enums import WordKind
from app.screening.models import ListedWord

_WORDS = select(ListedWord.kind, ListedWord.word, ListedWord.key).order_by(ListedWord.key)


class ScreeningRepository:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def list_words(self) -> Sequence[Row]:
        return (await self._session.execute(_WORDS)).mappings().all()

    async def replace(self, kind: WordKind, words: Mapping[str, str]) -> None:
        """The list is these, by their keys, and no others."""
        await self._session.execute(
            delete(ListedWord).where(ListedWord.kind == kind, ListedWord.key.not_in(words))
        )
        if words:
            rows = [{"kind": kind, "key": key, "word": word} for key, word in words.items()]
            statement = insert(ListedWord).values(rows)
            await self._session.execute(statement.on_conflict_do_nothing())
