"""Lounges: opened, changed, closed and reopened, with covers or without."""

from fastapi import Request, Response

from app.admin.enums import TargetType
from app.admin.schemas import LoungeCreate, LoungeUpdate
from app.admin.service.finding import ContentFilter
from app.console.acts import Act, carry_out
from app.console.console_request import (
    ConsoleRequest,
    SignedIn,
    SignedInAdmin,
    SignedInAdminBare,
)
from app.console.form import OwnForm, form_of
from app.console.gate import ensure_own_form
from app.console.pages.common import ACT, SEARCH, ensure_verb, page_router
from app.console.refusals import Refusal, refusal_of
from app.core.admission import UPLOADS
from app.core.errors import AppError
from app.core.schemas import Id
from app.post.enums import Moderation
from app.runtime.context import Context
from app.web.limits import limited
from app.web.uploads import LONGEST_SECONDS, UPLOAD_BODY, file_of, uploaded_form

router = page_router()

_PAGE = "/admin/lounges"
_DONE = {"close": "closed", "reopen": "reopened", "change": "changed"}
_STATES = {"open": False, "closed": True}
_NEW = "new"
"""The id of the form for a new lounge."""

COVER_SECONDS = int(UPLOADS.patience + LONGEST_SECONDS) + 15
"""For how long a browser waits for the answer to a cover. It may wait for a slot, a slow phone
sends it as long as a body may take, and then it is checked and stored.
"""


@router.get("/lounges", dependencies=SEARCH)
async def show_lounges(console: SignedInAdmin) -> Response:
    return await _show(console)


async def _show(console: ConsoleRequest, refusal: Refusal | None = None) -> Response:
    words, state = console.search_words(), console.param("state")
    async with console.reading() as admin:
        found = await admin.lounges.list_page(console.page("/lounges"), words, _STATES.get(state))
    shown = {"q": words or "", "state": state, "cover_seconds": COVER_SECONDS}
    return console.show("lounges.html", refusal, found, **shown)


@router.get("/lounges/{lounge_id}/posts", dependencies=SEARCH)
async def show_posts(console: SignedIn, lounge_id: Id) -> Response:
    """What was written in a lounge, hidden and held posts too."""
    words, state = console.search_words(), console.choice("state", Moderation)
    sought = ContentFilter(words, lounge_id=lounge_id, moderation=state)
    async with console.reading() as admin:
        lounge = await admin.lounges.get(lounge_id)
        found = await admin.finding.list_posts(console.page(f"/lounges/{lounge_id}/posts"), sought)
    shown = {"q": words or "", "state": state, "lounge": lounge}
    return console.show("lounge_posts.html", None, found, **shown)


@router.post("/lounges", dependencies=ACT)
async def open_lounge(console: SignedInAdmin, form: OwnForm) -> Response:
    async def open_it(ctx: Context) -> object:
        wanted = LoungeCreate.model_validate(form.texts("name", "description"))
        return await console.service(ctx).lounges.open(wanted)

    return await carry_out(console, Act(open_it, form, _PAGE, "made", _NEW, undoable=True), _show)


@router.post(
    "/lounges/{lounge_id}/cover", dependencies=[limited("upload")], openapi_extra=UPLOAD_BODY
)
async def set_cover(request: Request, console: SignedInAdminBare, lounge_id: Id) -> Response:
    async with uploaded_form(request, console.admin.user_id, fields=3) as sent:
        ensure_own_form(request, sent, console.admin)
        form = form_of(sent)
        try:
            # Before the transaction: decoding takes up to a second, the operator's check five.
            async with console.reading() as admin:
                cover = await admin.lounges.check_cover(file_of(sent))
        except AppError as error:
            await console.load_frame()
            return await _show(console, refusal_of(request, error, form, str(lounge_id), None))

    async def set_it(ctx: Context) -> object:
        return await console.service(ctx).lounges.set_cover(lounge_id, cover, form.seen)

    target, file = (TargetType.LOUNGE, lounge_id), cover.picture.full.data
    act = Act(set_it, form, _PAGE, "cover", lounge_id, target, file=file)
    return await carry_out(console, act, _show)


@router.post("/lounges/{lounge_id}/uncover", dependencies=ACT)
async def remove_cover(console: SignedInAdmin, form: OwnForm, lounge_id: Id) -> Response:
    async def remove(ctx: Context) -> object:
        return await console.service(ctx).lounges.remove_cover(lounge_id, form.seen)

    target = (TargetType.LOUNGE, lounge_id)
    return await carry_out(console, Act(remove, form, _PAGE, "uncover", lounge_id, target), _show)


@router.post("/lounges/{lounge_id}/{verb}", dependencies=ACT)
async def change_lounge(
    console: SignedInAdmin, form: OwnForm, lounge_id: Id, verb: str
) -> Response:
    ensure_verb(verb, _DONE)

    async def change(ctx: Context) -> None:
        lounges = console.service(ctx).lounges
        if verb == "close":
            await lounges.close(lounge_id, form.seen)
        elif verb == "reopen":
            await lounges.reopen(lounge_id, form.seen)
        else:
            changes = LoungeUpdate.model_validate(form.texts("name", "description"))
            await lounges.change(lounge_id, changes, form.seen)

    target = (TargetType.LOUNGE, lounge_id)
    act = Act(change, form, _PAGE, _DONE[verb], lounge_id, target, undoable=True)
    return await carry_out(console, act, _show)
