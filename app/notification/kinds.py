"""What each type of notification is. All that depends on a type follows from `KINDS`."""

from collections.abc import Mapping
from dataclasses import dataclass

from app.core.texts import Text
from app.notification.enums import About, NotificationType


@dataclass(frozen=True, slots=True)
class NotificationKind:
    """The facts about one type of notification."""

    title: Text
    """Its first line. In braces: a name of its `params`, or the actor's."""

    channel: str = "moderation"
    """The Android channel of its pushes."""

    setting: str | None = None
    """The setting that switches its pushes off, beside `push_enabled`: a column's name."""

    about: About | None = None
    """What it quotes, opens, and is hidden with. None: it stays, also without a subject."""

    to_many: bool = False
    """Whether it goes to thousands of users at once. Its pushes wait for all others."""

    is_message: bool = False
    """Whether it is a moderator's message. It stays when its subject goes, but opens nothing."""

    is_always_pushed: bool = False
    """Whether no setting stops its pushes."""


KINDS: Mapping[str, NotificationKind] = {
    NotificationType.COMMENT: NotificationKind(
        Text("{actor}さんが「{post}」にコメントしました", "{actor} commented on “{post}”"),
        channel="comments",
        setting="comment",
        about=About.COMMENT,
    ),
    NotificationType.REPLY: NotificationKind(
        Text("{actor}さんがあなたのコメントに返信しました", "{actor} replied to your comment"),
        channel="comments",
        setting="reply",
        about=About.COMMENT,
    ),
    NotificationType.LOUNGE_REQUEST_APPROVED: NotificationKind(
        Text("ラウンジ「{lounge}」が開設されました", "The lounge “{lounge}” was created"),
        channel="lounge_requests",
        setting="lounge_request",
    ),
    NotificationType.LOUNGE_REQUEST_REJECTED: NotificationKind(
        Text(
            "ラウンジ「{lounge}」の申請は見送られました",
            "Your request for “{lounge}” was rejected",
        ),
        channel="lounge_requests",
        setting="lounge_request",
    ),
    NotificationType.MODERATION: NotificationKind(
        Text("投稿またはコメントが非表示になりました", "Your content was hidden"),
        is_message=True,
    ),
    NotificationType.REPORT_RESOLVED: NotificationKind(
        Text("通報の内容を確認しました", "We reviewed your report"), is_message=True
    ),
    NotificationType.LOUNGE_POST: NotificationKind(
        Text("{actor}さんが「{lounge}」に投稿しました", "{actor} posted in “{lounge}”"),
        channel="lounge_posts",
        setting="lounge_post",
        about=About.POST,
        to_many=True,
    ),
    NotificationType.WATCHED: NotificationKind(
        Text(
            "ウォッチ中の「{post}」に{actor}さんがコメントしました",
            "{actor} commented on “{post}”, which you're watching",
        ),
        channel="comments",
        setting="watched",
        about=About.COMMENT,
        to_many=True,
    ),
    NotificationType.WARNING: NotificationKind(
        Text("運営からの警告があります", "You've received a warning"), is_message=True
    ),
    NotificationType.APPEAL_DECIDED: NotificationKind(
        Text("異議申し立てへの回答があります", "We've decided on your appeal"), is_message=True
    ),
    NotificationType.ANNOUNCEMENT: NotificationKind(
        Text("運営からのお知らせ", "Announcement"),
        channel="announcements",
        setting="announcement",
        to_many=True,
    ),
    # A thief who switches pushes off would go unnoticed.
    NotificationType.SECURITY: NotificationKind(
        Text("アカウントに変更がありました", "Your account was changed"),
        is_always_pushed=True,
    ),
}
"""By type. A type that is missing was written by a newer release, before it was taken back."""

ABOUT_COMMENTS = tuple(name for name, kind in KINDS.items() if kind.about == About.COMMENT)
ABOUT_POSTS_ALONE = tuple(name for name, kind in KINDS.items() if kind.about == About.POST)
ABOUT_POSTS = (*ABOUT_COMMENTS, *ABOUT_POSTS_ALONE)
"""Types that are hidden with their post."""

MESSAGES = tuple(name for name, kind in KINDS.items() if kind.is_message)


def about_of(name: str) -> About | None:
    """What a notification of a type quotes and opens."""
    return KINDS[name].about if name in KINDS else None
