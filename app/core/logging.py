"""Structured logs: one JSON object a line in production, readable lines in development.

What may hold a secret never gets here: no bodies, no headers, no query strings, no e-mail
addresses. The processor below is the net under that rule.
"""

import logging
import re
import sys
from typing import Any, TextIO

import structlog
from structlog.typing import EventDict, Processor

_SECRET = ("password", "token", "secret", "authorization", "email", "cookie", "api_key")
_ADDRESS = re.compile(r"[^\s@(]+@[^\s@)]+")

_processors: list[Processor] = []
"""A logger keeps the list that it was first used with. It is one and the same, so that what is
configured later, or captured by a test, holds for every logger.
"""


def hide_secrets(_: Any, __: str, event: EventDict) -> EventDict:
    """Blank any value whose name says that it is nobody's business."""
    for name in event:
        if name != "event" and any(word in name.lower() for word in _SECRET):
            event[name] = "[hidden]"
    return event


def scrub_exception(_: Any, __: str, event: EventDict) -> EventDict:
    """Take e-mail addresses out of a traceback: PostgreSQL quotes values in its details."""
    if isinstance(event.get("exception"), str):
        event["exception"] = _ADDRESS.sub("[e-mail]", event["exception"])
    return event


def configure_logging(level: str, *, as_json: bool, stream: TextIO | None = None) -> None:
    """Set up structlog, and route the libraries' own logs (uvicorn, alembic) through it."""
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
    # httpx would log each address that it asks for, people's pictures among them.
    for noisy in ("uvicorn.access", "pgqueuer", "sqlalchemy", "httpx"):
        logging.getLogger(noisy).setLevel(logging.WARNING)


def _rendering(*, as_json: bool) -> list[Processor]:
    renderer: Processor = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if as_json
        else structlog.dev.ConsoleRenderer(colors=sys.stdout.isatty())
    )
    return [
        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
        structlog.processors.format_exc_info,
        scrub_exception,
        renderer,
    ]
