"""A lean route does what FastAPI's own does: the same calls in the same order, the same errors."""

import json
from collections.abc import AsyncIterator
from typing import Annotated, Any

import httpx
import pytest
from fastapi import APIRouter, Depends, FastAPI, Header, Query, Request, Response
from fastapi.exceptions import HTTPException
from fastapi.routing import APIRoute

from app.web.lean_route import LeanRoute

pytestmark = pytest.mark.anyio

CALLS: list[str] = []


async def number(n: Annotated[int, Query(ge=1)]) -> int:
    CALLS.append("number")
    return n


async def doubled(value: Annotated[int, Depends(number)]) -> int:
    CALLS.append("doubled")
    return 2 * value


async def guard(request: Request) -> None:
    CALLS.append("guard")
    if "refuse" in request.query_params:
        raise HTTPException(403)


async def opened(value: Annotated[int, Depends(number)]) -> AsyncIterator[str]:
    CALLS.append("opened")
    yield f"open {value}"
    CALLS.append("closed")


async def endpoint(
    word: str,
    twice: Annotated[int, Depends(doubled)],
    state: Annotated[str, Depends(opened, scope="function")],
    size: int = 3,
    color: Annotated[str | None, Header(max_length=5)] = None,
    tag: Annotated[list[str] | None, Query()] = None,
) -> Response:
    CALLS.append("endpoint")
    return Response(f"{word} {twice} {state} {size} {color} {tag}")


def app_with(route_class: type[APIRoute]) -> FastAPI:
    router = APIRouter(route_class=route_class, dependencies=[Depends(guard)])
    router.get("/words/{word}")(endpoint)
    app = FastAPI()
    app.include_router(router)
    return app


async def answer(route_class: type[APIRoute], path: str, headers: dict[str, str]) -> Any:
    CALLS.clear()
    transport = httpx.ASGITransport(app_with(route_class))
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        response = await client.get(path, headers=headers)
    return response.status_code, response.text, CALLS.copy()


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/words/a?n=4", {}),
        ("/words/a?n=4&size=9&tag=x&tag=y", {"color": "red"}),
        ("/words/a", {}),
        ("/words/a?n=0", {}),
        ("/words/a?n=0&size=many", {"color": "turquoise"}),
        ("/words/a?n=4&size=many", {"color": "turquoise"}),
        ("/words/a?n=x&refuse", {}),
        ("/words/a?n=4&refuse", {}),
    ],
)
async def test_a_lean_route_answers_as_fastapi_does(path: str, headers: dict[str, str]) -> None:
    lean, own = await answer(LeanRoute, path, headers), await answer(APIRoute, path, headers)
    if own[0] == 422:
        # FastAPI repeats the error of a dependency that is needed twice.
        assert errors_in(lean[1]) == list(dict.fromkeys(errors_in(own[1])))
        assert (lean[0], lean[2]) == (own[0], own[2])
    else:
        assert lean == own


def errors_in(text: str) -> list[str]:
    return [str(error) for error in json.loads(text)["detail"]]


async def test_a_dependency_is_called_once_and_closed_before_the_answer() -> None:
    _, text, calls = await answer(LeanRoute, "/words/a?n=4", {})
    assert text == "a 8 open 4 3 None None"
    assert calls == ["guard", "number", "doubled", "opened", "endpoint", "closed"]


def test_what_the_plan_does_not_know_is_left_to_fastapi() -> None:
    """A dependency that runs in a thread, a body, or an answer that FastAPI makes."""

    def in_a_thread() -> int:
        return 1

    async def threaded(_: Annotated[int, Depends(in_a_thread)]) -> Response:
        return Response()

    async def modelled() -> dict[str, int]:
        return {}

    router = APIRouter(route_class=LeanRoute)
    router.get("/threaded")(threaded)
    router.get("/modelled")(modelled)
    router.post("/posted")(endpoint)
    router.get("/lean/{word}")(endpoint)
    handlers = {
        route.path: route.get_route_handler().__module__
        for route in router.routes
        if isinstance(route, APIRoute)
    }
    lean = {path for path, module in handlers.items() if module == LeanRoute.__module__}
    assert lean == {"/lean/{word}"}


async def test_every_get_of_the_api_is_lean(app: FastAPI) -> None:
    reads = [
        route
        for route in app.router.routes
        if isinstance(route, LeanRoute) and route.methods == {"GET"}
    ]
    assert len(reads) > 30
    assert {route.get_route_handler().__module__ for route in reads} == {LeanRoute.__module__}
