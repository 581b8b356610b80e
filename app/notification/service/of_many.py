"""The notifications of many users at once: open streams are told them together.

What a method answers for a user is what `NotificationService` answers for that user alone.
"""

from collections.abc import Collection, Mapping
from itertools import batched
from typing import Final
from uuid import UUID

from app.notification.repository import ManyReadersRepository
from app.notification.rows import AnnouncedTo, NotificationRow, OwnedRow
from app.runtime.context import Context

AT_ONCE: Final = 250
"""Users, or notifications, of one statement. Statements end after two seconds."""

BADGES_AT_ONCE: Final = 25
"""Users whose unread notifications one statement counts: two microseconds for each of these."""


class ManyReadersService:
    def __init__(self, ctx: Context) -> None:
        self._repository = ManyReadersRepository(ctx.session, ctx.media_url, ctx.base_url)

    async def count_unread(self, user_ids: Collection[UUID]) -> dict[UUID, int]:
        """The badge of each user."""
        counted: dict[UUID, int] = {}
        for some in batched(user_ids, BADGES_AT_ONCE, strict=False):
            badges = await self._repository.count_unread(some)
            counted |= {badge.user_id: badge.unread for badge in badges}
        return counted

    async def list_own(self, ids: Collection[UUID]) -> list[OwnedRow]:
        """Some notifications, each as its owner sees it. Those out of sight are left out."""
        rows: list[OwnedRow] = []
        for some in batched(ids, AT_ONCE, strict=False):
            rows += await self._repository.list_own(some)
        return rows

    async def list_announced(
        self, user_ids: Collection[UUID], announcement_ids: Collection[UUID]
    ) -> list[AnnouncedTo]:
        """To which of the users some announcements are addressed, and who has read them."""
        rows: list[AnnouncedTo] = []
        for some in batched(user_ids, AT_ONCE, strict=False):
            rows += await self._repository.list_announced(some, list(announcement_ids))
        return rows

    async def texts_of(
        self, announcement_ids: Collection[UUID], locales: Collection[str]
    ) -> Mapping[tuple[UUID, str], NotificationRow]:
        """Announcements as unread notifications, by id and language."""
        if not locales:
            return {}
        found = await self._repository.list_texts(list(announcement_ids), list(locales))
        return {(row.id, locale): row for locale, row in found}
