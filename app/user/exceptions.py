"""What can go wrong with users."""

from datetime import UTC, datetime

from app.core.days import moment_words, rfc3339
from app.core.errors import Conflict, Forbidden, NotFound, SessionRevoked, Unprocessable
from app.core.field_errors import FieldCode
from app.core.texts import NO_REASON, Text, as_sentence

RESERVED = FieldCode(
    "reserved",
    Text("運営や公式と間違われるおそれのある名前は使えません。", "This looks like a staff name."),
)

BANNED_WORD = FieldCode(
    "banned_word",
    Text("使用できない言葉が含まれています。", "This contains a word that isn't allowed."),
)
LINK = FieldCode(
    "link", Text("ニックネームにリンクは使えません。", "A nickname can't contain a link.")
)
TOO_NEW_FOR_LINK = FieldCode(
    "new_account_link",
    Text(
        "登録から間もないアカウントは、自己紹介にリンクを書けません。",
        "A new account can't have a link in its bio yet.",
    ),
)


class UserNotFound(NotFound):
    """The user does not exist or has left."""

    code = "user_not_found"
    title = Text("ユーザーが見つかりません", "User not found")
    detail = Text(
        "ユーザーが存在しないか、アカウントが削除されています。",
        "The user doesn't exist or has deleted their account.",
    )


class SessionNotFound(NotFound):
    """The caller has no such session."""

    code = "session_not_found"
    title = Text("ログイン情報が見つかりません", "Session not found")
    detail = Text("そのログインはすでに終了しています。", "This session has already ended.")


class EmailTaken(Conflict):
    """Another account already has this email address."""

    code = "email_taken"
    title = Text("登録済みのメールアドレスです", "Email address taken")
    detail = Text(
        "このメールアドレスはすでに使われています。ログインするか、別のアドレスをお使いください。",
        "This email address is already in use. Sign in, or use a different address.",
    )


class IdentityTaken(Conflict):
    """Another account has this identity."""

    code = "identity_taken"
    title = Text("ほかのアカウントで使われています", "Already used by another account")
    detail = Text(
        "このアカウントはすでに登録されています。そのアカウントでログインしてください。",
        ("This sign-in method belongs to another account. Use it to sign in to that account."),
    )


class ProviderAlreadyLinked(Conflict):
    """The account has a sign-in method of this kind already."""

    code = "provider_already_linked"
    title = Text("すでに連携しています", "Already linked")
    detail = Text(
        "このログイン方法はすでに連携しています。変更するには、先に連携を解除してください。",
        "The account already has this sign-in method. To change it, unlink it first.",
    )


class LastIdentity(Conflict):
    """The account would be left without a sign-in method."""

    code = "last_identity"
    title = Text("最後のログイン方法です", "Last sign-in method")
    detail = Text(
        "ログインできなくなるため、解除できません。先に別のログイン方法を追加してください。",
        "Removing it would lock you out. Add another sign-in method first.",
    )


class IdentityNotFound(NotFound):
    """The account has no sign-in method of this kind."""

    code = "identity_not_found"
    title = Text("連携していません", "Not linked")
    detail = Text(
        "このログイン方法は連携していません。", "The account doesn't have this sign-in method."
    )


class NotAGuest(Conflict):
    """Only a guest can be upgraded."""

    code = "not_a_guest"
    title = Text("ゲストではありません", "Not a guest")
    detail = Text("すでにユーザー登録が済んでいます。", "This account is already registered.")


class CannotBlockSelf(Unprocessable):
    """A user can't block their own account."""

    code = "cannot_block_self"
    title = Text("自分はブロックできません", "You can't block yourself")
    detail = Text("自分自身をブロックすることはできません。", "You can't block your own account.")


class TooManyBlocks(Conflict):
    """The user has blocked the highest allowed number of users."""

    code = "too_many_blocks"
    title = Text("ブロックが多すぎます", "Too many blocks")
    detail = Text(
        "ブロックできるのは 5,000 人までです。だれかのブロックを解除してからお試しください。",
        "You can block up to 5,000 people. Unblock someone first.",
    )


class NicknameReserved(Unprocessable):
    """The nickname looks like a staff name, and the user is not an admin."""

    code = "nickname_reserved"
    title = Text("使えないニックネームです", "Nickname reserved")
    detail = Text(
        "運営や公式と間違われるおそれのある名前は使えません。別のニックネームにしてください。",
        "This looks like a staff name. Choose another nickname.",
    )

    def __init__(self) -> None:
        super().__init__(RESERVED.at("nickname"))


class TextNotAllowed(Unprocessable):
    """The nickname or the bio has a banned word or a link. The errors of its fields say which."""

    code = "text_not_allowed"
    title = Text("使えない言葉かリンクがあります", "Text not allowed")
    detail = Text(
        "ニックネームか自己紹介に、使用できない言葉またはリンクが含まれています。書き直してください。",
        "The nickname or the bio contains a word or a link that isn't allowed. Please change it.",
    )


class LastAdmin(Conflict):
    """The change would leave the service without an admin."""

    code = "last_admin"
    title = Text("最後の管理者です", "Last admin")
    detail = Text(
        "管理者が一人もいなくなるため、この変更はできません。", "There must be at least one admin."
    )


class AccountSuspended(Forbidden):
    """An admin has suspended the account: until when (None if permanent), why, and where to appeal.

    The reason may be empty. A caller who may be a stranger learns none of it (`is_disclosed`).
    """

    code = "account_suspended"
    title = Text("アカウントは利用停止中です", "Account suspended")
    detail = Text(
        (
            "このアカウントは{until}利用停止中です。理由：{reason}"
            "異議がある場合は、専用のページから一度だけ申し立てられます。"
        ),
        (
            "Your account is suspended{until}. Reason: {reason} If you think this is a "
            "mistake, you can appeal once."
        ),
    )

    def __init__(
        self,
        reason: str = "",
        until: datetime | None = None,
        appeal_url: str | None = None,
        *,
        is_disclosed: bool = True,
    ) -> None:
        self.reason = reason
        if not is_disclosed:
            super().__init__(until="", reason=HIDDEN_REASON)
            return
        super().__init__(until=_until(until), reason=_sentence(reason))
        self.members = {"until": None if until is None else rfc3339(until)}
        if appeal_url is not None:
            self.members = {**self.members, "appeal_url": appeal_url}

    @classmethod
    def example(cls) -> "AccountSuspended":
        until = datetime(2026, 12, 8, 12, tzinfo=UTC)
        return cls("Spam", until, "http://127.0.0.1:8000/account/appeal?token=…")


HIDDEN_REASON = Text("アプリでログインすると表示されます。", "Sign in to the app to see it.")
_FOR_GOOD = Text("無期限で", " permanently")


def _until(until: datetime | None) -> Text:
    if until is None:
        return _FOR_GOOD
    day = moment_words(until)
    return Text(f"{day.ja}まで", f" until {day.en}")


def _sentence(reason: str) -> Text:
    given = Text(reason, reason) if reason else NO_REASON
    return Text(as_sentence(given.ja, "。"), as_sentence(given.en, "."))


class AdminOnly(Forbidden):
    """The caller is not an admin."""

    code = "admin_only"
    title = Text("管理者専用です", "Admins only")
    detail = Text("この操作は管理者だけが行えます。", "Only admins can do this.")


class MfaRequired(Forbidden):
    """An admin's session has not passed two-factor authentication, which is set up or required."""

    code = "mfa_required"
    title = Text("2 段階認証が必要です", "Two-factor authentication required")
    detail = Text(
        "認証アプリのコードを入力してください。まだ設定していない場合は、管理画面で設定してください。",
        (
            "Enter the code from your authenticator app. If you haven't set one up yet, "
            "do so in the console."
        ),
    )


class SessionIdle(SessionRevoked):
    """A session of the console was not used for too long. Only pages raise it."""


class GuestNotAllowed(Forbidden):
    """Guests may not publish: only registered users may do what others see."""

    code = "guest_not_allowed"
    title = Text("ユーザー登録が必要です", "Sign-up required")
    detail = Text(
        "ゲストのままではこの操作を行えません。ユーザー登録をしてください。",
        "Guests can't do this. Sign up first.",
    )


class EmailUnverified(Forbidden):
    """The account has only an unverified address, and LINKY_PUBLISH_NEEDS asks for more."""

    code = "email_unverified"
    title = Text("メールアドレスの確認が必要です", "Email address not confirmed")
    detail = Text(
        (
            "お送りしたメールのリンクを開いて、メールアドレスを確認してください。"
            "メールが届かないときは、もう一度送信できます。"
        ),
        (
            "Open the link in the email we sent you to confirm your address. Didn't get "
            "it? Request another."
        ),
    )


class TermsRequired(Forbidden):
    """The user has not accepted the current terms."""

    code = "terms_required"
    title = Text("利用規約への同意が必要です", "Terms not accepted")
    detail = Text(
        "最新の利用規約をご確認のうえ、同意してください。",
        "Read and accept the current terms to continue.",
    )
