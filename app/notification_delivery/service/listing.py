"""A user's notifications as they see them."""

from app.core.keyset import LAST_ID, Page, PageRequest
from app.notification.rows import Badge, NotificationRow
from app.notification_delivery.repository.listing import NotificationListRepository
from app.runtime.context import Needs, Service
from app.user.policy import Viewer


class NotificationListService(Service):
    _list = Needs(NotificationListRepository)

    async def list_page(
        self, viewer: Viewer, page: PageRequest, *, unread: bool
    ) -> Page[NotificationRow]:
        """The viewer's notifications, the newest first."""
        page = page.formerly("notifications:unread" if unread else "notifications")
        after_id = page.after_id(start=LAST_ID)
        rows = await self._list.list_page(viewer.user_id, after_id, page.row_limit, unread=unread)
        return page.slice(rows, lambda row: [row.id])

    async def count_unread(self, viewer: Viewer) -> Badge:
        """The badge of the viewer."""
        return await self._list.count_unread(viewer.user_id)
