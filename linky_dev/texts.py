"""The texts of the pages under `/dev`."""

from app.core.texts import Locale, Text
from app.integrations.identity.enums import SocialProvider
from linky_dev.faults import FaultEnd

INBOX = Text("受信箱", "Inbox")
ACCOUNTS = Text("アカウント", "Accounts")
FAULTS = Text("通信の不調", "Faults")
API_DOCS = Text("API", "API")
CONSOLE = Text("管理", "Console")
WEB_CLIENT = Text("アプリ", "App")
ONLY_DEV = Text("開発用", "development")

PUSHES = Text("プッシュ通知", "Push notifications")
MAILS = Text("メール", "Emails")
EVERYONE = Text("すべての人", "Everyone")
SHOW_FOR = Text("宛先", "For")
EMPTY_INBOX = Text("空にする", "Clear the inbox")
TO = Text("{name}さん宛て", "to {name}")
NO_PUSHES = Text("通知はまだありません", "No push notifications yet")
NO_PUSHES_HINT = Text(
    "「アカウント」でログインすると、この画面がその人の端末になります。",
    "Sign in under “Accounts”, and this page becomes that person's phone.",
)
PUSH_DATA = Text("アプリが受け取るデータ", "Data the app receives")
PUSH_PLATFORMS = Text("端末", "Devices")
PUSH_CHANNEL = Text("チャンネル", "Channel")
NO_MAILS = Text("メールはまだありません", "No emails yet")
NO_MAILS_HINT = Text(
    "新規登録やパスワードの再設定をすると、ここに届きます。外には送りません。",
    "Sign up or reset a password to get an email here. No email leaves this machine.",
)
OPEN_MAIL = Text("メールを別の画面で開く", "Open the email in a new tab")
INBOX_TITLE = Text("届いたもの", "Inbox")

ACCOUNTS_TITLE = Text("だれかになってみる", "Sign in as…")
SIGN_IN_WITH = Text("LINE・Google・Apple でログイン", "Sign in with LINE, Google or Apple")
SIGN_IN_HINT = Text(
    "本物の代わりに、架空のユーザーが並ぶ画面が開きます。どこのアカウントも要りません。",
    "A list of fictional people opens instead of the real page. You don't need any account.",
)
REAL_PROVIDERS = Text(
    "LINE・Google・Apple の設定があるので、模擬サーバーは動いていません。",
    "LINE, Google or Apple is configured, so the fake providers are off.",
)
ONE_CLICK = Text("ワンクリックでログイン", "Sign in with one click")
ONE_CLICK_HINT = Text(
    "パスワードなしで入り、トークンを受け取ります。",
    "No password needed. You get the tokens right away.",
)
GUEST = Text("新しいゲスト", "New guest")
ROLES = {
    "admin": Text("管理者", "admin"),
    "user": Text("ユーザー", "user"),
    "guest": Text("ゲスト", "guest"),
}
TOKEN_AGES = Text("トークンの残り時間を変える", "Change the token lifetimes")
ACCESS_TOKEN = Text("アクセストークン", "Access token")
REFRESH_TOKEN = Text("リフレッシュトークン", "Refresh token")
ACCESS_AGES = {
    "": Text("ふつう（30 分）", "Default (30 minutes)"),
    "30": Text("あと 30 秒", "30 seconds left"),
    "-60": Text("1 分前に期限切れ", "Expired a minute ago"),
}
REFRESH_AGES = {
    "": Text("ふつう（7 日）", "Default (7 days)"),
    "30": Text("あと 30 秒", "30 seconds left"),
    "-60": Text("1 分前に期限切れ", "Expired a minute ago"),
    "used-10": Text("10 秒前に使用済み（まだ使える）", "Used 10 seconds ago (still works)"),
    "used-60": Text("1 分前に使用済み（盗難扱い）", "Used a minute ago (treated as stolen)"),
}
EXPIRE_ALL = Text(
    "いま出ているアクセストークンをすべて期限切れにする", "Expire all current access tokens"
)
EXPIRE_HINT = Text(
    "アプリは次の呼び出しで 401 token_expired を受け取り、更新できるはずです。",
    "On its next call, the app gets 401 token_expired and should refresh.",
)
EXPIRED = Text(
    "これまでのアクセストークンは期限切れになりました。",
    "All access tokens issued so far have expired.",
)
SIGNED_IN_AS = Text("{name}さんとしてログインしました", "Signed in as {name}")
TIME_LEFT = {
    86400: Text("あと {count}\u00a0日", "{count}\u00a0days left"),
    60: Text("あと {count}\u00a0分", "{count}\u00a0minutes left"),
    1: Text("あと {count}\u00a0秒", "{count}\u00a0seconds left"),
}
"""By the seconds of the largest unit that fits."""

SUSPENDED = Text("利用停止中", "suspended")
RUN_OUT = Text("期限切れ", "expired")
COPY = Text("コピー", "Copy")
COPIED = Text("コピーしました", "Copied")
IN_TERMINAL = Text("ターミナルで試す", "In a terminal")
OPEN_APP = Text("アプリで開く", "Open the app as this person")
OPEN_DOCS = Text("API の画面でこの人になる", "Use the API docs as this person")
GET_A_COMMENT = Text("投稿して、コメントをもらってみる", "Post and get a comment")
GET_A_COMMENT_HINT = Text(
    "この人が投稿し、ほかのユーザーがコメントします。通知が受信箱に届きます。",
    "This person posts, and another user comments. The push notification arrives in the inbox.",
)
GOING = Text("しばらくお待ちください…", "One moment…")
ARRIVED = Text("コメントがつきました。受信箱を見る", "You got a comment. See the inbox")
FAILED = Text("うまくいきませんでした", "That didn't work")
NEEDS_NAME = Text("ニックネームが必要です", "needs a nickname")
SIGN_IN_FAILED = Text("ログインできませんでした", "Sign-in failed")
SIGN_IN_FAILED_HINT = Text(
    "提供元の返事: {error}。アプリが受け取るのと同じものです。",
    "The provider returned {error}, exactly as your app would receive it.",
)
BACK_TO_ACCOUNTS = Text("アカウントに戻る", "Back to accounts")

NO_FAULT = Text("いまは平常です", "No faults")
FAULT_ON = Text("いま起こしている不調", "Active fault")
SWITCH_OFF = Text("平常に戻す", "Turn off")
SWITCH_ON = Text("不調を起こす", "Turn on")
FAULT_LIMITS = Text("あと {count} 回", "calls left: {count}")
FAULT_WRITES = Text("書き込みだけ", "Writes only")
FAULT_USER = Text("{name}さんだけ", "{name} only")
FIRST_WAIT = Text("まず待たせる", "Delay")
THEN = Text("それから", "Then")
PAUSES = {
    "": Text("待たせない", "No delay"),
    "500ms": Text("0.5 秒", "0.5 seconds"),
    "3s": Text("3 秒", "3 seconds"),
    "10s": Text("10 秒", "10 seconds"),
    "30s": Text("30 秒", "30 seconds"),
}
ENDS = {
    "": Text("ふつうに答える", "Respond normally"),
    FaultEnd.OFFLINE: Text(
        "圏外: 何もせずに接続を切る", "Offline: close the connection without doing anything"
    ),
    FaultEnd.LOST_ANSWER: Text(
        "返事が届かない: 実行してから接続を切る",
        "Lost response: run the request, then close the connection",
    ),
    FaultEnd.CUT_ANSWER: Text(
        "返事が途中で切れる", "Cut response: close the connection halfway through"
    ),
    FaultEnd.UNAVAILABLE: Text("混雑: 503", "Unavailable: 503"),
    FaultEnd.RATE_LIMITED: Text("呼びすぎ: 429", "Too many requests: 429"),
    FaultEnd.INTERNAL_ERROR: Text("サーバーの不具合: 500", "Server error: 500"),
    FaultEnd.TOKEN_EXPIRED: Text("トークンの期限切れ: 401", "Expired token: 401"),
}
FOR_WHOM = Text("誰の呼び出しか", "Whose calls")
WHICH_CALLS = Text("どの呼び出しか", "Which calls")
ALL_CALLS = Text("すべて", "All")
HOW_OFTEN = Text("何回", "How many times")
UNTIL_OFF = Text("戻すまで", "Until turned off")
TIMES = {
    "": UNTIL_OFF,
    "1": Text("次の 1 回", "The next call"),
    "3": Text("次の 3 回", "The next 3 calls"),
    "10": Text("次の 10 回", "The next 10 calls"),
}
BY_HEADER = Text("ヘッダーで、1 回の呼び出しだけ", "With a header, for one call")
BY_HEADER_HINT = Text(
    "アプリのテストではヘッダーを使います。none は、起こしている不調も避けます。",
    "Use the header in app tests. “Linky-Fault: none” also skips the fault turned on here.",
)
FAULT_SCOPE = Text(
    "/api と /media の呼び出しに効きます。この画面と管理画面には効きません。",
    "Applies to calls under /api and /media, not to this page or the console.",
)

NAMES = {
    SocialProvider.LINE: "LINE",
    SocialProvider.GOOGLE: "Google",
    SocialProvider.APPLE: "Apple",
}
FAKE = Text("これは {name} ではありません", "This isn't {name}")
FAKE_HINT = Text(
    "linky dev の模擬サーバーです。パスワードは入力しないでください。",
    "A fake provider for development. Don't enter a password here.",
)
CHOOSE = Text("誰としてログインしますか", "Choose who to sign in as")
CHOOSE_HINT = Text("全員、架空のユーザーです。", "All are fictional.")
TELLS_NOTHING = Text("名前もアドレスも教えない人", "No name given")
TELLS_NOTHING_HINT = Text("名前の入力を求める流れを試せます", "To try the nickname prompt")
MAKE_UP = Text("新しい人を作る", "Create a person")
NAME = Text("名前", "Name")
EMAIL = Text("メールアドレス", "Email address")
OPTIONAL = Text("なくてもよい", "optional")
MADE_UP_NAME = Text("山本 あおい", "Robin Smith")
SIGN_IN = Text("この人でログイン", "Sign in")
REFUSE = Text("やめる（拒否したことにする）", "Cancel (deny access)")
DETAILS = Text("アプリが送ってきたもの", "What the app sent")
WRONG_REQUEST = Text("この呼び出しは受けられません", "This request was refused")
WRONG_REQUEST_HINT = Text(
    "{field} が登録と違います。本物の提供元でも、ここで止まります。",
    "{field} doesn't match the registered value. The real provider would stop here too.",
)
GOING_BACK = Text("アプリに戻ります", "Returning to the app")
GO_ON = Text("続ける", "Continue")


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
        words: dict[str, Text] = globals()[name.upper()]
        return [(str(value), label.in_(self._locale)) for value, label in words.items()]
