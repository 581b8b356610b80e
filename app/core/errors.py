"""The errors of the API. Each has a status, a stable code, and its own words.

A feature's own errors are in its `exceptions.py` and inherit from the classes here. Services raise
them, and the web layer turns them into answers. Our code never raises `HTTPException`.
"""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import ClassVar

from app.core.field_errors import FieldError
from app.core.texts import Locale, Text


class AppError(Exception):
    """A refusal. Programs read its code; users read its title and detail.

    The detail may have `{places}`, which `params` fill. A param can be `Text` itself.
    """

    status: ClassVar[int] = 500
    code: ClassVar[str] = "internal_error"
    title: ClassVar[Text] = Text("サーバーエラー", "Server error")
    detail: ClassVar[Text] = Text(
        "予期しないエラーが発生しました。しばらくしてからもう一度お試しください。",
        "Something went wrong. Please try again later.",
    )
    keeps_writes: ClassVar[bool] = False
    """Whether the transaction still commits, for what the refusal itself must record."""

    retry_after: int | None = None
    """After how many seconds the client may try again, if it may."""

    members: Mapping[str, str | None] = MappingProxyType({})
    """What the problem has beside its usual members. `Problem` describes them."""

    def __init__(self, *fields: FieldError, **params: object) -> None:
        super().__init__(self.code)
        self.fields = fields
        self.params = params

    @classmethod
    def example(cls) -> "AppError | None":
        """One for the document, if the bare text of the class would not read well there."""
        return None

    def detail_in(self, locale: Locale) -> str:
        """`{places}` are filled in."""
        params = {
            name: value.in_(locale) if isinstance(value, Text) else value
            for name, value in self.params.items()
        }
        return self.detail.in_(locale).format(**params)


class BadRequest(AppError):
    """The request can't be read."""

    status = 400
    code = "bad_request"
    title = Text("リクエストを読み取れません", "Invalid request")
    detail = Text("リクエストの形式が正しくありません。", "The request couldn't be parsed.")


class Unauthorized(AppError):
    """A token, password or code is missing or not good."""

    status = 401
    code = "not_authenticated"
    title = Text("ログインが必要です", "Sign-in required")
    detail = Text("この操作にはログインが必要です。", "Please sign in to continue.")


class NotAuthenticated(Unauthorized):
    """The request has no access token."""


class TokenExpired(Unauthorized):
    """The access token has expired: the client refreshes it."""

    code = "token_expired"
    title = Text("トークンの有効期限切れです", "Token expired")
    detail = Text("アクセストークンの有効期限が切れています。", "The access token has expired.")


class TokenInvalid(Unauthorized):
    """The access token is not one of ours: the user signs in again."""

    code = "token_invalid"
    title = Text("もう一度ログインしてください", "Please sign in again")
    detail = Text("アクセストークンが正しくありません。", "The access token is invalid.")


class SessionRevoked(Unauthorized):
    """The token's session has ended, or its user has left: the user signs in again."""

    code = "session_revoked"
    title = Text("もう一度ログインしてください", "Please sign in again")
    detail = Text("このログインは終了しています。", "This session was ended.")


class Forbidden(AppError):
    """The caller may see the thing, but may not do this to it."""

    status = 403
    code = "forbidden"
    title = Text("許可されていません", "Not allowed")
    detail = Text("この操作を行う権限がありません。", "You don't have permission to do this.")


class NotFound(AppError):
    """The thing does not exist, or the caller may not see it. The answer is the same for both."""

    status = 404
    code = "not_found"
    title = Text("見つかりません", "Not found")
    detail = Text(
        "お探しのものは存在しないか、表示できません。", "This doesn't exist or isn't available."
    )


class MethodNotAllowed(AppError):
    """The path exists, but not with this method."""

    status = 405
    code = "method_not_allowed"
    title = Text("使えないメソッドです", "Method not allowed")
    detail = Text(
        "この URL ではそのメソッドを使えません。", "This URL doesn't support that method."
    )


class Conflict(AppError):
    """The current state does not allow the act."""

    status = 409
    code = "conflict"
    title = Text("処理できませんでした", "Conflict")
    detail = Text(
        "現在の状態ではこの操作を行えません。", "This isn't possible in the current state."
    )


class AlreadyDecided(Conflict):
    """A pending decision was made already."""

    code = "already_decided"
    title = Text("すでに決定済みです", "Already decided")
    detail = Text(
        "すでに決定または取り下げられています。", "This has already been decided or withdrawn."
    )


class PreconditionFailed(AppError):
    """The thing has been changed since the client read it, so the client must fetch it again."""

    status = 412
    code = "precondition_failed"
    title = Text("ほかの端末で変更されています", "Changed in the meantime")
    detail = Text(
        "読み込んだあとに変更されています。読み込み直してから、もう一度お試しください。",
        "This was changed after you loaded it. Reload it and try again.",
    )


class PayloadTooLarge(AppError):
    """The body is larger than the route accepts."""

    status = 413
    code = "payload_too_large"
    title = Text("データが大きすぎます", "Too large")
    detail = Text(
        "送信できる大きさを超えています(画像は 10 MB、そのほかは 256 KB まで)。",
        "The request is too large (limit: 10 MB for an image, 256 KB for anything else).",
    )


class HeadersTooLarge(AppError):
    """The request's line and headers are longer than a server reads (RFC 6585, 5)."""

    status = 431
    code = "headers_too_large"
    title = Text("ヘッダーが大きすぎます", "Headers too large")
    detail = Text(
        "URL とヘッダーの合計が、受け付けられる大きさ(64 KB まで)を超えています。",
        "The URL and headers are too large (limit: 64 KB in total).",
    )


class UnsupportedMediaType(AppError):
    """The body has another Content-Type than the route accepts."""

    status = 415
    code = "unsupported_media_type"
    title = Text("対応していない形式です", "Unsupported media type")
    detail = Text("Content-Type が正しくありません。", "This URL expects a different Content-Type.")


class Unprocessable(AppError):
    """The request is well-formed, but breaks a rule."""

    status = 422
    code = "unprocessable"
    title = Text("受け付けられません", "Can't be accepted")
    detail = Text("送信された内容を受け付けられません。", "The request can't be accepted.")


class ValidationFailed(Unprocessable):
    """Fields of the request break their rules. `errors` in the answer names each field."""

    code = "validation_failed"
    title = Text("入力内容をご確認ください", "Please check your input")
    detail = Text("入力内容に正しくない項目があります。", "Some fields are invalid.")


class InvalidCursor(Unprocessable):
    """The cursor does not come from this list."""

    code = "invalid_cursor"
    title = Text("続きを読み込めません", "Invalid cursor")
    detail = Text(
        "一覧の続きを表す値が正しくありません。はじめから読み込み直してください。",
        "This cursor isn't valid for this list. Start again from the first page.",
    )


class IdempotencyKeyReused(Unprocessable):
    """The key was already used for a different request."""

    code = "idempotency_key_reused"
    title = Text("キーが再利用されています", "Idempotency key reused")
    detail = Text(
        "この Idempotency-Key は別の内容のリクエストですでに使われています。",
        "This Idempotency-Key was already used for a different request.",
    )


class IdempotencyInProgress(Conflict):
    """The first request with this key is still running."""

    code = "idempotency_in_progress"
    title = Text("処理中です", "Still in progress")
    detail = Text(
        "同じリクエストを処理しています。少し待ってからもう一度お試しください。",
        "The same request is still being processed. Try again in a moment.",
    )


class RateLimited(AppError):
    """The caller has made too many calls."""

    status = 429
    code = "rate_limited"
    title = Text("操作が多すぎます", "Too many requests")
    detail = Text(
        "短い時間に操作が集中しています。しばらくしてからもう一度お試しください。",
        "Too many requests in a short time. Try again later.",
    )

    def __init__(self, retry_after: int) -> None:
        super().__init__()
        self.retry_after = retry_after


class InternalError(AppError):
    """An unexpected error. The log has its details under the request id."""


class RequestTimeout(AppError):
    """The body arrived too slowly, or not at all."""

    status = 408
    code = "request_timeout"
    title = Text("送信が途中で止まりました", "Upload timed out")
    detail = Text(
        "データの受信に時間がかかりすぎました。通信環境の良いところで、もう一度お試しください。",
        "The upload stalled or was too slow. Try again on a better connection.",
    )


class ServiceUnavailable(AppError):
    """A service that we depend on is down or too slow."""

    status = 503
    code = "service_unavailable"
    title = Text("ただいま利用できません", "Temporarily unavailable")
    detail = Text(
        "サーバーが混み合っているか、準備中です。しばらくしてからもう一度お試しください。",
        "The service is busy or still starting. Try again in a moment.",
    )
    retry_after: int = 5


class Overloaded(ServiceUnavailable):
    """The server already handles as many requests of this kind as it can."""

    code = "overloaded"
    title = Text("ただいま混み合っています", "Server busy")
    detail = Text(
        "アクセスが集中しているため、処理できませんでした。少し待ってからもう一度お試しください。",
        "The server is very busy. Try again in a few seconds.",
    )

    def __init__(self, retry_after: int) -> None:
        super().__init__()
        self.retry_after = retry_after


def all_errors(base: type[AppError] = AppError) -> Iterator[type[AppError]]:
    """Every error class that is imported, for the OpenAPI document and the tests."""
    yield base
    for child in base.__subclasses__():
        yield from all_errors(child)
