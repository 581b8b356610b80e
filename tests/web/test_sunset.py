"""A route that goes says so, in the document and in each answer (RFC 9745, RFC 8594)."""

from datetime import date

import httpx
from fastapi import APIRouter, Response

from app.core.errors import BadRequest
from app.main import create_app
from app.web.cors import EXPOSED
from app.web.route import ApiRoute
from app.web.sunset import sunset
from tests.support.apps import SettingsOfTests
from tools.openapi_diff import breaking_changes

router = APIRouter(route_class=ApiRoute)


@router.get("/old", openapi_extra=sunset(date(2027, 1, 10), date(2027, 7, 1)))
async def old(refuse: bool = False) -> Response:
    """It goes."""
    if refuse:
        raise BadRequest
    return Response()


@router.get("/new")
async def new() -> Response:
    """It stays."""
    return Response()


async def test_each_answer_of_a_route_that_goes_says_so() -> None:
    app = create_app(SettingsOfTests(), extra_routers=(router,))
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://x") as client:
        for path, status in (("/old", 200), ("/old?refuse=1", 400)):
            answer = await client.get(path)
            assert answer.status_code == status
            assert answer.headers["Deprecation"] == "@1799539200"
            assert answer.headers["Sunset"] == "Thu, 01 Jul 2027 00:00:00 GMT"
        assert "Deprecation" not in (await client.get("/new")).headers
    assert {"Deprecation", "Sunset"} <= set(EXPOSED)


def test_the_document_says_so_and_it_may_go_on_its_day_and_not_before() -> None:
    app = create_app(SettingsOfTests(), extra_routers=(router,))
    document = app.openapi()
    assert document["paths"]["/old"]["get"]["deprecated"] is True
    without = {**document, "paths": {**document["paths"]}}
    del without["paths"]["/old"]
    assert breaking_changes(document, without, date(2027, 6, 30)) == ["GET /old: removed"]
    assert breaking_changes(document, without, date(2027, 7, 1)) == []
    del without["paths"]["/new"]
    assert breaking_changes(document, without, date(2027, 7, 1)) == ["GET /new: removed"]
