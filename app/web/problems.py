"""Every error as `application/problem+json` (RFC 9457), the framework's own included."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
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

from app.core.catalogue import FIELDS, PROBLEMS, UNKNOWN_FIELD, Locale, Words, preferred_locale
from app.core.errors import (
    AppError,
    BadRequest,
    FieldError,
    InternalError,
    MethodNotAllowed,
    NotFound,
    PayloadTooLarge,
    ServiceUnavailable,
    UnsupportedMediaType,
    ValidationFailed,
)
from app.core.unavailable import is_unavailable

log = structlog.get_logger(__name__)

MEDIA_TYPE = "application/problem+json"
MOST_FIELD_ERRORS = 20


class ProblemField(BaseModel):
    """One thing wrong with one field of the request."""

    field: str = Field(description="Where, e.g. `body.title`", examples=["body.title"])
    code: str = Field(examples=["string_too_long"])
    message: str = Field(description="Fit to show to a user, in their language")


class Problem(BaseModel):
    """An error (RFC 9457). Programs go by `code`; people read `title` and `detail`."""

    type: str = Field(examples=["urn:linky:problem:post_not_found"])
    title: str
    status: int
    detail: str
    instance: str = Field(description="The path that was asked for")
    code: str
    request_id: str


class ValidationProblem(Problem):
    """A 422 that may name fields."""

    errors: list[ProblemField]


def problem_response(request: Request, error: AppError) -> Response:
    """The answer that tells of an error."""
    locale = preferred_locale(request.headers.get("accept-language"))
    headers = {"Cache-Control": "no-store", "Vary": "Accept-Language", **error.headers}
    headers["Content-Language"] = locale
    if error.status == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = _challenge(error)
    return Response(
        orjson.dumps(problem_body(error, request.url.path, locale)),
        status_code=error.status,
        headers=headers,
        media_type=MEDIA_TYPE,
    )


def problem_body(error: AppError, instance: str, locale: Locale) -> dict[str, Any]:
    """The members of a problem document."""
    words = PROBLEMS[error.code]
    body: dict[str, Any] = {
        "type": f"urn:linky:problem:{error.code}",
        "title": words.title.in_(locale),
        "status": error.status,
        "detail": detail_of(error, locale),
        # A path may hold anything that a client makes up; JSON takes no lone surrogate.
        "instance": instance.encode("utf-8", "replace").decode(),
        "code": error.code,
        "request_id": structlog.contextvars.get_contextvars().get("request_id", ""),
    }
    if error.status == HTTPStatus.UNPROCESSABLE_ENTITY:
        body["errors"] = [_field(one, locale) for one in error.fields]
    return body


def detail_of(error: AppError, locale: Locale) -> str:
    """What an error says, with its parameters; one of them may be words in both languages."""
    params = {
        name: value.in_(locale) if isinstance(value, Words) else value
        for name, value in error.params.items()
    }
    return PROBLEMS[error.code].detail.in_(locale).format(**params)


def _challenge(error: AppError) -> str:
    # RFC 6750, 3: no error code for a request that carried no token at all.
    if error.code == "not_authenticated":
        return 'Bearer realm="linky"'
    return 'Bearer realm="linky", error="invalid_token"'


def _field(error: FieldError, locale: Locale) -> dict[str, str]:
    message = FIELDS.get(error.code, UNKNOWN_FIELD).in_(locale)
    return {
        "field": error.field,
        "code": error.code,
        "message": message.format(**dict(error.params)),
    }


def validation_error(request: Request, errors: Sequence[Mapping[str, Any]]) -> AppError:
    """What a request that broke its model is told. Never echoes the input."""
    if any(error["loc"][:1] == ("path",) for error in errors):
        return NotFound()
    if _sent_another_type_than_json(request, errors):
        return UnsupportedMediaType()
    return ValidationFailed(*_field_errors(errors[:MOST_FIELD_ERRORS]))


def _field_errors(errors: Iterable[Mapping[str, Any]]) -> list[FieldError]:
    return [
        FieldError(_dotted(error), error["type"], _params(error.get("ctx"))) for error in errors
    ]


def _dotted(error: Mapping[str, Any]) -> str:
    # A name in the request may be anything, even what JSON can't carry back.
    if error["type"] == "json_invalid":
        return "body"
    dotted = ".".join(str(part) for part in error["loc"])
    return dotted.encode("utf-8", "replace").decode()[:200]


def _params(context: Mapping[str, Any] | None) -> tuple[tuple[str, object], ...]:
    wanted = ("max_length", "min_length", "ge", "le")
    return tuple((name, context[name]) for name in wanted if context and name in context)


def _sent_another_type_than_json(request: Request, errors: Sequence[Mapping[str, Any]]) -> bool:
    if not any(error["loc"] == ("body",) for error in errors):
        return False
    body = getattr(request.scope.get("route"), "body_field", None)
    wants_form = body is not None and isinstance(body.field_info, Form)
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    is_json = kind == "application/json" or (kind.startswith("application/") and "+json" in kind)
    has_body = request.headers.get("content-length", "") not in ("", "0") or (
        "transfer-encoding" in request.headers
    )
    return has_body and not is_json and not wants_form


def _framework_error(request: Request, error: HTTPException) -> AppError:
    headers = dict(error.headers or {})
    match error.status_code:
        case 404:
            return NotFound()
        case 405:
            return MethodNotAllowed(headers={"Allow": ", ".join(_allowed_methods(request))})
        case 413:
            return PayloadTooLarge(headers=headers)
        case status if status < 500:
            return BadRequest()
    return InternalError()


def _allowed_methods(request: Request) -> list[str]:
    """All methods of a path: Starlette names those of the first route that matches alone."""
    allowed: set[str] = set()
    for route in iter_route_contexts(request.app.routes):
        if route.methods and route.path_regex.match(request.url.path):
            allowed |= route.methods
    return sorted(allowed | ({"HEAD"} if "GET" in allowed else set()))


def as_app_error(error: Exception) -> AppError:
    """What the caller is told of an unforeseen error; the log gets the rest."""
    if is_unavailable(error):
        log.warning("dependency_unavailable", error=type(error).__name__)
        return ServiceUnavailable()
    log.error("unforeseen_error", exc_info=error)
    return InternalError()


def install_error_handlers(
    app: FastAPI, count_unread: Callable[[Request], Awaitable[None]]
) -> None:
    """Teach the app to answer with problems, whatever goes wrong.

    `count_unread` counts a call that FastAPI refused before the route could; it may refuse it
    with another error.
    """

    async def answer(request: Request, error: AppError) -> Response:
        try:
            await count_unread(request)
        except AppError as refusal:
            return problem_response(request, refusal)
        return problem_response(request, error)

    async def app_error(request: Request, error: Exception) -> Response:
        assert isinstance(error, AppError)
        return problem_response(request, error)

    async def invalid(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        return await answer(request, validation_error(request, error.errors()))

    async def framework(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        return await answer(request, _framework_error(request, error))

    app.add_exception_handler(AppError, app_error)
    app.add_exception_handler(RequestValidationError, invalid)
    app.add_exception_handler(HTTPException, framework)
