"""Finding users by parts of their names and addresses, in bounded steps.

An index of bigrams gives every user who has them all, in no order. For a common word these are
all users. So a search walks through the newest first, as one for posts does (ADR 0054). If that
does not fill the page, it asks the index for some: if these are all, the search is complete. If
not, the word is common, and the search walks on.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from uuid import UUID

from sqlalchemy import (
    CTE,
    ColumnElement,
    DateTime,
    Integer,
    Select,
    Uuid,
    and_,
    bindparam,
    func,
    literal_column,
    null,
    select,
    union_all,
)

from app.core.db import Repository
from app.core.sql.rows import FLAT, Query
from app.core.sql.search import has_bigrams, spells, word_params
from app.core.sql.statements import shown_columns
from app.user.enums import Role, UserStatus
from app.user.models import User, not_suspended

STEP, LONG_STEP = 500, 5_000
"""Users whom the first statement walks through, and each after it."""

MOST_BY_INDEX = 500
"""Users that the index is asked for. With more of them a word is common."""

_AFTER_ID = bindparam("after_id", type_=Uuid)
_LIMIT = bindparam("limit", type_=Integer)
_NOW = bindparam("now", type_=DateTime(timezone=True))
_NONE = null().cast(Uuid)
_COLUMNS = (
    *(User.id, User.nickname, User.search_text),
    *(User.role, User.status, User.suspended_until),
)

_SHOWN = [getattr(User, name) for name in shown_columns(User)]


@dataclass(frozen=True, slots=True)
class FoundUser:
    """A user who was found; or, last and without one, where the search ended."""

    user: User | None = field(metadata=FLAT)
    end_id: UUID | None


@cache
def _search(
    step: int,
    role: Role | None,
    status: UserStatus | None,
    *,
    names_only: bool,
    by_index: bool,
) -> Query[FoundUser]:
    def passing(some: CTE) -> Select[UUID]:
        return _passing(some, role, status, names_only=names_only)

    newest = select(*_COLUMNS).where(User.left_at.is_(None), User.id < _AFTER_ID)
    if role is not None:
        newest = newest.where(User.role == literal_column(f"'{role}'"))
    seen = newest.order_by(User.id.desc()).limit(_number(step)).cte("seen")
    walked = passing(seen).cte("walked")
    last = select(seen.c.id).order_by(seen.c.id.desc()).offset(_number(step - 1))
    end = last.limit(_number(1)).scalar_subquery()
    is_over = _count(walked) >= _LIMIT
    found = select(walked.c.id)
    if by_index:
        matching = select(*_COLUMNS).where(User.left_at.is_(None), has_bigrams(User.search_vector))
        # Without a LIMIT the planner reckons with all of them, and takes the index.
        named = matching.where(~is_over).cte("named").prefix_with("MATERIALIZED")
        known = select(named).limit(_number(MOST_BY_INDEX + 1)).cte("known")
        has_all = and_(~is_over, _count(known) <= MOST_BY_INDEX)
        these = passing(known).where(has_all, known.c.id < _AFTER_ID).subquery()
        found = select(union_all(found.where(~has_all), select(these.c.id)).subquery().c.id)
        is_over = is_over | has_all
    ids = found.subquery("found")
    ending = select(_NONE.label("id"), end.label("end_id")).where(~is_over, end.is_not(None))
    both = union_all(select(ids.c.id, _NONE.label("end_id")), ending).subquery("passed")
    statement = (
        select(*_SHOWN, both.c.end_id)
        .select_from(both)
        .outerjoin(User, User.id == both.c.id)
        .order_by(both.c.id.desc().nulls_last())
    )
    return Query(FoundUser, statement, plan_each_time=True)


def _passing(
    some: CTE, role: Role | None, status: UserStatus | None, *, names_only: bool
) -> Select[UUID]:
    """Those who have the words and pass the filters, the newest first."""
    found = select(some.c.id).where(spells(some.c.search_text))
    if names_only:
        # `search_text` has the address, too. Folding a name again is dear, so it comes after that.
        found = found.where(spells(func.linky_fold(some.c.nickname)))
    if role is not None:
        found = found.where(some.c.role == literal_column(f"'{role}'"))
    if status is not None:
        active = not_suspended(_NOW, some.c)
        found = found.where(~active if status == UserStatus.SUSPENDED else active)
    return found.order_by(some.c.id.desc()).limit(_LIMIT)


def _count(some: CTE) -> ColumnElement[int]:
    return select(func.count()).select_from(some).scalar_subquery()


def _number(value: int) -> ColumnElement[int]:
    """A literal: PostgreSQL plans a LIMIT that is a parameter without its value."""
    return literal_column(str(value))


class UserFinder(Repository):
    async def search(
        self,
        words: str,
        after_id: UUID,
        limit: int,
        role: Role | None,
        status: UserStatus | None,
        now: datetime,
        *,
        names_only: bool,
        is_first: bool,
    ) -> Sequence[FoundUser]:
        """Up to `limit` of the users before `after_id`, the newest first. `words` is folded text.

        With `names_only` the words are not looked for in addresses. Only the first statement of a
        search asks the index.
        """
        query = _search(
            STEP if is_first else LONG_STEP,
            role,
            status,
            names_only=names_only,
            by_index=is_first,
        )
        of_status = {} if status is None else {"now": now}
        return await self._db.all(
            query, after_id=after_id, limit=limit, **word_params(words), **of_status
        )
