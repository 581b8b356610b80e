"""What a page says of the act that led to it. The word `done` in the page's address names it.

`{name}` is the user of `about` there, `{term}` for how long a suspension is.
"""

from app.core.words import Words

SOMEBODY = Words("ユーザー", "the user")
"""For a user who has left meanwhile."""

TERMS: dict[str, Words] = {
    "1": Words("1日間", " for 1 day"),
    "3": Words("3日間", " for 3 days"),
    "7": Words("7日間", " for 7 days"),
    "30": Words("30日間", " for 30 days"),
    "good": Words("無期限で", " for good"),
}
"""For how long the console suspends: a number of days, or for good."""

NO_TERM = Words("", "")

SAID: dict[str, Words] = {
    "approved": Words(
        "承認しました。申請者に通知しました。", "Approved. The requester is notified."
    ),
    "rejected": Words(
        "却下しました。申請者に理由を通知しました。", "Rejected. The requester is told the reason."
    ),
    "resolved": Words(
        "対応を記録しました。通報者に通知しました。", "Resolved. The reporters are notified."
    ),
    "released": Words("公開しました。", "Released."),
    "withheld": Words(
        "公開を認めました。投稿者の投稿とコメントがすべて非表示のあいだは表示されず、利用停止が終わると表示されます。",
        (
            "Approved. It stays hidden with all that its author wrote, and is shown when the "
            "suspension ends."
        ),
    ),
    "hidden": Words(
        "非表示にしました。投稿者に理由を通知しました。", "Hidden. The author is told the reason."
    ),
    "suspend": Words("{name}さんを{term}利用停止にしました。", "Suspended {name}{term}."),
    "author-suspended": Words(
        "{name}さんを{term}利用停止にしました。通報者に通知しました。",
        "Suspended {name}{term}. The reporters are notified.",
    ),
    "restore": Words("{name}さんの利用停止を解除しました。", "Restored {name}."),
    "moderate": Words("{name}さんをモデレーターにしました。", "Made {name} a moderator."),
    "promote": Words("{name}さんを管理者にしました。", "Made {name} an admin."),
    "demote": Words("{name}さんの役割を外しました。", "Took the role from {name}."),
    "made": Words("ラウンジを作成しました。", "Lounge opened."),
    "changed": Words("ラウンジを編集しました。", "Lounge edited."),
    "closed": Words("ラウンジを閉鎖しました。", "Lounge closed."),
    "reopened": Words("ラウンジを再開しました。", "Lounge reopened."),
    "decided": Words("決定しました。本人に伝えます。", "Decided. The user is told."),
    "warn": Words("警告しました。本人に通知しました。", "Warned. The user is told."),
    "announced": Words("全員に公開しました。", "It is out, to everybody."),
    "scheduled": Words("公開を予約しました。", "Scheduled."),
    "announcement_deleted": Words("お知らせを取り下げました。", "Announcement withdrawn."),
    "cover": Words("カバー画像を設定しました。", "Cover set."),
    "uncover": Words("カバー画像を削除しました。", "Cover removed."),
    "bulk-hidden": Words(
        "選択したものを非表示にしました。投稿者に理由を通知しました。",
        "Hid what you chose. The author is told the reason.",
    ),
    "bulk-restored": Words("選択したものを公開しました。", "Showed what you chose."),
    "undone": Words("取り消しました。", "Undone."),
    "removed": Words("削除しました。", "Removed."),
    "saved": Words("保存しました。", "Saved."),
    "language": Words("言語を変更しました。", "Language changed."),
    "mfa-off": Words("2 段階認証を解除しました。", "Two-factor authentication is turned off."),
    "ended-others": Words(
        "ほかの端末をすべてログアウトさせました。", "Signed out everywhere else."
    ),
    "ended": Words("ログアウトさせました。", "Signed out."),
    "retried": Words("ジョブをもう一度実行します。", "The job will run again."),
    "dropped": Words("ジョブを破棄しました。", "Job dropped."),
}
