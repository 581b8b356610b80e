"""What can go wrong when signing up or in."""

from app.core.errors import (
    BadRequest,
    Conflict,
    Forbidden,
    ServiceUnavailable,
    Unauthorized,
    Unprocessable,
)
from app.core.words import Words


class PasswordTooWeak(Unprocessable):
    """The new password is too short, too long, or easy to guess."""

    code = "password_too_weak"
    title = Words("パスワードが弱すぎます", "Password too weak")
    detail = Words(
        "8 文字以上 128 文字以内で、推測されにくいパスワードにしてください。",
        "Choose a password of 8 to 128 characters that is not easy to guess.",
    )


class SignUpClosed(Forbidden):
    """The operator takes no new members for now (`LINKY_SIGN_UP`)."""

    code = "sign_up_closed"
    title = Words("新規登録はできません", "No new accounts for now")
    detail = Words(
        "ただいま新規登録を受け付けていません。登録済みの方はログインできます。",
        "New accounts can't be made at the moment. Members can sign in as always.",
    )


class MailBusy(ServiceUnavailable):
    """So many have signed up by e-mail that no more mails go out (LINKY_SIGN_UP_MAILS_PER_HOUR)."""

    code = "mail_busy"
    title = Words("メールでの登録が集中しています", "Too many are registering by e-mail")
    detail = Words(
        (
            "確認メールの送信が混み合っているため、いまはメールアドレスで登録できません。"
            "しばらくしてからもう一度お試しいただくか、ほかの方法で登録してください。"
        ),
        (
            "We can't send more mails right now, so one can't register by e-mail. Please try again "
            "later, or register in another way."
        ),
    )

    def __init__(self, retry_after: int) -> None:
        super().__init__()
        self.retry_after = retry_after


class WrongPassword(Forbidden):
    """This is not the caller's current password."""

    code = "wrong_password"
    title = Words("パスワードが違います", "Wrong password")
    detail = Words("現在のパスワードが正しくありません。", "The current password is not right.")


class GuessedPassword(WrongPassword):
    """A password that was sent is wrong. The transaction commits, because it counts the guess."""

    keeps_writes = True


class ProofRequired(Forbidden):
    """The session has not proved for ten minutes whose it is (ADR 0101)."""

    code = "proof_required"
    title = Words("ご本人の確認が必要です", "Please sign in again")
    detail = Words(
        "安全のため、この操作を続けるには、もう一度ログインしてください。",
        "To keep your account safe, please sign in again to go on.",
    )


class WrongCode(Forbidden):
    """The code of the second step is wrong, or was used before.

    The transaction commits, because it counts the attempt.
    """

    code = "wrong_code"
    title = Words("コードが違います", "Wrong code")
    detail = Words(
        "コードが正しくないか、すでに使われています。認証アプリに表示される新しいコードを入力してください。",
        (
            "The code is not right, or was used before. Please enter the next one that your "
            "authenticator app shows."
        ),
    )
    keeps_writes = True


class AlreadySetUp(Conflict):
    """This session has set its second step up by the same form before. Only pages raise it."""


class InvalidToken(Unprocessable):
    """The token of a mailed link is unknown, expired, already used, or not valid any more."""

    code = "invalid_token"
    title = Words("リンクの有効期限切れです", "Link not valid")
    detail = Words(
        "リンクがすでに使われたか、有効期限が切れています。もう一度メールを送信してください。",
        "The link has expired or was already used. Please ask for another mail.",
    )


class InvalidCredentials(Unauthorized):
    """The e-mail address is unknown or the password is wrong. The answer does not say which.

    The transaction commits, because it counts the attempt.
    """

    code = "invalid_credentials"
    title = Words("ログインできません", "Sign-in failed")
    detail = Words(
        "メールアドレスまたはパスワードが正しくありません。",
        "The e-mail address or the password is not right.",
    )
    keeps_writes = True


class InvalidRefreshToken(Unauthorized):
    """The refresh token is unknown or expired, or its session has ended."""

    code = "invalid_refresh_token"
    title = Words("もう一度ログインしてください", "Please sign in again")
    detail = Words(
        "ログインの有効期限が切れたか、ログアウトされています。",
        "The session has expired or was ended.",
    )


class RefreshTokenReused(Unauthorized):
    """A refresh token came back after its rotation, so there is a copy. Its session ends."""

    code = "refresh_token_reused"
    title = Words("もう一度ログインしてください", "Please sign in again")
    detail = Words(
        "安全のため、このログインを終了しました。",
        "This session was ended for your safety.",
    )


class InvalidCode(Unauthorized):
    """The one-time code is unknown, used, expired, or from another app."""

    code = "invalid_code"
    title = Words("もう一度ログインしてください", "Please sign in again")
    detail = Words(
        "ログインの手続きの有効期限が切れたか、すでに完了しています。はじめからやり直してください。",
        "This sign-in has expired or is already complete. Please start again.",
    )


class InvalidState(BadRequest):
    """A browser came back from a provider, but this server did not send it there."""

    code = "invalid_state"
    title = Words("ログインの手続きを続けられません", "This sign-in can't continue")
    detail = Words(
        "手続きの有効期限が切れたか、別のブラウザーで始められています。アプリからやり直してください。",
        "It has expired, or was started in another browser. Please start again in the app.",
    )
