"""The titles of notifications, made of the names that are stored with them."""

from collections.abc import Mapping

from app.core.words import Words
from app.notification.enums import NotificationType

_TITLES: dict[str, Words] = {
    NotificationType.COMMENT: Words(
        "{actor}さんが「{post}」にコメントしました", "{actor} commented on “{post}”"
    ),
    NotificationType.REPLY: Words(
        "{actor}さんがあなたのコメントに返信しました", "{actor} replied to your comment"
    ),
    NotificationType.LOUNGE_REQUEST_APPROVED: Words(
        "ラウンジ「{lounge}」が開設されました", "The lounge “{lounge}” is open"
    ),
    NotificationType.LOUNGE_REQUEST_REJECTED: Words(
        "ラウンジ「{lounge}」の申請は見送られました", "Your request for “{lounge}” was declined"
    ),
    NotificationType.MODERATION: Words(
        "投稿またはコメントが非表示になりました", "Something you wrote was hidden"
    ),
    NotificationType.REPORT_RESOLVED: Words(
        "ご報告の内容を確認しました", "We have looked into your report"
    ),
    NotificationType.LOUNGE_POST: Words(
        "{actor}さんが「{lounge}」に投稿しました", "{actor} posted in “{lounge}”"
    ),
    NotificationType.WATCHED: Words(
        "ウォッチ中の「{post}」に{actor}さんがコメントしました",
        "{actor} commented on “{post}”, which you are watching",
    ),
    NotificationType.WARNING: Words("運営からの警告があります", "You have a warning"),
    NotificationType.APPEAL_DECIDED: Words(
        "異議申し立てへの回答があります", "Your appeal was decided"
    ),
    NotificationType.ANNOUNCEMENT: Words("運営からのお知らせ", "An announcement"),
}
_OUTCOMES = {
    "upheld": Words("異議申し立ては認められませんでした", "Your appeal was not accepted"),
    "overturned": Words("異議申し立てが認められました", "Your appeal was accepted"),
}
_NEW_POSTS = Words(
    "「{lounge}」に新しい投稿が {count} 件あります", "{count} new posts in “{lounge}”"
)
_NEW_POST = Words("「{lounge}」に新しい投稿が 1 件あります", "A new post in “{lounge}”")
_OTHER = Words("お知らせがあります", "You have a notification")
"""Of a type that a newer release has written, before it was taken back."""

_HIDDEN_TEXT = Words("「{what}」が非表示になりました", "“{what}” was hidden")


def title_of(kind: str, params: Mapping[str, str], actor_name: str, locale: str) -> str:
    """One line in the reader's language. `params` are the names stored with the notification."""
    if kind == NotificationType.ANNOUNCEMENT and "title" in params:
        return params["title"]
    # Old rows do not say which text was hidden.
    names_the_text = kind == NotificationType.MODERATION and "what" in params
    words = _HIDDEN_TEXT if names_the_text else _TITLES.get(kind, _OTHER)
    if kind == NotificationType.APPEAL_DECIDED:
        words = _OUTCOMES.get(params.get("outcome", ""), words)
    title = words.en if locale == "en" else words.ja
    return title.format_map(_Names(params, actor=actor_name))


def new_posts_title(lounge: str, count: int, locale: str) -> str:
    """One line that says how many posts came into a lounge."""
    words = _NEW_POST if count == 1 else _NEW_POSTS
    return (words.en if locale == "en" else words.ja).format(lounge=lounge, count=count)


class _Names(dict[str, str]):
    """Fills in "" for a name that an old row lacks, so that the list still loads."""

    def __missing__(self, key: str) -> str:
        return ""
