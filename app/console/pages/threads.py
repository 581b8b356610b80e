"""A post with its comments, in any state, beside what is known of an author; acts on each."""

from functools import partial
from uuid import UUID

import orjson
from fastapi import Response
from starlette.responses import RedirectResponse

from app.admin.enums import HeldKind, TargetType
from app.admin.service.content import ContentRef
from app.comment.rows import ManagedComment
from app.console.acts import Act, carry_out
from app.console.console_request import ConsoleRequest, SignedIn, SignedInBare
from app.console.done_texts import Done
from app.console.form import OwnForm
from app.console.pages.common import ACT, READ, ensure_verb, page_router
from app.console.refusals import Refusal
from app.core.schemas import Id
from app.post.rows import ManagedPost
from app.runtime.context import Context

router = page_router()

_DONE = {"hide": "hidden", "restore": "shown"}
_KINDS = {"post": TargetType.POST, "comment": TargetType.COMMENT}


@router.get("/posts/{post_id}", dependencies=READ)
async def show_thread(console: SignedIn, post_id: Id) -> Response:
    return await _show(post_id, console)


@router.get("/comments/{comment_id}", dependencies=READ)
async def show_comment(console: SignedInBare, comment_id: Id) -> Response:
    """Leads to a comment in its thread."""
    async with console.reading() as admin:
        post_id = (await admin.finding.get_comment(comment_id)).post_id
    return RedirectResponse(f"/admin/posts/{post_id}?comment={comment_id}", 303)


async def _show(post_id: UUID, console: ConsoleRequest, refusal: Refusal | None = None) -> Response:
    comment_id = console.id_param("comment")
    async with console.reading() as admin:
        thread = await admin.finding.get_thread(post_id, comment_id)
        chosen = next((each for each in thread.comments if each.id == comment_id), thread.post)
        author_id = chosen.author.id
        author = (await admin.case_context.look_at_author(author_id)).author
        items: list[ManagedPost | ManagedComment] = [thread.post, *thread.comments]
        refused = await admin.permissions.find_refused(item.author.id for item in items)
    pictures = [image["url"] for image in orjson.loads(orjson.dumps(thread.post.images))]
    shown: dict[str, object] = {
        "post": thread.post,
        "pictures": pictures,
        "comments": thread.comments,
        "chosen": chosen,
        "items": items,
        "refused": refused,
    }
    return console.show("thread.html", refusal, author=author, **shown)


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
