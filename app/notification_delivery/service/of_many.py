"""The notifications of many users at once, loaded together for open streams.

A method returns for each user what `NotificationListService` returns for a single user.
"""

import time
from collections.abc import Collection, Mapping, Sequence
from itertools import batched
from typing import Final
from uuid import UUID

import structlog

from app.core.unavailable import took_too_long
from app.notification.rows import AnnouncedTo, Badge, NotificationRow, OwnedRow
from app.notification_delivery.repository.of_many import ManyReadersRepository
from app.runtime.context import Needs, Service

USER_BATCH: Final = 250
"""Users, or notifications, of one statement. Statements end after two seconds."""

BADGES_AT_ONCE: Final = 15
"""Users whose unread notifications one statement counts. One takes a tenth of a second at most."""

COUNTING_SECONDS: Final = 1.0
"""How long users are counted one by one, if they can't be counted together. Streams wait."""

log = structlog.get_logger(__name__)


class ManyReadersService(Service):
    _repository = Needs(ManyReadersRepository)

    async def count_unread(self, user_ids: Collection[UUID]) -> dict[UUID, Badge]:
        """The badge of each user. Those who could not be counted in time are missing."""
        counted: dict[UUID, Badge] = {}
        for some in batched(user_ids, BADGES_AT_ONCE, strict=False):
            try:
                counted |= await self._count(some)
            except Exception as error:
                if not took_too_long(error):
                    raise
                counted |= await self._count_one_by_one(some)
        return counted

    async def _count(self, user_ids: Sequence[UUID]) -> dict[UUID, Badge]:
        owned = await self._repository.count_unread(user_ids)
        return {each.user_id: each.badge for each in owned}

    async def _count_one_by_one(self, user_ids: Sequence[UUID]) -> dict[UUID, Badge]:
        """One user must not spoil it for the others of a statement."""
        counted: dict[UUID, Badge] = {}
        until = time.monotonic() + COUNTING_SECONDS
        for user_id in user_ids:
            if time.monotonic() > until:
                break
            try:
                counted |= await self._count([user_id])
            except Exception as error:
                if not took_too_long(error):
                    raise
        log.warning("unread_count_took_too_long", users=len(user_ids) - len(counted))
        return counted

    async def list_own(self, ids: Collection[UUID]) -> list[OwnedRow]:
        """Some notifications, each as its owner sees it. Those hidden are left out."""
        rows: list[OwnedRow] = []
        for some in batched(ids, USER_BATCH, strict=False):
            rows += await self._repository.list_own(some)
        return rows

    async def list_announced(
        self, user_ids: Collection[UUID], announcement_ids: Collection[UUID]
    ) -> list[AnnouncedTo]:
        """To which of the users some announcements are addressed, and who has read them."""
        rows: list[AnnouncedTo] = []
        for some in batched(user_ids, USER_BATCH, strict=False):
            rows += await self._repository.list_announced(some, list(announcement_ids))
        return rows

    async def texts_of(
        self, announcement_ids: Collection[UUID], locales: Collection[str]
    ) -> Mapping[tuple[UUID, str], NotificationRow]:
        """Announcements as unread notifications, by id and language."""
        if not locales:
            return {}
        found = await self._repository.list_texts(list(announcement_ids), list(locales))
        return {(each.row.id, each.spoken): each.row for each in found}
