"""Uvicorn's protocol, but for what it says to those whose request is no HTTP."""

from typing import Final
from uuid import uuid4

import structlog
from fastapi import Request
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from app.core.errors import BadRequest
from app.core.middleware import SECURITY_HEADERS
from app.core.problems import problem_response

_NOWHERE: Final = {"type": "http", "path": "/", "headers": []}
"""What is known of a request that could not be read."""


class HttpProtocol(HttpToolsProtocol):
    """Tells of a request that it can't read by a problem, as the app tells of every other error.

    Such a request never reaches the app: a control character in a header, an unknown method.
    """

    def send_400_response(self, msg: str) -> None:
        request_id = str(uuid4())
        with structlog.contextvars.bound_contextvars(request_id=request_id):
            response = problem_response(Request(_NOWHERE), BadRequest())
        response.headers.update(
            {**SECURITY_HEADERS, "X-Request-ID": request_id, "Connection": "close"}
        )
        lines = [b"HTTP/1.1 400 Bad Request"]
        lines += [name + b": " + value for name, value in response.raw_headers]
        self.transport.write(b"\r\n".join([*lines, b"", bytes(response.body)]))
        self.transport.close()
