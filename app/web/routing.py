"""Routers whose routes the app takes as they are, and a table that finds a route.

FastAPI's `include_router` nests routers: at each request it tries the routes of one router after
the other, and those of the right one twice. With our twenty routers that took 400 µs of a request.
So a router knows its whole prefix, and the app takes its routes directly.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from fastapi import APIRouter, FastAPI, Request
from fastapi.routing import APIRoute
from starlette.types import Receive, Scope, Send

from app.web.route import ApiRoute

API_PREFIX = "/api/v1"


def operation_id(route: APIRoute) -> str:
    """The function's name. Generated clients name their methods by it."""
    return route.name


def feature_router(
    path: str = "", *, tags: Sequence[str] = (), dependencies: Sequence[Any] = ()
) -> APIRouter:
    """A router for paths of the API that begin with `path`."""
    return APIRouter(
        prefix=API_PREFIX + path,
        tags=list(tags) or None,
        dependencies=dependencies,
        generate_unique_id_function=operation_id,
        route_class=ApiRoute,
    )


def add_routes(app: FastAPI, routers: Iterable[APIRouter]) -> None:
    """Give the app the routes of these routers, and a table to find them by."""
    for router in routers:
        app.router.routes.extend(router.routes)
    app.router.middleware_stack = RouteTable(app.router)


class RouteTable:
    """Finds the route of a request by its method and the shape of its path.

    What the table does not know goes through all routes, as FastAPI does it: an unknown path, a
    wrong method, parameters outside the API. A fixed path wins over one with a parameter.
    """

    def __init__(self, router: APIRouter) -> None:
        self._router = router
        self._fixed: dict[tuple[str, str], APIRoute] = {}
        self._open: defaultdict[tuple[str, str, int], list[APIRoute]] = defaultdict(list)
        for route in router.routes:
            if isinstance(route, APIRoute):
                self._add(route)

    def _add(self, route: APIRoute) -> None:
        for method in route.methods or ():
            if not route.param_convertors:
                self._fixed.setdefault((method, route.path), route)
            elif route.path.startswith(API_PREFIX):
                self._open[method, *_shape(route.path)].append(route)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope.get("path", "").endswith("\n"):
            # The patterns of Starlette's routes end in `$`, which also fits before such a newline.
            await self._router.not_found(scope, receive, send)
            return
        if scope["type"] == "http" and not scope.get("root_path"):
            route, values = self.find(scope["method"], scope["path"])
            if route is not None:
                scope.update(
                    router=self._router, route=route, endpoint=route.endpoint, path_params=values
                )
                await route.app(scope, receive, send)
                return
        await self._router.app(scope, receive, send)

    def find(self, method: str, path: str) -> tuple[APIRoute | None, dict[str, Any]]:
        """The route of a path, and the values of the parameters in the path."""
        if (fixed := self._fixed.get((method, path))) is not None:
            return fixed, {}
        for route in self._open.get((method, *_shape(path)), ()):
            if match := route.path_regex.fullmatch(path):
                converters = route.param_convertors
                values = match.groupdict().items()
                return route, {name: converters[name].convert(value) for name, value in values}
        return None, {}


def requested_route(request: Request) -> APIRoute | None:
    """The route that a request asks for, for middleware: the app looks for it later."""
    table = request.app.router.middleware_stack
    assert isinstance(table, RouteTable)
    route, _ = table.find(request.method, request.scope["path"])
    return route


def _shape(path: str) -> tuple[str, int]:
    """The first part of a path of the API behind the prefix, and how many slashes the path has.

    The first part is never a parameter, and few routes share both.
    """
    parts = path.split("/", 4)
    return parts[3] if len(parts) > 3 else "", path.count("/")
