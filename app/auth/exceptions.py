"""What can go wrong when signing up or in."""

from app.core.errors import (
    BadRequest,
    Conflict,
    Forbidden,
    ServiceUnavailable,
    Unauthorized,
    Unprocessable,
)
from app.core.texts import Text


class PasswordTooWeak(Unprocessable):
    """The new password is too short, too long, or easy to guess."""

    code = "password_too_weak"
    title = Text("パスワードが弱すぎます", "Password too weak")
    detail = Text(
        "8 文字以上 128 文字以内で、推測されにくいパスワードにしてください。",
        "Choose a password of 8 to 128 characters that isn't easy to guess.",
    )


class SignUpClosed(Forbidden):
    """The operator doesn't accept new sign-ups (`LINKY_SIGN_UP`)."""

    code = "sign_up_closed"
    title = Text("新規登録はできません", "Sign-ups are paused")
    detail = Text(
        "ただいま新規登録を受け付けていません。登録済みの方はログインできます。",
        "New accounts can't be created right now. Existing users can still sign in.",
    )


class MailBusy(ServiceUnavailable):
    """No more confirmation emails are sent in this hour (LINKY_SIGN_UP_MAILS_PER_HOUR)."""

    code = "mail_busy"
    title = Text("メールでの登録が集中しています", "Email sign-up is paused")
    detail = Text(
        (
            "確認メールの送信が混み合っているため、いまはメールアドレスで登録できません。"
            "しばらくしてからもう一度お試しいただくか、ほかの方法で登録してください。"
        ),
        (
            "We can't send any more confirmation emails right now. Try again later, or "
            "sign up another way."
        ),
    )

    def __init__(self, retry_after: int) -> None:
        super().__init__()
        self.retry_after = retry_after


class WrongPassword(Forbidden):
    """This is not the caller's current password."""

    code = "wrong_password"
    title = Text("パスワードが違います", "Incorrect password")
    detail = Text("現在のパスワードが正しくありません。", "The current password is incorrect.")


class GuessedPassword(WrongPassword):
    """A password that was sent is wrong. The transaction commits, because it counts the guess."""

    keeps_writes = True


class ProofRequired(Forbidden):
    """The session has not proved for ten minutes whose it is (ADR 0101)."""

    code = "proof_required"
    title = Text("ご本人の確認が必要です", "Please sign in again")
    detail = Text(
        "安全のため、この操作を続けるには、もう一度ログインしてください。",
        "For your security, sign in again to continue.",
    )


class WrongCode(Forbidden):
    """The two-factor code is wrong, or was used before.

    The transaction commits, because it counts the attempt.
    """

    code = "wrong_code"
    title = Text("コードが違います", "Incorrect code")
    detail = Text(
        "コードが正しくないか、すでに使われています。認証アプリに表示される新しいコードを入力してください。",
        (
            "The code is incorrect or was already used. Enter the next code from your "
            "authenticator app."
        ),
    )
    keeps_writes = True


class AlreadySetUp(Conflict):
    """The same form has set up two-factor authentication before. Only pages raise it."""


class InvalidToken(Unprocessable):
    """The token of a mailed link is unknown, expired, already used, or not valid any more."""

    code = "invalid_token"
    title = Text("リンクの有効期限切れです", "Link expired")
    detail = Text(
        "リンクがすでに使われたか、有効期限が切れています。もう一度メールを送信してください。",
        "The link has expired or was already used. Please request a new one.",
    )


class InvalidCredentials(Unauthorized):
    """The email address is unknown or the password is wrong. The answer does not say which.

    The transaction commits, because it counts the attempt.
    """

    code = "invalid_credentials"
    title = Text("ログインできません", "Sign-in failed")
    detail = Text(
        "メールアドレスまたはパスワードが正しくありません。",
        "The email address or password is incorrect.",
    )
    keeps_writes = True


class InvalidRefreshToken(Unauthorized):
    """The refresh token is unknown or expired, or its session has ended."""

    code = "invalid_refresh_token"
    title = Text("もう一度ログインしてください", "Please sign in again")
    detail = Text(
        "ログインの有効期限が切れたか、ログアウトされています。",
        "Your session has expired or was ended.",
    )


class RefreshTokenReused(Unauthorized):
    """A refresh token came back after its rotation, so there is a copy. Its session ends."""

    code = "refresh_token_reused"
    title = Text("もう一度ログインしてください", "Please sign in again")
    detail = Text(
        "安全のため、このログインを終了しました。", "For your security, this session was ended."
    )


class InvalidCode(Unauthorized):
    """The one-time code is unknown, used, expired, or from another app."""

    code = "invalid_code"
    title = Text("もう一度ログインしてください", "Please sign in again")
    detail = Text(
        "ログインの手続きの有効期限が切れたか、すでに完了しています。はじめからやり直してください。",
        "This sign-in has expired or is already complete. Start again.",
    )


class InvalidState(BadRequest):
    """A browser came back from a provider, but this server did not send it there."""

    code = "invalid_state"
    title = Text("ログインの手続きを続けられません", "This sign-in can't continue")
    detail = Text(
        "手続きの有効期限が切れたか、別のブラウザーで始められています。アプリからやり直してください。",
        "It has expired or was started in another browser. Start again in the app.",
    )
