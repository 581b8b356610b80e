"""SQL statements about announcements: one row for all, in each reader's list (ADR 0081)."""

from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    DateTime,
    Integer,
    Select,
    Uuid,
    bindparam,
    delete,
    false,
    func,
    literal,
    literal_column,
    or_,
    select,
    true,
    union_all,
    update,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import InstrumentedAttribute

from app.core.db import Repository
from app.core.keyset import page_limit
from app.core.sql.materialized import materialized
from app.core.sql.rows import Query, values_of
from app.notification.models import (
    Announcement,
    AnnouncementMark,
    Device,
    WaitingAnnouncement,
    announced_to,
)
from app.notification.rows import Announcement as AnnouncementRow
from app.notification.rows import DueAnnouncement, NewAnnouncement
from app.notification.writes import NOTIFICATION_BATCH_ROWS
from app.user.models import User

_AFTER_ID = bindparam("after_id", type_=Uuid)
_AUDIENCE = select(func.count().label("audience")).select_from(User).where(User.left_at.is_(None))
_HERE_NOW = values_of(int, _AUDIENCE)
_SOME_HERE = (
    select(User.id).where(User.left_at.is_(None)).limit(bindparam("most", type_=Integer)).subquery()
)
_HERE_UP_TO = values_of(int, select(func.count().label("audience")).select_from(_SOME_HERE))


type _Table = type[Announcement] | type[WaitingAnnouncement]


def _texts(of: _Table) -> tuple[InstrumentedAttribute[Any], ...]:
    return of.title_ja, of.body_ja, of.title_en, of.body_en, of.push


def _shown(
    of: _Table,
    published: ColumnElement[bool],
    audience: ColumnElement[int],
) -> Select[*tuple[Any, ...]]:
    """The columns of a row, of those that are out or of those that wait."""
    return select(
        of.id,
        *_texts(of),
        of.created_at,
        of.publish_at,
        published.label("published"),
        audience.label("audience"),
    )


def _page() -> Query[AnnouncementRow]:
    """Those that are out and those that wait, the newest first."""
    parts = [
        select(
            _shown(of, published, func.coalesce(of.audience, literal_column("0")))
            .where(of.id < _AFTER_ID)
            .order_by(of.id.desc())
            .limit(page_limit())
            .subquery()
        )
        for of, published in ((Announcement, true()), (WaitingAnnouncement, false()))
    ]
    both = union_all(*parts).subquery()
    return Query(AnnouncementRow, select(both).order_by(both.c.id.desc()).limit(page_limit()))


_PAGE = _page()
_DUE = Query(
    DueAnnouncement,
    select(
        WaitingAnnouncement.id,
        *_texts(WaitingAnnouncement),
        WaitingAnnouncement.created_by,
        WaitingAnnouncement.publish_at,
    )
    .where(WaitingAnnouncement.publish_at <= bindparam("now", type_=DateTime(timezone=True)))
    .order_by(WaitingAnnouncement.publish_at)
    .limit(page_limit())
    .with_for_update(skip_locked=True),
)
_READERS = values_of(
    UUID,
    select(Device.user_id)
    .distinct()
    .where(Device.user_id > _AFTER_ID, Device.user_id < bindparam("announcement_id", type_=Uuid))
    .order_by(Device.user_id)
    .limit(page_limit()),
)


class AnnouncementRepository(Repository):
    async def count_audience(self) -> int:
        """How many an announcement reaches now. It reads all users: not for requests."""
        return await self._db.one(_HERE_NOW)

    async def count_audience_up_to(self, most: int) -> int:
        """As `count_audience`, but it stops at `most`."""
        return await self._db.one(_HERE_UP_TO, most=most)

    async def set_audience(self, announcement_id: UUID) -> None:
        """Count whom one reached that is out. It reads all users: not for requests."""
        reached = _AUDIENCE.where(User.id < announcement_id).scalar_subquery()
        of_this = Announcement.id == announcement_id
        await self._db.execute(update(Announcement).where(of_this).values(audience=reached))

    async def add(
        self, new: NewAnnouncement, audience: int, waiting_id: UUID | None = None
    ) -> AnnouncementRow:
        """An announcement that is out."""
        announcement = await self._db.add(
            Announcement(**asdict(new), audience=audience, waiting_id=waiting_id)
        )
        return _row_of(announcement, audience, published=True)

    async def add_waiting(self, new: NewAnnouncement, audience: int) -> AnnouncementRow:
        """One that comes out at its `publish_at`."""
        waiting = await self._db.add(WaitingAnnouncement(**asdict(new), audience=audience))
        return _row_of(waiting, audience, published=False)

    async def count_audiences(self) -> None:
        """Count whom those would reach that wait: once, and not at all where none waits."""
        here = _AUDIENCE.scalar_subquery()
        await self._db.execute(update(WaitingAnnouncement).values(audience=here))

    async def take_due(self, now: datetime, limit: int) -> list[DueAnnouncement]:
        """Delete some whose time has come, the earliest first. Others see them until the commit."""
        due = await self._db.all(_DUE, now=now, row_limit=limit)
        if not due:
            return []
        ids = [waiting.id for waiting in due]
        await self._db.execute(delete(WaitingAnnouncement).where(WaitingAnnouncement.id.in_(ids)))
        return due

    async def list_page(self, after_id: UUID, limit: int) -> list[AnnouncementRow]:
        """The newest first."""
        return await self._db.all(_PAGE, after_id=after_id, row_limit=limit)

    async def lock_waiting(self, announcement_id: UUID) -> WaitingAnnouncement | None:
        """Lock one against being published; None if it does not wait."""
        query = select(WaitingAnnouncement).where(WaitingAnnouncement.id == announcement_id)
        return await self._db.first(query.with_for_update(key_share=True))

    async def change(self, waiting: WaitingAnnouncement, **values: Any) -> AnnouncementRow:
        """Change one that the caller has locked."""
        await self._db.change(waiting, **values)
        return _row_of(waiting, waiting.audience, published=False)

    async def is_published(self, announcement_id: UUID) -> bool:
        return await self._db.first(select(Announcement.id).where(_is(announcement_id))) is not None

    async def delete_waiting(self, announcement_id: UUID) -> str | None:
        """Returns its title; None if it does not wait."""
        of_this = WaitingAnnouncement.id == announcement_id
        statement = delete(WaitingAnnouncement).where(of_this)
        title: str | None = await self._db.first(statement.returning(WaitingAnnouncement.title_ja))
        return title

    async def delete(self, announcement_id: UUID) -> tuple[UUID, str] | None:
        """Returns id and title; None if none is published."""
        statement = delete(Announcement).where(_is(announcement_id))
        return await self._db.first(statement.returning(Announcement.id, Announcement.title_ja))

    async def delete_some_marks(self, announcement_id: UUID) -> bool:
        """Delete a batch of the marks of an announcement. Returns whether those were all."""
        of_this = AnnouncementMark.announcement_id == announcement_id
        batch = materialized(
            select(AnnouncementMark.user_id).where(of_this).limit(NOTIFICATION_BATCH_ROWS)
        )
        in_batch = AnnouncementMark.user_id.in_(select(batch.c.user_id))
        statement = delete(AnnouncementMark).where(of_this, in_batch)
        deleted = await self._db.all(statement.returning(AnnouncementMark.user_id))
        return len(deleted) < NOTIFICATION_BATCH_ROWS

    async def is_for(self, user_id: UUID, announcement_id: UUID) -> bool:
        """Whether there is such an announcement in the user's list."""
        query = select(Announcement.id).where(
            Announcement.id == announcement_id, announced_to(literal(user_id))
        )
        return await self._db.first(query) is not None

    async def mark_opened(self, user_id: UUID, announcement_id: UUID, now: datetime) -> bool:
        """Note when the push was opened first. False if it is not for the user."""
        own = select(literal(user_id), Announcement.id, literal(now)).where(
            Announcement.id == announcement_id, announced_to(literal(user_id))
        )
        mark = insert(AnnouncementMark).from_select(
            ["user_id", "announcement_id", "opened_at"], own
        )
        kept = func.coalesce(AnnouncementMark.opened_at, mark.excluded.opened_at)
        upsert = mark.on_conflict_do_update(
            index_elements=["user_id", "announcement_id"], set_={"opened_at": kept}
        )
        opened = upsert.returning(AnnouncementMark.announcement_id)
        return await self._db.first(opened) is not None

    # Pushing

    async def exists(self, announcement_id: UUID) -> bool:
        query = select(Announcement.id).where(Announcement.id == announcement_id)
        return await self._db.first(query) is not None

    async def list_readers(self, announcement_id: UUID, after_id: UUID, limit: int) -> list[UUID]:
        """Users with a device who were there when it was written, in the order of their ids."""
        return await self._db.all(
            _READERS, announcement_id=announcement_id, after_id=after_id, row_limit=limit
        )


def _is(announcement_id: UUID) -> ColumnElement[bool]:
    """A published one, by its id or by that which it had while it waited."""
    return or_(Announcement.id == announcement_id, Announcement.waiting_id == announcement_id)


def _row_of(
    row: Announcement | WaitingAnnouncement, audience: int, *, published: bool
) -> AnnouncementRow:
    texts = (row.title_ja, row.body_ja, row.title_en, row.body_en, row.push)
    return AnnouncementRow(row.id, *texts, row.created_at, row.publish_at, published, audience)
