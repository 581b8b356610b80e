"""The list of banned words, with the phrases that may hold one."""

from fastapi import Response

from app.admin.console.acting import carry_out
from app.admin.console.pages.common import ACT, LOOK, page_router, seen_in
from app.admin.console.refusals import Refusal
from app.admin.console.visit import SignedIn, Visit
from app.admin.enums import TargetType
from app.admin.models import NO_TARGET
from app.admin.schemas import BannedWordsUpdate
from app.runtime.context import Context

router = page_router()


@router.get("/words", dependencies=LOOK)
async def show_words(visit: SignedIn) -> Response:
    return await _show(visit)


async def _show(visit: Visit, refused: Refusal | None = None) -> Response:
    async with visit.looking() as acts:
        words = await acts.list_banned_words()
    return visit.show("words.html", refused, placed=True, words=words)


@router.post("/words", dependencies=ACT)
async def save_words(visit: SignedIn) -> Response:
    form = await visit.own_form()

    async def act(ctx: Context) -> object:
        acts = visit.acts(ctx)
        names = ("words", "exceptions")
        lines = {name: str(form.get(name, "")).splitlines() for name in names}
        given = {name: [one for one in lines[name] if one.strip()] for name in names}
        wanted = BannedWordsUpdate.model_validate(given)
        return await acts.replace_banned_words(wanted, seen_in(form))

    about = (TargetType.BANNED_WORDS, NO_TARGET)
    return await carry_out(visit, act, form, "words", "saved", "/admin/words", _show, about)
