"""What the tests of nginx share: changes of the site, upstreams, and the form of its problems."""

import re

import httpx

from app.core.errors import AppError
from app.core.texts import Locale
from app.web.problems import CONTENT_TYPE
from tests.support.stub_server import Request, Response, json_response

FEW = {"rate=200r/s": "rate=1r/m", "burst=400": "burst=2"}


def echo(request: Request) -> Response:
    """Answers with the headers of the request and the port that it came from."""
    status = int(request.target[1:]) if re.fullmatch(r"/\d{3}", request.target) else 200
    ours = {"_path": request.target, "_port": request.client_port, "_pad": "あ" * 2000}
    return json_response(dict(request.headers) | ours, status)


def hang_up(_: Request) -> bytes:
    """Reads a request and closes."""
    return b""


def problem(answer: httpx.Response, error: type[AppError], locale: Locale = "ja") -> None:
    """Check that the answer has the form and the words of the app's own errors."""
    assert answer.status_code == error.status
    assert answer.headers["content-type"] == CONTENT_TYPE
    assert answer.headers["content-language"] == locale
    assert answer.headers["x-content-type-options"] == "nosniff"
    secure(answer)
    body = answer.json()
    assert body.pop("request_id") == answer.headers["x-request-id"]
    assert body == {
        "type": f"urn:linky:problem:{error.code}",
        "title": error.title.in_(locale),
        "status": error.status,
        "detail": error.detail.in_(locale),
        "instance": answer.request.url.path,
        "code": error.code,
    }


def secure(answer: httpx.Response) -> None:
    assert answer.headers.get_list("strict-transport-security") == [
        "max-age=63072000; includeSubDomains"
    ]
