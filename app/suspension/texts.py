"""The words of the page for suspended users, of mails, and of the push of a suspension."""

from dataclasses import dataclass

from app.core.texts import Text
from app.suspension.enums import AppealStatus

OUTCOMES = {
    AppealStatus.OPEN: Text("確認中です", "We're reviewing it"),
    AppealStatus.UPHELD: Text(
        "内容を確認しましたが、対応は変わりません。",
        "We reviewed it again and are keeping our decision.",
    ),
    AppealStatus.OVERTURNED: Text(
        "内容を確認し、対応を取り消しました。", "We reviewed it again and reversed our decision."
    ),
}


@dataclass(frozen=True, slots=True)
class PageWords:
    """The words of one state of the page."""

    title: Text
    paragraph: Text


DEAD = PageWords(
    Text("このリンクは使えません", "This link doesn't work"),
    Text(
        "リンクが正しくないか、利用停止はすでに終わっています。アプリを開いてお確かめください。",
        "The link is invalid, or the suspension has ended. Open the app to check.",
    ),
)
SUSPENDED = PageWords(
    Text("アカウントは利用停止中です", "Your account is suspended"),
    Text(
        "この対応に異議がある場合は、一度だけ申し立てられます。運営が内容を確認します。",
        "If you think this is a mistake, you can appeal once. We'll review it again.",
    ),
)
RECEIVED = PageWords(
    Text("異議申し立てを受け付けました", "We received your appeal"),
    Text("結果は、このページでご確認いただけます。", "You'll find the result on this page."),
)
MAILED_TOO = Text("登録のメールアドレスにもお送りします。", "We'll also email it to you.")
DECIDED = PageWords(
    Text("異議申し立ての結果", "The result of your appeal"),
    Text("", ""),
)
REASON = Text("利用停止の理由", "Reason")
UNTIL = Text("利用停止の期限", "Suspended until")
NO_END = Text("無期限", "No end date")
OVER = Text("終了しました", "Ended")
PUSHED = Text("アカウントが利用停止になりました", "Your account is suspended")
LABEL = Text("異議の内容", "Your appeal")
HINT = Text("{maximum} 文字まで", "Up to {maximum} characters")
BUTTON = Text("異議を申し立てる", "Send appeal")
YOURS = Text("申し立ての内容", "Your appeal")
NOTE = Text("運営からの説明", "Our answer")
EMPTY = Text("異議の内容を入力してください。", "Enter your appeal.")
TOO_LONG = Text("{maximum} 文字以内で入力してください。", "Use up to {maximum} characters.")
REFUSED = Text("使えない文字が含まれています。", "Contains a character that isn't allowed.")
