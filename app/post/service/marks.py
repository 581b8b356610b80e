"""Liking, watching and muting posts."""

from uuid import UUID

from app.post.repository.marks import MarkRepository
from app.runtime.context import Needs, Service
from app.user.policy import Viewer


class MarkService(Service):
    _marks = Needs(MarkRepository)

    async def like(self, viewer: Viewer, post_id: UUID) -> None:
        """Does nothing if the viewer likes the post already. Raises SessionRevoked, PostNotFound.

        It is one statement, as is its end: it needs no transaction around it.
        """
        await self._marks.add_like(viewer, post_id)

    async def unlike(self, viewer: Viewer, post_id: UUID) -> None:
        """Does nothing if the viewer likes it not. Raises SessionRevoked, PostNotFound."""
        await self._marks.delete_like(viewer, post_id)

    async def watch(self, viewer: Viewer, post_id: UUID) -> None:
        """Notify the viewer of new comments on a post. Raises SessionRevoked, PostNotFound."""
        await self._marks.add_watch(viewer, post_id)

    async def unwatch(self, viewer: Viewer, post_id: UUID) -> None:
        """Does nothing if the viewer watches it not. Raises SessionRevoked, PostNotFound."""
        await self._marks.delete_watch(viewer, post_id)

    async def mute(self, viewer: Viewer, post_id: UUID) -> None:
        """Hide a post from the viewer, and its notifications. Raises SessionRevoked, PostNotFound.

        A user's own post stays visible to them; only its notifications stop. Like a like, it is one
        statement; a job goes on where there are thousands of notifications.
        """
        await self._marks.set_muted(viewer, post_id, muted=True)

    async def unmute(self, viewer: Viewer, post_id: UUID) -> None:
        """Does nothing if the viewer mutes it not. Raises SessionRevoked, PostNotFound."""
        await self._marks.set_muted(viewer, post_id, muted=False)
