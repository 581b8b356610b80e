"""The words of the pages under `/dev`."""

from app.core.words import Locale, Words
from app.integrations.identity.enums import SocialProvider
from linky_dev.faults import FaultEnd

INBOX = Words("受信箱", "Inbox")
ACCOUNTS = Words("アカウント", "Accounts")
FAULTS = Words("通信の不調", "Faults")
API_DOCS = Words("API", "API")
CONSOLE = Words("管理", "Console")
WEB_CLIENT = Words("アプリ", "App")
ONLY_DEV = Words("開発用", "development")

PUSHES = Words("プッシュ通知", "Pushes")
MAILS = Words("メール", "Mails")
EVERYONE = Words("すべての人", "Everyone")
SHOW_FOR = Words("宛先", "For")
EMPTY_INBOX = Words("空にする", "Empty it")
TO = Words("{name}さん宛て", "to {name}")
NO_PUSHES = Words("通知はまだありません", "No pushes yet")
NO_PUSHES_HINT = Words(
    "「アカウント」でログインすると、この画面がその人の端末になります。",
    "Sign in under “Accounts”: this page is then that person's phone.",
)
PUSH_DATA = Words("アプリが受け取るデータ", "Data for the app")
PUSH_PLATFORMS = Words("端末", "Devices")
PUSH_CHANNEL = Words("チャンネル", "Channel")
NO_MAILS = Words("メールはまだありません", "No mails yet")
NO_MAILS_HINT = Words(
    "新規登録やパスワードの再設定をすると、ここに届きます。外には送りません。",
    "Sign up or reset a password, and the mail arrives here. None leaves this machine.",
)
OPEN_MAIL = Words("メールを別の画面で開く", "Open the mail by itself")
INBOX_TITLE = Words("届いたもの", "What has arrived")

ACCOUNTS_TITLE = Words("だれかになってみる", "Be someone")
SIGN_IN_WITH = Words("LINE・Google・Apple でログイン", "Sign in with LINE, Google or Apple")
SIGN_IN_HINT = Words(
    "本物の代わりに、架空のユーザーが並ぶ画面が開きます。どこのアカウントも要りません。",
    "A page of made-up people opens instead of the real one. You need no account anywhere.",
)
REAL_PROVIDERS = Words(
    "LINE・Google・Apple の設定があるので、模擬サーバーは動いていません。",
    "LINE, Google or Apple has settings, so the stand-ins are off.",
)
ONE_CLICK = Words("ワンクリックでログイン", "Sign in with one click")
ONE_CLICK_HINT = Words(
    "パスワードなしで入り、トークンを受け取ります。",
    "No password: you get the tokens at once.",
)
GUEST = Words("新しいゲスト", "A new guest")
ROLES = {
    "admin": Words("管理者", "admin"),
    "user": Words("ユーザー", "user"),
    "guest": Words("ゲスト", "guest"),
}
TOKEN_AGES = Words("トークンの残り時間を変える", "Change how long the tokens live")
ACCESS_TOKEN = Words("アクセストークン", "Access token")
REFRESH_TOKEN = Words("リフレッシュトークン", "Refresh token")
ACCESS_AGES = {
    "": Words("ふつう（30 分）", "Usual (30 minutes)"),
    "30": Words("あと 30 秒", "30 seconds left"),
    "-60": Words("1 分前に期限切れ", "Expired a minute ago"),
}
REFRESH_AGES = {
    "": Words("ふつう（7 日）", "Usual (7 days)"),
    "30": Words("あと 30 秒", "30 seconds left"),
    "-60": Words("1 分前に期限切れ", "Expired a minute ago"),
    "used-10": Words("10 秒前に使用済み（まだ使える）", "Used 10 seconds ago (still works)"),
    "used-60": Words("1 分前に使用済み（盗難扱い）", "Used a minute ago (counts as stolen)"),
}
EXPIRE_ALL = Words(
    "いま出ているアクセストークンをすべて期限切れにする", "Let all access tokens of now expire"
)
EXPIRE_HINT = Words(
    "アプリは次の呼び出しで 401 token_expired を受け取り、更新できるはずです。",
    "At its next call the app gets 401 token_expired, and should refresh.",
)
EXPIRED = Words(
    "これまでのアクセストークンは期限切れになりました。", "All access tokens so far have expired."
)
SIGNED_IN_AS = Words("{name}さんとしてログインしました", "Signed in as {name}")
TIME_LEFT = {
    86400: Words("あと {count}\u00a0日", "{count}\u00a0days left"),
    60: Words("あと {count}\u00a0分", "{count}\u00a0minutes left"),
    1: Words("あと {count}\u00a0秒", "{count}\u00a0seconds left"),
}
"""By the seconds of the largest unit that fits."""

SUSPENDED = Words("利用停止中", "suspended")
RUN_OUT = Words("期限切れ", "expired")
COPY = Words("コピー", "Copy")
COPIED = Words("コピーしました", "Copied")
IN_TERMINAL = Words("ターミナルで試す", "In a terminal")
OPEN_APP = Words("アプリで開く", "Open the app as this person")
OPEN_DOCS = Words("API の画面でこの人になる", "Be this person in the API docs")
GET_A_COMMENT = Words("投稿して、コメントをもらってみる", "Post, and get a comment")
GET_A_COMMENT_HINT = Words(
    "この人が投稿し、ほかのユーザーがコメントします。通知が受信箱に届きます。",
    "This person posts, and another user comments. The push arrives in the inbox.",
)
GOING = Words("しばらくお待ちください…", "One moment…")
ARRIVED = Words("コメントがつきました。受信箱を見る", "There is a comment. See the inbox")
FAILED = Words("うまくいきませんでした", "That did not work")
NEEDS_NAME = Words("ニックネームが必要です", "needs a nickname")
SIGN_IN_FAILED = Words("ログインできませんでした", "The sign-in did not work")
SIGN_IN_FAILED_HINT = Words(
    "提供元の返事: {error}。アプリが受け取るのと同じものです。",
    "The provider's answer: {error}. An app gets the same.",
)
BACK_TO_ACCOUNTS = Words("アカウントに戻る", "Back to the accounts")

NO_FAULT = Words("いまは平常です", "All is well now")
FAULT_ON = Words("いま起こしている不調", "Switched on now")
SWITCH_OFF = Words("平常に戻す", "Switch it off")
SWITCH_ON = Words("不調を起こす", "Switch it on")
FAULT_LIMITS = Words("あと {count} 回", "calls left: {count}")
FAULT_WRITES = Words("書き込みだけ", "Only writes")
FAULT_USER = Words("{name}さんだけ", "Only {name}")
FIRST_WAIT = Words("まず待たせる", "First wait")
THEN = Words("それから", "Then")
PAUSES = {
    "": Words("待たせない", "Not at all"),
    "500ms": Words("0.5 秒", "0.5 seconds"),
    "3s": Words("3 秒", "3 seconds"),
    "10s": Words("10 秒", "10 seconds"),
    "30s": Words("30 秒", "30 seconds"),
}
ENDS = {
    "": Words("ふつうに答える", "Answer as usual"),
    FaultEnd.OFFLINE: Words(
        "圏外: 何もせずに接続を切る", "Offline: cut the connection, do nothing"
    ),
    FaultEnd.LOST_ANSWER: Words(
        "返事が届かない: 実行してから接続を切る", "Lost answer: do it, then cut the connection"
    ),
    FaultEnd.CUT_ANSWER: Words(
        "返事が途中で切れる", "Cut answer: cut the connection in the middle of it"
    ),
    FaultEnd.UNAVAILABLE: Words("混雑: 503", "Unavailable: 503"),
    FaultEnd.RATE_LIMITED: Words("呼びすぎ: 429", "Too many calls: 429"),
    FaultEnd.INTERNAL_ERROR: Words("サーバーの不具合: 500", "A bug in the server: 500"),
    FaultEnd.TOKEN_EXPIRED: Words("トークンの期限切れ: 401", "The token has expired: 401"),
}
FOR_WHOM = Words("誰の呼び出しか", "Whose calls")
WHICH_CALLS = Words("どの呼び出しか", "Which calls")
ALL_CALLS = Words("すべて", "All")
HOW_OFTEN = Words("何回", "How often")
UNTIL_OFF = Words("戻すまで", "Until switched off")
TIMES = {
    "": UNTIL_OFF,
    "1": Words("次の 1 回", "The next call"),
    "3": Words("次の 3 回", "The next 3 calls"),
    "10": Words("次の 10 回", "The next 10 calls"),
}
BY_HEADER = Words("ヘッダーで、1 回の呼び出しだけ", "By a header, for one call")
BY_HEADER_HINT = Words(
    "アプリのテストではヘッダーを使います。none は、起こしている不調も避けます。",
    "Tests of an app use the header. With none a call escapes what is switched on, too.",
)
FAULT_SCOPE = Words(
    "/api と /media の呼び出しに効きます。この画面と管理画面には効きません。",
    "It is for calls of /api and /media, not for this page and the console.",
)

NAMES = {
    SocialProvider.LINE: "LINE",
    SocialProvider.GOOGLE: "Google",
    SocialProvider.APPLE: "Apple",
}
FAKE = Words("これは {name} ではありません", "This is not {name}")
FAKE_HINT = Words(
    "linky dev の模擬サーバーです。パスワードは入力しないでください。",
    "A stand-in of linky dev. Never type a password here.",
)
CHOOSE = Words("誰としてログインしますか", "Who signs in?")
CHOOSE_HINT = Words("全員、架空のユーザーです。", "All of them are made up.")
TELLS_NOTHING = Words("名前もアドレスも教えない人", "Someone who tells no name")
TELLS_NOTHING_HINT = Words("名前の入力を求める流れを試せます", "To try asking for a nickname")
MAKE_UP = Words("新しい人を作る", "Make someone up")
NAME = Words("名前", "Name")
EMAIL = Words("メールアドレス", "E-mail address")
OPTIONAL = Words("なくてもよい", "optional")
MADE_UP_NAME = Words("山本 あおい", "Robin Smith")
SIGN_IN = Words("この人でログイン", "Sign in")
REFUSE = Words("やめる（拒否したことにする）", "Cancel (as if refused)")
DETAILS = Words("アプリが送ってきたもの", "What the app sent")
WRONG_REQUEST = Words("この呼び出しは受けられません", "This request is refused")
WRONG_REQUEST_HINT = Words(
    "{field} が登録と違います。本物の提供元でも、ここで止まります。",
    "{field} is not the registered one. The real provider would stop here, too.",
)
GOING_BACK = Words("アプリに戻ります", "Back to the app")
GO_ON = Words("続ける", "Go on")


class Texts:
    """The texts in one language, for a template: `words.inbox`."""

    def __init__(self, locale: Locale) -> None:
        self._locale = locale

    def __getattr__(self, name: str) -> str:
        text: str = globals()[name.upper()].in_(self._locale)
        return text

    def time_left(self, seconds: int) -> str:
        for unit, words in TIME_LEFT.items():
            if seconds >= unit:
                return words.in_(self._locale).format(count=seconds // unit)
        return RUN_OUT.in_(self._locale)

    def choices(self, name: str) -> list[tuple[str, str]]:
        words: dict[str, Words] = globals()[name.upper()]
        return [(str(value), label.in_(self._locale)) for value, label in words.items()]
