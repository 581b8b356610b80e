"""What the pages for a browser say, in Japanese and English."""

from typing import Any

from app.core.words import Locale, Words
from app.integrations.identity import ProviderUnavailable
from app.user.exceptions import UserNotFound

# `{days}` is LINKY_RECORDS_DAYS.
PAGES: dict[str, dict[Locale, dict[str, Any]]] = {
    "delete": {
        "ja": {
            "title": "アカウントの削除",
            "paragraphs": [
                (
                    "アカウントを削除すると、プロフィール、投稿、コメント、画像はすぐに表示されなくなり、"
                    "24 時間以内にすべて消去されます。元に戻すことはできません。"
                ),
                (
                    "返信のついたコメントは、内容と名前を消したうえで枠だけが残ります。"
                    "通報された内容の写しは、ほかの利用者を守るため、"
                    "対応から {days} 日間保存し、その後消去します。"
                    "対応の記録は残ります。"
                    "接続記録は、法令上の必要から最長 {days} 日間保存し、その後消去します。"
                ),
                "アプリをお使いの方は、アプリの設定からも削除できます。",
            ],
            "instruction": (
                "メールアドレスで登録した方は、そのアドレスを入力してください。"
                "手続きのリンクをメールでお送りします。"
            ),
            "label": "メールアドレス",
            "button": "リンクを送信する",
            "sign_in": (
                "次のサービスで登録した方は、ログインしてご本人であることを確認してください。"
                "次のページで確認するまで、何も削除されません。"
            ),
            "sign_in_with": "{provider} でログイン",
        },
        "en": {
            "title": "Delete your account",
            "paragraphs": [
                (
                    "Your profile, posts, comments and images go out of sight at once, and are "
                    "erased within 24 hours. This can't be undone."
                ),
                (
                    "A comment that others replied to stays as an empty place without your name. "
                    "To protect others, copies of what was reported stay for {days} days after the "
                    "decision, and the record of the decision stays. Connection records stay for "
                    "as long as the law may ask for them ({days} days at most), and are then "
                    "erased."
                ),
                "If you still have the app, you can do this in its settings as well.",
            ],
            "instruction": (
                "If you signed up by e-mail, enter that address. We will mail you a link."
            ),
            "label": "E-mail address",
            "button": "Send the link",
            "sign_in": (
                "If you signed up with one of these, sign in there to show that it is you. Nothing "
                "is deleted before you confirm it on the next page."
            ),
            "sign_in_with": "Sign in with {provider}",
        },
    },
    "mailed": {
        "ja": {
            "title": "メールをご確認ください",
            "paragraphs": [
                (
                    "入力されたアドレスのアカウントがある場合は、手続きのリンクをお送りしました。"
                    "リンクは 24 時間有効です。"
                )
            ],
        },
        "en": {
            "title": "Check your mail",
            "paragraphs": [
                (
                    "If there is an account with this address, a link is on its way. It works for "
                    "24 hours."
                )
            ],
        },
    },
    "confirm": {
        "ja": {
            "title": "アカウントを削除しますか",
            "paragraphs": [
                "プロフィール、投稿、コメント、画像がすべて消去されます。元に戻すことはできません。"
            ],
            "button": "アカウントを削除する",
        },
        "en": {
            "title": "Delete your account?",
            "paragraphs": [
                "Your profile, posts, comments and images will all be erased. This can't be undone."
            ],
            "button": "Delete my account",
        },
    },
    "left": {
        "ja": {
            "title": "退会の手続きが完了しました",
            "paragraphs": [
                (
                    "データは 24 時間以内にすべて消去されます。"
                    "メールアドレスが登録されている場合は、完了後にメールでお知らせします。"
                )
            ],
        },
        "en": {
            "title": "Your account is closed",
            "paragraphs": [
                (
                    "All data will be erased within 24 hours. If we have an e-mail address of "
                    "yours, we will mail you when it is done."
                )
            ],
        },
    },
    "verify": {
        "ja": {
            "title": "メールアドレスの確認",
            "paragraphs": ["下のボタンを押すと、確認が完了します。"],
            "button": "メールアドレスを確認する",
        },
        "en": {
            "title": "Confirm your e-mail address",
            "paragraphs": ["Press the button to confirm the address."],
            "button": "Confirm the address",
        },
    },
    "verified": {
        "ja": {"title": "確認が完了しました", "paragraphs": ["アプリに戻ってお楽しみください。"]},
        "en": {"title": "Confirmed", "paragraphs": ["You can go back to the app."]},
    },
    "reset": {
        "ja": {
            "title": "パスワードの再設定",
            "paragraphs": ["新しいパスワードを 8 文字以上 128 文字以内で入力してください。"],
            "label": "新しいパスワード",
            "button": "パスワードを変更する",
        },
        "en": {
            "title": "Set a new password",
            "paragraphs": ["Choose a password of 8 to 128 characters."],
            "label": "New password",
            "button": "Change the password",
        },
    },
    "was_reset": {
        "ja": {
            "title": "パスワードを変更しました",
            "paragraphs": ["アプリで新しいパスワードを使ってログインしてください。"],
        },
        "en": {
            "title": "Password changed",
            "paragraphs": ["Please sign in with the new password in the app."],
        },
    },
    "dead": {
        "ja": {"title": "リンクを使えません", "paragraphs": []},
        "en": {"title": "This link does not work", "paragraphs": []},
    },
}

NOT_AN_ADDRESS = Words("メールアドレスの形式が正しくありません。", "This is not an e-mail address.")

_SIGN_IN_FAILED = Words(
    "本人確認が完了しませんでした。もう一度お試しください。",
    "We could not confirm that it is you. Please try again.",
)
_SIGN_IN_ERRORS = {
    UserNotFound.code: Words(
        "このアカウントで登録された利用者はいません。登録に使ったサービスをお選びください。",
        "Nobody has signed up with this account. Please choose the service you signed up with.",
    ),
    ProviderUnavailable.code: ProviderUnavailable.detail,
}


def sign_in_error(code: str) -> Words:
    """Why somebody who signed in to leave did not get any further. Any word may come in here."""
    return _SIGN_IN_ERRORS.get(code, _SIGN_IN_FAILED)


PROVIDERS = {"line": "LINE", "google": "Google", "apple": "Apple"}
