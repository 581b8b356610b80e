"""SQL statements that hide notifications with what they are about, and show them again.

None changes more than a batch, however many notifications there are. All lock in the order of ids.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Select,
    TableValuedAlias,
    Uuid,
    and_,
    case,
    cast,
    column,
    delete,
    func,
    literal,
    or_,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.orm import InstrumentedAttribute

from app.core.batches import in_batches
from app.core.db import Database
from app.core.keyset import FIRST_ID
from app.core.writes import insert_from, table_of
from app.live_log import logged
from app.notification.enums import ABOUT_COMMENTS, ABOUT_POSTS, MESSAGES, NotificationType
from app.notification.models import EVERYONE, Notification, NotificationHiding
from app.notification.rows import COMMENT_SHOWN, NO, POST_SHOWN, YES
from app.notification.writes import BATCH, changed, notification_changes


@dataclass(frozen=True, slots=True)
class Subject:
    """What notifications are about: which column names it, and what changes when it goes."""

    id: InstrumentedAttribute[UUID | None]
    flag: InstrumentedAttribute[bool]
    mark: str
    types: Sequence[NotificationType]
    words: ColumnElement[str]
    """Which of the `params` has the words of the thing."""


POST = Subject(
    Notification.post_id,
    Notification.post_gone,
    POST_SHOWN,
    ABOUT_POSTS,
    case((Notification.type == NotificationType.LOUNGE_POST, "body"), else_="post"),
)
COMMENT = Subject(
    Notification.comment_id,
    Notification.comment_gone,
    COMMENT_SHOWN,
    ABOUT_COMMENTS,
    literal("body"),
)

AT_ONCE = 5 * BATCH
"""Notifications that change at once with many posts or comments, in less than a second.

Most have few notifications, so nothing is left for jobs. The rows that hide what is left cost each
list a little.
"""

_NO_WORDS = literal({}, JSONB)


def _gone(
    subject: Subject, *, hidden: bool, for_good: bool, words: str | None = None
) -> tuple[ColumnElement[bool], dict[str, Any]]:
    """Which notifications about a thing to change when it goes or comes back, and to what.

    Those of the subject's types get the flag. A moderator's message stays in sight: its `params`
    get the mark. `for_good` empties the `params` of the others: what a user deletes must not stay
    in rows of other users. Some of these had the flag before, because the thing was held. `words`
    are what the others say of it from now on: nor must stay what was edited out.
    """
    flag, mark, shown = subject.flag, subject.mark, NO if hidden else YES
    is_message = Notification.type.in_(MESSAGES)
    is_other: ColumnElement[bool] = flag.is_(not hidden)
    params: ColumnElement[Any] = Notification.params.expression
    if for_good:
        params = _NO_WORDS
    elif words is not None:
        new = Notification.params.concat(func.jsonb_build_object(subject.words, words, type_=JSONB))
        # What was deleted has none, and gets none again.
        params = case((Notification.params == _NO_WORDS, _NO_WORDS), else_=new)
    if for_good or words is not None:
        is_other = or_(is_other, Notification.params != params)
    is_due = or_(
        and_(Notification.type.in_(subject.types), is_other),
        and_(is_message, Notification.params[mark].astext.is_distinct_from(shown)),
    )
    marked = Notification.params.concat(literal({mark: shown}, JSONB))
    return is_due, {
        flag.key: case((is_message, flag), else_=literal(hidden)),
        "params": case((is_message, marked), else_=params),
    }


def _rows_of(ids: Sequence[UUID]) -> TableValuedAlias:
    """The ids as a table, by one parameter."""
    rows = func.unnest(cast(ids, ARRAY(Uuid))).table_valued(column("id", Uuid))
    return rows.render_derived("given")


def _some_of_each(subject: Subject, ids: Sequence[UUID], most: int) -> Select[tuple[UUID, UUID]]:
    """Some notifications about each of some posts or comments, in the order of these.

    They are looked up for one after the other: a statement with a limit ends when it has enough.
    The ids are sorted before, in a part of their own. Otherwise the planner sorts what was found.
    """
    given = _rows_of(ids)
    thing = select(given.c.id).order_by(given.c.id).subquery("thing")
    of_one = select(Notification.id).where(subject.id == thing.c.id).order_by(Notification.id)
    found = of_one.limit(most).lateral("found")
    rows = select(thing.c.id.label("thing_id"), found.c.id).join(found, true())
    return rows.order_by(thing.c.id)


def _is_among(ids: Collection[UUID]) -> ColumnElement[bool]:
    return Notification.id == func.any(cast(list(ids), ARRAY(Uuid)))


class HidingRepository:
    def __init__(self, db: Database) -> None:
        self._db = db

    async def lock_about(self, things: Mapping[Subject, Sequence[UUID]]) -> None:
        """Lock what `set_hidden` changes of some posts and comments that are locked.

        All at once, in the order of their ids. Who hides both would lock them in another order
        otherwise, and deadlock with their owners, who mark them as read.
        """
        ids: set[UUID] = set()
        for subject, thing_ids in things.items():
            ids.update(row_id for _, row_id in await self._look(subject, thing_ids))
        if ids:
            locked = select(Notification.id).where(_is_among(ids)).order_by(Notification.id)
            await self._db.execute(locked.with_for_update(key_share=True))

    async def set_hidden(
        self, subject: Subject, ids: Sequence[UUID], *, hidden: bool, for_good: bool
    ) -> Sequence[UUID]:
        """Change notifications about some posts or comments that are locked: AT_ONCE at most.

        Returns those about which there may be more, for `settle`. To hide, a row for each of these
        puts all of them out of sight until then.
        """
        await self.lock_about({subject: ids})
        rest = await self._change_some(subject, ids, hidden=hidden, for_good=for_good)
        if hidden:
            await self._add_hidings(rest)
        else:
            every = NotificationHiding.post_id == func.any(cast(ids, ARRAY(Uuid)))
            hidings = delete(NotificationHiding).where(every)
            await self._db.execute(hidings.where(NotificationHiding.reader_id == EVERYONE))
        return rest

    async def _look(self, subject: Subject, ids: Sequence[UUID]) -> Sequence[tuple[UUID, UUID]]:
        """The first of all that there is, due or not: things and notifications about them.

        To look for what is due could mean to read all that is not.
        """
        if not ids:
            return ()
        looked = _some_of_each(subject, ids, BATCH).limit(AT_ONCE)
        return await self._db.all(looked)

    async def _change_some(
        self, subject: Subject, ids: Sequence[UUID], *, hidden: bool, for_good: bool
    ) -> Sequence[UUID]:
        """Returns about which there may be more: a batch of one, or the last and what follows."""
        looked = await self._look(subject, ids)
        for some in in_batches((row_id for _, row_id in looked), BATCH):
            await self._change(subject, some, hidden=hidden, for_good=for_good)
        counts = Counter(thing_id for thing_id, _ in looked)
        left = {thing_id for thing_id, number in counts.items() if number == BATCH}
        if len(looked) == AT_ONCE:
            last = looked[-1][0]
            behind = [thing_id for thing_id in ids if thing_id > last]
            told_of = select(_some_of_each(subject, behind, 1).subquery().c.thing_id)
            left.update((last, *(await self._db.all(told_of))))
        return sorted(left)

    async def _change(
        self, subject: Subject, ids: Sequence[UUID], *, hidden: bool, for_good: bool
    ) -> None:
        is_due, values = _gone(subject, hidden=hidden, for_good=for_good)
        due = select(Notification.id).where(_is_among(ids), is_due)
        rows = changed(due, "changed", **values)
        told = logged(notification_changes(rows))
        await self._db.execute(select(rows.c.id).add_cte(told))

    async def _add_hidings(self, ids: Sequence[UUID]) -> None:
        if not ids:
            return
        given = _rows_of(ids)
        key = {"post_id": given.c.id, "reader_id": literal(EVERYONE, Uuid)}
        hidings = insert_from(table_of(NotificationHiding), key, select().select_from(given))
        await self._db.execute(hidings.on_conflict_do_nothing())

    async def settle(
        self, subject: Subject, thing_id: UUID, after_id: UUID, *, hidden: bool, words: str | None
    ) -> UUID | None:
        """Change the next batch about a post or comment that is locked.

        `words` are what it says now; None if it is deleted. Returns after which id to go on; None
        at the end.
        """
        is_due, values = _gone(subject, hidden=hidden, for_good=words is None, words=words)
        about = and_(subject.id == thing_id, is_due)
        go_on = await self._change_batch(about, after_id, **values)
        await self._set_hiding(thing_id, EVERYONE, to=hidden and go_on is not None)
        return go_on

    async def set_post_muted(
        self, user_id: UUID, post_id: UUID, after_id: UUID, *, muted: bool
    ) -> UUID | None:
        """As `settle`, of one user's notifications about a post."""
        about = and_(
            Notification.post_id == post_id,
            Notification.user_id == user_id,
            Notification.type.in_(ABOUT_POSTS),
            Notification.post_muted.is_(not muted),
        )
        go_on = await self._change_batch(about, after_id, post_muted=muted)
        await self._set_hiding(post_id, user_id, to=muted and go_on is not None)
        return go_on

    async def _change_batch(
        self, due: ColumnElement[bool], after_id: UUID, **values: Any
    ) -> UUID | None:
        """Change a batch of what is due. Returns after which id to go on; None at the end.

        Behind the last row it goes on at the first: between two batches another job of the same
        post or comment may have changed what this one had passed.
        """
        batch = select(Notification.id).where(due, Notification.id > after_id).limit(BATCH)
        rows = changed(batch, "changed", **values)
        told = logged(notification_changes(rows))
        ids: list[UUID] = await self._db.all(select(rows.c.id).add_cte(told))
        if len(ids) == BATCH:
            return max(ids)
        return None if after_id == FIRST_ID else FIRST_ID

    async def _set_hiding(self, thing_id: UUID, reader_id: UUID, *, to: bool) -> None:
        """Put all notifications about a thing out of sight by one row, or delete that row."""
        key = {"post_id": thing_id, "reader_id": reader_id}
        if to:
            row = insert(NotificationHiding).values(key).on_conflict_do_nothing()
            await self._db.execute(row)
        else:
            await self._db.execute(delete(NotificationHiding).filter_by(**key))
