"""What every page's routes share."""

from collections.abc import AsyncIterator

from fastapi import APIRouter, Depends, Request
from starlette.datastructures import FormData

from app.admin.console.gate import PATH, ConsoleAdmin
from app.admin.console.render import ConsoleRoute
from app.core.errors import NotFound
from app.web.limits import limited
from app.web.search import place_of

LOOK = [limited("read", by_address=True)]
ACT = [limited("write", by_address=True)]


async def search_place(request: Request, admin: ConsoleAdmin) -> AsyncIterator[None]:
    """Hold this admin's place among the searches until the route returns. Raises Overloaded."""
    async with place_of(request, admin.user_id):
        yield


SEARCH = [*LOOK, Depends(search_place, scope="function")]


def page_router() -> APIRouter:
    return APIRouter(prefix=PATH, include_in_schema=False, route_class=ConsoleRoute)


def must_be(verb: str, wanted: str) -> None:
    """Raises NotFound for another verb than the last one that there is."""
    if verb != wanted:
        raise NotFound


def seen_in(form: FormData) -> str | None:
    """The mark of what its sender saw."""
    return str(form.get("seen", "")) or None
