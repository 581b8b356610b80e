"""Posts and comments that are held for review."""

from fastapi import Response

from app.admin.console.acting import carry_out
from app.admin.console.pages.common import ACT, LOOK, page_router
from app.admin.console.refusals import Refusal
from app.admin.console.visit import CARDS, SignedIn, Visit
from app.admin.enums import TargetType
from app.admin.schemas import WithReason
from app.core.errors import NotFound
from app.core.schemas import Id
from app.post.enums import Moderation
from app.runtime.context import Context

router = page_router()

REVIEWED = "確認済み"
"""Why something is released: somebody has read it. Nobody is told, the log keeps it."""


@router.get("/held", dependencies=LOOK)
async def show_held(visit: SignedIn) -> Response:
    return await _show(visit)


async def _show(visit: Visit, refused: Refusal | None = None) -> Response:
    async with visit.looking() as acts:
        found = await acts.list_held(visit.page(CARDS))
    return visit.show("held.html", refused, items=found.items, next=found.next_cursor)


@router.post("/held/{kind}/{target_id}/{verb}", dependencies=ACT)
async def decide_held(visit: SignedIn, kind: str, target_id: Id, verb: str) -> Response:
    form = await visit.own_form()

    async def act(ctx: Context) -> None:
        acts = visit.acts(ctx, moderation=Moderation.HELD)
        ways = {
            ("post", "release"): acts.restore_post,
            ("post", "hide"): acts.hide_post,
            ("comment", "release"): acts.restore_comment,
            ("comment", "hide"): acts.hide_comment,
        }
        if (kind, verb) not in ways:
            raise NotFound
        reason = form.get("reason", "") if verb == "hide" else REVIEWED
        await ways[kind, verb](target_id, WithReason.model_validate({"reason": reason}).reason)

    done = {"release": "released", "hide": "hidden"}.get(verb, "")
    about = (TargetType.POST if kind == "post" else TargetType.COMMENT, target_id)
    return await carry_out(visit, act, form, target_id, done, "/admin/held", _show, about)
