"""The words of the pages for a browser, in Japanese and English."""

from dataclasses import dataclass, replace

from app.core.texts import Text
from app.integrations.identity.exceptions import ProviderUnavailable
from app.user.exceptions import UserNotFound

_NONE = Text("", "")
_DEAD = Text("このリンクは使えません", "This link does not work")


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
    title=Text("メールアドレスの確認", "Confirm your e-mail address"),
    paragraphs=(
        Text(
            "{app}のアカウントに、このメールが届いたアドレスが登録されました。"
            "ご自身のアカウントなら、下のボタンで確認を完了してください。",
            "The address that got this mail was given for an account at {app}. If the account is "
            "yours, press the button to confirm the address.",
        ),
    ),
    button=Text("自分のアカウントです（確認する）", "This is my account: confirm"),
    refusal=Text(
        "登録した覚えがない場合や、見覚えのないログイン方法や端末がある場合は、"
        "次のボタンですべて閉じてください。ほかのログイン方法とパスワードは使えなくなり、"
        "どの端末からもログアウトします。",
        "If you did not sign up, or if you do not know one of these, close them all: the other "
        "ways to sign in and the password stop working, and every device is signed out.",
    ),
    refuse=Text("自分ではありません（すべて閉じる）", "Not me: close them all"),
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
                    "Your profile, posts, comments and images go out of sight at once, and are "
                    "erased within 24 hours. This can't be undone."
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
                    "A comment that others replied to stays as an empty place without your name. "
                    "To protect others, copies of what was reported stay for {days} days after the "
                    "decision, and the record of the decision stays. Connection records stay for "
                    "as long as the law may ask for them ({days} days at most), and are then "
                    "erased."
                ),
            ),
            Text(
                "アプリをお使いの方は、アプリの設定からも削除できます。",
                "If you still have the app, you can do this in its settings as well.",
            ),
        ),
        instruction=Text(
            (
                "メールアドレスで登録した方は、そのアドレスを入力してください。"
                "手続きのリンクをメールでお送りします。"
            ),
            "If you signed up by e-mail, enter that address. We will mail you a link.",
        ),
        label=Text("メールアドレス", "E-mail address"),
        button=Text("リンクを送信する", "Send the link"),
        sign_in=Text(
            (
                "次のサービスで登録した方は、ログインしてご本人であることを確認してください。"
                "次のページで確認するまで、何も削除されません。"
            ),
            (
                "If you signed up with one of these, sign in there to show that it is you. Nothing "
                "is deleted before you confirm it on the next page."
            ),
        ),
        sign_in_with=Text("{provider} でログイン", "Sign in with {provider}"),
    ),
    "mailed": PageText(
        title=Text("メールをご確認ください", "Check your mail"),
        paragraphs=(
            Text(
                (
                    "入力されたアドレスのアカウントがある場合は、手続きのリンクをお送りしました。"
                    "リンクは 24 時間有効です。"
                ),
                (
                    "If there is an account with this address, a link is on its way. It works for "
                    "24 hours."
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
        title=Text("アカウントの削除手続きが完了しました", "Your account is closed"),
        paragraphs=(
            Text(
                (
                    "データは 24 時間以内にすべて消去されます。"
                    "メールアドレスが登録されている場合は、完了後にメールでお知らせします。"
                ),
                (
                    "All data will be erased within 24 hours. If we have an e-mail address of "
                    "yours, we will mail you when it is done."
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
            "If you did not give it, remove the address from the account.",
        ),
        refuse=Text("自分ではありません（アドレスを外す）", "Not me: remove the address"),
    ),
    "verify_closed": PageText(
        title=Text("すべて閉じました", "All closed"),
        paragraphs=(
            Text(
                "ほかの方法や端末では、このアカウントにログインできなくなりました。",
                "No other way and no other device opens this account any more.",
            ),
            Text(
                "アカウントをお使いになる場合は、アプリの「パスワードを忘れた」から、"
                "新しいパスワードを設定してください。使わない場合は、そのままで構いません。",
                "To use the account, choose “Forgot password” in the app and set a new one. "
                "If you do not want it, there is nothing to do.",
            ),
        ),
    ),
    "verify_removed": PageText(
        title=Text("アドレスを外しました", "The address was removed"),
        paragraphs=(
            Text(
                "このアドレスは、そのアカウントでは使われなくなりました。"
                "ほかに必要な手続きはありません。",
                "That account does not have your address any more. There is nothing else to do.",
            ),
        ),
    ),
    "verify_confirmed": PageText(
        title=Text("確認が完了しました", "Confirmed"),
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
        button=Text("パスワードを変更する", "Change the password"),
    ),
    "was_reset": PageText(
        title=Text("パスワードを変更しました", "Password changed"),
        paragraphs=(
            Text(
                "アプリで新しいパスワードを使ってログインしてください。",
                "Please sign in with the new password in the app.",
            ),
            Text(
                "他のログイン方法は解除されていることがあります。"
                "必要な場合は、アプリでもう一度連携してください。",
                "Other ways to sign in may have been removed. If you need them, link them again "
                "in the app.",
            ),
        ),
    ),
    "change_email": PageText(
        title=Text("メールアドレスの変更", "Change your e-mail address"),
        paragraphs=(
            Text(
                "下のボタンを押すと、このメールが届いたアドレスに変更されます。",
                "Press the button to use the address that got this mail from now on.",
            ),
        ),
        button=Text("メールアドレスを変更する", "Change the address"),
    ),
    "email_changed": PageText(
        title=Text("メールアドレスを変更しました", "Address changed"),
        paragraphs=(
            Text(
                "ほかの端末からはログアウトしました。アプリに戻ってお楽しみください。",
                "Your other devices were signed out. You can go back to the app.",
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
                (
                    "If you have pressed the button on the page of this link already, it may be "
                    "done. Please look in the app."
                ),
            ),
        ),
    ),
}

LINE_IS_TOLD = Text(
    "LINE でログインしている場合は、アカウントの削除に伴い、本サービスと LINE の連携も解除します。"
    "そのことは LINEヤフー株式会社に通知されます。",
    "If you sign in with LINE, deleting the account also unlinks this service from your LINE "
    "account. LY Corporation, which runs LINE, is told.",
)
UNLINK_IN_LINE = Text(
    "LINE との連携はまだ残っています。"
    "LINE アプリの「設定」→「アカウント」→「連動アプリ」から解除できます。",
    "This service is still linked to your LINE account. You can unlink it in the LINE app: "
    "Settings, Account, Authorized apps.",
)

PERHAPS_LEFT = Text(
    "「アカウントを削除する」をすでに押した場合は、アカウントの削除が完了していることがあります。",
    "If you have pressed “Delete my account” already, your account may be closed.",
)
"""A link to leave works once. Its button may have been pressed twice."""

SHOW_PASSWORD = Text("表示", "Show")
NOT_AN_ADDRESS = Text("メールアドレスの形式が正しくありません。", "This is not an e-mail address.")

_SIGN_IN_FAILED = Text(
    "本人確認が完了しませんでした。もう一度お試しください。",
    "We could not confirm that it is you. Please try again.",
)
_SIGN_IN_ERRORS = {
    UserNotFound.code: Text(
        "このアカウントで登録されたユーザーはいません。登録に使ったサービスをお選びください。",
        "No user has signed up with this account. Please choose the service you signed up with.",
    ),
    ProviderUnavailable.code: ProviderUnavailable.detail,
}


def sign_in_error(code: str) -> Text:
    """Why a sign-in that was to end an account failed. `code` comes from the URL: it may be any."""
    return _SIGN_IN_ERRORS.get(code, _SIGN_IN_FAILED)


OTHER_METHODS = Text("アドレス以外のログイン方法", "Ways to sign in beside the address")
SESSIONS = Text("ログイン中の端末", "Devices that are signed in")
SESSION = Text("{device}、{since}から", "{device}, since {since}")
MORE_SESSIONS = Text("ほかにもあります", "and more")

PROVIDERS = {"line": "LINE", "google": "Google", "apple": "Apple"}
