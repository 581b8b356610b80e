"""The statements that read lounges as users see them.

Each list is one statement, built once for its order and filters.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Integer,
    Text,
    Uuid,
    bindparam,
    func,
    literal,
    literal_column,
    select,
    true,
    tuple_,
)
from sqlalchemy.orm import aliased

from app.core.db import Repository
from app.core.keyset import FIRST_ID, LAST_ID, SortKey, page_limit
from app.core.links import lounge_url_of
from app.core.sql.row_lookup import has_row
from app.core.sql.rows import Positioned, Query
from app.core.sql.search import has_words, letter_params, shares_letters, word_params
from app.core.viewer_fields import PublishedMarks, published_marks
from app.lounge.enums import LoungeSort, NotificationLevel
from app.lounge.models import (
    HasNewPosts,
    Lounge,
    LoungeFavorite,
    LoungeRecentView,
    LoungeSubscription,
)
from app.lounge.rows import Lounge as LoungeRow
from app.lounge.rows import ManagedLounge, NamedLounge

RECENT_VIEWS = 50
"""How many of a user's latest views are listed."""

MAX_CANDIDATES = 100
HIGHEST_COUNT = 2**31 - 1

_VIEWER = bindparam("viewer_id", type_=Uuid)
_AFTER_ID = bindparam("after_id", type_=Uuid)
_MEDIA_URL = bindparam("media_url", type_=Text)


def _has_new() -> ColumnElement[bool]:
    """Whether the viewer never looked into the lounge, or a post came since that they see."""
    looked = select(HasNewPosts()).where(
        LoungeRecentView.user_id == _VIEWER, LoungeRecentView.lounge_id == Lounge.id
    )
    return func.coalesce(looked.correlate(Lounge).scalar_subquery(), true())


def _level() -> ColumnElement[str]:
    chosen = select(LoungeSubscription.level).where(
        LoungeSubscription.user_id == _VIEWER, LoungeSubscription.lounge_id == Lounge.id
    )
    none = literal(NotificationLevel.NONE.value, Text)
    return func.coalesce(chosen.correlate(Lounge).scalar_subquery(), none)


COLUMNS = (
    Lounge.id,
    Lounge.name,
    Lounge.description,
    (_MEDIA_URL + Lounge.cover_key).label("cover_url"),
    Lounge.post_count,
    Lounge.favorite_count,
    has_row(
        LoungeFavorite,
        LoungeFavorite.user_id == _VIEWER,
        LoungeFavorite.lounge_id == Lounge.id,
    ).label("is_favorite"),
    Lounge.last_posted_at,
    Lounge.created_at,
    Lounge.closed_at.is_not(None).label("closed"),
    lounge_url_of(Lounge.id).label("url"),
    _has_new().label("has_new"),
    _level().label("notification_level"),
)
_HAS_WORDS = has_words(Lounge.search_vector, Lounge.name_key)

_ONE = Query(LoungeRow, select(*COLUMNS).where(Lounge.id == bindparam("lounge_id", type_=Uuid)))
_THESE = Query(
    LoungeRow,
    select(*COLUMNS).where(Lounge.id == func.any(bindparam("lounge_ids", type_=ARRAY(Uuid)))),
)
_MARKS = Query(
    PublishedMarks,
    select(Lounge.id, published_marks("lounge", LoungeRow, COLUMNS)).where(
        Lounge.id == func.any(bindparam("lounge_ids", type_=ARRAY(Uuid)))
    ),
)
_FAVORITES = Query(
    Positioned[LoungeRow],
    select(LoungeFavorite.id.label("position"), *COLUMNS)
    .join(LoungeFavorite, LoungeFavorite.lounge_id == Lounge.id)
    .where(LoungeFavorite.user_id == _VIEWER, LoungeFavorite.id < _AFTER_ID)
    .order_by(LoungeFavorite.id.desc())
    .limit(page_limit()),
)
_Latest = aliased(LoungeRecentView)
_OLDEST_LISTED = (
    select(_Latest.id)
    .where(_Latest.user_id == _VIEWER, ~_Latest.forgotten)
    .order_by(_Latest.id.desc())
    .offset(literal_column(str(RECENT_VIEWS - 1)))
    .limit(literal_column("1"))
    .scalar_subquery()
)
_RECENT = Query(
    Positioned[LoungeRow],
    select(LoungeRecentView.id.label("position"), *COLUMNS)
    .join(LoungeRecentView, LoungeRecentView.lounge_id == Lounge.id)
    .where(
        LoungeRecentView.user_id == _VIEWER,
        ~LoungeRecentView.forgotten,
        LoungeRecentView.id < _AFTER_ID,
        LoungeRecentView.id >= func.coalesce(_OLDEST_LISTED, literal(FIRST_ID, Uuid)),
        Lounge.closed_at.is_(None),
    )
    .order_by(LoungeRecentView.id.desc())
    .limit(page_limit()),
)
_WITH_COMMON_BIGRAMS = Query(
    NamedLounge,
    select(Lounge.id, Lounge.name, Lounge.name_key)
    .where(Lounge.closed_at.is_(None), shares_letters(Lounge.search_vector))
    .order_by(Lounge.favorite_count.desc(), Lounge.id.desc())
    .limit(MAX_CANDIDATES),
    plan_each_time=True,
)


@dataclass(frozen=True, slots=True)
class _Order:
    """How a list of lounges is ordered, and which rows come after a sort key."""

    position: ColumnElement[Any]
    after: ColumnElement[bool]
    order_by: tuple[ColumnElement[Any], ...]


def _order(sort: LoungeSort) -> _Order:
    match sort:
        case LoungeSort.POPULAR:
            return _Order(
                Lounge.favorite_count.label("position"),
                tuple_(Lounge.favorite_count, Lounge.id)
                < tuple_(bindparam("after_position", type_=Integer), _AFTER_ID),
                (Lounge.favorite_count.desc(), Lounge.id.desc()),
            )
        case LoungeSort.NAME:
            return _Order(
                Lounge.name_key.label("position"),
                tuple_(Lounge.name_key, Lounge.id)
                > tuple_(bindparam("after_position", type_=Text), _AFTER_ID),
                (Lounge.name_key.asc(), Lounge.id.asc()),
            )
        case LoungeSort.NEW:
            return _Order(Lounge.id.label("position"), Lounge.id < _AFTER_ID, (Lounge.id.desc(),))


START: dict[LoungeSort, SortKey] = {
    LoungeSort.POPULAR: [HIGHEST_COUNT, str(LAST_ID)],
    LoungeSort.NEW: [str(LAST_ID)],
    LoungeSort.NAME: ["", str(FIRST_ID)],
}
"""The sort key before the first row of each order."""


def sort_key(sort: LoungeSort, row: Positioned[LoungeRow]) -> SortKey:
    """The sort key of a row in an order."""
    return [row.position] if sort == LoungeSort.NEW else [row.position, row.row.id]


@cache
def _open_lounges(sort: LoungeSort, *, searching: bool) -> Query[Positioned[LoungeRow]]:
    order = _order(sort)
    statement = (
        select(order.position, *COLUMNS)
        .where(Lounge.closed_at.is_(None), order.after)
        .order_by(*order.order_by)
        .limit(page_limit())
    )
    if searching:
        statement = statement.where(*_HAS_WORDS)
    return Query(Positioned[LoungeRow], statement, plan_each_time=searching)


@cache
def _managed_lounges(*, searching: bool, closed: bool | None) -> Query[ManagedLounge]:
    statement = select(*COLUMNS, Lounge.closed_at).where(Lounge.id < _AFTER_ID)
    if searching:
        statement = statement.where(*_HAS_WORDS)
    if closed is not None:
        is_closed = Lounge.closed_at.is_not(None)
        statement = statement.where(is_closed if closed else ~is_closed)
    statement = statement.order_by(Lounge.id.desc()).limit(page_limit())
    return Query(ManagedLounge, statement, plan_each_time=searching)


class LoungeReader(Repository):
    async def find(self, viewer_id: UUID, lounge_id: UUID) -> LoungeRow | None:
        return await self._db.first(
            _ONE,
            viewer_id=viewer_id,
            lounge_id=lounge_id,
        )

    async def list_these(self, lounge_ids: Sequence[UUID]) -> list[LoungeRow]:
        """Some lounges, for no one in particular."""
        return await self._db.all(
            _THESE,
            viewer_id=FIRST_ID,
            lounge_ids=list(lounge_ids),
        )

    async def list_marks(self, viewer_id: UUID, lounge_ids: Sequence[UUID]) -> list[PublishedMarks]:
        return await self._db.all(_MARKS, viewer_id=viewer_id, lounge_ids=list(lounge_ids))

    async def list_page(
        self, viewer_id: UUID, sort: LoungeSort, after: SortKey, folded: str | None, limit: int
    ) -> list[Positioned[LoungeRow]]:
        """Open lounges in an order; with `folded`, those whose names have its words."""
        *position, after_id = after
        return await self._db.all(
            _open_lounges(sort, searching=folded is not None),
            viewer_id=viewer_id,
            after_id=after_id,
            row_limit=limit,
            **({"after_position": position[0]} if position else {}),
            **({} if folded is None else word_params(folded)),
        )

    async def list_for_admins(
        self,
        viewer_id: UUID,
        after_id: UUID,
        folded: str | None,
        closed: bool | None,
        limit: int,
    ) -> list[ManagedLounge]:
        """The newest first; with `closed`, only closed lounges, or only open lounges."""
        return await self._db.all(
            _managed_lounges(searching=folded is not None, closed=closed),
            viewer_id=viewer_id,
            after_id=after_id,
            row_limit=limit,
            **({} if folded is None else word_params(folded)),
        )

    async def list_favorites(
        self, viewer_id: UUID, after_id: UUID, limit: int
    ) -> list[Positioned[LoungeRow]]:
        return await self._list_of_viewer(_FAVORITES, viewer_id, after_id, limit)

    async def list_recent(
        self, viewer_id: UUID, after_id: UUID, limit: int
    ) -> list[Positioned[LoungeRow]]:
        return await self._list_of_viewer(_RECENT, viewer_id, after_id, limit)

    async def _list_of_viewer(
        self, query: Query[Positioned[LoungeRow]], viewer_id: UUID, after_id: UUID, limit: int
    ) -> list[Positioned[LoungeRow]]:
        return await self._db.all(
            query,
            viewer_id=viewer_id,
            after_id=after_id,
            row_limit=limit,
        )

    async def list_with_common_bigrams(self, name_key: str) -> list[NamedLounge]:
        """The most popular open lounges whose names are a little like one (`shares_letters`)."""
        return await self._db.all(_WITH_COMMON_BIGRAMS, **letter_params(name_key))
