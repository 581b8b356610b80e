"""What notifications say, in the reader's language, made of the names kept with them."""

from collections.abc import Mapping

from app.core.words import Words
from app.notification.enums import NotificationType

_TITLES: dict[NotificationType, Words] = {
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
}


_WHAT = Words("「{what}」が非表示になりました", "“{what}” was hidden")


def title_of(kind: NotificationType, params: Mapping[str, str], locale: str) -> str:
    """One line. `params` has the places that the kind's text needs."""
    # An older row does not say what was hidden.
    is_named = kind == NotificationType.MODERATION and "what" in params
    words = _WHAT if is_named else _TITLES[kind]
    return (words.en if locale == "en" else words.ja).format_map(_Blank(params))


class _Blank(dict[str, str]):
    """A name that an older row lacks is left out, rather than to fail the whole list."""

    def __missing__(self, key: str) -> str:
        return ""
