"""Choosing an author's posts, in batches: to hide, show or delete all of them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

from app.core.keyset import FIRST_ID
from app.core.sql.sorted_batches import in_batches
from app.post.enums import AuthorContent
from app.post.policy import ModerationChange, change_with_author
from app.post.repository.visibility import PostVisibilityRepository
from app.post.rows import LockedPost
from app.runtime.context import Needs, Service

AUTHOR_BATCH_ROWS = 200
"""Posts that one job hides, with up to ten images each (statements time out after 2.3 s)."""

DELETED_AT_ONCE = 1_000


@dataclass(frozen=True, slots=True)
class PostsOfAuthor:
    """Posts that are locked, what becomes of them, and where the next batch begins."""

    changes: Sequence[tuple[LockedPost, ModerationChange]]
    last: UUID
    is_all: bool


class AuthorPostsService(Service):
    _posts = Needs(PostVisibilityRepository)

    async def lock_some_of(
        self,
        author_id: UUID,
        whole: AuthorContent,
        counted: Collection[UUID],
        after_id: UUID = FIRST_ID,
    ) -> PostsOfAuthor:
        """Lock a batch of an author's posts, and those whose counts change with the author's words.

        The words themselves are locked already: comments come before posts.
        """
        deletes = whole == AuthorContent.DELETED
        limit = DELETED_AT_ONCE if deletes else AUTHOR_BATCH_ROWS
        own = set(await self._posts.list_of(author_id, whole, after_id, limit))
        changes = []
        for post_ids in in_batches({*own, *counted}, limit):
            for post in await self._posts.lock_all(post_ids, whole_row=not deletes):
                change = change_with_author(post, whole) if post.id in own else None
                if change is not None:
                    changes.append((post, change))
        return PostsOfAuthor(changes, max(own, default=after_id), is_all=len(own) < limit)
