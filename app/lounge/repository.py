"""Every SQL statement about lounges, favourites and recent views."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import cache
from itertools import batched
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    DateTime,
    Integer,
    Text,
    Uuid,
    bindparam,
    cast,
    column,
    delete,
    func,
    select,
    text,
    tuple_,
    update,
)
from sqlalchemy.dialects.postgresql import TSQUERY, insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.database import AnySelect, violated_constraint
from app.core.keyset import FIRST_ID, LAST_ID, Row, SortKey, page_limit
from app.core.text import any_bigram, bigrams, like_pattern, tsquery
from app.lounge.enums import LoungeSort
from app.lounge.exceptions import LoungeClosed, LoungeNameTaken, LoungeNotFound
from app.lounge.models import Lounge, LoungeFavorite, LoungeRecentView
from app.user.models import User

RECENT_VIEWS = 50
BATCH = 1_000
"""Rows per statement when somebody leaves (statements time out after 2.3 s)."""

SHARING_LETTERS = 100
HIGHEST_COUNT = 2**31 - 1

_VIEWER = bindparam("viewer_id", type_=Uuid)
_AFTER_ID = bindparam("after_id", type_=Uuid)

_LOUNGES = select(
    Lounge.id,
    Lounge.name,
    Lounge.name_key,
    Lounge.description,
    Lounge.cover_key,
    Lounge.post_count,
    Lounge.favorite_count,
    Lounge.last_posted_at,
    Lounge.created_at,
    Lounge.closed_at,
    select(LoungeFavorite.id)
    .where(LoungeFavorite.user_id == _VIEWER, LoungeFavorite.lounge_id == Lounge.id)
    .correlate(Lounge)
    .exists()
    .label("is_favorite"),
)
_ONE = _LOUNGES.where(Lounge.id == bindparam("lounge_id", type_=Uuid))
_FAVORITES = (
    _LOUNGES.add_columns(LoungeFavorite.id.label("place_id"))
    .join(LoungeFavorite, LoungeFavorite.lounge_id == Lounge.id)
    .where(LoungeFavorite.user_id == _VIEWER, LoungeFavorite.id < _AFTER_ID)
    .order_by(LoungeFavorite.id.desc())
    .limit(page_limit())
)
_RECENT = (
    _LOUNGES.add_columns(LoungeRecentView.id.label("place_id"))
    .join(LoungeRecentView, LoungeRecentView.lounge_id == Lounge.id)
    .where(
        LoungeRecentView.user_id == _VIEWER,
        LoungeRecentView.id < _AFTER_ID,
        Lounge.closed_at.is_(None),
    )
    .order_by(LoungeRecentView.id.desc())
    .limit(page_limit())
)

START: dict[LoungeSort, SortKey] = {
    LoungeSort.POPULAR: [HIGHEST_COUNT, str(LAST_ID)],
    LoungeSort.NEW: [str(LAST_ID)],
    LoungeSort.NAME: ["", str(FIRST_ID)],
}
"""The sort key before the first row of each order."""


def sort_key(sort: LoungeSort, row: Row) -> SortKey:
    """Where a row stands in an order."""
    match sort:
        case LoungeSort.POPULAR:
            return [row["favorite_count"], row["id"]]
        case LoungeSort.NAME:
            return [row["name_key"], row["id"]]
        case LoungeSort.NEW:
            return [row["id"]]


@cache
def _list_statement(sort: LoungeSort, *, searching: bool) -> AnySelect:
    """Built once for each order, with a search and without."""
    statement = _LOUNGES.where(Lounge.closed_at.is_(None)).limit(page_limit())
    if searching:
        statement = statement.where(*_matches())
    match sort:
        case LoungeSort.POPULAR:
            place = tuple_(Lounge.favorite_count, Lounge.id)
            after = tuple_(bindparam("after_count", type_=Integer), _AFTER_ID)
            ordered = statement.order_by(Lounge.favorite_count.desc(), Lounge.id.desc())
            return ordered.where(place < after)
        case LoungeSort.NAME:
            place = tuple_(Lounge.name_key, Lounge.id)
            after = tuple_(bindparam("after_name", type_=Text), _AFTER_ID)
            return statement.order_by(Lounge.name_key, Lounge.id).where(place > after)
        case LoungeSort.NEW:
            return statement.order_by(Lounge.id.desc()).where(Lounge.id < _AFTER_ID)


@cache
def _admins_statement(*, searching: bool, closed: bool | None) -> AnySelect:
    """The newest first, closed ones too; built once for each way to narrow it."""
    statement = _LOUNGES.where(Lounge.id < _AFTER_ID)
    if searching:
        statement = statement.where(*_matches())
    if closed is not None:
        is_closed = Lounge.closed_at.is_not(None)
        statement = statement.where(is_closed if closed else ~is_closed)
    return statement.order_by(Lounge.id.desc()).limit(page_limit())


def _matches() -> tuple[ColumnElement[bool], ...]:
    patterns = bindparam("patterns", type_=ARRAY(Text))
    return (
        Lounge.search_vector.op("@@")(cast(bindparam("query", type_=Text), TSQUERY)),
        Lounge.name_key.like(func.all(patterns)),
    )


def _list_params(viewer_id: UUID, folded: str | None, limit: int) -> dict[str, Any]:
    params: dict[str, Any] = {"viewer_id": viewer_id, "row_limit": limit}
    if folded is not None:
        params["query"] = tsquery(folded)
        params["patterns"] = [like_pattern(word) for word in folded.split()]
    return params


class LoungeRepository:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def list_page(
        self, viewer_id: UUID, sort: LoungeSort, after: SortKey, folded: str | None, limit: int
    ) -> Sequence[Row]:
        params = _list_params(viewer_id, folded, limit)
        *value, params["after_id"] = after
        if value:
            params["after_count" if sort == LoungeSort.POPULAR else "after_name"] = value[0]
        statement = _list_statement(sort, searching=folded is not None)
        return (await self._session.execute(statement, params)).mappings().all()

    async def list_for_admins(
        self,
        viewer_id: UUID,
        after_id: UUID,
        folded: str | None,
        closed: bool | None,
        limit: int,
    ) -> Sequence[Row]:
        """The newest first; with `closed`, only those that are, or are not."""
        params = _list_params(viewer_id, folded, limit) | {"after_id": after_id}
        statement = _admins_statement(searching=folded is not None, closed=closed)
        return (await self._session.execute(statement, params)).mappings().all()

    async def find(self, viewer_id: UUID, lounge_id: UUID) -> Row | None:
        params = {"viewer_id": viewer_id, "lounge_id": lounge_id}
        return (await self._session.execute(_ONE, params)).mappings().one_or_none()

    async def exists(self, lounge_id: UUID) -> bool:
        query = select(Lounge.id).where(Lounge.id == lounge_id)
        return await self._session.scalar(query) is not None

    async def ensure_open(self, lounge_id: UUID) -> None:
        """Lock a lounge against closing. Raises LoungeNotFound, LoungeClosed."""
        query = select(Lounge.id, Lounge.closed_at).where(Lounge.id == lounge_id)
        found = await self._session.execute(query.with_for_update(read=True, key_share=True))
        row = found.one_or_none()
        if row is None:
            raise LoungeNotFound
        if row.closed_at is not None:
            raise LoungeClosed

    async def add(self, name: str, name_key: str, description: str) -> Lounge:
        """Raises LoungeNameTaken."""
        lounge = Lounge(
            name=name,
            name_key=name_key,
            search_vector=func.array_to_tsvector(sorted(bigrams(name_key))),
            description=description,
        )
        self._session.add(lounge)
        await self._flush()
        return lounge

    async def _flush(self) -> None:
        try:
            await self._session.flush()
        except IntegrityError as error:
            if violated_constraint(error) == "lounges_name_key_key":
                raise LoungeNameTaken from None
            raise

    async def lock(self, lounge_id: UUID) -> Lounge:
        """Raises LoungeNotFound."""
        query = select(Lounge).where(Lounge.id == lounge_id).with_for_update()
        lounge = await self._session.scalar(query)
        if lounge is None:
            raise LoungeNotFound
        return lounge

    async def rename(self, lounge: Lounge, name: str, name_key: str) -> None:
        """Raises LoungeNameTaken."""
        lounge.name, lounge.name_key = name, name_key
        lounge.search_vector = func.array_to_tsvector(sorted(bigrams(name_key)))
        await self._flush()

    async def describe(self, lounge: Lounge, description: str) -> None:
        lounge.description = description
        await self._flush()

    async def set_closed_at(self, lounge: Lounge, moment: datetime | None) -> None:
        lounge.closed_at = moment
        await self._flush()

    async def has_name(self, name_key: str) -> bool:
        query = select(Lounge.id).where(Lounge.name_key == name_key)
        return await self._session.scalar(query) is not None

    async def list_sharing_letters(self, name_key: str) -> Sequence[Row]:
        shared = cast(any_bigram(name_key), TSQUERY)
        query = (
            select(Lounge.id, Lounge.name, Lounge.name_key)
            .where(Lounge.search_vector.op("@@")(shared))
            .order_by(Lounge.favorite_count.desc(), Lounge.id.desc())
            .limit(SHARING_LETTERS)
        )
        return (await self._session.execute(query)).mappings().all()

    async def count_post(self, lounge_id: UUID, posted_at: datetime) -> None:
        """One post more. The hot row comes last in a transaction, so that it is held shortly."""
        await self._session.execute(
            update(Lounge)
            .where(Lounge.id == lounge_id)
            .values(
                post_count=Lounge.post_count + 1,
                last_posted_at=func.greatest(Lounge.last_posted_at, posted_at),
            )
        )

    async def discount_post(self, lounge_id: UUID) -> None:
        """One post less. The lounge is held until the transaction ends."""
        await self._session.execute(
            update(Lounge).where(Lounge.id == lounge_id).values(post_count=Lounge.post_count - 1)
        )

    async def lock_all(self, lounge_ids: Iterable[UUID]) -> None:
        """In one order, so that two who lock several never wait for each other."""
        for batch in batched(sorted(lounge_ids), BATCH, strict=False):
            await self._session.execute(
                select(Lounge.id)
                .where(Lounge.id == func.any(cast(batch, ARRAY(Uuid))))
                .order_by(Lounge.id)
                .with_for_update(key_share=True)
            )

    async def discount_posts(
        self, by_lounge: Mapping[UUID, int], latest: Mapping[UUID, datetime | None]
    ) -> None:
        given = func.unnest(
            cast(list(by_lounge), ARRAY(Uuid)),
            cast(list(by_lounge.values()), ARRAY(Integer)),
            cast([latest[lounge_id] for lounge_id in by_lounge], ARRAY(DateTime(timezone=True))),
        )
        changes = given.table_valued(
            column("id", Uuid), column("posts", Integer), column("latest", DateTime(timezone=True))
        ).render_derived()
        await self._session.execute(
            update(Lounge)
            .where(Lounge.id == changes.c.id)
            .values(
                post_count=Lounge.post_count - changes.c.posts, last_posted_at=changes.c.latest
            ),
            execution_options={"synchronize_session": False},
        )

    async def set_last_posted_at(self, lounge_id: UUID, moment: datetime | None) -> None:
        await self._session.execute(
            update(Lounge).where(Lounge.id == lounge_id).values(last_posted_at=moment)
        )

    # Favourites

    async def add_favorite(self, user_id: UUID, lounge_id: UUID) -> None:
        statement = insert(LoungeFavorite).values(user_id=user_id, lounge_id=lounge_id)
        added = await self._session.scalar(
            statement.on_conflict_do_nothing().returning(LoungeFavorite.id)
        )
        if added is not None:
            await self._change_favorite_count(lounge_id, 1)

    async def delete_favorite(self, user_id: UUID, lounge_id: UUID) -> None:
        statement = delete(LoungeFavorite).where(
            LoungeFavorite.user_id == user_id, LoungeFavorite.lounge_id == lounge_id
        )
        if await self._session.scalar(statement.returning(LoungeFavorite.id)) is not None:
            await self._change_favorite_count(lounge_id, -1)

    async def delete_favorites_of(self, user_id: UUID) -> Sequence[UUID]:
        """Which lounges they had marked, each once."""
        own = delete(LoungeFavorite).where(LoungeFavorite.user_id == user_id)
        return (await self._session.scalars(own.returning(LoungeFavorite.lounge_id))).all()

    async def uncount_favorites(self, lounge_ids: Sequence[UUID]) -> None:
        """Take one off each count. The lounges are locked already."""
        await self._session.execute(
            update(Lounge)
            .where(Lounge.id == func.any(cast(lounge_ids, ARRAY(Uuid))))
            .values(favorite_count=Lounge.favorite_count - 1),
            execution_options={"synchronize_session": False},
        )

    async def _change_favorite_count(self, lounge_id: UUID, by: int) -> None:
        await self._session.execute(
            update(Lounge)
            .where(Lounge.id == lounge_id)
            .values(favorite_count=Lounge.favorite_count + by)
        )

    async def list_favorites(self, viewer_id: UUID, after_id: UUID, limit: int) -> Sequence[Row]:
        params = {"viewer_id": viewer_id, "after_id": after_id, "row_limit": limit}
        return (await self._session.execute(_FAVORITES, params)).mappings().all()

    # Recent views

    async def record_view(self, user_id: UUID, lounge_id: UUID) -> None:
        """The lounge is the latest one that the user looked into; the 50 latest are kept.

        Nothing is kept of one who has left: their token may read on until it is over.
        """
        # One view after the other: ten at once did not see each other's rows, and kept 51.
        user = select(User.id).where(User.id == user_id, User.left_at.is_(None))
        if await self._session.scalar(user.with_for_update(key_share=True)) is None:
            return
        statement = insert(LoungeRecentView).values(user_id=user_id, lounge_id=lounge_id)
        await self._session.execute(
            statement.on_conflict_do_update(
                index_elements=["user_id", "lounge_id"], set_={"id": text("uuidv7()")}
            )
        )
        oldest_kept = (
            select(LoungeRecentView.id)
            .where(LoungeRecentView.user_id == user_id)
            .order_by(LoungeRecentView.id.desc())
            .offset(RECENT_VIEWS - 1)
            .limit(1)
            .scalar_subquery()
        )
        await self._session.execute(
            delete(LoungeRecentView).where(
                LoungeRecentView.user_id == user_id, LoungeRecentView.id < oldest_kept
            )
        )

    async def list_recent(self, viewer_id: UUID, after_id: UUID, limit: int) -> Sequence[Row]:
        params = {"viewer_id": viewer_id, "after_id": after_id, "row_limit": limit}
        return (await self._session.execute(_RECENT, params)).mappings().all()

    async def delete_recent(self, user_id: UUID) -> None:
        await self._session.execute(
            delete(LoungeRecentView).where(LoungeRecentView.user_id == user_id)
        )
