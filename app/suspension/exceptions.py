"""What can go wrong with warnings and appeals."""

from app.core.errors import Conflict, Forbidden, NotFound, Unprocessable
from app.core.field_errors import FieldCode
from app.core.texts import Text

NOT_APPEALABLE = FieldCode(
    "not_appealable",
    Text(
        "異議を申し立てられるのは、非表示または警告の通知だけです。",
        "You can only appeal hidden content or a warning.",
    ),
)


class WarnedAboutNotFound(NotFound):
    """What a warning names does not exist, or is not the warned user's."""

    code = "warned_about_not_found"
    title = Text("警告の対象が見つかりません", "Content not found")
    detail = Text(
        "警告の対象が存在しないか、このユーザーのものではありません。",
        "The content that the warning is about doesn't exist or isn't this user's.",
    )


class AppealNotFound(NotFound):
    """The appeal does not exist."""

    code = "appeal_not_found"
    title = Text("異議申し立てが見つかりません", "Appeal not found")
    detail = Text("その異議申し立ては存在しません。", "This appeal doesn't exist.")


class NotAppealable(Unprocessable):
    """The notification is about something that can't be appealed."""

    code = "not_appealable"
    title = Text("異議を申し立てられません", "You can't appeal this")
    detail = Text(
        "異議を申し立てられるのは、非表示または警告の通知だけです。",
        "You can only appeal hidden content or a warning.",
    )

    def __init__(self) -> None:
        super().__init__(NOT_APPEALABLE.at("notification_id"))


class AlreadyAppealed(Conflict):
    """The user has appealed against this decision before. Each decision can be appealed once."""

    code = "already_appealed"
    title = Text("すでに申し立てています", "Already appealed")
    detail = Text(
        "この対応への異議申し立てはすでに受け付けています。",
        "You've already appealed this decision.",
    )


class OwnAppeal(Forbidden):
    """An admin may not decide their own appeal."""

    code = "own_appeal"
    title = Text("自分の申し立てです", "Your own appeal")
    detail = Text(
        "自分の異議申し立ては、自分では決定できません。ほかの管理者に依頼してください。",
        "You can't decide on your own appeal. Ask another admin or moderator.",
    )
