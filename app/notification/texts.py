"""The titles of notifications, made of names, and what is below them."""

from collections.abc import Mapping

from app.core.texts import Text
from app.notification.enums import AccountEvent, NotificationType
from app.notification.kinds import KINDS
from app.user.enums import SignInMethod
from app.user.texts import METHOD_NAMES

EXCERPT_LENGTH = 120
"""Letters of a comment that are quoted."""

_EVENTS: dict[str, Text] = {
    AccountEvent.LINKED: Text("ログイン方法「{way}」が追加されました", "New sign-in method: {way}"),
    AccountEvent.UNLINKED: Text(
        "ログイン方法「{way}」が解除されました", "Sign-in method removed: {way}"
    ),
    AccountEvent.EMAIL_CHANGE_ASKED: Text(
        "メールアドレス変更の手続きがありました", "Request to change your email address"
    ),
    AccountEvent.EMAIL_CHANGED: Text(
        "メールアドレスが変更されました", "Your email address was changed"
    ),
    AccountEvent.EMAIL_LAPSED: Text(
        "確認されなかったメールアドレスが解除されました", "An unconfirmed email address was removed"
    ),
    AccountEvent.PASSWORD_CHANGED: Text("パスワードが変更されました", "Your password was changed"),
    AccountEvent.MFA_SET_UP: Text(
        "2 段階認証が設定されました", "Two-factor authentication was set up"
    ),
    AccountEvent.MFA_REMOVED: Text(
        "2 段階認証が解除されました", "Two-factor authentication was turned off"
    ),
    AccountEvent.RECOVERY_CODE_USED: Text("回復コードが使われました", "A recovery code was used"),
}
_IF_NOT_YOU = Text(
    "お心当たりがない場合は、設定でログイン方法を確認し、ほかの端末からログアウトしてください。",
    "If this wasn't you, check your sign-in methods and sign out of all other devices.",
)
_LAPSED_BODY = Text(
    "24 時間以内に確認されなかったか、アドレスの持ち主が登録したためです。"
    "使う場合は、もう一度追加して確認してください。",
    "It wasn't confirmed within 24 hours, or its owner signed up. To use it, add it again.",
)
_OUTCOMES = {
    "upheld": Text("異議申し立ては認められませんでした", "Your appeal was denied"),
    "overturned": Text("異議申し立てが認められました", "Your appeal was granted"),
}
_REPORT_OUTCOMES = {
    "acted": Text(
        "通報された{what}を確認し、対応しました",
        "We reviewed the {what} you reported and took action",
    ),
    "no_violation": Text(
        "通報された{what}に、規約違反は見つかりませんでした",
        "We reviewed the {what} you reported and found no violation",
    ),
}
_REPORTED = {
    "post": Text("投稿", "post"),
    "comment": Text("コメント", "comment"),
    "user": Text("ユーザー", "user"),
    "lounge": Text("ラウンジ", "lounge"),
}
_NEW_POSTS = Text(
    "「{lounge}」に新しい投稿が {count} 件あります", "{count} new posts in “{lounge}”"
)
_NEW_POST = Text("「{lounge}」に新しい投稿が 1 件あります", "New post in “{lounge}”")
_OTHER = Text("通知があります", "You have a notification")
"""Of a type that a newer release has written, before it was taken back."""

_HIDDEN_TEXT = Text("「{what}」が非表示になりました", "“{what}” was hidden")


def title_of(kind: str, params: Mapping[str, str], actor_name: str, locale: str) -> str:
    """One line in the reader's language. `params` are the names that it needs."""
    if kind == NotificationType.ANNOUNCEMENT and "title" in params:
        return params["title"]
    # Old rows do not say which text was hidden.
    names_the_text = kind == NotificationType.MODERATION and "what" in params
    words = _HIDDEN_TEXT if names_the_text else _title(kind)
    if kind == NotificationType.APPEAL_DECIDED:
        words = _OUTCOMES.get(params.get("outcome", ""), words)
    if kind == NotificationType.SECURITY:
        return _event_of(params, words).in_("en" if locale == "en" else "ja")
    if kind == NotificationType.REPORT_RESOLVED and (
        what := _REPORTED.get(params.get("target", ""))
    ):
        words = _REPORT_OUTCOMES.get(params.get("outcome", ""), words)
        params = {"what": what.en if locale == "en" else what.ja}
    title = words.en if locale == "en" else words.ja
    return title.format_map(_Names(params, actor=actor_name))


def _title(kind: str) -> Text:
    return KINDS[kind].title if kind in KINDS else _OTHER


def body_of(kind: str, params: Mapping[str, str], locale: str) -> str:
    """What is below the title: a comment's words, a reason, or ours about the account itself."""
    if kind != NotificationType.SECURITY:
        return params.get("body", "")
    is_lapsed = params.get("event") == AccountEvent.EMAIL_LAPSED
    return (_LAPSED_BODY if is_lapsed else _IF_NOT_YOU).in_("en" if locale == "en" else "ja")


def _event_of(params: Mapping[str, str], unknown: Text) -> Text:
    """What has happened to the account, by the name of its sign-in method."""
    words, way = _EVENTS.get(params.get("event", ""), unknown), params.get("door", "")
    names = METHOD_NAMES[SignInMethod(way)] if way in SignInMethod else Text("", "")
    return Text(words.ja.format(way=names.ja), words.en.format(way=names.en))


def new_posts_title(lounge: str, count: int, locale: str) -> str:
    """One line that says how many posts came into a lounge."""
    words = _NEW_POST if count == 1 else _NEW_POSTS
    return (words.en if locale == "en" else words.ja).format(lounge=lounge, count=count)


class _Names(dict[str, str]):
    """Fills in "" for a name that an old row lacks, so that the list still loads."""

    def __missing__(self, key: str) -> str:
        return ""
