"""What the routes of all pages share."""

from collections.abc import AsyncIterator, Container

from fastapi import APIRouter, Depends, Request

from app.admin.console.gate import PATH, ConsoleAdmin
from app.admin.console.routes import ConsoleRoute
from app.core.errors import NotFound
from app.web.limits import limited
from app.web.search import place_of

READ = [limited("read", by_address=True)]
ACT = [limited("write", by_address=True)]


async def search_place(request: Request, admin: ConsoleAdmin) -> AsyncIterator[None]:
    """Take one of the places for searches until the route returns. Raises Overloaded."""
    async with place_of(request, admin.user_id):
        yield


SEARCH = [*READ, Depends(search_place, scope="function")]


def page_router() -> APIRouter:
    return APIRouter(prefix=PATH, include_in_schema=False, route_class=ConsoleRoute)


def ensure_verb(verb: str, known: Container[str]) -> None:
    """Raises NotFound for another verb in a path. Before the act, whose key has the path."""
    if verb not in known:
        raise NotFound
