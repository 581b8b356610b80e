"""What can go wrong, as exceptions: each has a status and a stable code, the words come from the
catalogue (`app/core/catalogue.py`) in the reader's language.

A feature's own errors stand in its `exceptions.py` and inherit from the bases here. Services
raise them, routers don't catch them, nobody raises `HTTPException`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class FieldError:
    """One thing wrong with one field. `params` fill the places in the message."""

    field: str
    code: str
    params: tuple[tuple[str, object], ...] = ()


class AppError(Exception):
    """A refusal that the caller is told of, in words and by a code."""

    status: ClassVar[int] = 500
    code: ClassVar[str] = "internal_error"
    keeps_writes: ClassVar[bool] = False
    """Whether the transaction commits all the same, for what the refusal itself must record."""

    def __init__(
        self, *fields: FieldError, headers: dict[str, str] | None = None, **params: object
    ) -> None:
        super().__init__(self.code)
        self.fields = fields
        self.headers = headers or {}
        self.params = params


class BadRequest(AppError):
    status, code = 400, "bad_request"


class NotAuthenticated(AppError):
    """No token was sent."""

    status, code = 401, "not_authenticated"


class TokenExpired(AppError):
    """The access token is over; refresh it."""

    status, code = 401, "token_expired"


class TokenInvalid(AppError):
    """Not a token of ours; sign in again."""

    status, code = 401, "token_invalid"


class SessionRevoked(AppError):
    """The token's session or user is gone; sign in again."""

    status, code = 401, "session_revoked"


class Unauthorized(AppError):
    """A proof that the body holds (a password, a token, a code) is not good."""

    status, code = 401, "not_authenticated"


class Forbidden(AppError):
    """The caller sees it but may not do that."""

    status, code = 403, "forbidden"


class NotFound(AppError):
    """There is no such thing, or the caller may not see it, which is told alike."""

    status, code = 404, "not_found"


class MethodNotAllowed(AppError):
    status, code = 405, "method_not_allowed"


class Conflict(AppError):
    """The state of things forbids it."""

    status, code = 409, "conflict"


class PayloadTooLarge(AppError):
    status, code = 413, "payload_too_large"


class UnsupportedMediaType(AppError):
    status, code = 415, "unsupported_media_type"


class Unprocessable(AppError):
    """Well-formed, but not acceptable."""

    status, code = 422, "unprocessable"


class ValidationFailed(Unprocessable):
    """Fields of the request break their rules; `errors` names each."""

    code = "validation_failed"


class InvalidCursor(Unprocessable):
    """A cursor that this list never gave."""

    code = "invalid_cursor"


class IdempotencyKeyReused(Unprocessable):
    """The key came before, with another request."""

    code = "idempotency_key_reused"


class IdempotencyInProgress(Conflict):
    """The first request with this key is still running."""

    code = "idempotency_in_progress"


class RateLimited(AppError):
    status, code = 429, "rate_limited"


class InternalError(AppError):
    """Unforeseen; the log has the rest under the request id."""


class RequestTimeout(AppError):
    """The body came too slowly, or not at all."""

    status, code = 408, "request_timeout"


class ServiceUnavailable(AppError):
    """Something that we depend on is down or too slow."""

    status, code = 503, "service_unavailable"

    def __init__(
        self, *fields: FieldError, headers: dict[str, str] | None = None, **params: object
    ) -> None:
        # On each 503: an app has to know when to try again.
        super().__init__(*fields, headers={"Retry-After": "5", **(headers or {})}, **params)


class Overloaded(ServiceUnavailable):
    """More requests of this kind are under way than the server can serve; try again later."""

    code = "overloaded"


def all_errors(base: type[AppError] = AppError) -> Iterator[type[AppError]]:
    """Every error class that is imported, for the OpenAPI document and its tests."""
    yield base
    for child in base.__subclasses__():
        yield from all_errors(child)
