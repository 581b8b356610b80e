"""Posts and comments that are held for review: released or hidden."""

from dataclasses import dataclass
from uuid import UUID

from fastapi import Response

from app.admin.enums import HeldKind, TargetType
from app.admin.exceptions import NothingChosen
from app.admin.policy import Version
from app.admin.rows import HeldRow
from app.admin.service.admin import AdminService
from app.admin.service.console.case_context import Surroundings
from app.admin.service.content import ContentRef
from app.console.acts import Act, carry_out
from app.console.console_request import BULK, CARDS, ConsoleRequest, SignedIn
from app.console.done_texts import Done
from app.console.form import Form, OwnForm
from app.console.formats import Piece, pieces
from app.console.pages.common import (
    ACT,
    READ,
    chosen_of,
    ensure_verb,
    page_router,
    seen_things,
)
from app.console.refusals import Refusal
from app.core.schemas import Id
from app.runtime.context import Context
from app.screening.rows import MetWords

router = page_router()

_PAGE = "/admin/held"
_DONE = {"release": "released", "hide": "hidden"}
_MANY = {"release": "many-released", "hide": "many-hidden"}
_KINDS = {"post": TargetType.POST, "comment": TargetType.COMMENT}

REVIEWED = "確認済み"
"""The reason of a release, for the audit log: an admin has read the text."""


@router.get("/held", dependencies=READ)
async def show_held(console: SignedIn) -> Response:
    return await _show(console)


async def _show(console: ConsoleRequest, refusal: Refusal | None = None) -> Response:
    async with console.reading() as admin:
        found = await admin.content.list_held(console.page("/held", CARDS))
        met = await admin.banned_words.find_in([item.words for item in found.items])
        chosen = chosen_of(console, found.items, refusal)
        around = await _look_at(admin, chosen.item) if chosen else None
        refused = await admin.permissions.find_refused(item.author.id for item in found.items)
    words = {item.id: _marked(item, each) for item, each in zip(found.items, met, strict=True)}
    beside = {"chosen": chosen, "around": around, "refused": refused}
    return console.show("held.html", refusal, found, met=words, **beside)


async def _look_at(admin: AdminService, item: HeldRow) -> Surroundings:
    is_post = item.type == HeldKind.POST
    post_id, comment_id = (item.id, None) if is_post else (None, item.id)
    return await admin.case_context.look_at_content(post_id, comment_id, item.author.id)


@dataclass(frozen=True, slots=True)
class MarkedText:
    """A held text with the banned words of the present list marked in it."""

    found: list[str]
    title: list[Piece]
    body: list[Piece]


def _marked(item: HeldRow, met: MetWords) -> MarkedText:
    """The title was screened before the body, with a newline between."""
    before = len(item.words) - len(item.body)
    title = pieces(item.title or "", met.places)
    return MarkedText(met.words, title, pieces(item.body, met.places, before))


@router.post("/held/many", dependencies=ACT)
async def decide_many(console: SignedIn, form: OwnForm) -> Response:
    verb = form.text("verb")
    ensure_verb(verb, _MANY)

    async def decide(ctx: Context) -> object:
        items, seen = _chosen(form)
        content = console.service(ctx).content
        if verb == "hide":
            outcome = await content.hide_all(items, form.reason(), seen)
        else:
            outcome = await content.restore_all(items, REVIEWED, seen)
        number = outcome.keep(ctx)
        return Done("withheld" if outcome.withheld else _MANY[verb], number=number)

    return await carry_out(
        console, Act(decide, form, _PAGE, _MANY[verb], BULK, undoable=True), _show
    )


def _chosen(form: Form) -> tuple[list[ContentRef], dict[UUID, Version]]:
    """What was chosen by `id:kind:version`. Raises NothingChosen."""
    try:
        parts = [(id_, kind, seen) for id_, (kind, seen) in seen_things(form).items()]
        items = [ContentRef(HeldKind(kind), id_) for id_, kind, _ in parts]
        return items, {id_: seen for id_, _, seen in parts}
    except ValueError:
        raise NothingChosen from None


@router.post("/held/{kind}/{target_id}/{verb}", dependencies=ACT)
async def decide_held(
    console: SignedIn, form: OwnForm, kind: str, target_id: Id, verb: str
) -> Response:
    ensure_verb(kind, _KINDS)
    ensure_verb(verb, _DONE)

    async def decide(ctx: Context) -> object:
        content = console.service(ctx).content
        item = ContentRef(HeldKind(kind), target_id)
        if verb == "hide":
            await content.hide(item, form.reason(), form.seen)
            return None
        is_shown = await content.restore(item, REVIEWED, form.seen)
        return None if is_shown else Done("withheld")

    target = (_KINDS[kind], target_id)
    act = Act(decide, form, _PAGE, _DONE[verb], target_id, target, undoable=True)
    return await carry_out(console, act, _show)
