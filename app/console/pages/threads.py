"""A post with its comments, in any state, beside what is known of an author; acts on each."""

from functools import partial
from uuid import UUID

import orjson
from fastapi import Response

from app.admin.enums import HeldKind, TargetType
from app.admin.service import ContentRef
from app.console.acts import Act, carry_out
from app.console.console_request import ConsoleRequest, SignedIn
from app.console.done_words import Done
from app.console.form import OwnForm
from app.console.pages.common import ACT, READ, ensure_verb, page_router
from app.console.refusals import Refusal
from app.core.schemas import Id
from app.runtime.context import Context

router = page_router()

_DONE = {"hide": "hidden", "restore": "released"}
_KINDS = {"post": TargetType.POST, "comment": TargetType.COMMENT}


@router.get("/posts/{post_id}", dependencies=READ)
async def show_thread(console: SignedIn, post_id: Id) -> Response:
    return await _show(post_id, console)


async def _show(post_id: UUID, console: ConsoleRequest, refusal: Refusal | None = None) -> Response:
    comment_id = console.id_param("comment")
    async with console.reading() as admin:
        thread = await admin.finding.get_thread(post_id, comment_id)
        chosen = next((each for each in thread.comments if each.id == comment_id), thread.post)
        author_id = chosen.author.id
        history = await admin.users.get_history(author_id) if author_id else None
    pictures = [image["url"] for image in orjson.loads(orjson.dumps(thread.post.images))]
    items = [thread.post, *thread.comments]
    shown: dict[str, object] = {
        "post": thread.post,
        "pictures": pictures,
        "comments": thread.comments,
        "chosen": chosen,
        "items": items,
    }
    return console.show("thread.html", refusal, history=history, **shown)


@router.post("/posts/{post_id}/{kind}/{target_id}/{verb}", dependencies=ACT)
async def change(
    console: SignedIn, form: OwnForm, post_id: Id, kind: str, target_id: Id, verb: str
) -> Response:
    """Hide or show the post, or one of its comments."""
    ensure_verb(kind, _KINDS)
    ensure_verb(verb, _DONE)

    async def act(ctx: Context) -> object:
        content, item = console.service(ctx).content, ContentRef(HeldKind(kind), target_id)
        if verb == "hide":
            await content.hide(item, form.reason())
            return None
        return None if await content.restore(item, form.reason()) else Done("withheld")

    page = f"/admin/posts/{post_id}"
    wanted = Act(act, form, page, _DONE[verb], target_id, (_KINDS[kind], target_id), undoable=True)
    return await carry_out(console, wanted, partial(_show, post_id))
