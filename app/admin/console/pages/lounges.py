"""Lounges: made, changed, closed and opened again."""

from typing import Any

from fastapi import Response
from starlette.datastructures import FormData

from app.admin.console.acting import carry_out
from app.admin.console.pages.common import ACT, SEARCH, must_be, page_router, seen_in
from app.admin.console.refusals import Refusal
from app.admin.console.visit import SignedIn, Visit
from app.admin.enums import TargetType
from app.admin.schemas import LoungeCreate, LoungeUpdate
from app.core.schemas import Id
from app.runtime.context import Context

router = page_router()

_DONE = {"close": "closed", "reopen": "reopened", "change": "changed"}
_STATES = {"open": False, "closed": True}


@router.get("/lounges", dependencies=SEARCH)
async def show_lounges(visit: SignedIn) -> Response:
    return await _show(visit)


async def _show(visit: Visit, refused: Refusal | None = None) -> Response:
    words, state = visit.words(), visit.asked("state")
    async with visit.looking() as acts:
        found = await acts.list_lounges(visit.page(), words or None, _STATES.get(state))
    shown = {"items": found.items, "next": found.next_cursor, "q": words, "state": state}
    return visit.show("lounges.html", refused, **shown)


@router.post("/lounges", dependencies=ACT)
async def make_lounge(visit: SignedIn) -> Response:
    form = await visit.own_form()

    async def act(ctx: Context) -> object:
        acts = visit.acts(ctx)
        return await acts.open_lounge(LoungeCreate.model_validate(_fields(form)))

    return await carry_out(visit, act, form, "new", "made", "/admin/lounges", _show)


@router.post("/lounges/{lounge_id}/{verb}", dependencies=ACT)
async def alter_lounge(visit: SignedIn, lounge_id: Id, verb: str) -> Response:
    form = await visit.own_form()

    async def act(ctx: Context) -> None:
        if verb == "close":
            await visit.acts(ctx, open=True).close_lounge(lounge_id)
        elif verb == "reopen":
            await visit.acts(ctx, open=False).reopen_lounge(lounge_id)
        else:
            must_be(verb, "change")
            wanted = LoungeUpdate.model_validate(_fields(form))
            await visit.acts(ctx).change_lounge(lounge_id, wanted, seen_in(form))

    done = _DONE.get(verb, "")
    about = (TargetType.LOUNGE, lounge_id)
    return await carry_out(visit, act, form, lounge_id, done, "/admin/lounges", _show, about)


def _fields(form: FormData) -> dict[str, Any]:
    return {name: form.get(name, "") for name in ("name", "description")}
