"""The use cases of lounges: finding them, marking them, looking into them."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from app.core.keyset import LAST_ID, PageRequest, Row, Slice
from app.core.text import fold
from app.lounge.enums import LoungeSort
from app.lounge.exceptions import LoungeNameTaken, LoungeNotFound
from app.lounge.models import Lounge
from app.lounge.repository import START, LoungeRepository, sort_key
from app.runtime.context import Context, Needs
from app.user.policy import Viewer
from app.user.service import UserService

FAVORITES, RECENT = "lounge_favorites", "lounge_recent"


class LoungeService:
    _users = Needs(UserService)

    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx
        self._lounges = LoungeRepository(ctx.session)

    async def list_page(
        self, viewer: Viewer, sort: LoungeSort, query: str | None, page: PageRequest
    ) -> Slice[dict[str, Any]]:
        """Open lounges in one of the orders, or those of them whose names hold the words."""
        folded = None if query is None else fold(query)
        name = f"lounges:{sort}:{folded or ''}"
        after = page.after(name) or START[sort]
        rows = await self._lounges.list_page(viewer.user_id, sort, after, folded, page.row_limit)
        found = page.page(name, rows, lambda row: sort_key(sort, row))
        return found.map(lambda row: lounge_json(row, self._ctx.storage.url))

    async def get(self, viewer: Viewer, lounge_id: UUID) -> dict[str, Any]:
        """Raises LoungeNotFound."""
        row = await self._lounges.find(viewer.user_id, lounge_id)
        if row is None:
            raise LoungeNotFound
        return lounge_json(row, self._ctx.storage.url)

    async def look_into(self, viewer: Viewer, lounge_id: UUID) -> dict[str, Any]:
        """As `get`, and the viewer's recent views begin with it. Raises LoungeNotFound."""
        lounge = await self.get(viewer, lounge_id)
        await self._lounges.record_view(viewer.user_id, lounge_id)
        return lounge

    async def ensure_exists(self, lounge_id: UUID) -> None:
        """Raises LoungeNotFound."""
        if not await self._lounges.exists(lounge_id):
            raise LoungeNotFound

    async def ensure_open(self, lounge_id: UUID) -> None:
        """Raises LoungeNotFound, LoungeClosed."""
        await self._lounges.ensure_open(lounge_id)

    async def open(self, name: str, description: str) -> Lounge:
        """Make a lounge. Raises LoungeNameTaken; width and case make no other name."""
        return await self._lounges.add(name, fold(name), description)

    async def ensure_name_is_free(self, name_key: str) -> None:
        """Raises LoungeNameTaken. The table's constraint has the last word, when it is opened."""
        if await self._lounges.has_name(name_key):
            raise LoungeNameTaken

    async def list_sharing_letters(self, name_key: str) -> Sequence[Row]:
        """Some lounges whose names share a pair of letters with this one."""
        return await self._lounges.list_sharing_letters(name_key)

    async def hold(self, lounge_id: UUID) -> None:
        """Nobody else changes it until the transaction ends. Raises LoungeNotFound."""
        await self._lounges.lock(lounge_id)

    async def change(self, lounge_id: UUID, name: str | None, description: str | None) -> None:
        """Change what is given. Raises LoungeNotFound, LoungeNameTaken."""
        lounge = await self._lounges.lock(lounge_id)
        if name is not None:
            await self._lounges.rename(lounge, name, fold(name))
        if description is not None:
            await self._lounges.describe(lounge, description)

    async def close(self, lounge_id: UUID) -> bool:
        """No more posts or comments from now on; whether it was open. Raises LoungeNotFound."""
        lounge = await self._lounges.lock(lounge_id)
        was_open = lounge.closed_at is None
        if was_open:
            await self._lounges.set_closed_at(lounge, self._ctx.clock())
        return was_open

    async def reopen(self, lounge_id: UUID) -> bool:
        """Posts can be added again; whether it was open before. Raises LoungeNotFound."""
        lounge = await self._lounges.lock(lounge_id)
        was_open = lounge.closed_at is None
        await self._lounges.set_closed_at(lounge, None)
        return was_open

    async def list_for_admins(
        self, viewer: Viewer, query: str | None, closed: bool | None, page: PageRequest
    ) -> Slice[dict[str, Any]]:
        """The newest first, those that are closed too, with `closed_at`."""
        folded = None if query is None else fold(query)
        name = f"lounges:admin:{closed}:{folded or ''}"
        after_id = page.after_id(name, start=LAST_ID)
        rows = await self._lounges.list_for_admins(
            viewer.user_id, after_id, folded, closed, page.row_limit
        )
        found = page.page(name, rows, lambda row: [row["id"]])
        url = self._ctx.storage.url
        return found.map(lambda row: {**lounge_json(row, url), "closed_at": row["closed_at"]})

    async def count_post(self, lounge_id: UUID, posted_at: datetime) -> None:
        await self._lounges.count_post(lounge_id, posted_at)

    async def discount_post(self, lounge_id: UUID) -> None:
        """One post less. Nobody counts another until this transaction ends."""
        await self._lounges.discount_post(lounge_id)

    async def set_last_posted_at(self, lounge_id: UUID, moment: datetime | None) -> None:
        """When the latest of its posts was written; only after `discount_post`."""
        await self._lounges.set_last_posted_at(lounge_id, moment)

    async def add_favorite(self, viewer: Viewer, lounge_id: UUID) -> None:
        """Raises LoungeNotFound. Doing it twice is doing it once."""
        await self._users.begin_write(viewer)
        await self.ensure_exists(lounge_id)
        await self._lounges.add_favorite(viewer.user_id, lounge_id)

    async def remove_favorite(self, viewer: Viewer, lounge_id: UUID) -> None:
        """Raises LoungeNotFound."""
        await self._users.begin_write(viewer)
        await self.ensure_exists(lounge_id)
        await self._lounges.delete_favorite(viewer.user_id, lounge_id)

    async def forget_favorites_of(self, user_id: UUID, and_lock: Iterable[UUID]) -> None:
        """Delete a leaver's favourites. Locks their lounges and some others, all in one order."""
        marked = await self._lounges.delete_favorites_of(user_id)
        await self._lounges.lock_all({*marked, *and_lock})
        await self._lounges.uncount_favorites(marked)

    async def discount_posts(
        self, by_lounge: Mapping[UUID, int], latest: Mapping[UUID, datetime | None]
    ) -> None:
        """As `discount_post` and `set_last_posted_at`, for several lounges, locked already."""
        await self._lounges.discount_posts(by_lounge, latest)

    async def list_favorites(self, viewer: Viewer, page: PageRequest) -> Slice[dict[str, Any]]:
        """The viewer's favourites, the newest first."""
        return await self._list_places(viewer, page, FAVORITES, self._lounges.list_favorites)

    async def list_recent(self, viewer: Viewer, page: PageRequest) -> Slice[dict[str, Any]]:
        """What the viewer looked into, the latest first, each once, the 50 latest.

        Closed lounges are left out.
        """
        return await self._list_places(viewer, page, RECENT, self._lounges.list_recent)

    async def forget_recent(self, viewer: Viewer) -> None:
        await self._users.begin_write(viewer)
        await self._lounges.delete_recent(viewer.user_id)

    async def _list_places(
        self, viewer: Viewer, page: PageRequest, name: str, list_page: Callable[..., Any]
    ) -> Slice[dict[str, Any]]:
        after_id = page.after_id(name, start=LAST_ID)
        rows = await list_page(viewer.user_id, after_id, page.row_limit)
        found = page.page(name, rows, lambda row: [row["place_id"]])
        return found.map(lambda row: lounge_json(row, self._ctx.storage.url))


def lounge_json(row: Row, url: Callable[[str], str]) -> dict[str, Any]:
    """A Lounge, ready to serialise."""
    cover = row["cover_key"]
    return {
        "id": row["id"],
        "name": row["name"],
        "description": row["description"],
        "cover_url": url(cover) if cover else None,
        "post_count": row["post_count"],
        "favorite_count": row["favorite_count"],
        "is_favorite": row["is_favorite"],
        "last_posted_at": row["last_posted_at"],
        "created_at": row["created_at"],
        "closed": row["closed_at"] is not None,
    }
