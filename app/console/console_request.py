"""A request of an admin who is signed in: what it asks for, and the ways to answer it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from enum import StrEnum
from typing import Annotated, Any
from urllib.parse import urlencode
from uuid import UUID

from fastapi import Depends, Request, Response
from starlette.responses import RedirectResponse

from app.admin.enums import TargetType
from app.admin.rows import FrameRow
from app.admin.service.admin import AdminService
from app.admin.service.console.undo import revocable
from app.console.done_texts import SAID, Done
from app.console.gate import ConsoleAdmin, console_by_itself, writing_for
from app.console.refusals import Refusal
from app.console.render import ITEM, kept_query, render
from app.core.keyset import CursorSigner, Page, PageRequest
from app.runtime.context import Context
from app.runtime.runtime import Runtime
from app.user.enums import Role
from app.user.policy import ADMIN, MODERATOR, Access, Viewer, ensure_admin
from app.web.dependencies import client_address
from app.web.paging import DEFAULT_LIMIT, cursor_scope
from app.web.runtime import runtime_of

LONGEST_QUERY = 100
BULK = "bulk"
"""The id of the form that acts on several cards."""

CARDS = 10
"""Cards on a page. More would be a long way to scroll on a phone."""


class ConsoleRequest:
    def __init__(self, request: Request, admin: Viewer) -> None:
        self.request = request
        self.admin = admin
        self.access: Access = MODERATOR
        self.frame: FrameRow | None = None

    @property
    def runtime(self) -> Runtime:
        return runtime_of(self.request)

    @property
    def is_admin(self) -> bool:
        """Or a moderator."""
        return self.admin.role == Role.ADMIN

    def service(self, ctx: Context) -> AdminService:
        return AdminService(ctx, self.admin, client_address(self.request))

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AdminService]:
        """For pages: every statement is a transaction of its own."""
        async with self.runtime.reading() as ctx:
            yield self.service(ctx)

    @asynccontextmanager
    async def transaction(self, *, undoable: bool = False) -> AsyncIterator[Context]:
        """For acts. What is pushed of an undoable one waits until it can't be taken back."""
        act = revocable() if undoable else None
        async with writing_for(self.request, self.admin, self.access, act) as ctx:
            yield ctx

    async def load_frame(self) -> None:
        """Read what stands around a page: badges, canned reasons, and what can be undone."""
        async with self.reading() as admin:
            act = self.done(), self.id_param("act")
            about = self._about() if act[0] else None
            self.frame = await admin.overview.get_frame(*act, about)
        self.request.state.console_frame = self.frame

    def _about(self) -> tuple[TargetType, UUID] | None:
        """What the words for the last act name. None for a made-up address."""
        kind, _, id_ = self.param("about").partition(":")
        try:
            return TargetType(kind), UUID(id_)
        except ValueError:
            return None

    def close(self) -> None:
        """Show no menu any more: this admin may not act now."""
        del self.request.state.console_is_open

    # What is asked for. The query has the whole state of a list, and each form sends it along.
    # So an admin sees the same part of the list after an act or a refusal.

    def param(self, name: str) -> str:
        return self.request.query_params.get(name, "")

    def done(self) -> str:
        """The word for the act that led here; empty if there was none, or for a made-up word."""
        word = self.param("done")
        return word if word in SAID else ""

    def search_words(self, longest: int = LONGEST_QUERY) -> str | None:
        """What to search for; None for everything."""
        return " ".join(self.param("q").replace("\0", "").split())[:longest] or None

    def choice[Choice: StrEnum](self, name: str, of: type[Choice]) -> Choice | None:
        """One of the choices; None if the parameter is absent or unknown."""
        value = self.param(name)
        return of(value) if value in of else None

    def id_param(self, name: str) -> UUID | None:
        """An id; None if the parameter is absent or none."""
        try:
            return UUID(self.param(name))
        except ValueError:
            return None

    def page(self, path: str, limit: int = DEFAULT_LIMIT) -> PageRequest:
        """The part of a list that is shown. `path` is the list's, also on a form's answer."""
        filters = {key: value for key, value in kept_query(self.request).items() if key != ITEM}
        cursor = filters.pop("cursor", None)
        signer = CursorSigner(
            cursor_scope(path, self.admin.user_id, filters),
            self.runtime.settings,
            self.runtime.may_serve_beside_previous,
        )
        return PageRequest(limit, cursor or None, signer)

    # The ways to answer.

    def show(
        self,
        name: str,
        refusal: Refusal | None = None,
        found: Page[Any] | None = None,
        /,
        **values: Any,
    ) -> Response:
        """A page, with what was found of its list.

        A refusal stands at its element, or on top if the page does not show that.
        """
        if found is not None:
            values |= {"items": found.items, "next": found.next_cursor}
        if refusal is None:
            return render(self.request, name, **values)
        ids = {str(item.id) for item in values.get("items", ())}
        placed = values.pop("placed", refusal.element in ids | ({BULK} if ids else set()))
        shown = {"failed": refusal, "banner": refusal.words, "placed": placed}
        return render(self.request, name, refusal.status, **shown, **values)

    def back_to(self, path: str, done: str, following: UUID | None = None) -> Response:
        """To a page that says what was done, with the same part of its list."""
        return RedirectResponse(self.address_of(path, Done(done), None, following), 303)

    def address_of(
        self, path: str, done: Done, act_id: UUID | None, following: UUID | None = None
    ) -> str:
        """The page after an act, which it offers to undo if the act has an id.

        The card `following` is chosen there.
        """
        about = done.about and ":".join(map(str, done.about))
        facts = {"about": about, "term": done.term, "number": done.number, "act": act_id}
        kept = {key: value for key, value in kept_query(self.request).items() if key != ITEM}
        chosen = {ITEM: following} if following is not None else {}
        known = {name: str(value) for name, value in facts.items() if value}
        return f"{path}?{urlencode({**kept, **chosen, 'done': done.word, **known})}"


async def console_request(request: Request, admin: ConsoleAdmin) -> ConsoleRequest:
    console = ConsoleRequest(request, admin)
    if request.method == "GET":
        await console.load_frame()
    return console


async def _bare_request(request: Request, admin: ConsoleAdmin) -> ConsoleRequest:
    """For what is not a page, such as a picture."""
    return ConsoleRequest(request, admin)


async def _request_by_itself(
    request: Request, admin: Annotated[Viewer, Depends(console_by_itself)]
) -> ConsoleRequest:
    """For what an open page asks without a person."""
    return ConsoleRequest(request, admin)


async def _admins_request(
    console: Annotated[ConsoleRequest, Depends(console_request)],
) -> ConsoleRequest:
    """Raises AdminOnly."""
    ensure_admin(console.admin)
    console.access = ADMIN
    return console


async def _admins_bare_request(
    console: Annotated[ConsoleRequest, Depends(_bare_request)],
) -> ConsoleRequest:
    return await _admins_request(console)


SignedIn = Annotated[ConsoleRequest, Depends(console_request)]
"""An admin or a moderator."""

SignedInAdmin = Annotated[ConsoleRequest, Depends(_admins_request)]
SignedInAdminBare = Annotated[ConsoleRequest, Depends(_admins_bare_request)]
ByItself = Annotated[ConsoleRequest, Depends(_request_by_itself)]
SignedInBare = Annotated[ConsoleRequest, Depends(_bare_request)]
