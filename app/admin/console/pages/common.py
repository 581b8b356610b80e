"""What every page's routes share."""

from fastapi import APIRouter
from starlette.datastructures import FormData

from app.admin.console.gate import PATH
from app.admin.console.render import ConsoleRoute
from app.core.dependencies import limited
from app.core.errors import NotFound

LOOK = [limited("read", by_address=True)]
ACT = [limited("write", by_address=True)]


def page_router() -> APIRouter:
    return APIRouter(prefix=PATH, include_in_schema=False, route_class=ConsoleRoute)


def must_be(verb: str, wanted: str) -> None:
    """Raises NotFound for another verb than the last one that there is."""
    if verb != wanted:
        raise NotFound


def seen_in(form: FormData) -> str | None:
    """The mark of what its sender saw."""
    return str(form.get("seen", "")) or None
