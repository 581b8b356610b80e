"""The list of banned words, and the harmless phrases that may contain one."""

from fastapi import Response

from app.admin.console.acts import Act, carry_out
from app.admin.console.console_request import ConsoleRequest, SignedIn
from app.admin.console.form import OwnForm
from app.admin.console.pages.common import ACT, READ, page_router
from app.admin.console.refusals import Refusal
from app.admin.enums import TargetType
from app.admin.models import NO_TARGET
from app.admin.schemas import BannedWordsUpdate
from app.runtime.context import Context

router = page_router()

_PAGE = "/admin/words"


@router.get("/words", dependencies=READ)
async def show_words(console: SignedIn) -> Response:
    return await _show(console)


async def _show(console: ConsoleRequest, refusal: Refusal | None = None) -> Response:
    async with console.reading() as admin:
        words = await admin.banned_words.get_list()
    return console.show("words.html", refusal, placed=True, words=words)


@router.post("/words", dependencies=ACT)
async def save_words(console: SignedIn, form: OwnForm) -> Response:
    async def save(ctx: Context) -> object:
        lines = {name: _lines(form.text(name)) for name in ("words", "exceptions")}
        wanted = BannedWordsUpdate.model_validate(lines)
        return await console.service(ctx).banned_words.replace(wanted, form.seen)

    act = Act(save, form, _PAGE, "saved", "words", (TargetType.BANNED_WORDS, NO_TARGET))
    return await carry_out(console, act, _show)


def _lines(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.strip()]
