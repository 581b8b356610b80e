"""What a user wrote, in any state, with acts on several things at once."""

from functools import partial
from uuid import UUID

from fastapi import Response

from app.admin.enums import HeldKind, TargetType
from app.admin.exceptions import NothingChosen
from app.admin.service.content import ContentRef
from app.console.acts import Act, carry_out
from app.console.console_request import BULK, ConsoleRequest, SignedIn
from app.console.done_texts import Done
from app.console.form import Form, OwnForm
from app.console.pages.common import ACT, READ, ensure_verb, page_router
from app.console.refusals import Refusal
from app.core.schemas import Id
from app.runtime.context import Context

router = page_router()

SHOWN = 20
"""Posts and comments on a page: as many as one form may act on."""

_DONE = {"hide": "bulk-hidden", "restore": "bulk-restored"}


@router.get("/users/{user_id}/content", dependencies=READ)
async def show_content(console: SignedIn, user_id: Id) -> Response:
    return await _show(user_id, console)


async def _show(user_id: UUID, console: ConsoleRequest, refusal: Refusal | None = None) -> Response:
    kind = console.choice("kind", HeldKind)
    async with console.reading() as admin:
        user = await admin.users.get(user_id)
        found = await admin.users.list_content(
            user_id, kind, console.page(f"/users/{user_id}/content", SHOWN)
        )
        refused = await admin.permissions.find_refused([user_id])
    chosen = refusal.form.lists.get("item", ()) if refusal else ()
    shown = {"user": user, "kind": kind, "chosen": chosen, "why": refused.get(user_id)}
    return console.show("content.html", refusal, found, placed=True, **shown)


@router.post("/users/{user_id}/content", dependencies=ACT)
async def change_content(console: SignedIn, form: OwnForm, user_id: Id) -> Response:
    """Hide or restore what was chosen. `verb` is the button."""
    verb = form.text("verb")
    ensure_verb(verb, _DONE)

    async def change(ctx: Context) -> object:
        content, items = console.service(ctx).content, _chosen(form)
        if verb == "hide":
            (await content.hide_all(items, form.reason())).keep(ctx)
            return None
        shown = await content.restore_all(items, form.reason())
        done = shown.keep(ctx)
        return Done("withheld", number=done) if shown.withheld else None

    page, target = f"/admin/users/{user_id}/content", (TargetType.USER, user_id)
    act = Act(change, form, page, _DONE[verb], BULK, target, undoable=True)
    return await carry_out(console, act, partial(_show, user_id))


def _chosen(form: Form) -> list[ContentRef]:
    """The chosen posts and comments, each sent as `post:id`. Raises NothingChosen."""
    try:
        parts = [item.split(":", 1) for item in form.lists.get("item", ())]
        return [ContentRef(HeldKind(kind), UUID(id_)) for kind, id_ in parts]
    except ValueError:
        raise NothingChosen from None
