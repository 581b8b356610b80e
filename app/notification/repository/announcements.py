"""SQL statements about announcements: one row for all, in each reader's list (ADR 0081)."""

from dataclasses import asdict
from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    Uuid,
    bindparam,
    delete,
    func,
    literal,
    select,
)
from sqlalchemy.dialects.postgresql import insert

from app.core.db import Repository
from app.core.keyset import page_limit
from app.core.materialized import materialized
from app.core.rows import Query, values_of
from app.notification.models import (
    Announcement,
    AnnouncementMark,
    Device,
    announced_to,
)
from app.notification.rows import Announcement as AnnouncementRow
from app.notification.rows import NewAnnouncement
from app.notification.writes import BATCH

_AFTER_ID = bindparam("after_id", type_=Uuid)
_THESE = (
    select(
        Announcement.id,
        Announcement.title_ja,
        Announcement.body_ja,
        Announcement.title_en,
        Announcement.body_en,
        Announcement.push,
        Announcement.created_at,
    )
    .where(Announcement.id < _AFTER_ID)
    .order_by(Announcement.id.desc())
    .limit(page_limit())
)
_PAGE = Query(AnnouncementRow, _THESE)
_READERS = values_of(
    UUID,
    select(Device.user_id)
    .distinct()
    .where(Device.user_id > _AFTER_ID, Device.user_id < bindparam("announcement_id", type_=Uuid))
    .order_by(Device.user_id)
    .limit(page_limit()),
)


class AnnouncementRepository(Repository):
    async def add(self, new: NewAnnouncement) -> AnnouncementRow:
        announcement = await self._db.add(Announcement(**asdict(new)))
        return AnnouncementRow(
            announcement.id,
            announcement.title_ja,
            announcement.body_ja,
            announcement.title_en,
            announcement.body_en,
            announcement.push,
            announcement.created_at,
        )

    async def list_page(self, after_id: UUID, limit: int) -> list[AnnouncementRow]:
        """The newest first."""
        return await self._db.all(_PAGE, after_id=after_id, row_limit=limit)

    async def delete(self, announcement_id: UUID) -> str | None:
        """Returns its title; None if there is no such announcement."""
        statement = delete(Announcement).where(Announcement.id == announcement_id)
        title: str | None = await self._db.first(statement.returning(Announcement.title_ja))
        return title

    async def delete_some_marks(self, announcement_id: UUID) -> bool:
        """Delete a batch of the marks of an announcement. Returns whether those were all."""
        of_this = AnnouncementMark.announcement_id == announcement_id
        batch = materialized(select(AnnouncementMark.user_id).where(of_this).limit(BATCH))
        in_batch = AnnouncementMark.user_id.in_(select(batch.c.user_id))
        statement = delete(AnnouncementMark).where(of_this, in_batch)
        deleted = await self._db.all(statement.returning(AnnouncementMark.user_id))
        return len(deleted) < BATCH

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
