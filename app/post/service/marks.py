"""Liking and muting posts."""

from uuid import UUID

from app.post.repository import MarkRepository
from app.post.service.notifying import PostNotificationService
from app.post.service.reading import PostService
from app.runtime.context import Context, Needs
from app.user.policy import Viewer
from app.user.service import UserService


class MarkService:
    _reading = Needs(PostService)
    _users = Needs(UserService)
    _notifications = Needs(PostNotificationService)

    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx
        self._marks = MarkRepository(ctx.session)

    async def like(self, viewer: Viewer, post_id: UUID) -> None:
        """Does nothing if the viewer likes the post already. Raises SessionRevoked, PostNotFound.

        It is one statement, as is its end: it needs no transaction around it.
        """
        await self._marks.add_like(viewer, post_id)

    async def unlike(self, viewer: Viewer, post_id: UUID) -> None:
        """Does nothing if the viewer likes it not. Raises SessionRevoked, PostNotFound."""
        await self._marks.delete_like(viewer, post_id)

    async def mute(self, viewer: Viewer, post_id: UUID) -> None:
        """Hide a post from the viewer, and its notifications. Raises PostNotFound.

        A user's own post stays visible to them; only its notifications stop.
        """
        await self._users.begin_write(viewer)
        # The lock comes first. It waits for notifications of the post that are being written, so
        # that the last statement finds them.
        await self._marks.lock_mutes(viewer.user_id, post_id, changing=True)
        await self._reading.ensure_readable(viewer, post_id)
        await self._marks.add_mute(viewer.user_id, post_id)
        await self._notifications.set_muted(viewer.user_id, post_id, muted=True)

    async def unmute(self, viewer: Viewer, post_id: UUID) -> None:
        """Raises PostNotFound."""
        await self._users.begin_write(viewer)
        # The lock comes first. A job may be hiding notifications for the mute.
        await self._marks.lock_mutes(viewer.user_id, post_id, changing=True)
        await self._reading.ensure_readable(viewer, post_id)
        await self._marks.delete_mute(viewer.user_id, post_id)
        await self._notifications.set_muted(viewer.user_id, post_id, muted=False)
