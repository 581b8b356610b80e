"""A route of the API. It refuses a body with fields where it takes none, and other than UTF-8."""

import json
from typing import Any

from fastapi import Depends, Request, Response
from fastapi.dependencies.utils import get_parameterless_sub_dependant
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from starlette.requests import ClientDisconnect

from app.core.errors import BadRequest, RequestTimeout, UnsupportedMediaType, ValidationFailed
from app.core.schemas import RequestModel
from app.web.headers import has_body, sends_json
from app.web.lean_route import Handler, LeanRoute
from app.web.openapi import raises

_READS = frozenset({"GET", "HEAD"})


@raises(BadRequest, RequestTimeout, UnsupportedMediaType, ValidationFailed)
async def no_fields(request: Request) -> None:
    """Refuse a body with fields where the route takes none.

    So a client that sends `role` learns that it is not taken. An empty object is fine.
    """
    if not has_body(request.scope):
        return
    try:
        sent = (await request.body()).strip()
    except ClientDisconnect:
        raise BadRequest from None
    if sent in (b"", b"null"):
        return
    try:
        RequestModel.model_validate_json(sent)
    except ValidationError as error:
        if not sends_json(request.scope):
            raise UnsupportedMediaType from None
        wrong = error.errors(include_url=False, include_input=False)
        found = [{**each, "loc": ("body", *each["loc"])} for each in wrong]
        raise RequestValidationError(found) from None


class _Utf8Request(Request):
    """FastAPI reads JSON by `json`, which would take UTF-16 and UTF-32, too."""

    async def json(self) -> Any:
        if json.detect_encoding(await self.body()) not in ("utf-8", "utf-8-sig"):
            raise json.JSONDecodeError("Not UTF-8", "", 0)
        return await super().json()


class ApiRoute(LeanRoute):
    """Asks `no_fields` after all other dependencies: who may not call is refused before."""

    def get_route_handler(self) -> Handler:
        """Called by FastAPI when it has the dependencies, also for an included route."""
        needed = self.dependant.dependencies
        if self._takes_no_body and all(each.call is not no_fields for each in needed):
            check = Depends(no_fields)
            needed.append(get_parameterless_sub_dependant(depends=check, path=self.path_format))
        handler = super().get_route_handler()
        if self.body_field is None:
            return handler

        async def handle(request: Request) -> Response:
            return await handler(_Utf8Request(request.scope, request.receive))

        return handle

    @property
    def _takes_no_body(self) -> bool:
        """An upload reads its form itself, and says so to the document."""
        reads_itself = "requestBody" in (self.openapi_extra or {})
        return (
            self.body_field is None
            and not reads_itself
            and not _READS.issuperset(self.methods or ())
        )
