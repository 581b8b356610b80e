"""Statements about the notifications of many users at once, for open streams.

They ask what the statements for one user ask, by the same predicates.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Text, Uuid, bindparam, false, func, literal_column, select, true
from sqlalchemy.orm import aliased

from app.core.db import Repository
from app.core.sql.rows import Query
from app.notification.models import (
    Announcement,
    Notification,
    announced_to,
    announcement_read_at,
)
from app.notification.rows import AnnouncedTo, InLanguage, OwnedBadge, OwnedRow
from app.notification_delivery.repository.announced import as_notification
from app.notification_delivery.repository.listing import shown
from app.notification_delivery.repository.unread import unread_of
from app.user.models import User


def _given(parameter: str, kind: Any, name: str) -> Any:
    """The values of an array, as the table `name` with the column `value`."""
    values = func.unnest(bindparam(parameter, type_=ARRAY(kind)))
    return values.table_valued("value").render_derived(name=name)


# Bare names: by a column of `_given` each inner SELECT would read the array again.
_USERS, _USER = _given("user_ids", Uuid, "given"), literal_column("given.value", Uuid)
_LANGUAGES, _LOCALE = _given("locales", Text, "spoken"), literal_column("spoken.value", Text)
_IDS = bindparam("ids", type_=ARRAY(Uuid))
_OWNER = Notification.user_id.expression
_Reader = aliased(User, name="one_of_many")

_BADGE = unread_of(_USER)
_BADGES = Query(
    OwnedBadge,
    select(_USER.label("user_id"), *_BADGE.c).select_from(_USERS.join(_BADGE, true())),
)
_OWN = Query(
    OwnedRow,
    shown(_OWNER, Notification.id == func.any(_IDS)).with_only_columns(
        _OWNER, *shown(_OWNER).selected_columns
    ),
)
_ANNOUNCED = Query(
    AnnouncedTo,
    select(
        _USER.label("user_id"),
        Announcement.id.label("announcement_id"),
        _Reader.locale,
        announcement_read_at(_USER).is_not(None).label("read"),
    )
    .select_from(_USERS)
    .join(_Reader, _Reader.id == _USER)
    .join(Announcement, Announcement.id == func.any(_IDS))
    .where(announced_to(_USER)),
)
_TEXTS = Query(
    InLanguage,
    select(_LOCALE.label("spoken"), *as_notification(false(), _LOCALE))
    .select_from(_LANGUAGES)
    .join(Announcement, Announcement.id == func.any(_IDS)),
)


class ManyReadersRepository(Repository):
    async def count_unread(self, user_ids: Sequence[UUID]) -> list[OwnedBadge]:
        """The badge of each of some users."""
        return await self._db.all(_BADGES, user_ids=user_ids)

    async def list_own(self, ids: Sequence[UUID]) -> list[OwnedRow]:
        """Some notifications, each as its owner sees it. Those hidden are left out."""
        return await self._db.all(_OWN, ids=ids)

    async def list_announced(
        self, user_ids: Sequence[UUID], ids: Sequence[UUID]
    ) -> list[AnnouncedTo]:
        """To which of some users some announcements are addressed."""
        return await self._db.all(_ANNOUNCED, user_ids=user_ids, ids=ids)

    async def list_texts(self, ids: Sequence[UUID], locales: Sequence[str]) -> list[InLanguage]:
        """Some announcements as unread notifications, in each of some languages."""
        return await self._db.all(_TEXTS, ids=ids, locales=list(locales))
