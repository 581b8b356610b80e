"""Entries of the audit log in words, in the reader's language."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from app.admin.enums import Action
from app.admin.rows import AuditRow
from app.console.formats import Translate, time
from app.core.text import cut

LONGEST_NAME = 40
"""In letters. A title of a post may have 100, and an appeal begins with its text."""

type Sentence = tuple[str, str]
"""In Japanese and in English. `{name}` is the thing's name in quotation marks."""

_SENTENCES: dict[str, Sentence] = {
    Action.LOUNGE_OPENED: ("ラウンジ{name}を作成しました", "Created the lounge {name}"),
    Action.LOUNGE_CHANGED: ("ラウンジ{name}を変更しました", "Edited the lounge {name}"),
    Action.LOUNGE_CLOSED: ("ラウンジ{name}を閉鎖しました", "Closed the lounge {name}"),
    Action.LOUNGE_REOPENED: ("ラウンジ{name}を再開しました", "Reopened the lounge {name}"),
    Action.LOUNGE_REMOVED: (
        "ラウンジ{name}の作成を取り消しました",
        "Undid the creation of {name}",
    ),
    Action.LOUNGE_REQUEST_APPROVED: (
        "ラウンジの申請{name}を承認しました",
        "Approved the request for {name}",
    ),
    Action.LOUNGE_REQUEST_REJECTED: (
        "ラウンジの申請{name}を却下しました",
        "Rejected the request for {name}",
    ),
    Action.LOUNGE_REQUEST_REOPENED: (
        "ラウンジの申請{name}を審査待ちに戻しました",
        "Returned the request for {name} to pending",
    ),
    Action.POST_HIDDEN: ("投稿{name}を非表示にしました", "Hid the post {name}"),
    Action.COMMENT_HIDDEN: ("コメント{name}を非表示にしました", "Hid the comment {name}"),
    Action.REPORT_REOPENED: ("通報{name}を未対応に戻しました", "Reopened the report on {name}"),
    Action.BANNED_WORDS_CHANGED: ("禁止語の一覧を変更しました", "Changed the banned words"),
    Action.CANNED_REASONS_CHANGED: ("定型文を編集しました", "Edited a canned reason"),
    Action.USER_MFA_SET_UP: (
        "{name}さんが 2 段階認証を設定しました",
        "{name} set up two-factor authentication",
    ),
    Action.USER_MFA_REMOVED: (
        "{name}さんが 2 段階認証を解除しました",
        "{name} turned off two-factor authentication",
    ),
    Action.USER_MFA_RESET: (
        "{name}さんの 2 段階認証をリセットしました",
        "Reset two-factor authentication for {name}",
    ),
    Action.USER_RECOVERY_CODES_RENEWED: (
        "{name}さんが回復コードを作り直しました",
        "{name} created new recovery codes",
    ),
    Action.USER_WARNED: ("{name}さんに警告しました", "Warned {name}"),
    Action.APPEAL_DECIDED: ("異議{name}を決定しました", "Decided the appeal {name}"),
    Action.ANNOUNCEMENT_MADE: ("お知らせ{name}を掲載しました", "Published the announcement {name}"),
    Action.ANNOUNCEMENT_CHANGED: (
        "予約したお知らせ{name}を編集しました",
        "Edited the scheduled announcement {name}",
    ),
    Action.ANNOUNCEMENT_DELETED: (
        "お知らせ{name}を取り下げました",
        "Withdrew the announcement {name}",
    ),
    Action.RECORDS_SEARCHED: ("接続記録を検索しました", "Searched the connection log"),
    Action.RECORDS_EXPORTED: ("記録を書き出しました", "Exported data"),
    Action.JOB_RETRIED: ("失敗したジョブを再実行しました", "Retried a failed job"),
    Action.JOB_DROPPED: ("失敗したジョブを破棄しました", "Discarded a failed job"),
}
_DECISIONS: dict[str, Sentence] = {
    "upheld": ("異議{name}を退け、対応を維持しました", "Denied the appeal {name}"),
    "overturned": ("異議{name}を認め、対応を取り消しました", "Granted the appeal {name}"),
}
_RELEASED: Sentence = ("{kind}{name}を公開しました", "Released the {kind} {name}")
_RESTORED: dict[str, Sentence] = {
    "visible": ("{kind}{name}を再表示しました", "Unhid the {kind} {name}"),
    "held": ("{kind}{name}を保留に戻しました", "Held the {kind} {name} for review again"),
}
_STANDINGS: dict[tuple[str, str, str], Sentence] = {
    ("status", "active", "suspended"): ("{name}さんを利用停止にしました", "Suspended {name}"),
    ("status", "suspended", "active"): (
        "{name}さんの利用停止を解除しました",
        "Ended the suspension of {name}",
    ),
    **{
        ("role", before, "moderator"): (
            "{name}さんをモデレーターにしました",
            "Made {name} a moderator",
        )
        for before in ("user", "admin")
    },
    ("role", "moderator", "user"): (
        "{name}さんをモデレーターから外しました",
        "Removed {name} as moderator",
    ),
    ("role", "moderator", "admin"): ("{name}さんを管理者にしました", "Made {name} an admin"),
    ("role", "user", "admin"): ("{name}さんを管理者にしました", "Made {name} an admin"),
    ("role", "admin", "user"): (
        "{name}さんを管理者から外しました",
        "Removed {name} as admin",
    ),
}
_SAME: Sentence = ("{name}さんを変更しました（変わりなし）", "Made no changes to {name}")
_OTHER: Sentence = ("{name}さんの利用停止を変更しました", "Changed the suspension of {name}")
_RESOLUTIONS: dict[str, Sentence] = {
    "dismiss": ("{name}の通報を問題なしとしました", "Dismissed the report on {name}"),
    "hide": ("通報された{name}を非表示にしました", "Hid {name} after a report"),
    "suspend": (
        "通報された{name}の投稿者を利用停止にしました",
        "Suspended the author of {name} after a report",
    ),
}
_KINDS: dict[str, Sentence] = {"post": ("投稿", "post"), "comment": ("コメント", "comment")}


def act_in_words(entry: AuditRow, t: Translate) -> str:
    """What was done, as a sentence.

    The action's code if there is none, such as in a later release's entry. The pages then show its
    label of `names.html`, if it has one.
    """
    sentences = list(_sentences_of(entry))
    if not sentences:
        return entry.action
    name = cut(entry.target_name or "", LONGEST_NAME)
    shown = t(f"「{name}」", f"“{name}”") if name else t("（不明）", "(unknown)")
    kind = t(*_KINDS.get(entry.target_type, ("", "")))
    joined = t("。", "; ").join(t(*sentence) for sentence in sentences)
    return joined.replace("{kind}", kind).replace("{name}", shown)


def _sentences_of(entry: AuditRow) -> Iterable[Sentence]:
    match entry.action:
        case Action.USER_CHANGED:
            yield from _standing(entry)
        case Action.POST_RESTORED | Action.COMMENT_RESTORED:
            if entry.before.get("moderation") == "held":
                yield _RELEASED
            else:
                yield _RESTORED.get(str(entry.after.get("moderation")), _RESTORED["visible"])
        case Action.REPORT_RESOLVED if entry.after.get("action") in _RESOLUTIONS:
            yield _RESOLUTIONS[entry.after["action"]]
        case Action.APPEAL_DECIDED if entry.after.get("status") in _DECISIONS:
            yield _DECISIONS[entry.after["status"]]
        case Action.LOUNGE_COVER_CHANGED:
            yield _cover(entry)
        case action if action in _SENTENCES:
            yield _SENTENCES[action]


def _standing(entry: AuditRow) -> Iterable[Sentence]:
    changes = [
        _STANDINGS.get((name, str(entry.before.get(name)), str(entry.after.get(name))))
        for name in ("role", "status")
    ]
    found = [sentence for sentence in changes if sentence]
    return found or [_SAME if entry.before == entry.after else _OTHER]


def _cover(entry: AuditRow) -> Sentence:
    if entry.after.get("cover"):
        return "ラウンジ{name}のカバー画像を設定しました", "Set the cover of {name}"
    return "ラウンジ{name}のカバー画像を削除しました", "Removed the cover of {name}"


def changes_in_words(entry: AuditRow, t: Translate) -> list[str]:
    """What changed in detail, a sentence each. Empty where the act says all."""
    describe = _DETAILS.get(entry.action)
    return list(describe(entry, t)) if describe else []


def _suspension(entry: AuditRow, t: Translate) -> Iterable[str]:
    """When a suspension ends and what it hides, where it begins or is changed."""
    if entry.after.get("status") != "suspended":
        return
    was_there = entry.before.get("status") == "suspended"
    for label, describe in (
        (t("利用停止の期限", "Suspended until"), _end),
        (t("投稿とコメント", "Posts and comments"), _hides),
    ):
        before, after = describe(entry.before, t), describe(entry.after, t)
        if not was_there:
            yield t(f"{label}：{after}", f"{label}: {after}")
        elif before != after:
            yield t(f"{label}：「{before}」から「{after}」に", f"{label}: from {before} to {after}")


def _end(standing: Mapping[str, Any], t: Translate) -> str:
    until = standing.get("until")
    return time(datetime.fromisoformat(until), t) if until else t("無期限", "no end date")


def _hides(standing: Mapping[str, Any], t: Translate) -> str:
    is_hidden = standing.get("hide_content")
    return t("すべて非表示", "all hidden") if is_hidden else t("そのまま", "not hidden")


def _lounge_text(entry: AuditRow, t: Translate) -> Iterable[str]:
    words = {"name": t("名前", "Name"), "description": t("説明", "Description")}
    for field, label in words.items():
        before, after = entry.before.get(field), entry.after.get(field)
        if before and after and before != after:
            yield t(
                f"{label}：「{before}」から「{after}」に", f"{label}: from “{before}” to “{after}”"
            )


def _words(entry: AuditRow, t: Translate) -> Iterable[str]:
    kinds = {"words": t("禁止語", "words"), "exceptions": t("例外", "exceptions")}
    for field, label in kinds.items():
        if added := entry.after.get(field):
            yield t(f"{label}を追加：", f"Added {label}: ") + _listed(added, t)
        if removed := entry.before.get(field):
            yield t(f"{label}を削除：", f"Removed {label}: ") + _listed(removed, t)


def _reason(entry: AuditRow, t: Translate) -> Iterable[str]:
    before, after = (state.get(t("ja", "en"), "") for state in (entry.before, entry.after))
    if not before:
        yield t(f"追加：「{after}」", f"Added “{after}”")
    elif not after:
        yield t(f"削除：「{before}」", f"Removed “{before}”")
    else:
        yield t(f"「{before}」から「{after}」に", f"From “{before}” to “{after}”")


def _job(entry: AuditRow, t: Translate) -> Iterable[str]:
    yield f"{entry.before.get('name', '')} #{entry.before.get('job', '')}"
    if error := entry.before.get("error"):
        yield t(f"エラー：{error}", f"Error: {error}")


def _records(entry: AuditRow, t: Translate) -> Iterable[str]:
    found = entry.after.get("found", 0)
    yield t(f"{found} 件見つかりました", f"{found} result{'' if found == 1 else 's'}")


def _exported(entry: AuditRow, t: Translate) -> Iterable[str]:
    after = entry.after
    what = t("数値", "Numbers") if after.get("what") == "numbers" else t("操作の記録", "Audit log")
    yield t(
        f"{what}（{after.get('since', '')} から {after.get('until', '')} まで）",
        f"{what}, from {after.get('since', '')} to {after.get('until', '')}",
    )


def _listed(values: Iterable[Any], t: Translate) -> str:
    return t("、", ", ").join(map(str, values))


_DETAILS: dict[str, Callable[[AuditRow, Translate], Iterable[str]]] = {
    Action.USER_CHANGED: _suspension,
    Action.LOUNGE_CHANGED: _lounge_text,
    Action.BANNED_WORDS_CHANGED: _words,
    Action.CANNED_REASONS_CHANGED: _reason,
    Action.JOB_RETRIED: _job,
    Action.JOB_DROPPED: _job,
    Action.RECORDS_SEARCHED: _records,
    Action.RECORDS_EXPORTED: _exported,
}
