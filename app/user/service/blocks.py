"""Blocking users, and who is blocked."""

from uuid import UUID

from app.core.advisory_locks import lock_exclusive
from app.core.keyset import LAST_ID, Page, PageRequest
from app.live_log.changes import Kind
from app.runtime.context import Needs, Service
from app.user.exceptions import CannotBlockSelf, TooManyBlocks
from app.user.policy import Viewer
from app.user.repository.blocks import BlockRepository
from app.user.rows import Author
from app.user.service.users import UserService

MAX_BLOCKS = 5_000
"""Of one user. A change of visibility reads them all."""


class BlockService(Service):
    _users = Needs(UserService)
    _blocks = Needs(BlockRepository)

    async def block(self, viewer: Viewer, user_id: UUID) -> None:
        """Hide a user, and what they write, from the viewer.

        Raises UserNotFound, CannotBlockSelf, TooManyBlocks, SessionRevoked.
        """
        if user_id == viewer.user_id:
            raise CannotBlockSelf
        # Two blocks at once would not count each other.
        await lock_exclusive(self._ctx.db, f"blocks:{viewer.user_id}")
        await self._users.ensure_exists(user_id)
        if await self._blocks.add(viewer.user_id, user_id):
            if await self._blocks.has_more_than(viewer.user_id, MAX_BLOCKS):
                raise TooManyBlocks
            self._ctx.changed(viewer.user_id, Kind.VISIBILITY, user_id)

    async def unblock(self, viewer: Viewer, user_id: UUID) -> None:
        """Show a user again. Nothing happens if the user was not blocked. Raises SessionRevoked."""
        if await self._blocks.delete(viewer.user_id, user_id):
            self._ctx.changed(viewer.user_id, Kind.VISIBILITY, user_id)

    async def has_blocked(self, blocker_id: UUID, blocked_id: UUID) -> bool:
        return await self._blocks.exists(blocker_id, blocked_id)

    async def list_blocks(self, viewer: Viewer, page: PageRequest) -> Page[Author]:
        """The users whom the viewer has blocked, the latest first."""
        page = page.formerly("blocks")
        after_id = page.after_id(start=LAST_ID)
        rows = await self._blocks.list_page(viewer.user_id, after_id, page.row_limit)
        return page.slice(rows, lambda row: [row.block_id]).map(lambda row: row.user)
