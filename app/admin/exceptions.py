"""What can go wrong when an admin acts."""

from app.core.errors import Conflict, Forbidden, NotFound, Unprocessable
from app.core.field_errors import FieldCode
from app.core.texts import Text
from app.user.exceptions import AdminOnly, LastAdmin

__all__ = [
    "END_OR_PERMANENT",
    "NOT_IN_FUTURE",
    "ONLY_SUSPENDED",
    "TOO_LATE",
    "AboutStaff",
    "AddressUnverified",
    "CannedReasonNotFound",
    "ChangedMeanwhile",
    "DeadJobNotFound",
    "LastAdmin",
    "NoSuchDays",
    "NoTermChosen",
    "NoneDone",
    "NotRegistered",
    "NothingChosen",
    "OwnContent",
    "TooLate",
    "TooManyReasons",
    "UndoTooLate",
]


NOT_IN_FUTURE = FieldCode(
    "not_in_future",
    Text("未来の日時を指定してください。", "Must be in the future."),
)
TOO_LATE = FieldCode(
    "too_late",
    Text("10年以内の日時を指定してください。", "Must be within the next ten years."),
)
ONLY_SUSPENDED = FieldCode(
    "only_when_suspended",
    Text("利用停止にするときだけ指定できます。", "Can only be set for a suspension."),
)
END_OR_PERMANENT = FieldCode(
    "end_or_permanent",
    Text(
        "期限（until）と無期限（permanent）は、どちらか一方だけ指定してください。",
        "Set either `until` or `permanent`, not both.",
    ),
)


class TooLate(Unprocessable):
    """A suspension or announcement has a time more than ten years ahead."""

    code = "too_late"
    title = Text("日時が先すぎます", "Too far in the future")
    detail = Text("日時は10年以内で指定してください。", "Must be within the next ten years.")


class NotRegistered(Conflict):
    """Guests can't be given a role."""

    code = "not_registered"
    title = Text("ユーザー登録されていません", "Not a registered user")
    detail = Text("ゲストには役割を与えられません。", "Guests can't be given a role.")


class AddressUnverified(Conflict):
    """A staff role needs an account whose owner has proved an address, or signs in elsewhere."""

    code = "address_unverified"
    title = Text("メールアドレスが未確認です", "Email address not confirmed")
    detail = Text(
        (
            "管理者やモデレーターにできるのは、メールアドレスを確認済みのユーザーか、"
            "LINE、Google、Apple でログインするユーザーだけです。"
        ),
        (
            "Only users who have a confirmed email address, or who sign in with LINE, Google or "
            "Apple, can become moderators or admins."
        ),
    )


class AboutStaff(AdminOnly):
    """A moderator gives a role, acts on a moderator or an admin, or on what an admin wrote."""


class OwnContent(Forbidden):
    """An admin or a moderator decides about themselves (`policy.refusal`)."""

    code = "own_content"
    title = Text("自分に関することは決定できません", "Conflict of interest")
    detail = Text(
        "自分の投稿やコメント、自分のラウンジ申請、自分についての通報、自分がした通報については、"
        "自分では決定できません。ほかの管理者かモデレーターに依頼してください。",
        "You can't decide on your own content or requests, or on reports by or about you. "
        "Ask another admin or moderator.",
    )


class ChangedMeanwhile(Conflict):
    """The thing has changed since the admin's page showed it. The API never answers this."""


class DeadJobNotFound(NotFound):
    """There is no dead job with this number (any more)."""


class CannedReasonNotFound(NotFound):
    """The canned reason was removed. The API never answers this."""


class TooManyReasons(Conflict):
    """There are as many canned reasons as a phone can show. The API never answers this."""

    code = "too_many_reasons"
    title = Text("定型文が多すぎます", "Too many canned reasons")
    detail = Text(
        "ひとつの用途に登録できる定型文は 12 件までです。",
        "You can have up to twelve canned reasons per action.",
    )


class NoSuchDays(Unprocessable):
    """A file of the log has up to a year, from its first day to its last."""

    code = "no_such_days"
    title = Text("期間を確認してください", "Check the dates")
    detail = Text(
        "最初の日から最後の日まで、366 日以内で選んでください。",
        "Choose a period of up to 366 days.",
    )


class NoTermChosen(Unprocessable):
    """A form suspends and does not say for how long. The API never answers this."""

    code = "no_term_chosen"
    title = Text("期間が選ばれていません", "No duration selected")
    detail = Text("利用停止の期間を選んでください。", "Choose how long the suspension lasts.")


class NothingChosen(Unprocessable):
    """A form for several things came without any. The API never answers this."""

    code = "nothing_chosen"
    title = Text("選択されていません", "Nothing selected")
    detail = Text(
        "対象を選んでから操作してください（一度に 20 件まで）。",
        "Select up to twenty items first.",
    )


class NoneDone(Conflict):
    """Of several things none could be acted on. The API never answers this."""


class UndoTooLate(Conflict):
    """An action can't be undone any more. The API never answers this."""

    code = "undo_too_late"
    title = Text("取り消せませんでした", "Too late to undo")
    detail = Text(
        "取り消せる時間（10 秒）を過ぎました。必要なら、逆の操作を行ってください。",
        "The ten seconds are up. You can reverse it by hand.",
    )
