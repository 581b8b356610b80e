"""Structured logs: a JSON object a line in production, readable lines in development.

Nothing is logged that may contain a secret: no bodies, headers, query strings or e-mail addresses.
The processors below catch mistakes against that rule.
"""

import logging
import re
import sys
from collections.abc import Callable
from typing import Any, TextIO

import orjson
import structlog
from structlog.typing import EventDict, Processor

from app.core.clock import utc_now

_SECRET = ("password", "token", "secret", "authorization", "email", "cookie", "api_key")
_ADDRESS = re.compile(r"[^\s@(]+@[^\s@)]+")

_processors: list[Processor] = []
"""A logger keeps the list that it was first used with. All loggers have this list, so a later
configuration, or a test that captures logs, changes them all.
"""


type _WriteRequest = Callable[[dict[str, Any]], None]


def _log_request(fields: dict[str, Any]) -> None:
    user_id = fields["user_id"] and str(fields["user_id"])
    structlog.get_logger("app.requests").info("request", **{**fields, "user_id": user_id})


_write_request: _WriteRequest = _log_request


def log_request(**fields: Any) -> None:
    """Log an answered request. Its fields are fixed, so nothing in them has to be hidden.

    As JSON it is written past structlog, which takes 60 µs for a line. There is one a request.
    """
    _write_request(fields)


def hide_secrets(_: Any, __: str, event: EventDict) -> EventDict:
    """Hide every value whose name sounds secret."""
    for name in event:
        if name != "event" and any(word in name.lower() for word in _SECRET):
            event[name] = "[hidden]"
    return event


def _scrub_exception(_: Any, __: str, event: EventDict) -> EventDict:
    """Remove e-mail addresses from a traceback: PostgreSQL's details quote values."""
    if isinstance(event.get("exception"), str):
        event["exception"] = _ADDRESS.sub("[e-mail]", event["exception"])
    return event


def configure_logging(level: str, *, as_json: bool, stream: TextIO | None = None) -> None:
    """Set up structlog, and pass the logs of libraries (uvicorn, alembic) through it."""
    global _write_request  # noqa: PLW0603 - logging is configured for a whole process.
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        hide_secrets,
    ]
    _processors[:] = [*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter]
    structlog.configure(
        processors=_processors,
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(stream or sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared, processors=_rendering(as_json=as_json)
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level.upper())
    is_logged = root.isEnabledFor(logging.INFO)
    _write_request = _request_lines(stream or sys.stdout, is_logged) if as_json else _log_request
    # httpx would log each URL that it requests, and URLs of pictures are private.
    for noisy in ("uvicorn.access", "pgqueuer", "sqlalchemy", "httpx"):
        logging.getLogger(noisy).setLevel(logging.WARNING)


def _request_lines(stream: TextIO, is_logged: bool) -> _WriteRequest:
    """Writes each request as a line of JSON, with the names that structlog gives."""

    def write(fields: dict[str, Any]) -> None:
        line = {
            **fields,
            "event": "request",
            "level": "info",
            "timestamp": utc_now(),
        }
        stream.write(orjson.dumps(line, option=_LINE).decode())
        stream.flush()

    return write if is_logged else _drop


def _drop(_: dict[str, Any]) -> None:
    """Requests are below the level that is logged."""


_LINE = orjson.OPT_APPEND_NEWLINE | orjson.OPT_UTC_Z


def _rendering(*, as_json: bool) -> list[Processor]:
    renderer: Processor = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if as_json
        else structlog.dev.ConsoleRenderer(colors=sys.stdout.isatty())
    )
    return [
        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
        structlog.processors.format_exc_info,
        _scrub_exception,
        renderer,
    ]
