"""What the routes of all pages share."""

from collections.abc import AsyncIterator, Container
from datetime import timedelta

from fastapi import APIRouter, Depends, Request

from app.admin.exceptions import NoTermChosen
from app.console.done_words import TERMS
from app.console.form import Form
from app.console.gate import PATH, ConsoleAdmin
from app.console.routes import ConsoleRoute
from app.core.errors import NotFound
from app.runtime.context import Context
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


def suspension_terms(form: Form, ctx: Context) -> dict[str, object]:
    """Until when a suspension lasts, and whether it hides all. Raises NoTermChosen.

    An empty box changes nothing: a suspension that hides already goes on to do so.
    """
    term = form.text("days")
    if term not in TERMS:
        raise NoTermChosen
    until = ctx.clock() + timedelta(days=int(term)) if term.isdigit() else None
    return {"until": until, "hide_content": True if form.text("hide_content") == "on" else None}
