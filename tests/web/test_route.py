"""Our route does what FastAPI's own does: the same calls in the same order, the same errors.

All that it needs of FastAPI's undocumented parts shows here: parameters of each kind, bodies of
each kind, and what it leaves alone. At night it runs with the newest FastAPI.
"""

import json
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Annotated, Any

import httpx
import pytest
from fastapi import (
    APIRouter,
    Body,
    Depends,
    FastAPI,
    Header,
    Path,
    Query,
    Request,
    Response,
    UploadFile,
)
from fastapi.exceptions import HTTPException
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute
from pydantic import BaseModel

from app.core.errors import BadRequest
from app.web.route import ApiRoute, entered

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


@asynccontextmanager
async def room(value: int) -> AsyncIterator[str]:
    CALLS.append("room entered")
    try:
        yield f"room {value}"
    except HTTPException as error:
        CALLS.append(f"room left by {error.status_code}")
        raise
    CALLS.append("room left")


@entered
def room_of(
    value: Annotated[int, Depends(number)], request: Request
) -> AbstractAsyncContextManager[str]:
    if "closed" in request.query_params:
        raise HTTPException(423)
    return room(value)


async def endpoint(
    word: str,
    twice: Annotated[int, Depends(doubled)],
    state: Annotated[str, Depends(opened, scope="function")],
    place: Annotated[str, Depends(room_of, scope="function")],
    size: int = 3,
    color: Annotated[str | None, Header(max_length=5)] = None,
    tag: Annotated[list[str] | None, Query()] = None,
) -> Response:
    CALLS.append("endpoint")
    if word == "teapot":
        raise HTTPException(418)
    return Response(f"{word} {twice} {state} {place} {size} {color} {tag}")


async def counted(
    count: Annotated[int, Path(ge=1)],
    first: Annotated[str, Path(max_length=3)],
    some_word: Annotated[str, Header(max_length=5)] = "none",
) -> Response:
    return Response(f"{count!r} {first!r} {some_word!r}")


class Form(BaseModel):
    size: int


async def posted(form: Form, twice: Annotated[int, Depends(doubled)], word: str) -> Response:
    CALLS.append("posted")
    return Response(f"{word} {twice} {form.size}")


async def embedded(
    form: Form, more: Annotated[int, Body()], twice: Annotated[int, Depends(doubled)]
) -> Response:
    return Response(f"{twice} {form.size} {more}")


async def optional(form: Form | None = None) -> Response:
    return Response(f"{form}")


async def bad_request(*_: object) -> Response:
    return JSONResponse({"detail": "There was an error parsing the body"}, 400)


def app_with(route_class: type[APIRoute]) -> FastAPI:
    router = APIRouter(route_class=route_class, dependencies=[Depends(guard)])
    router.get("/words/{word}")(endpoint)
    router.get("/counts/{count}/{first}")(counted)
    router.post("/words/{word}")(posted)
    router.post("/embedded")(embedded)
    router.post("/optional")(optional)
    app = FastAPI()
    app.add_exception_handler(BadRequest, bad_request)
    # As the app takes them. An included router calls a route's handler, and not the route.
    app.router.routes.extend(router.routes)
    return app


async def answer(
    route_class: type[APIRoute], path: str, headers: dict[str, str], body: bytes | None = None
) -> Any:
    CALLS.clear()
    transport = httpx.ASGITransport(app_with(route_class))
    method = "GET" if body is None else "POST"
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        response = await client.request(method, path, headers=headers, content=body)
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
        ("/words/a?n=4&closed", {}),
        ("/words/teapot?n=4", {}),
        ("/counts/3/a", {}),
        ("/counts/3/a", {"Some-Word": "tea"}),
        ("/counts/3/a", {"some_word": "tea"}),
        ("/counts/3/a", {"some-word": "oolong"}),
        ("/counts/0/a", {}),
        ("/counts/x/abcd", {"some-word": "oolong"}),
    ],
)
async def test_it_answers_as_fastapi_does(path: str, headers: dict[str, str]) -> None:
    ours, own = await answer(ApiRoute, path, headers), await answer(APIRoute, path, headers)
    if own[0] == 422:
        # FastAPI repeats the error of a dependency that is needed twice.
        assert errors_in(ours[1]) == list(dict.fromkeys(errors_in(own[1])))
        assert (ours[0], ours[2]) == (own[0], own[2])
    else:
        assert ours == own


JSON = {"content-type": "application/json"}


@pytest.mark.parametrize(
    ("path", "headers", "body"),
    [
        ("/words/a?n=4", JSON, b'{"size": 3}'),
        ("/words/a?n=4", {"content-type": "application/x+json; charset=utf-8"}, b'{"size": 3}'),
        ("/words/a?n=4", JSON, b'{"size": "many"}'),
        ("/words/a?n=0", JSON, b'{"size": "many"}'),
        ("/words/a?n=4", JSON, b"[3]"),
        ("/words/a?n=4", JSON, b"null"),
        ("/words/a?n=4", JSON, b'{"size": 3, "\\ud800": 1}'),
        ("/words/a?n=4", JSON, b'{"size": 3'),
        ("/words/a?n=4", JSON, b"\xff"),
        ("/words/a?n=4", JSON, b""),
        ("/words/a?n=4", {"content-type": "text/plain"}, b'{"size": 3}'),
        ("/words/a?n=4", {}, b'{"size": 3}'),
        ("/words/a?n=4&refuse", JSON, b'{"size": "many"}'),
        ("/embedded?n=4", JSON, b'{"form": {"size": 3}, "more": 5}'),
        ("/embedded?n=4", JSON, b'{"form": {"size": 3}}'),
        ("/optional", JSON, b""),
        ("/optional", JSON, b'{"size": 3}'),
    ],
)
async def test_it_takes_a_body_as_fastapi_does(
    path: str, headers: dict[str, str], body: bytes
) -> None:
    ours = await answer(ApiRoute, path, headers, body)
    own = await answer(APIRoute, path, headers, body)
    assert ours[:2] == own[:2]
    # FastAPI refuses what can't be parsed before any dependency runs.
    assert ours[2] == own[2] or (own[0], own[2]) in [(400, []), (422, [])]


async def test_a_caller_is_refused_before_a_body_that_cannot_be_parsed() -> None:
    for body in (b'{"size": 3', b"\xff", b"[" * 100_000):
        status, _, calls = await answer(ApiRoute, "/words/a?n=4&refuse", JSON, body)
        assert (status, calls) == (403, ["guard"])


def errors_in(text: str) -> list[str]:
    return [str(error) for error in json.loads(text)["detail"]]


async def test_a_dependency_is_called_once_and_closed_before_the_answer() -> None:
    _, text, calls = await answer(ApiRoute, "/words/a?n=4", {})
    assert text == "a 8 open 4 room 4 3 None None"
    assert calls == [
        *("guard", "number", "doubled", "opened", "room entered", "endpoint", "room left"),
        "closed",
    ]


async def test_it_can_be_included_in_another_router() -> None:
    app = FastAPI()
    router = APIRouter(route_class=ApiRoute)
    router.get("/words/{word}")(endpoint)
    app.include_router(router, prefix="/all")
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        response = await client.get("/all/words/a?n=4")
    assert response.text == "a 8 open 4 room 4 3 None None"


async def test_defaults_are_those_of_the_route_where_there_is_no_query() -> None:
    async def sized(size: Annotated[int, Query(ge=1)] = 3, word: str | None = None) -> Response:
        return Response(f"{size} {word}")

    app = FastAPI()
    router = APIRouter(route_class=ApiRoute)
    router.get("/sized")(sized)
    app.router.routes.extend(router.routes)
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        texts = [(await client.get(path)).text for path in ("/sized", "/sized?word=a", "/sized")]
    assert texts == ["3 None", "3 a", "3 None"]


def test_what_the_plan_does_not_know_is_left_to_fastapi() -> None:
    """A dependency that runs in a thread, a form, or an answer that FastAPI makes."""

    def in_a_thread() -> int:
        return 1

    async def threaded(_: Annotated[int, Depends(in_a_thread)]) -> Response:
        return Response()

    async def modelled() -> dict[str, int]:
        return {}

    async def uploaded(file: UploadFile) -> Response:
        return Response(file.filename)

    router = APIRouter(route_class=ApiRoute)
    router.get("/threaded")(threaded)
    router.get("/modelled")(modelled)
    router.post("/uploaded")(uploaded)
    router.post("/planned/{word}")(endpoint)
    router.get("/planned/{word}")(endpoint)
    planned = {(*(route.methods or ()), route.path) for route in planned_routes(router)}
    assert planned == {("GET", "/planned/{word}"), ("POST", "/planned/{word}")}


def planned_routes(router: APIRouter) -> list[ApiRoute]:
    return [route for route in router.routes if isinstance(route, ApiRoute) and route.has_plan]


async def test_every_route_of_the_api_but_a_form_has_a_plan(app: FastAPI) -> None:
    has_form = {"/api/v1/auth/oauth/apple/callback"}
    routes = [route for route in app.router.routes if isinstance(route, ApiRoute)]
    assert len(routes) > 100
    assert {route.path for route in routes if not route.has_plan} == has_form
