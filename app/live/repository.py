"""What a viewer does not see by their own choice."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, bindparam, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.rows import values_of
from app.live.rows import Sight
from app.post.models import PostMute
from app.user.models import UserBlock

_VIEWER = bindparam("viewer_id", type_=Uuid)
_BLOCKED = values_of(UUID, select(UserBlock.blocked_id).where(UserBlock.blocker_id == _VIEWER))
_MUTED = values_of(UUID, select(PostMute.post_id).where(PostMute.user_id == _VIEWER))
_BLOCKED_OF_THESE = values_of(
    UUID,
    select(UserBlock.blocked_id).where(
        UserBlock.blocker_id == _VIEWER,
        UserBlock.blocked_id == func.any(bindparam("user_ids", type_=ARRAY(Uuid))),
    ),
)


class SightRepository:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def read(self, viewer_id: UUID) -> Sight:
        """All that a viewer has blocked and muted."""
        blocked = await _BLOCKED.all(self._session, viewer_id=viewer_id)
        muted = await _MUTED.all(self._session, viewer_id=viewer_id)
        return Sight(viewer_id, frozenset(blocked), frozenset(muted))

    async def blocked_of(self, viewer_id: UUID, user_ids: Sequence[UUID]) -> frozenset[UUID]:
        """Those of some users whom a viewer has blocked."""
        found = await _BLOCKED_OF_THESE.all(
            self._session, viewer_id=viewer_id, user_ids=list(user_ids)
        )
        return frozenset(found)
