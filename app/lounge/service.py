"""The use cases of lounges: lists, favorites, recent views, and what admins do."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from app.core.advisory_locks import lock_exclusive
from app.core.keyset import LAST_ID, Page, PageRequest
from app.core.sql.rows import Positioned
from app.core.text import fold
from app.core.viewer_fields import PublishedMarks
from app.image.service.images import ImageService
from app.integrations.pictures.picture import Picture
from app.live_log.changes import Kind
from app.lounge.enums import LoungeSort, NotificationLevel
from app.lounge.exceptions import LoungeNameTaken, LoungeNotFound
from app.lounge.models import COVERS, Lounge
from app.lounge.repository.favorites import FavoriteRepository
from app.lounge.repository.lounges import LoungeRepository
from app.lounge.repository.reading import START, LoungeReader, sort_key
from app.lounge.repository.recent_views import RecentViewRepository
from app.lounge.repository.subscriptions import SubscriptionRepository
from app.lounge.rows import Lounge as LoungeRow
from app.lounge.rows import ManagedLounge, NamedLounge
from app.runtime.context import Needs, Service
from app.user.policy import Viewer

type LoungePage = Page[LoungeRow]

FORGOTTEN_AT_ONCE = 1_000
"""Favorites of a leaver that one transaction deletes. It locks as many lounges."""


class LoungeService(Service):
    _images = Needs(ImageService)
    _reader = Needs(LoungeReader)
    _lounges = Needs(LoungeRepository)
    _favorites = Needs(FavoriteRepository)
    _recent_views = Needs(RecentViewRepository)
    _subscriptions = Needs(SubscriptionRepository)

    # Reading

    async def list_page(
        self, viewer: Viewer, sort: LoungeSort, query: str | None, page: PageRequest
    ) -> LoungePage:
        """Open lounges in an order; with `query`, those whose names have its words."""
        folded = None if query is None else fold(query)
        page = page.formerly(f"lounges:{sort}:{folded or ''}")
        after = page.after() or START[sort]
        rows = await self._reader.list_page(viewer.user_id, sort, after, folded, page.row_limit)
        return page.slice(rows, lambda row: sort_key(sort, row)).map(_row)

    async def list_favorites(self, viewer: Viewer, page: PageRequest) -> LoungePage:
        """The viewer's favorites, the latest first. Closed lounges are among them."""
        page = page.formerly("lounge_favorites")
        after_id = page.after_id(start=LAST_ID)
        rows = await self._reader.list_favorites(viewer.user_id, after_id, page.row_limit)
        return page.slice(rows, lambda row: [row.position]).map(_row)

    async def list_recent(self, viewer: Viewer, page: PageRequest) -> LoungePage:
        """The open lounges that the viewer opened, the latest first, each once.

        Only the viewer's 50 latest are listed.
        """
        page = page.formerly("lounge_recent")
        after_id = page.after_id(start=LAST_ID)
        rows = await self._reader.list_recent(viewer.user_id, after_id, page.row_limit)
        return page.slice(rows, lambda row: [row.position]).map(_row)

    async def list_for_admins(
        self, viewer: Viewer, query: str | None, closed: bool | None, page: PageRequest
    ) -> Page[ManagedLounge]:
        """The newest first, closed lounges too."""
        folded = None if query is None else fold(query)
        page = page.formerly(f"lounges:admin:{closed}:{folded or ''}")
        after_id = page.after_id(start=LAST_ID)
        rows = await self._reader.list_for_admins(
            viewer.user_id, after_id, folded, closed, page.row_limit
        )
        return page.slice(rows, lambda row: [row.id])

    async def list_with_common_bigrams(self, name_key: str) -> Sequence[NamedLounge]:
        """The most popular open lounges whose names are a little like a folded name.

        See `shares_letters`. Only for showing them: a closed lounge keeps its name
        (`ensure_name_is_free`).
        """
        return await self._reader.list_with_common_bigrams(name_key)

    async def get(self, viewer: Viewer, lounge_id: UUID) -> LoungeRow:
        """Raises LoungeNotFound."""
        lounge = await self._reader.find(viewer.user_id, lounge_id)
        if lounge is None:
            raise LoungeNotFound
        return lounge

    async def list_these(self, lounge_ids: Sequence[UUID]) -> list[LoungeRow]:
        """Some lounges, for no one in particular: `is_favorite` says nothing."""
        return await self._reader.list_these(lounge_ids)

    async def list_marks(self, viewer_id: UUID, lounge_ids: Sequence[UUID]) -> list[PublishedMarks]:
        return await self._reader.list_marks(viewer_id, lounge_ids)

    async def view(self, viewer: Viewer, lounge_id: UUID) -> LoungeRow:
        """Like `get`, and makes the lounge the viewer's latest view. Raises LoungeNotFound.

        `has_new` is the value before.
        """
        lounge = await self.get(viewer, lounge_id)
        await self._recent_views.record(viewer.user_id, lounge_id)
        return lounge

    async def forget_recent(self, viewer: Viewer) -> None:
        """Empty the viewer's list of recent views. What is new to them stays as it is."""
        await self._recent_views.forget_all_of(viewer.user_id)

    async def ensure_exists(self, lounge_id: UUID) -> None:
        """Raises LoungeNotFound."""
        if not await self._lounges.exists(lounge_id):
            raise LoungeNotFound

    # Favorites

    async def add_favorite(self, viewer: Viewer, lounge_id: UUID) -> None:
        """Does nothing if it is a favorite already. Raises SessionRevoked, LoungeNotFound.

        It is one statement, as is its end: it needs no transaction around it.
        """
        await self._favorites.add(viewer, lounge_id)

    async def remove_favorite(self, viewer: Viewer, lounge_id: UUID) -> None:
        """Does nothing if it is not a favorite. Raises SessionRevoked, LoungeNotFound."""
        await self._favorites.delete(viewer, lounge_id)

    # Notifications of posts

    async def set_notification_level(
        self, viewer: Viewer, lounge_id: UUID, level: NotificationLevel
    ) -> None:
        """Choose whether the viewer is notified of the lounge's posts.

        It is one statement. Raises SessionRevoked, LoungeNotFound, and LoungeClosed for ALL.
        """
        await self._subscriptions.set_level(viewer, lounge_id, level)

    async def take_turn(self, lounge_id: UUID) -> None:
        """Wait until no other job notifies the lounge's subscribers, and let none begin."""
        await lock_exclusive(self._ctx.db, f"lounge_subscribers:{lounge_id}")

    # Leaving

    async def forget_favorites_of(
        self, user_id: UUID, and_lock: Iterable[UUID]
    ) -> tuple[bool, bool]:
        """Delete a batch of a leaver's favorites.

        Returns whether there were any, and whether those were all.

        Also locks the lounges in `and_lock`: lounges are locked in one go, in the order of ids.
        """
        marked = await self._favorites.delete_some_of(user_id, FORGOTTEN_AT_ONCE)
        await self._lounges.lock_all({*marked, *and_lock})
        await self._favorites.discount(marked)
        return bool(marked), len(marked) < FORGOTTEN_AT_ONCE

    # Making and changing

    async def ensure_open(self, lounge_id: UUID) -> None:
        """Locks the lounge against closing. Raises LoungeNotFound, LoungeClosed."""
        await self._lounges.ensure_open(lounge_id)

    async def ensure_name_is_free(self, name_key: str) -> None:
        """Raises LoungeNameTaken. `open` can still raise it: the table's constraint decides."""
        if await self._lounges.has_name(name_key):
            raise LoungeNameTaken

    async def open(self, name: str, description: str) -> Lounge:
        """Make a lounge. Raises LoungeNameTaken, also if only width or case differ.

        Publishes no change: a new lounge has no followers, and no copy keeps the list of lounges.
        """
        return await self._lounges.add(name, fold(name), description)

    async def lock(self, lounge_id: UUID) -> None:
        """Keeps the lounge unchanged until the transaction ends. Raises LoungeNotFound."""
        await self._lounges.lock(lounge_id)

    async def change(self, lounge_id: UUID, name: str | None, description: str | None) -> None:
        """Change what is not None. Raises LoungeNotFound, LoungeNameTaken."""
        lounge = await self._lounges.lock(lounge_id)
        if name is not None:
            await self._lounges.rename(lounge, name, fold(name))
        if description is not None:
            await self._lounges.describe(lounge, description)
        self._publish(lounge_id)

    async def set_cover(self, lounge_id: UUID, picture: Picture | None) -> bool:
        """Show a picture with a lounge, or none. As `show_cover`."""
        key = None if picture is None else await self.store_cover(picture)
        return await self.show_cover(lounge_id, key)

    async def store_cover(self, picture: Picture) -> str:
        """Store a picture for `show_cover`; returns its key. It goes if the transaction fails.

        It takes seconds. Call it before the lounge is locked: what is written there waits.
        """
        return await self._images.store(picture, COVERS)

    async def show_cover(self, lounge_id: UUID, key: str | None) -> bool:
        """Show a stored picture with a lounge, or none. Returns whether it had one.

        The picture before is deleted from the store. Raises LoungeNotFound.
        """
        lounge = await self._lounges.lock(lounge_id)
        before = lounge.cover_key
        await self._lounges.set_cover_key(lounge, key)
        self._publish(lounge_id)
        if before is not None:
            await self._images.discard_key(before)
        return before is not None

    async def close(self, lounge_id: UUID) -> bool:
        """Take no more posts or comments. Returns whether it was open. Raises LoungeNotFound."""
        lounge = await self._lounges.lock(lounge_id)
        was_open = lounge.closed_at is None
        if was_open:
            await self._lounges.set_closed_at(lounge, self._ctx.clock())
            self._publish(lounge_id)
        return was_open

    async def remove_unused(self, lounge_id: UUID) -> None:
        """Delete a lounge whose opening is taken back. Raises LoungeInUse."""
        await self._lounges.delete_unused(lounge_id)
        self._publish(lounge_id)

    async def reopen(self, lounge_id: UUID) -> bool:
        """Take posts and comments again. Returns whether it was open. Raises LoungeNotFound."""
        lounge = await self._lounges.lock(lounge_id)
        was_open = lounge.closed_at is None
        await self._lounges.set_closed_at(lounge, None)
        if not was_open:
            self._publish(lounge_id)
        return was_open

    def _publish(self, lounge_id: UUID) -> None:
        self._ctx.changed(lounge_id, Kind.LOUNGE, lounge_id)

    # Counts of posts

    async def lock_all(self, lounge_ids: Iterable[UUID]) -> None:
        """Lock lounges in the order of their ids, before their counts of posts change."""
        await self._lounges.lock_all(set(lounge_ids))


def _row(positioned: Positioned[LoungeRow]) -> LoungeRow:
    return positioned.row
