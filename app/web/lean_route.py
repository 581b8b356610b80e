"""A route whose dependencies are put in order once, when it is made.

FastAPI walks the tree of a route's dependencies at each request: it looks for overrides, sorts out
what is a coroutine, and makes a key for each. For a list with six dependencies that takes a third
of the request (ADR 0049). Clients and the OpenAPI document see no difference, but for one: a wrong
parameter of a dependency that two others need is named once, not twice.

FastAPI itself reads a body, before any dependency runs, and checks it, after all of them.
"""

from __future__ import annotations

import inspect
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from enum import Enum
from typing import Annotated, Any, Final

from fastapi import Body, Request, Response
from fastapi.dependencies.models import Dependant
from fastapi.dependencies.utils import (
    get_dependant,
    request_body_to_args,
    request_params_to_args,
)
from fastapi.exceptions import RequestValidationError
from fastapi.params import Form
from fastapi.routing import APIRoute, get_request_handler
from pydantic_core import PydanticUndefined
from starlette.datastructures import QueryParams
from starlette.types import Receive, Scope, Send

type Handler = Callable[[Request], Coroutine[Any, Any, Response]]

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


class _NoBody:
    """Stands for a body that was not sent."""


class LeanRoute(APIRoute):
    """Like an APIRoute. What answers with a Response, and takes no form, is handled by a plan."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if (plan := self._plan()) is not None and self.body_field is None:
            # FastAPI wraps a handler in two exit stacks and in handlers of exceptions. A plan needs
            # neither: it nests `async with`, and the app's ExceptionMiddleware is around it.
            self.app = plan.serve

    @property
    def is_lean(self) -> bool:
        """Whether a plan handles it: it answers with a Response, and needs nothing unusual."""
        return self._plan() is not None

    def get_route_handler(self) -> Handler:
        """Called by FastAPI, also for a route that is included in another router."""
        plan = self._plan()
        if plan is None:
            return super().get_route_handler()
        if self.body_field is None:
            return plan.answer

        async def handle(request: Request, body: Annotated[Any, Body()] = _NoBody) -> Response:
            return await plan.answer(request, PydanticUndefined if body is _NoBody else body)

        # FastAPI's own handler of an endpoint that takes any body.
        return get_request_handler(
            get_dependant(path="", call=handle),
            self.body_field,
            strict_content_type=self.strict_content_type,
        )

    def _plan(self) -> _Plan | None:
        """None for a route that is left to FastAPI."""
        *dependencies, endpoint = _steps(self.dependant, {})
        takes_form = self.body_field and isinstance(self.body_field.field_info, Form)
        is_lean = (
            inspect.signature(self.endpoint, eval_str=True).return_annotation is Response
            and all(step.is_simple for step in (*dependencies, endpoint))
            and not any(step.takes_body for step in dependencies)
            and not takes_form
        )
        return _Plan(dependencies, endpoint, embed=self._embed_body_fields) if is_lean else None


class _Plan:
    """A route's dependencies in the order of their calls, and its endpoint."""

    def __init__(self, dependencies: Sequence[_Step], endpoint: _Step, *, embed: bool) -> None:
        self._dependencies = dependencies
        self._endpoint = endpoint
        self._embed = embed

    async def serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer as an ASGI app."""
        response = await self.answer(Request(scope, receive, send))
        await response(scope, receive, send)

    async def answer(self, request: Request, body: Any = PydanticUndefined) -> Response:
        """Answer as a handler of FastAPI, which has read the body."""
        return await self._go_on(request, body, [], [])

    async def _go_on(
        self, request: Request, body: Any, values: list[Any], errors: list[Any]
    ) -> Response:
        """Call the dependencies that have no value yet, and then the endpoint."""
        for step in self._dependencies[len(values) :]:
            arguments = step.arguments(request, values, errors)
            if arguments is None:
                values.append(_REFUSED)
            elif step.is_manager:
                async with step.call(**arguments) as value:
                    values.append(value)
                    return await self._go_on(request, body, values, errors)
            else:
                values.append(await step.call(**arguments))
        arguments = self._endpoint.arguments(request, values, errors)
        if self._endpoint.takes_body:
            checked, wrong = await self._endpoint.check_body(body, embed=self._embed)
            errors += wrong
            if arguments is not None:
                arguments.update(checked)
        if errors or arguments is None:
            raise RequestValidationError(errors)
        response: Response = await self._endpoint.call(**arguments)
        return response


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


async def called_alone(dependant: Dependant, request: Request) -> None:
    """Call a dependency, and before it those that it needs. It must not be a manager.

    For a route that was not reached.
    """
    values: list[Any] = []
    for step in _steps(dependant, {}):
        arguments = step.arguments(request, values, [])
        assert arguments is not None, "it has parameters, and one was wrong"
        values.append(await step.call(**arguments))


def has_manager(dependant: Dependant) -> bool:
    """Whether a dependency, or one that it needs, is something to enter and to leave."""
    return any(step.is_manager for step in _steps(dependant, {}))
