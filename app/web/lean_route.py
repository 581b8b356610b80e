"""A route for reads whose dependencies are put in order once, when it is made.

FastAPI walks the tree of a route's dependencies at each request: it looks for overrides, sorts out
what is a coroutine, and makes a key for each. For a list with six dependencies that takes a third
of the request (ADR 0049). Clients and the OpenAPI document see no difference, but for one: a wrong
parameter of a dependency that two others need is named once, not twice.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any, Final

from fastapi import Request, Response
from fastapi.dependencies.models import Dependant
from fastapi.dependencies.utils import request_params_to_args
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute

type Handler = Callable[[Request], Coroutine[Any, Any, Response]]

_REFUSED: Final = object()
"""Stands for the value of a dependency whose own parameters were wrong. It was not called."""


class LeanRoute(APIRoute):
    """Like an APIRoute. A GET that answers with a Response is handled by a plan."""

    def get_route_handler(self) -> Handler:
        *dependencies, endpoint = _plan(self.dependant, {})
        is_lean = (
            self.methods == {"GET"}
            and inspect.signature(self.endpoint, eval_str=True).return_annotation is Response
            and all(step.is_simple for step in (*dependencies, endpoint))
        )
        return _handler(dependencies, endpoint) if is_lean else super().get_route_handler()


def _handler(dependencies: Sequence[_Step], endpoint: _Step) -> Handler:
    async def handle(request: Request) -> Response:
        values: list[Any] = []
        errors: list[Any] = []
        for step in dependencies:
            arguments = step.arguments(request, values, errors)
            values.append(_REFUSED if arguments is None else await step.run(request, arguments))
        arguments = endpoint.arguments(request, values, errors)
        if errors or arguments is None:
            raise RequestValidationError(errors)
        response: Response = await endpoint.run(request, arguments)
        return response

    return handle


class _Step:
    """A dependency or the endpoint: where its arguments come from, and how it is called.

    `sources` are the parameters that get the value of an earlier step, with its number. A
    dependency without a name is only called.
    """

    __slots__ = ("_call", "_dependant", "_is_generator", "_params", "_requests", "_sources")

    def __init__(self, dependant: Dependant, sources: list[tuple[str | None, int]]) -> None:
        assert dependant.call is not None
        self._call: Callable[..., Any] = dependant.call
        self._is_generator = inspect.isasyncgenfunction(dependant.call)
        if self._is_generator:
            self._call = asynccontextmanager(dependant.call)
        self._dependant = dependant
        self._sources = sources
        requests = (dependant.request_param_name, dependant.http_connection_param_name)
        self._requests = [name for name in requests if name]
        params = {
            "path_params": dependant.path_params,
            "query_params": dependant.query_params,
            "headers": dependant.header_params,
        }
        self._params = [(name, fields) for name, fields in params.items() if fields]

    @property
    def is_simple(self) -> bool:
        """Whether it needs nothing but the request, its parameters and other dependencies."""
        needs = self._dependant
        unusual = (
            *(needs.cookie_params, needs.body_params, needs.response_param_name),
            *(needs.background_tasks_param_name, needs.security_scopes_param_name),
            *(needs.websocket_param_name, needs.concurrency),
        )
        call: Any = needs.call if inspect.isroutine(needs.call) else type(needs.call).__call__
        if self._is_generator:
            return needs.scope == "function" and not any(unusual)
        return inspect.iscoroutinefunction(call) and not any(unusual)

    def arguments(
        self, request: Request, values: list[Any], errors: list[Any]
    ) -> dict[str, Any] | None:
        """The arguments of its call, or None if it must not be called. Adds to the errors."""
        arguments = {name: values[number] for name, number in self._sources if name is not None}
        is_right = not errors or all(values[number] is not _REFUSED for _, number in self._sources)
        for attribute, fields in self._params:
            found, wrong = request_params_to_args(fields, getattr(request, attribute))
            arguments.update(found)
            if wrong:
                is_right = False
                errors += wrong
        for name in self._requests:
            arguments[name] = request
        return arguments if is_right else None

    async def run(self, request: Request, arguments: dict[str, Any]) -> Any:
        if not self._is_generator:
            return await self._call(**arguments)
        # FastAPI closes it when the endpoint has returned, before the answer is sent.
        stack: AsyncExitStack = request.scope["fastapi_function_astack"]
        return await stack.enter_async_context(self._call(**arguments))


def _plan(dependant: Dependant, numbers: dict[object, int]) -> Iterator[_Step]:
    """The steps below a dependant and its own, in the order in which FastAPI would call them.

    A dependency that is needed twice is called once. `numbers` has the steps so far.
    """
    sources = []
    for needed in dependant.dependencies:
        key = (needed.call, needed.scope) if needed.use_cache else id(needed)
        if key not in numbers:
            yield from _plan(needed, numbers)
            numbers[key] = len(numbers)
        sources.append((needed.name, numbers[key]))
    yield _Step(dependant, sources)
