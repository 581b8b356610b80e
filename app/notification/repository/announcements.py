"""SQL statements about announcements: one row for all, in each reader's list (ADR 0081)."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    DateTime,
    Text,
    Uuid,
    bindparam,
    case,
    delete,
    false,
    func,
    literal,
    literal_column,
    or_,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.orm import aliased

from app.core.database import AnySelect
from app.core.db import Database
from app.core.keyset import page_limit
from app.core.materialized import materialized
from app.core.rows import Query, values_of
from app.notification.enums import NotificationType
from app.notification.models import (
    Announcement,
    AnnouncementMark,
    Device,
    NotificationSettings,
    announced_to,
    announcement_read_at,
    is_unread_announcement,
)
from app.notification.repository.settings import on_by_default
from app.notification.repository.unread import unread_of
from app.notification.rows import Announcement as AnnouncementRow
from app.notification.rows import NewAnnouncement, PushRow
from app.notification.writes import BATCH
from app.user.enums import UserLocale
from app.user.models import User, not_suspended

_VIEWER = bindparam("viewer_id", type_=Uuid)
_READER = bindparam("reader_id", type_=Uuid)
_AFTER_ID = bindparam("after_id", type_=Uuid)
_NOW = bindparam("now", type_=DateTime(timezone=True))
_BASE_URL = bindparam("base_url", type_=Text)
_ABOUT = ("post_id", "comment_id", "parent_id", "lounge_id", "lounge_request_id")
_Reader = aliased(User, name="announced_reader")


def announced(*conditions: ColumnElement[bool]) -> AnySelect:
    """The announcements for the viewer, with the columns of their notifications."""
    return (
        select(*as_notification(announcement_read_at(_VIEWER).is_not(None), _Reader.locale))
        .select_from(Announcement)
        .join(_Reader, _Reader.id == _VIEWER)
        .where(announced_to(_VIEWER), *conditions)
    )


def as_notification(read: ColumnElement[bool], locale: Any) -> tuple[ColumnElement[Any], ...]:
    """The columns of a notification, for an announcement in one language."""
    return (
        Announcement.id.expression,
        _type(),
        read.label("read"),
        Announcement.created_at.expression,
        *_nothing(*_ABOUT),
        _text_in(locale).label("params"),
        locale.label("locale"),
        _BASE_URL.label("base_url"),
        *_no_actor(),
    )


def _type() -> ColumnElement[str]:
    return literal_column(f"'{NotificationType.ANNOUNCEMENT}'", Text).label("type")


def _nothing(*names: str) -> list[ColumnElement[Any]]:
    return [literal_column("NULL::uuid", Uuid).label(name) for name in names]


def _no_actor() -> list[ColumnElement[Any]]:
    nickname, avatar_url = (
        literal_column("NULL::text", Text).label(name)
        for name in ("actor_nickname", "actor_avatar_url")
    )
    return [false().label("has_actor"), nickname, *_nothing("actor_id"), avatar_url]


def _text_in(locale: Any) -> ColumnElement[Any]:
    """The title and body of an announcement in the reader's language, as `params`."""
    is_english = locale == UserLocale.EN
    title, body = (
        func.coalesce(case((is_english, english)), japanese)
        for english, japanese in (
            (Announcement.title_en, Announcement.title_ja),
            (Announcement.body_en, Announcement.body_ja),
        )
    )
    return func.jsonb_build_object(
        literal_column("'title'"), title, literal_column("'body'"), body, type_=JSONB
    )


def _pushes() -> AnySelect:
    """One row per device of one reader, if they have not read the announcement."""
    device_id = bindparam("device_id", type_=Uuid)
    badge = unread_of(_READER)
    return (
        select(
            Announcement.id,
            _type(),
            *_nothing(*_ABOUT),
            _text_in(_Reader.locale).label("params"),
            _Reader.locale,
            *on_by_default(),
            badge.c.unread,
            Device.id.label("device_id"),
            Device.kind,
            Device.value,
            Device.platform,
            _BASE_URL.label("base_url"),
            *_no_actor(),
        )
        .select_from(Announcement)
        .join(_Reader, _Reader.id == _READER)
        .join(Device, Device.user_id == _Reader.id)
        .join(badge, true())
        .outerjoin(NotificationSettings, NotificationSettings.user_id == _Reader.id)
        .where(
            Announcement.id == bindparam("notification_id", type_=Uuid),
            is_unread_announcement(_READER),
            _Reader.left_at.is_(None),
            not_suspended(_NOW, _Reader),
            or_(device_id.is_(None), Device.id == device_id),
        )
        .order_by(Device.id)
    )


_PUSHES = Query(PushRow, _pushes())
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


class AnnouncementRepository:
    def __init__(self, db: Database) -> None:
        self._db = db

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

    async def list_pushes(
        self, announcement_id: UUID, reader_id: UUID, device_id: UUID | None, now: datetime
    ) -> Sequence[PushRow]:
        """As `NotificationRepository.list_pushes`, for one reader of an announcement."""
        return await self._db.all(
            _PUSHES,
            notification_id=announcement_id,
            reader_id=reader_id,
            device_id=device_id,
            now=now,
        )
