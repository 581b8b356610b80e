"""Answers every error with `application/problem+json` (RFC 9457), the framework's errors too."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from http import HTTPStatus
from typing import Any

import orjson
import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.params import Form
from fastapi.routing import iter_route_contexts
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.responses import Response

from app.core.errors import (
    AppError,
    BadRequest,
    InternalError,
    MethodNotAllowed,
    NotFound,
    PayloadTooLarge,
    RequestTimeout,
    ServiceUnavailable,
    UnsupportedMediaType,
    ValidationFailed,
)
from app.core.field_errors import FieldError
from app.core.field_texts import words_of
from app.core.texts import Locale
from app.core.unavailable import is_unavailable
from app.web.error_page import error_page, is_for_browser
from app.web.event_stream import LIVE_PATH
from app.web.headers import has_body, sends_json
from app.web.locale import preferred_locale

log = structlog.get_logger(__name__)

MEDIA_TYPE = "application/problem+json"
CONTENT_TYPE = f"{MEDIA_TYPE}; charset=utf-8"
"""JSON is always UTF-8, but Dart's package:http takes what names no charset for Latin-1."""

MAX_FIELD_ERRORS = 20
LONGEST_PLACE = 200

UNREAD_BODY = {"Connection": "close"}
"""The header if a part of the body was not read: the connection can't be used again."""


class ProblemField(BaseModel):
    """An error in one field of the request."""

    field: str = Field(description="The field, for example `body.title`")
    code: str = Field(description="For programs: which rule the field breaks")
    message: str = Field(description="Can be shown to a user, in their language")


class Problem(BaseModel):
    """An error (RFC 9457). Programs use `code`, people read `title` and `detail`."""

    type: str = Field(description="A URN with the code: `urn:linky:problem:post_not_found`")
    title: str = Field(description="A heading that can be shown to a user, in their language")
    status: int = Field(description="The status of the answer")
    detail: str = Field(description="A sentence that can be shown to a user, in their language")
    instance: str = Field(description="The path of the request")
    code: str = Field(
        description="For programs. It never changes. If a client doesn't know a code, it goes "
        "by the status"
    )
    request_id: str = Field(description="For questions to the operator: it is in the server's log")
    until: datetime | None = Field(
        description="Only with `account_suspended`: when the suspension ends. Null if it is "
        "permanent. Absent where the caller may be a stranger: `POST "
        "/auth/email/change`"
    )
    appeal_url: str = Field(
        description="Only with `account_suspended`: a page for a browser where the user can "
        "appeal once and see the decision. It works until the suspension ends or, "
        "after an appeal, until 30 days after the decision. It is for this user "
        "only"
    )
    errors: list[ProblemField] = Field(
        description="Only in a 422: the invalid fields; empty if it is not about fields"
    )


def error_response(
    request: Request, error: AppError, headers: Mapping[str, str] | None = None
) -> Response:
    """A page for a browser, and a problem for all others. `headers` are added to it."""
    if not is_for_browser(request):
        return problem_response(request, error, headers)
    page = error_page(request, error)
    page.headers.update(_headers(error, headers))
    return page


def _headers(error: AppError, more: Mapping[str, str] | None) -> dict[str, str]:
    own = {"Cache-Control": "no-store", "Vary": "Accept-Language"}
    return {**own, **error_headers(error), **(more or {})}


def problem_response(
    request: Request, error: AppError, headers: Mapping[str, str] | None = None
) -> Response:
    """The answer that describes an error to a program. `headers` are added to it."""
    locale = preferred_locale(request)
    sent = _headers(error, headers)
    sent["Content-Type"], sent["Content-Language"] = CONTENT_TYPE, locale
    if error.status == HTTPStatus.UNAUTHORIZED:
        sent["WWW-Authenticate"] = _challenge(error)
    return Response(
        orjson.dumps(_problem_body(request, error, locale)),
        status_code=error.status,
        headers=sent,
    )


def error_headers(error: AppError) -> dict[str, str]:
    """The headers of an error, for a problem and for a page."""
    headers = {} if error.retry_after is None else {"Retry-After": str(error.retry_after)}
    if isinstance(error, RequestTimeout):
        headers |= UNREAD_BODY
    return headers


def _problem_body(request: Request, error: AppError, locale: Locale) -> dict[str, Any]:
    body: dict[str, Any] = {
        "type": f"urn:linky:problem:{error.code}",
        "title": error.title.in_(locale),
        "status": error.status,
        "detail": error.detail_in(locale),
        "instance": sendable(request.url.path),
        "code": error.code,
        "request_id": structlog.contextvars.get_contextvars().get("request_id", ""),
        **error.members,
    }
    if error.status == HTTPStatus.UNPROCESSABLE_ENTITY:
        body["errors"] = [_field(request, field, locale) for field in error.fields]
    return body


def _field(request: Request, error: FieldError, locale: Locale) -> dict[str, str]:
    return {
        "field": _place(request, error),
        "code": error.code,
        "message": error.message_in(locale),
    }


def _place(request: Request, error: FieldError) -> str:
    """Where in the request the field is, for example `body.title`.

    A service names only the field. It comes from the query if the method has no body.
    """
    part = error.part or ("query" if request.method in ("GET", "HEAD") else "body")
    place = f"{part}.{error.field}" if error.field else part
    return sendable(place)[:LONGEST_PLACE]


def sendable(text: str) -> str:
    """The text without lone surrogates. Paths and names from a client may have them; JSON can't."""
    return text.encode("utf-8", "replace").decode()


def _challenge(error: AppError) -> str:
    # RFC 6750, 3: no error code for a request that carried no token at all.
    if error.code == "not_authenticated":
        return 'Bearer realm="linky"'
    return 'Bearer realm="linky", error="invalid_token"'


def validation_error(request: Request, errors: Sequence[Mapping[str, Any]]) -> AppError:
    """The error for a request that does not fit its model. It never repeats the input."""
    if any(error["loc"][:1] == ("path",) for error in errors):
        return NotFound()
    if _sent_another_type_than_json(request, errors):
        return UnsupportedMediaType()
    return ValidationFailed(*map(_field_error, errors[:MAX_FIELD_ERRORS]))


def _field_error(error: Mapping[str, Any]) -> FieldError:
    code, (part, *names) = error["type"], error["loc"]
    # The rest of this `loc` is a position in the text.
    field = "" if code == "json_invalid" else ".".join(map(str, names))
    return FieldError(field, code, words_of(code), error.get("ctx") or {}, part)


def _sent_another_type_than_json(request: Request, errors: Sequence[Mapping[str, Any]]) -> bool:
    if not any(error["loc"] == ("body",) for error in errors):
        return False
    body = getattr(request.scope.get("route"), "body_field", None)
    wants_form = body is not None and isinstance(body.field_info, Form)
    return has_body(request.scope) and not sends_json(request.scope) and not wants_form


def _framework_error(error: HTTPException) -> AppError:
    match error.status_code:
        case 404:
            return NotFound()
        case 405:
            return MethodNotAllowed()
        case 413:
            return PayloadTooLarge()
        case status if status < 500:
            return BadRequest()
    return InternalError()


def _framework_headers(request: Request, error: HTTPException) -> Mapping[str, str]:
    match error.status_code:
        case 405:
            return {"Allow": ", ".join(_allowed_methods(request))}
        case 413:
            return error.headers or {}
    return {}


def _allowed_methods(request: Request) -> list[str]:
    """All methods of a path. Starlette names only those of the first route that matches."""
    allowed: set[str] = set()
    for route in iter_route_contexts(request.app.routes):
        if route.methods and route.path_regex.match(request.url.path):
            allowed |= route.methods
    has_head = "GET" in allowed and request.url.path != LIVE_PATH
    return sorted(allowed | ({"HEAD"} if has_head else set()))


def as_app_error(error: Exception) -> AppError:
    """The error that a client gets for an unexpected exception. The log has the details."""
    if is_unavailable(error):
        log.warning("dependency_unavailable", error=type(error).__name__)
        return ServiceUnavailable()
    log.error("unforeseen_error", exc_info=error)
    return InternalError()


def install_error_handlers(
    app: FastAPI, check_unread: Callable[[Request], Awaitable[None]]
) -> None:
    """Make the app answer every error with a problem, or with a page.

    `check_unread` looks at a call that was refused before any dependency ran. If it raises an
    error, such as RateLimited, that error is the answer.
    """

    async def answer(
        request: Request, error: AppError, headers: Mapping[str, str] | None = None
    ) -> Response:
        try:
            await check_unread(request)
        except AppError as refusal:
            return error_response(request, refusal)
        return error_response(request, error, headers)

    async def app_error(request: Request, error: Exception) -> Response:
        assert isinstance(error, AppError)
        return error_response(request, error)

    async def invalid(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        return await answer(request, validation_error(request, error.errors()))

    async def framework(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        headers = _framework_headers(request, error)
        return await answer(request, _framework_error(error), headers)

    app.add_exception_handler(AppError, app_error)
    app.add_exception_handler(RequestValidationError, invalid)
    app.add_exception_handler(HTTPException, framework)
