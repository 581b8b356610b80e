"""The list of banned words, and the harmless phrases that may contain one."""

from dataclasses import dataclass

from fastapi import Response

from app.admin.enums import TargetType
from app.admin.models import NO_TARGET
from app.admin.schemas import BannedWordsUpdate
from app.console.acts import Act, carry_out
from app.console.console_request import ConsoleRequest, SignedInAdmin
from app.console.form import Form, OwnForm
from app.console.pages.common import ACT, READ, page_router
from app.console.refusals import Refusal
from app.core.spelling import squeeze
from app.runtime.context import Context
from app.screening.rows import BannedWords

router = page_router()

_PAGE = "/admin/words"

_LISTS = ("words", "exceptions")
LONGEST_SENTENCE = 10_000


@dataclass(frozen=True, slots=True)
class Tried:
    """A sentence that was tried, and the banned words that it meets."""

    sentence: str
    words: list[str]


@dataclass(frozen=True, slots=True)
class Difference:
    """Between a list as it is now and what an admin typed on a page that showed an older one."""

    only_now: list[str]
    only_typed: list[str]


@router.get("/words", dependencies=READ)
async def show_words(console: SignedInAdmin) -> Response:
    return await _show(console)


async def _show(
    console: ConsoleRequest, refusal: Refusal | None = None, tried: Tried | None = None
) -> Response:
    async with console.reading() as admin:
        words = await admin.banned_words.get_list()
    differences = _differences(words, refusal.form) if refusal and refusal.outdated else {}
    shown = {"words": words, "tried": tried, "differences": differences}
    return console.show("words.html", refusal, placed=True, **shown)


def _differences(now: BannedWords, form: Form) -> dict[str, Difference]:
    """Of each list, so that the admin can bring both together."""
    lists = {"words": now.words, "exceptions": now.exceptions}
    return {name: _difference(lists[name], _lines(form.text(name))) for name in _LISTS}


def _difference(now: list[str], typed: list[str]) -> Difference:
    """Two spellings of one word are the same word, as they are for the list."""
    now_keys, typed_keys = set(map(squeeze, now)), set(map(squeeze, typed))
    return Difference(
        [word for word in now if squeeze(word) not in typed_keys],
        [word for word in typed if squeeze(word) not in now_keys],
    )


@router.post("/words/try", dependencies=ACT)
async def try_words(console: SignedInAdmin, form: OwnForm) -> Response:
    """Show which of the stored words a sentence would meet. It changes nothing."""
    sentence = form.text("sentence")[:LONGEST_SENTENCE]
    async with console.reading() as admin:
        (met,) = await admin.banned_words.find_in([sentence])
    await console.load_frame()
    return await _show(console, tried=Tried(sentence, met.words))


@router.post("/words", dependencies=ACT)
async def save_words(console: SignedInAdmin, form: OwnForm) -> Response:
    async def save(ctx: Context) -> object:
        lines = {name: _lines(form.text(name)) for name in _LISTS}
        wanted = BannedWordsUpdate.model_validate(lines)
        return await console.service(ctx).banned_words.replace(wanted, form.seen)

    target = (TargetType.BANNED_WORDS, NO_TARGET)
    act = Act(save, form, _PAGE, "saved", "words", target, undoable=True)
    return await carry_out(console, act, _show)


def _lines(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.strip()]
