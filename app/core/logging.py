"""Structured logs: a JSON object a line in production, readable lines in development.

Nothing is logged that may contain a secret: no bodies, headers, query strings or e-mail addresses.
The processors below catch mistakes against that rule.
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
"""A logger keeps the list that it was first used with. All loggers have this list, so a later
configuration, or a test that captures logs, changes them all.
"""


def hide_secrets(_: Any, __: str, event: EventDict) -> EventDict:
    """Hide every value whose name sounds secret."""
    for name in event:
        if name != "event" and any(word in name.lower() for word in _SECRET):
            event[name] = "[hidden]"
    return event


def scrub_exception(_: Any, __: str, event: EventDict) -> EventDict:
    """Remove e-mail addresses from a traceback: PostgreSQL's details quote values."""
    if isinstance(event.get("exception"), str):
        event["exception"] = _ADDRESS.sub("[e-mail]", event["exception"])
    return event


def configure_logging(level: str, *, as_json: bool, stream: TextIO | None = None) -> None:
    """Set up structlog, and pass the logs of libraries (uvicorn, alembic) through it."""
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
    # httpx would log each URL that it requests, and URLs of pictures are private.
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
