"""Answers whose headers are bytes already are those that Starlette would make."""

import pytest
from starlette.responses import Response

from app.web.responses import JsonResponse, json_response


@pytest.mark.parametrize(
    ("status", "headers"),
    [(200, {}), (201, {"Location": "/api/v1/posts/1"}), (503, {"Cache-Control": "no-store"})],
)
def test_a_json_answer_has_the_headers_that_starlette_makes(
    status: int, headers: dict[str, str]
) -> None:
    ours = json_response({"a": "お茶"}, status, headers)
    wanted = {"Cache-Control": "private, no-cache", **headers}
    theirs = Response(ours.body, status, wanted, "application/json")
    assert isinstance(ours, JsonResponse)
    assert {name: getattr(ours, name) for name in vars(theirs)} == vars(theirs)
    assert ours.headers["content-type"] == "application/json"
