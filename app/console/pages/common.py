"""What the routes of all pages share."""

from collections.abc import AsyncIterator, Container, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol
from uuid import UUID

from fastapi import APIRouter, Depends, Request

from app.admin.exceptions import NoTermChosen, NothingChosen
from app.admin.service.many import SeenThing
from app.console.console_request import ConsoleRequest
from app.console.done_texts import TERMS
from app.console.form import Form
from app.console.gate import PATH, ConsoleAdmin
from app.console.refusals import Refusal
from app.console.render import ITEM
from app.console.routes import ConsoleRoute
from app.core.errors import NotFound
from app.runtime.context import Context
from app.web.limits import limited
from app.web.search import slot_of

READ = [limited("read", by_address=True)]
ACT = [limited("write", by_address=True)]


async def search_slot(request: Request, admin: ConsoleAdmin) -> AsyncIterator[None]:
    """Take one of the slots for searches until the route returns. Raises Overloaded."""
    async with slot_of(request, admin.user_id):
        yield


SEARCH = [*READ, Depends(search_slot, scope="function")]


class WithId(Protocol):
    @property
    def id(self) -> UUID: ...


@dataclass(frozen=True, slots=True)
class Chosen[Item: WithId]:
    """The card whose surroundings the page shows. Without a choice that is the first one."""

    item: Item
    asked: bool
    """Whether the admin has chosen it."""


def chosen_of[Item: WithId](
    console: ConsoleRequest, items: Sequence[Item], refusal: Refusal | None
) -> Chosen[Item] | None:
    """None if the page has no card. A card that was refused is chosen."""
    for wanted in (refusal.element if refusal else "", console.param(ITEM)):
        for item in items:
            if str(item.id) == wanted:
                return Chosen(item, asked=True)
    return Chosen(items[0], asked=False) if items else None


def seen_things(form: Form) -> dict[UUID, list[str]]:
    """The chosen cards by their ids, with the other parts of `id:…:version`.

    Raises NothingChosen.
    """
    try:
        parts = [item.split(":") for item in form.lists.get("item", ())]
        return {UUID(id_): rest for id_, *rest in parts}
    except ValueError:
        raise NothingChosen from None


def things_of(form: Form) -> list[SeenThing]:
    """Those chosen by `id:version`. Raises NothingChosen."""
    return [SeenThing(id_, ":".join(rest)) for id_, rest in seen_things(form).items()]


def page_router() -> APIRouter:
    return APIRouter(prefix=PATH, include_in_schema=False, route_class=ConsoleRoute)


def ensure_verb(verb: str, known: Container[str]) -> None:
    """Raises NotFound for another verb in a path. Before the act, whose key has the path."""
    if verb not in known:
        raise NotFound


def suspension_terms(form: Form, ctx: Context) -> dict[str, object]:
    """Until when a suspension lasts or that it is permanent, and whether it hides all content.

    Raises NoTermChosen.

    An empty box changes nothing: a suspension that hides already goes on to do so.
    """
    term = form.text("days")
    if term not in TERMS:
        raise NoTermChosen
    until = ctx.clock() + timedelta(days=int(term)) if term.isdigit() else None
    terms = {"until": until, "permanent": until is None}
    return {**terms, "hide_content": True if form.text("hide_content") == "on" else None}
