"""The words of the pages for a browser, in Japanese and English."""

from dataclasses import dataclass, replace

from app.core.texts import Text
from app.integrations.identity.exceptions import ProviderUnavailable
from app.user.exceptions import UserNotFound

_NONE = Text("", "")
_DEAD = Text("このリンクは使えません", "This link doesn't work")


@dataclass(frozen=True, slots=True)
class PageText:
    """The words of a page. `{days}` is LINKY_RECORDS_DAYS."""

    title: Text
    paragraphs: tuple[Text, ...] = ()
    instruction: Text = _NONE
    label: Text = _NONE
    button: Text = _NONE
    sign_in: Text = _NONE
    sign_in_with: Text = _NONE
    refusal: Text = _NONE
    """When to press the second button, `refuse`."""

    refuse: Text = _NONE


_VERIFY = PageText(
    title=Text("メールアドレスの確認", "Confirm your email address"),
    paragraphs=(
        Text(
            "{app}のアカウントに、このメールが届いたアドレスが登録されました。"
            "ご自身のアカウントなら、下のボタンで確認を完了してください。",
            "Someone entered this email address for an account on {app}. If it was you, confirm "
            "it below.",
        ),
    ),
    button=Text("自分のアカウントです（確認する）", "It was me: confirm my address"),
    refusal=Text(
        "登録した覚えがない場合や、見覚えのないログイン方法や端末がある場合は、"
        "次のボタンですべて閉じてください。ほかのログイン方法とパスワードは使えなくなり、"
        "どの端末からもログアウトします。",
        (
            "If you didn't sign up, or don't recognize something on this page, secure the "
            "account: other sign-in methods and the password stop working, and all devices "
            "are signed out."
        ),
    ),
    refuse=Text("自分ではありません（すべて閉じる）", "It wasn't me: secure the account"),
)

PAGES = {
    "delete": PageText(
        title=Text("アカウントの削除", "Delete your account"),
        paragraphs=(
            Text(
                (
                    "アカウントを削除すると、プロフィール、投稿、コメント、"
                    "画像はすぐに表示されなくなり、24 時間以内にすべて消去されます。"
                    "元に戻すことはできません。"
                ),
                (
                    "Your profile, posts, comments and images are hidden immediately and erased "
                    "within 24 hours. This can't be undone."
                ),
            ),
            Text(
                (
                    "返信のついたコメントは、内容と名前を消したうえで枠だけが残ります。"
                    "通報された内容の写しは、ほかのユーザーを守るため、対応から {days} 日間保存し、"
                    "その後消去します。対応の記録は残ります。接続記録は、"
                    "法令上の必要から最長 {days} 日間保存し、その後消去します。"
                ),
                (
                    "If someone replied to your comment, an empty placeholder without your name "
                    "remains. To protect others, reported content is kept for {days} days after "
                    "the decision and then erased; the record of the decision is kept. Connection "
                    "logs are kept as long as the law requires (up to {days} days) and then erased."
                ),
            ),
            Text(
                "アプリをお使いの方は、アプリの設定からも削除できます。",
                "If you still have the app, you can also do this in its settings.",
            ),
        ),
        instruction=Text(
            (
                "メールアドレスで登録した方は、そのアドレスを入力してください。"
                "手続きのリンクをメールでお送りします。"
            ),
            "If you signed up with your email address, enter it. We'll email you a link.",
        ),
        label=Text("メールアドレス", "Email address"),
        button=Text("リンクを送信する", "Send link"),
        sign_in=Text(
            (
                "次のサービスで登録した方は、ログインしてご本人であることを確認してください。"
                "次のページで確認するまで、何も削除されません。"
            ),
            (
                "If you signed up with one of these, sign in to verify that it's you. "
                "Nothing is deleted until you confirm on the next page."
            ),
        ),
        sign_in_with=Text("{provider} でログイン", "Sign in with {provider}"),
    ),
    "mailed": PageText(
        title=Text("メールをご確認ください", "Check your email"),
        paragraphs=(
            Text(
                (
                    "入力されたアドレスのアカウントがある場合は、手続きのリンクをお送りしました。"
                    "リンクは 24 時間有効です。"
                ),
                (
                    "If there's an account with this address, we've sent it a link. The link "
                    "expires in 24 hours."
                ),
            ),
        ),
    ),
    "confirm": PageText(
        title=Text("アカウントを削除しますか", "Delete your account?"),
        paragraphs=(
            Text(
                (
                    "プロフィール、投稿、コメント、画像がすべて消去されます。"
                    "元に戻すことはできません。"
                ),
                (
                    "Your profile, posts, comments and images will all be erased. This can't be "
                    "undone."
                ),
            ),
        ),
        button=Text("アカウントを削除する", "Delete my account"),
    ),
    "left": PageText(
        title=Text("アカウントの削除手続きが完了しました", "Your account was deleted"),
        paragraphs=(
            Text(
                (
                    "データは 24 時間以内にすべて消去されます。"
                    "メールアドレスが登録されている場合は、完了後にメールでお知らせします。"
                ),
                (
                    "All data will be erased within 24 hours. If we have your email address, we'll "
                    "email you when it's done."
                ),
            ),
        ),
    ),
    "verify": _VERIFY,
    # The account began by another sign-in method: it is not to be had by its address.
    "verify_added": replace(
        _VERIFY,
        refusal=Text(
            "登録した覚えがない場合は、次のボタンで、このアドレスをアカウントから外してください。",
            "If it wasn't you, remove the address from the account.",
        ),
        refuse=Text("自分ではありません（アドレスを外す）", "It wasn't me: remove the address"),
    ),
    "verify_closed": PageText(
        title=Text("すべて閉じました", "Account secured"),
        paragraphs=(
            Text(
                "ほかの方法や端末では、このアカウントにログインできなくなりました。",
                "No other device or sign-in method can access this account now.",
            ),
            Text(
                "アカウントをお使いになる場合は、アプリの「パスワードを忘れた」から、"
                "新しいパスワードを設定してください。使わない場合は、そのままで構いません。",
                (
                    "To use the account, choose “Forgot password” in the app and set a new one. If "
                    "you don't want it, you don't have to do anything."
                ),
            ),
        ),
    ),
    "verify_removed": PageText(
        title=Text("アドレスを外しました", "Address removed"),
        paragraphs=(
            Text(
                "このアドレスは、そのアカウントでは使われなくなりました。"
                "ほかに必要な手続きはありません。",
                "That account no longer has your address. You don't have to do anything else.",
            ),
        ),
    ),
    "verify_confirmed": PageText(
        title=Text("確認が完了しました", "Email address confirmed"),
        paragraphs=(Text("アプリに戻ってお楽しみください。", "You can go back to the app."),),
    ),
    "reset": PageText(
        title=Text("パスワードの再設定", "Set a new password"),
        paragraphs=(
            Text(
                "新しいパスワードを 8 文字以上 128 文字以内で入力してください。",
                "Choose a password of 8 to 128 characters.",
            ),
        ),
        label=Text("新しいパスワード", "New password"),
        button=Text("パスワードを変更する", "Change password"),
    ),
    "was_reset": PageText(
        title=Text("パスワードを変更しました", "Password changed"),
        paragraphs=(
            Text(
                "アプリで新しいパスワードを使ってログインしてください。",
                "Sign in to the app with your new password.",
            ),
            Text(
                "他のログイン方法は解除されていることがあります。"
                "必要な場合は、アプリでもう一度連携してください。",
                (
                    "Other sign-in methods may have been removed. If you need them, link them "
                    "again in the app."
                ),
            ),
        ),
    ),
    "change_email": PageText(
        title=Text("メールアドレスの変更", "Change your email address"),
        paragraphs=(
            Text(
                "下のボタンを押すと、このメールが届いたアドレスに変更されます。",
                "Your account will use the address that this email was sent to.",
            ),
        ),
        button=Text("メールアドレスを変更する", "Change address"),
    ),
    "email_changed": PageText(
        title=Text("メールアドレスを変更しました", "Address changed"),
        paragraphs=(
            Text(
                "ほかの端末からはログアウトしました。アプリに戻ってお楽しみください。",
                "All your other devices were signed out. You can go back to the app.",
            ),
        ),
    ),
    "dead": PageText(title=_DEAD),
    "used": PageText(
        title=_DEAD,
        paragraphs=(
            Text(
                (
                    "このリンクのページでボタンをすでに押した場合は、手続きが完了している"
                    "ことがあります。アプリでご確認ください。"
                ),
                "If you've already used this link, it may have worked. Check in the app.",
            ),
        ),
    ),
}

LINE_IS_NOTIFIED = Text(
    "LINE でログインしている場合は、アカウントの削除に伴い、本サービスと LINE の連携も解除します。"
    "そのことは LINEヤフー株式会社に通知されます。",
    (
        "If you sign in with LINE, deleting your account also unlinks this service "
        "from your LINE account. LY Corporation, which runs LINE, is notified."
    ),
)
UNLINK_IN_LINE = Text(
    "LINE との連携はまだ残っています。"
    "LINE アプリの「設定」→「アカウント」→「連動アプリ」から解除できます。",
    (
        "This service is still linked to your LINE account. You can unlink it in "
        "the LINE app under Settings > Account > Authorized apps."
    ),
)

PERHAPS_LEFT = Text(
    "「アカウントを削除する」をすでに押した場合は、アカウントの削除が完了していることがあります。",
    "If you've already pressed “Delete my account”, your account may already be deleted.",
)
"""A link to leave works once. Its button may have been pressed twice."""

SHOW_PASSWORD = Text("表示", "Show")
NOT_AN_ADDRESS = Text("メールアドレスの形式が正しくありません。", "Invalid email address.")

_SIGN_IN_FAILED = Text(
    "本人確認が完了しませんでした。もう一度お試しください。",
    "We couldn't verify that it's you. Try again.",
)
_SIGN_IN_ERRORS = {
    UserNotFound.code: Text(
        "このアカウントで登録されたユーザーはいません。登録に使ったサービスをお選びください。",
        "No one has signed up with this account. Choose the service you signed up with.",
    ),
    ProviderUnavailable.code: ProviderUnavailable.detail,
}


def sign_in_error(code: str) -> Text:
    """Why a sign-in that was to end an account failed. `code` comes from the URL: it may be any."""
    return _SIGN_IN_ERRORS.get(code, _SIGN_IN_FAILED)


OTHER_METHODS = Text("アドレス以外のログイン方法", "Other sign-in methods")
SESSIONS = Text("ログイン中の端末", "Signed-in devices")
SESSION = Text("{device}、{since}から", "{device}, since {since}")
MORE_SESSIONS = Text("ほかにもあります", "and more")

PROVIDERS = {"line": "LINE", "google": "Google", "apple": "Apple"}
