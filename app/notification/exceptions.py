"""What can go wrong with notifications and announcements."""

from app.core.errors import Conflict, NotFound
from app.core.texts import Text


class NotificationNotFound(NotFound):
    """The notification does not exist, or is another user's."""

    code = "notification_not_found"
    title = Text("通知が見つかりません", "Notification not found")
    detail = Text(
        "通知は存在しないか、表示できません。", "The notification doesn't exist or isn't yours."
    )


class AnnouncementNotFound(NotFound):
    """The announcement does not exist, or was deleted."""

    code = "announcement_not_found"
    title = Text("お知らせが見つかりません", "Announcement not found")
    detail = Text(
        "そのお知らせは存在しないか、すでに削除されています。",
        "The announcement doesn't exist or was deleted.",
    )


class AlreadyPublished(Conflict):
    """The announcement is published: users may have read it."""

    code = "already_published"
    title = Text("すでに公開されています", "Already published")
    detail = Text(
        "公開されたお知らせは編集できません。取り下げることはできます。",
        "A published announcement can't be edited, only withdrawn.",
    )
