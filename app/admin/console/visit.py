"""One request of an admin who is signed in: what it asks for, and the ways to answer it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from enum import StrEnum
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import Depends, Request, Response
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse

from app.admin.console.gate import ConsoleAdmin, ensure_own_form
from app.admin.console.refusals import Refusal
from app.admin.console.render import render
from app.admin.service import AdminService
from app.core.keyset import PageRequest
from app.runtime.context import Context
from app.runtime.runtime import Runtime
from app.user.policy import Viewer
from app.web.dependencies import client_address, origin_of
from app.web.paging import DEFAULT_LIMIT
from app.web.runtime import runtime_of

LONGEST_QUERY = 100
CARDS = 10
"""On a page of what is to be decided: as much as a thumb scrolls through."""


class Visit:
    def __init__(self, request: Request, admin: Viewer) -> None:
        self.request = request
        self.admin = admin

    @property
    def runtime(self) -> Runtime:
        return runtime_of(self.request)

    def acts(self, ctx: Context, **expected: object) -> AdminService:
        """`expected` is the state in which a page has the button that was pressed."""
        return AdminService(ctx, self.admin, client_address(self.request), expected)

    @asynccontextmanager
    async def looking(self) -> AsyncIterator[AdminService]:
        """For pages: each statement by itself."""
        async with self.runtime.reading() as ctx:
            yield self.acts(ctx)

    @asynccontextmanager
    async def acting(self) -> AsyncIterator[Context]:
        """For acts: one transaction."""
        async with self.runtime.unit_of_work(origin_of(self.request)) as ctx:
            yield ctx

    # What is asked for. A list's address says all of it, and a form brings it back, so that who
    # has acted, or was refused, stands where they stood before.

    def words(self) -> str:
        """What is searched for; '' for everything."""
        return " ".join(self.asked("q").replace("\0", "").split())[:LONGEST_QUERY]

    def asked(self, name: str) -> str:
        return self.request.query_params.get(name, "")

    def choice[Choice: StrEnum](self, name: str, of: type[Choice]) -> Choice | None:
        """One of the choices; None for another, or none."""
        value = self.asked(name)
        return of(value) if value in of else None

    def page(self, limit: int = DEFAULT_LIMIT) -> PageRequest:
        return PageRequest(limit, self.asked("cursor") or None, self.runtime.settings)

    async def own_form(self) -> FormData:
        """Raises Forbidden for a form that is not ours."""
        form = await self.request.form()
        ensure_own_form(self.request, form, self.admin, self.runtime.settings)
        return form

    # The ways to answer.

    def show(self, name: str, refused: Refusal | None = None, /, **values: Any) -> Response:
        """A page; with a refusal, which stands at its target, or on top if that is not shown."""
        if refused is None:
            return render(self.request, name, **values)
        ids = {str(_id_of(item)) for item in values.get("items", ())}
        placed = values.pop("placed", refused.target in ids)
        how = {"failed": refused, "banner": refused.words, "placed": placed}
        return render(self.request, name, refused.code, **how, **values)

    def back_to(self, path: str, done: str) -> Response:
        """To a page, which says what was done; the list begins where it began."""
        kept = {k: v for k, v in self.request.query_params.items() if k != "done"}
        return RedirectResponse(f"{path}?{urlencode({**kept, 'done': done})}", 303)


def _id_of(item: Any) -> object:
    return item["id"] if isinstance(item, dict) else item.id


async def visit(request: Request, admin: ConsoleAdmin) -> Visit:
    return Visit(request, admin)


SignedIn = Annotated[Visit, Depends(visit)]
