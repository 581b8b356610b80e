"""The words of the page for suspended users, of mails, and of the push of a suspension."""

from dataclasses import dataclass

from app.core.texts import Text
from app.suspension.enums import AppealStatus

OUTCOMES = {
    AppealStatus.OPEN: Text("確認中です", "We are looking into it"),
    AppealStatus.UPHELD: Text(
        "内容を確認しましたが、対応は変わりません。", "We looked at it again. Our decision stands."
    ),
    AppealStatus.OVERTURNED: Text(
        "内容を確認し、対応を取り消しました。", "We looked at it again and undid our decision."
    ),
}


@dataclass(frozen=True, slots=True)
class PageWords:
    """The words of one state of the page."""

    title: Text
    paragraph: Text


DEAD = PageWords(
    Text("このリンクは使えません", "This link does not work"),
    Text(
        "リンクが正しくないか、利用停止はすでに終わっています。アプリを開いてお確かめください。",
        "The link is not valid, or the suspension is over. Please open the app to see.",
    ),
)
SUSPENDED = PageWords(
    Text("アカウントは利用停止中です", "Your account is suspended"),
    Text(
        "この対応に異議がある場合は、一度だけ申し立てられます。運営が内容を確認します。",
        "If you think that this is wrong, you can appeal once. We will look at it again.",
    ),
)
RECEIVED = PageWords(
    Text("異議申し立てを受け付けました", "We have received your appeal"),
    Text(
        "結果は、このページでご確認いただけます。",
        "The result will be on this page.",
    ),
)
MAILED_TOO = Text("登録のメールアドレスにもお送りします。", "We will also mail it to your address.")
DECIDED = PageWords(
    Text("異議申し立ての結果", "The result of your appeal"),
    Text("", ""),
)
REASON = Text("利用停止の理由", "Reason")
UNTIL = Text("利用停止の期限", "Suspended until")
NO_END = Text("無期限", "no end date")
OVER = Text("終了しました", "It is over")
PUSHED = Text("アカウントが利用停止になりました", "Your account is suspended")
LABEL = Text("異議の内容", "Your appeal")
HINT = Text("{maximum} 文字まで", "Up to {maximum} characters")
BUTTON = Text("異議を申し立てる", "Send the appeal")
YOURS = Text("申し立ての内容", "What you wrote")
NOTE = Text("運営からの説明", "Our answer")
EMPTY = Text("異議の内容を入力してください。", "Please write your appeal.")
TOO_LONG = Text(
    "{maximum} 文字以内で入力してください。", "Please use {maximum} characters at most."
)
REFUSED = Text("使えない文字が含まれています。", "This contains a character that can't be used.")
