"""A route whose dependencies are put in order once, when it is made.

FastAPI walks the tree of a route's dependencies at each request: it looks for overrides, sorts out
what is a coroutine, and makes a key for each. For a list with six dependencies that takes a third
of the request. Clients and the OpenAPI document see two differences: a wrong parameter
of a dependency that two others need is named once, and who may not call is refused before a body
that can't be parsed.

This file stands on parts of FastAPI that are not documented: `Dependant`, three functions of
`fastapi.dependencies.utils`, and `_embed_body_fields`. `tests/web/test_route.py` says what we need
of each, and runs in the nightly run with the newest FastAPI. Beside this file only `openapi.py` and
`limits.py` read a `Dependant`.
"""

from __future__ import annotations

import inspect
from collections.abc import (
    AsyncIterator,
    Awaitable,
    Callable,
    Coroutine,
    Iterator,
    Mapping,
    Sequence,
)
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from enum import Enum
from functools import cached_property
from typing import Any, Final

from fastapi import Request, Response
from fastapi.dependencies.models import Dependant
from fastapi.dependencies.utils import (
    get_flat_params,
    request_body_to_args,
    request_params_to_args,
)
from fastapi.exceptions import RequestValidationError
from fastapi.params import Form, Query
from fastapi.routing import APIRoute
from starlette.datastructures import QueryParams
from starlette.requests import ClientDisconnect
from starlette.types import Receive, Scope, Send

from app.core.errors import AppError, BadRequest
from app.web.headers import has_body
from app.web.json_body import errors_of_unexpected_body, parsed_body
from app.web.responses import empty_response

type Handler = Callable[[Request], Coroutine[Any, Any, Response]]

_READS = frozenset({"GET", "HEAD"})

_REFUSED: Final = object()
"""Stands for the value of a dependency whose own parameters were wrong. It was not called."""

_UNCHANGING = (str, int, float, Enum, type(None))


def entered[**P, T](
    opener: Callable[P, AbstractAsyncContextManager[T]],
) -> Callable[P, AsyncIterator[T]]:
    """A dependency on what a context manager gives. It is left before the answer is sent.

    FastAPI knows only generators, and gets one. A lean route takes the `opener` out of it again (in
    `_Step`) and enters that itself, because a generator with its exit stack costs 15 µs.
    """

    async def dependency(*args: P.args, **options: P.kwargs) -> AsyncIterator[T]:
        async with opener(*args, **options) as value:
            yield value

    dependency.__dict__ |= {"opener": opener, "__signature__": inspect.signature(opener)}
    return dependency


class ApiRoute(APIRoute):
    """Like an APIRoute. A plan handles what answers with a Response or nothing, and takes no form.

    It reads the body first, so that a slow client holds nothing, and looks into it last: who may
    not call is refused before. A route that takes no body refuses one with fields.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if (plan := self._plan()) is not None:
            # FastAPI wraps a handler in two exit stacks and in handlers of exceptions. A plan needs
            # neither: it nests `async with`, and the app's ExceptionMiddleware is around it.
            self.app = plan.serve

    @property
    def has_plan(self) -> bool:
        """Whether it is not left to FastAPI."""
        return self._plan() is not None

    @property
    def refuses_fields(self) -> bool:
        """Whether it writes and takes no body. An upload reads its form itself, and says so."""
        reads_itself = "requestBody" in (self.openapi_extra or {})
        writes = not _READS.issuperset(self.methods or ())
        return self.body_field is None and writes and not reads_itself

    @cached_property
    def query_defaults(self) -> Sequence[tuple[str, str | None]]:
        """The query parameters that the route knows, with their defaults as one would send them."""
        return [
            (field.alias, None if field.default is None else str(field.default).lower())
            for field in get_flat_params(self.dependant)
            if isinstance(field.field_info, Query)
        ]

    def get_route_handler(self) -> Handler:
        """Called by FastAPI, also for a route that is included in another router."""
        plan = self._plan()
        return super().get_route_handler() if plan is None else plan.answer

    def _plan(self) -> _Plan | None:
        *dependencies, endpoint = _steps(self.dependant, {})
        takes_form = self.body_field and isinstance(self.body_field.field_info, Form)
        answer = inspect.signature(self.endpoint, eval_str=True).return_annotation
        is_simple = (
            answer in (Response, None)
            and all(step.is_simple for step in (*dependencies, endpoint))
            and not any(step.takes_body for step in dependencies)
            and not takes_form
        )
        if not is_simple:
            return None
        return _Plan(
            dependencies,
            endpoint,
            embeds=self._embed_body_fields,
            refuses_fields=self.refuses_fields,
        )


class _Plan:
    """A route's dependencies in the order of their calls, and its endpoint."""

    def __init__(
        self,
        dependencies: Sequence[_Step],
        endpoint: _Step,
        *,
        embeds: bool,
        refuses_fields: bool,
    ) -> None:
        self._dependencies = dependencies
        self._endpoint = endpoint
        self._embeds = embeds
        self._refuses_fields = refuses_fields

    async def serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer as an ASGI app."""
        response = await self.answer(Request(scope, receive, send))
        await response(scope, receive, send)

    async def answer(self, request: Request) -> Response:
        """Answer as a handler of FastAPI."""
        if self._endpoint.takes_body or (self._refuses_fields and has_body(request.scope)):
            try:
                await request.body()  # The request keeps it.
            except ClientDisconnect:
                raise BadRequest from None
        return await self._go_on(request, [], [])

    async def _go_on(self, request: Request, values: list[Any], errors: list[Any]) -> Response:
        """Call the dependencies that have no value yet, and then the endpoint."""
        for step in self._dependencies[len(values) :]:
            arguments = step.arguments(request, values, errors)
            if arguments is None:
                values.append(_REFUSED)
            elif step.is_manager:
                async with step.call(**arguments) as value:
                    values.append(value)
                    return await self._go_on(request, values, errors)
            else:
                values.append(await step.call(**arguments))
        arguments = self._endpoint.arguments(request, values, errors)
        try:
            arguments = await self._with_body(request, arguments, errors)
        except (AppError, RequestValidationError):
            await _check_caller(request)
            raise
        response: Response | None = await self._endpoint.call(**arguments)
        return empty_response() if response is None else response

    async def _with_body(
        self, request: Request, arguments: dict[str, Any] | None, errors: list[Any]
    ) -> dict[str, Any]:
        """The arguments of the endpoint, and what the body adds. Raises RequestValidationError."""
        if self._endpoint.takes_body:
            sent = parsed_body(request.scope, await request.body())
            checked, wrong = await self._endpoint.check_body(sent, embed=self._embeds)
            errors += wrong
            if arguments is not None:
                arguments.update(checked)
        elif self._refuses_fields and has_body(request.scope):
            errors += errors_of_unexpected_body(request.scope, await request.body())
        if errors or arguments is None:
            raise RequestValidationError(errors)
        return arguments


def check_if_malformed(request: Request, check: Callable[[], Awaitable[None]]) -> None:
    """Register a check of the caller that the use case makes itself.

    A malformed request never gets there. Then the route makes the check, and its error is the
    answer.
    """
    request.state.caller_check = check


async def _check_caller(request: Request) -> None:
    if check := getattr(request.state, "caller_check", None):
        await check()


class _Step:
    """A dependency or the endpoint: where its arguments come from, and how it is called.

    `sources` are the parameters that get the value of an earlier step, with its number. A
    dependency without a name is only called.
    """

    def __init__(self, dependant: Dependant, sources: list[tuple[str | None, int]]) -> None:
        assert dependant.call is not None
        self.call: Callable[..., Any] = dependant.call
        self.is_manager = inspect.isasyncgenfunction(dependant.call)
        if self.is_manager:
            made = asynccontextmanager(dependant.call)
            self.call = dependant.call.__dict__.get("opener", made)
        self._dependant = dependant
        self._numbers = [number for _, number in sources]
        self._sources = [(name, number) for name, number in sources if name is not None]
        requests = (dependant.request_param_name, dependant.http_connection_param_name)
        self._requests = [name for name in requests if name]
        params = {
            "path_params": dependant.path_params,
            "query_params": dependant.query_params,
            "headers": dependant.header_params,
        }
        self._params = [_Params(place, fields) for place, fields in params.items() if fields]
        self.takes_body = bool(dependant.body_params)

    @property
    def is_simple(self) -> bool:
        """Whether it needs nothing but the request, its parameters and other dependencies."""
        needs = self._dependant
        unusual = (
            *(needs.cookie_params, needs.response_param_name),
            *(needs.background_tasks_param_name, needs.security_scopes_param_name),
            *(needs.websocket_param_name, needs.concurrency),
        )
        if self.is_manager:
            return needs.scope == "function" and not any(unusual)
        call: Any = needs.call if inspect.isroutine(needs.call) else type(needs.call).__call__
        return inspect.iscoroutinefunction(call) and not any(unusual)

    def arguments(
        self, request: Request, values: list[Any], errors: list[Any]
    ) -> dict[str, Any] | None:
        """The arguments of its call, or None if it must not be called. Adds to the errors."""
        arguments = {name: values[number] for name, number in self._sources}
        for name in self._requests:
            arguments[name] = request
        is_right = not errors or all(values[number] is not _REFUSED for number in self._numbers)
        for params in self._params:
            found, wrong = params.of(request)
            arguments.update(found)
            if wrong:
                is_right = False
                errors += wrong
        return arguments if is_right else None

    async def check_body(self, body: Any, *, embed: bool) -> tuple[dict[str, Any], Sequence[Any]]:
        """The arguments that the body gives, and what is wrong with it."""
        return await request_body_to_args(self._dependant.body_params, body, embed)


class _Params:
    """The parameters that a step takes from one place of the request.

    FastAPI's own function looks at the type of each field at each request, which takes 15 µs a
    field. It is left out where nothing was sent, and where a value in the path is right.
    """

    def __init__(self, place: str, fields: Sequence[Any]) -> None:
        self._place = place
        self._fields = fields
        self._defaults = _defaults(fields)
        aliases = [field.alias.lower() for field in fields]
        spelled = (*aliases, *(alias.replace("_", "-") for alias in aliases))
        self._headers = {alias.encode() for alias in spelled}

    def of(self, request: Request) -> tuple[Mapping[str, Any], Sequence[Any]]:
        """Their values by name, and what is wrong with them."""
        if self._defaults is not None and not self._may_be_sent(request.scope):
            return self._defaults, ()
        if self._place == "path_params":
            path = request.path_params
            checked = [(field, *field.validate(path[field.alias])) for field in self._fields]
            if not any(wrong for _, _, wrong in checked):
                return {field.name: value for field, value, _ in checked}, ()
        return request_params_to_args(self._fields, getattr(request, self._place))

    def _may_be_sent(self, scope: Scope) -> bool:
        if self._place == "headers":
            return any(name in self._headers for name, _ in scope["headers"])
        return self._place != "query_params" or bool(scope["query_string"])


def _defaults(fields: Sequence[Any]) -> dict[str, Any] | None:
    """The parameters' values if the request has none of them; most have none.

    None if a parameter must be sent, or has a default that a route could change.
    """
    values, errors = request_params_to_args(fields, QueryParams())
    is_fixed = all(isinstance(value, _UNCHANGING) for value in values.values())
    return values if is_fixed and not errors else None


def _steps(dependant: Dependant, numbers: dict[object, int]) -> Iterator[_Step]:
    """The steps below a dependant and its own, in the order in which FastAPI would call them.

    A dependency that is needed twice is called once. `numbers` has the steps so far.
    """
    sources = []
    for needed in dependant.dependencies:
        key = (needed.call, needed.scope) if needed.use_cache else id(needed)
        if key not in numbers:
            yield from _steps(needed, numbers)
            numbers[key] = len(numbers)
        sources.append((needed.name, numbers[key]))
    yield _Step(dependant, sources)
