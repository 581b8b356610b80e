"""What a page says of the act that led to it. The word `done` in the page's address names it.

`{what}` is the thing of `about` there, and `{name}` if it is a user; `{term}` for how long a
suspension is, `{number}` how many things an act was about.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from app.admin.enums import TargetType
from app.core.texts import Locale, Text

SOMEBODY = Text("ユーザー", "the user")
"""For a user who has left meanwhile."""

SOMETHING = Text("対象", "it")
"""For a thing that is gone."""

NAMED: dict[str, Text] = {
    TargetType.POST: Text("投稿「{name}」", "the post “{name}”"),
    TargetType.COMMENT: Text("「{post}」へのコメント", "the comment on “{post}”"),
    TargetType.LOUNGE: Text("ラウンジ「{name}」", "the lounge “{name}”"),
    TargetType.LOUNGE_REQUEST: Text("「{name}」の申請", "the request for “{name}”"),
    TargetType.USER: Text("{name}さん", "{name}"),
    TargetType.CANNED_REASONS: Text("定型文「{name}」", "the canned reason “{post}”"),
    TargetType.APPEAL: Text("{name}さんの異議申し立て", "{name}’s appeal"),
}
"""How the words name a thing, by its kind."""

LONGEST_NAME = 20


@dataclass(frozen=True, slots=True)
class Done:
    """What the page says of an act, where only the act itself knows."""

    word: str
    """A key of `SAID`."""

    about: tuple[TargetType, UUID] | None = None
    """What the words name, if it is not the act's target."""

    term: str = ""
    """For how long a suspension is; a key of `TERMS`."""

    number: int = 0
    """How many things an act on many was about."""


def name_of(about: Mapping[str, str | None] | None, locale: Locale) -> str:
    """A thing of an act in words, by its kind and its name as the frame has them."""
    if about is None or about["kind"] not in NAMED:
        return SOMETHING.in_(locale)
    parts = {part: _short(about.get(part) or "") for part in ("name", "post")}
    return NAMED[about["kind"]].in_(locale).format(**parts)


def _short(name: str) -> str:
    return name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1]}…"


TERMS: dict[str, Text] = {
    "1": Text("1日間", " for 1 day"),
    "3": Text("3日間", " for 3 days"),
    "7": Text("7日間", " for 7 days"),
    "30": Text("30日間", " for 30 days"),
    "good": Text("無期限で", " permanently"),
}
"""For how long the console suspends: a number of days, or permanently."""

NO_TERM = Text("", "")

_SUSPENDED = Text(
    "{name}さんを{term}利用停止にしました。本人に理由を伝えます。",
    "Suspended {name}{term}. They will see the reason.",
)
_REPORTERS = Text("通報者に通知しました。", "The reporters were notified.")
_STAYS = Text("投稿とコメントは表示されたままです。", "Their posts and comments stay visible.")
_GOES = Text(
    "投稿とコメントは、まもなくすべて非表示になります。",
    "All their posts and comments will be hidden shortly.",
)

SAID: dict[str, Text] = {
    "approved": Text(
        "{what}を承認しました。申請者に通知しました。",
        "Approved {what}. The requester was notified.",
    ),
    "rejected": Text(
        "{what}を却下しました。申請者に理由を通知しました。",
        "Rejected {what}. The requester will see the reason.",
    ),
    "dismissed": Text(
        "{what}の通報を問題なしとしました。通報者に通知しました。",
        "Dismissed the reports on {what}. The reporters were notified.",
    ),
    "report-hidden": Text(
        "{what}を非表示にしました。投稿者と通報者に通知しました。",
        "Hid {what}. The author and the reporters were notified.",
    ),
    "released": Text("{what}を公開しました。", "Released {what}."),
    "shown": Text("{what}を公開しました。", "Unhid {what}."),
    "withheld": Text(
        "{what}の公開を認めました。投稿者の投稿とコメントがすべて非表示のあいだは表示されず、利用停止が終わると表示されます。",
        "Released {what}. It will become visible when the author’s suspension ends.",
    ),
    "hidden": Text(
        "{what}を非表示にしました。投稿者に理由を通知しました。",
        "Hid {what}. The author will see the reason.",
    ),
    "suspend": Text(f"{_SUSPENDED.ja}{_STAYS.ja}", f"{_SUSPENDED.en} {_STAYS.en}"),
    "suspend-hiding": Text(f"{_SUSPENDED.ja}{_GOES.ja}", f"{_SUSPENDED.en} {_GOES.en}"),
    "author-suspended": Text(
        f"{_SUSPENDED.ja}{_REPORTERS.ja}{_STAYS.ja}",
        f"{_SUSPENDED.en} {_REPORTERS.en} {_STAYS.en}",
    ),
    "author-suspended-hiding": Text(
        f"{_SUSPENDED.ja}{_REPORTERS.ja}{_GOES.ja}",
        f"{_SUSPENDED.en} {_REPORTERS.en} {_GOES.en}",
    ),
    "restore": Text("{name}さんの利用停止を解除しました。", "Ended the suspension of {name}."),
    "moderate": Text("{name}さんをモデレーターにしました。", "Made {name} a moderator."),
    "promote": Text("{name}さんを管理者にしました。", "Made {name} an admin."),
    "demote": Text("{name}さんの役割を外しました。", "Removed {name} as admin or moderator."),
    "made": Text("{what}を作成しました。", "Created {what}."),
    "changed": Text("{what}を編集しました。", "Edited {what}."),
    "closed": Text("{what}を閉鎖しました。", "Closed {what}."),
    "reopened": Text("{what}を再開しました。", "Reopened {what}."),
    "appeal-granted": Text(
        "{what}を認めました。本人に伝えます。", "Granted {what}. The user was notified."
    ),
    "appeal-rejected": Text(
        "{what}を認めませんでした。本人に伝えます。", "Denied {what}. The user was notified."
    ),
    "warn": Text(
        "{name}さんに警告し、理由を通知しました。", "Warned {name}. They will see the reason."
    ),
    "announced": Text("全員に公開しました。", "Announcement published."),
    "scheduled": Text("公開を予約しました。", "Announcement scheduled."),
    "announcement_deleted": Text("お知らせを取り下げました。", "Announcement withdrawn."),
    "cover": Text("カバー画像を設定しました。", "Cover image set."),
    "uncover": Text("カバー画像を削除しました。", "Cover image removed."),
    "many-dismissed": Text(
        "{number}件の通報を問題なしとしました。通報者に通知しました。",
        "Dismissed the reports on {number} items. The reporters were notified.",
    ),
    "many-reported-hidden": Text(
        "通報された{number}件を非表示にしました。投稿者と通報者に通知しました。",
        "Hid {number} reported items. Their authors and the reporters were notified.",
    ),
    "many-released": Text("{number}件を公開しました。", "Released {number} items."),
    "many-hidden": Text(
        "{number}件を非表示にしました。投稿者に理由を通知しました。",
        "Hid {number} items. Their authors will see the reason.",
    ),
    "many-rejected": Text(
        "{number}件の申請を却下しました。申請者に理由を通知しました。",
        "Rejected {number} requests. The requesters will see the reason.",
    ),
    "bulk-hidden": Text(
        "選択したものを非表示にしました。投稿者に理由を通知しました。",
        "Hid the selected items. The author will see the reason.",
    ),
    "bulk-restored": Text("選択したものを再表示しました。", "Unhid the selected items."),
    "undone": Text("取り消しました。", "Undone."),
    "removed": Text("{what}を削除しました。", "Removed {what}."),
    "saved": Text("保存しました。", "Saved."),
    "language": Text("言語を変更しました。", "Language changed."),
    "mfa-off": Text("2 段階認証を解除しました。", "Two-factor authentication turned off."),
    "ended-others": Text(
        "ほかの端末をすべてログアウトさせました。", "Signed out of all other devices."
    ),
    "ended": Text("ログアウトさせました。", "Device signed out."),
    "retried": Text("ジョブをもう一度実行します。", "The job will run again."),
    "dropped": Text("ジョブを破棄しました。", "Job discarded."),
}


def says_what(word: str) -> bool:
    """Whether the words name what an act was about."""
    return any(part in SAID[word].ja for part in ("{what}", "{name}"))
