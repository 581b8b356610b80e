"""Announcements as notifications: one row for all, in each reader's list (ADR 0081)."""

from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Text,
    Uuid,
    bindparam,
    case,
    false,
    func,
    literal_column,
    select,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import aliased

from app.core.database import AnySelect
from app.notification.enums import NotificationType
from app.notification.models import Announcement, announced_to, announcement_read_at
from app.user.enums import UserLocale
from app.user.models import User

_SUBJECTS = ("post_id", "comment_id", "parent_id", "lounge_id", "lounge_request_id")

_VIEWER = bindparam("viewer_id", type_=Uuid)
_BASE_URL = bindparam("base_url", type_=Text)
AnnouncedReader = aliased(User, name="announced_reader")


def announced(*conditions: ColumnElement[bool]) -> AnySelect:
    """The announcements for the viewer, with the columns of their notifications."""
    return (
        select(*as_notification(announcement_read_at(_VIEWER).is_not(None), AnnouncedReader.locale))
        .select_from(Announcement)
        .join(AnnouncedReader, AnnouncedReader.id == _VIEWER)
        .where(announced_to(_VIEWER), *conditions)
    )


def as_notification(read: ColumnElement[bool], locale: Any) -> tuple[ColumnElement[Any], ...]:
    """The columns of a notification, for an announcement in one language."""
    return (
        Announcement.id.expression,
        literal_column(f"'{NotificationType.ANNOUNCEMENT}'", Text).label("type"),
        read.label("read"),
        Announcement.created_at.expression,
        *_nothing(Uuid, *_SUBJECTS),
        _text_in(locale).label("params"),
        *_nothing(Text, "post_title", "comment_body"),
        false().label("opens"),
        locale.label("locale"),
        _BASE_URL.label("base_url"),
        false().label("has_actor"),
        *_nothing(Text, "actor_nickname"),
        *_nothing(Uuid, "actor_id"),
        *_nothing(Text, "actor_avatar_url"),
    )


def _nothing(kind: type[Text | Uuid[UUID]], *names: str) -> list[ColumnElement[Any]]:
    return [literal_column(f"NULL::{kind.__name__.lower()}", kind).label(name) for name in names]


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
