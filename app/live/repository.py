"""Blocks and mutes, by which viewers exclude what they do not want to see."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, bindparam, func, or_, select

from app.comment.models import Comment
from app.core.db import Repository
from app.core.sql.rows import Query, values_of
from app.live.rows import Block, Exclusions
from app.notification.models import Notification
from app.post.models import Post, PostMute
from app.user.models import UserBlock, not_blocked

_VIEWER = bindparam("viewer_id", type_=Uuid)
_IDS = bindparam("ids", type_=ARRAY(Uuid))
_BLOCKED = values_of(UUID, select(UserBlock.blocked_id).where(UserBlock.blocker_id == _VIEWER))
_MUTED = values_of(UUID, select(PostMute.post_id).where(PostMute.user_id == _VIEWER))
_BLOCKS_AMONG = Query(
    Block,
    select(UserBlock.blocker_id, UserBlock.blocked_id).where(
        UserBlock.blocker_id == func.any(bindparam("viewer_ids", type_=ARRAY(Uuid))),
        UserBlock.blocked_id == func.any(bindparam("user_ids", type_=ARRAY(Uuid))),
    ),
)
_POSTS_AMONG = values_of(UUID, select(Post.id).where(Post.id == func.any(_IDS)))
_OWNER = Notification.user_id.expression
# As of comments (`list_unseen`): the comment above counts, too.
_OF_BLOCKED = values_of(
    UUID,
    select(Notification.id)
    .outerjoin(Comment, Comment.id == Notification.parent_id)
    .where(
        Notification.id == func.any(_IDS),
        or_(
            ~not_blocked(_OWNER, Notification.actor_id),
            ~not_blocked(_OWNER, Notification.post_author_id),
            ~not_blocked(_OWNER, Comment.author_id),
        ),
    ),
)


class ExclusionRepository(Repository):
    async def read(self, viewer_id: UUID) -> Exclusions:
        blocked = await self._db.all(_BLOCKED, viewer_id=viewer_id)
        muted = await self._db.all(_MUTED, viewer_id=viewer_id)
        return Exclusions(viewer_id, frozenset(blocked), frozenset(muted))

    async def blocked_of(
        self, changed: Mapping[UUID, Sequence[UUID]]
    ) -> Mapping[UUID, frozenset[UUID]]:
        """`changed` has user ids by viewer. Returns those whom the viewer has blocked."""
        users = {user_id for user_ids in changed.values() for user_id in user_ids}
        blocked: defaultdict[UUID, set[UUID]] = defaultdict(set)
        for block in await self._db.all(
            _BLOCKS_AMONG, viewer_ids=list(changed), user_ids=list(users)
        ):
            blocked[block.blocker_id].add(block.blocked_id)
        return {viewer: frozenset(blocked[viewer] & set(changed[viewer])) for viewer in blocked}

    async def posts_among(self, ids: Iterable[UUID]) -> frozenset[UUID]:
        """The ids that are a post's, deleted posts included."""
        return frozenset(await self._db.all(_POSTS_AMONG, ids=list(ids)))

    async def list_of_blocked(self, notification_ids: Sequence[UUID]) -> list[UUID]:
        """Those of the notifications about a user whom their owner has blocked."""
        return await self._db.all(_OF_BLOCKED, ids=notification_ids)
