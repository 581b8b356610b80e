"""What can go wrong with notifications and announcements."""

from app.core.errors import NotFound
from app.core.words import Words


class NotificationNotFound(NotFound):
    """The notification does not exist, or is another user's."""

    code = "notification_not_found"
    title = Words("通知が見つかりません", "Notification not found")
    detail = Words(
        "通知は存在しないか、表示できません。",
        "The notification does not exist or is not yours.",
    )


class AnnouncementNotFound(NotFound):
    """The announcement does not exist, or was deleted."""

    code = "announcement_not_found"
    title = Words("お知らせが見つかりません", "Announcement not found")
    detail = Words(
        "そのお知らせは存在しないか、すでに削除されています。",
        "The announcement does not exist or was deleted.",
    )
