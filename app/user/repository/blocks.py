"""The statements about blocks."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import bindparam, delete, select, tuple_, union
from sqlalchemy.dialects.postgresql import insert

from app.core.database import broken_means
from app.core.db import Repository
from app.core.keyset import page_limit
from app.core.sql.materialized import materialized
from app.core.sql.rows import Query
from app.user.exceptions import UserNotFound
from app.user.models import User, UserBlock
from app.user.rows import BlockRow, author_columns

BLOCK_BATCH_ROWS = 1_000
"""Rows per statement when an account is erased (statements time out after 2.3 s)."""

_KEY = (UserBlock.blocker_id, UserBlock.blocked_id)

_BLOCKS = Query(
    BlockRow,
    select(UserBlock.id.label("block_id"), *author_columns("user"))
    .join(User, User.id == UserBlock.blocked_id)
    .where(
        UserBlock.blocker_id == bindparam("viewer_id"),
        UserBlock.id < bindparam("after_id"),
        User.left_at.is_(None),
    )
    .order_by(UserBlock.id.desc())
    .limit(page_limit()),
)


class BlockRepository(Repository):
    async def add(self, blocker_id: UUID, blocked_id: UUID) -> bool:
        """Returns whether the block is new. Raises UserNotFound if the blocked user is erased."""
        statement = insert(UserBlock).values(blocker_id=blocker_id, blocked_id=blocked_id)
        added = statement.on_conflict_do_nothing().returning(UserBlock.id)
        with broken_means("user_blocks_blocked_id_fkey", UserNotFound):
            return await self._db.first(added) is not None

    async def has_more_than(self, blocker_id: UUID, number: int) -> bool:
        query = select(UserBlock.id).where(UserBlock.blocker_id == blocker_id).offset(number)
        return await self._db.first(query.limit(1)) is not None

    async def delete(self, blocker_id: UUID, blocked_id: UUID) -> bool:
        """Returns whether there was such a block."""
        deleted = delete(UserBlock).where(
            UserBlock.blocker_id == blocker_id, UserBlock.blocked_id == blocked_id
        )
        return await self._db.first(deleted.returning(UserBlock.id)) is not None

    async def delete_all_of(self, user_id: UUID) -> None:
        """Delete the blocks by a user and of this user, in batches.

        Within a batch, both kinds in one order: so two users who have blocked each other can be
        erased at once, if neither has very many blocks.
        """
        of_each = (
            select(*_KEY).where(column == user_id).limit(BLOCK_BATCH_ROWS) for column in _KEY
        )
        some = union(*of_each).limit(BLOCK_BATCH_ROWS).subquery()
        key = tuple_(*_KEY)
        locked = select(*_KEY).where(key.in_(select(some))).order_by(*_KEY).with_for_update()
        batch = materialized(locked)
        deleted = delete(UserBlock).where(key.in_(select(batch))).returning(UserBlock.blocker_id)
        while await self._db.all(deleted):
            pass

    async def exists(self, blocker_id: UUID, blocked_id: UUID) -> bool:
        query = select(UserBlock.id).where(
            UserBlock.blocker_id == blocker_id, UserBlock.blocked_id == blocked_id
        )
        return await self._db.first(query) is not None

    async def list_page(self, viewer_id: UUID, after_id: UUID, limit: int) -> Sequence[BlockRow]:
        return await self._db.all(
            _BLOCKS,
            viewer_id=viewer_id,
            after_id=after_id,
            row_limit=limit,
        )
