"""The words of the page for suspended users, of mails, and of the push of a suspension."""

from dataclasses import dataclass

from app.core.words import Words
from app.suspension.enums import AppealStatus

OUTCOMES = {
    AppealStatus.OPEN: Words("確認中です", "We are looking into it"),
    AppealStatus.UPHELD: Words(
        "内容を確認しましたが、対応は変わりません。", "We looked at it again. Our decision stands."
    ),
    AppealStatus.OVERTURNED: Words(
        "内容を確認し、対応を取り消しました。", "We looked at it again and undid our decision."
    ),
}


@dataclass(frozen=True, slots=True)
class PageWords:
    """The words of one state of the page."""

    title: Words
    paragraph: Words


DEAD = PageWords(
    Words("このリンクは使えません", "This link does not work"),
    Words(
        "リンクが正しくないか、利用停止はすでに終わっています。アプリを開いてお確かめください。",
        "The link is not valid, or the suspension is over. Please open the app to see.",
    ),
)
SUSPENDED = PageWords(
    Words("アカウントは利用停止中です", "Your account is suspended"),
    Words(
        "この対応に異議がある場合は、一度だけ申し立てられます。運営が内容を確認します。",
        "If you think that this is wrong, you can appeal once. We will look at it again.",
    ),
)
RECEIVED = PageWords(
    Words("異議申し立てを受け付けました", "We have received your appeal"),
    Words(
        "結果は、このページでご確認いただけます。",
        "The result will be on this page.",
    ),
)
MAILED_TOO = Words(
    "登録のメールアドレスにもお送りします。", "We will also mail it to your address."
)
DECIDED = PageWords(
    Words("異議申し立ての結果", "The result of your appeal"),
    Words("", ""),
)
REASON = Words("利用停止の理由", "Reason")
UNTIL = Words("利用停止の期限", "Suspended until")
NO_END = Words("無期限", "no end date")
OVER = Words("終了しました", "It is over")
PUSHED = Words("アカウントが利用停止になりました", "Your account is suspended")
LABEL = Words("異議の内容", "Your appeal")
HINT = Words("{maximum} 文字まで", "Up to {maximum} characters")
BUTTON = Words("異議を申し立てる", "Send the appeal")
YOURS = Words("申し立ての内容", "What you wrote")
NOTE = Words("運営からの説明", "Our answer")
EMPTY = Words("異議の内容を入力してください。", "Please write your appeal.")
TOO_LONG = Words(
    "{maximum} 文字以内で入力してください。", "Please use {maximum} characters at most."
)
REFUSED = Words("使えない文字が含まれています。", "This contains a character that can't be used.")
