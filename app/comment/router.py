"""Comments: of a post, single ones, and the caller's own."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, Request, Response

from app.comment.exceptions import CommentNotFound, InvalidParent
from app.comment.rows import Comment, CommentInContext
from app.comment.schemas import CommentCreate, CommentUpdate, edit_of
from app.comment.service.changing import CommentChangeService
from app.comment.service.reading import CommentService
from app.comment.service.writing import CommentWritingService
from app.core.keyset import Page, PageRequest
from app.core.schemas import Id
from app.lounge.exceptions import LoungeClosed
from app.post.exceptions import NotAuthor, PostNotFound
from app.screening.exceptions import NewAccountLink
from app.user.dependencies import CurrentAuthor, CurrentMember, CurrentUser, GuardedAuthor
from app.web.as_of import AS_OF
from app.web.conditions import Condition
from app.web.dependencies import Ctx, ReadCtx, SingleCtx
from app.web.idempotency import Idempotent, answer_response
from app.web.limits import limited
from app.web.openapi import CHANGED, WITH_ETAG, raises
from app.web.paging import PageQuery, page_of
from app.web.responses import changed_response, page_response, resource_response
from app.web.routing import feature_router

read = feature_router(tags=["comments"], dependencies=[limited("read"), AS_OF])
write = feature_router(tags=["comments"], dependencies=[limited("write")])


@read.get("/posts/{post_id}/comments", response_model=Page[Comment])
@raises(PostNotFound, CommentNotFound)
async def list_comments(
    post_id: Id,
    viewer: CurrentUser,
    ctx: ReadCtx,
    page: PageQuery,
    parent_id: Annotated[Id | None, Query(description="The replies to this comment")] = None,
) -> Response:
    """List a post's top-level comments, or the replies to one of them, oldest first."""
    service = ctx.service(CommentService)
    if parent_id is None:
        return page_response(await service.list_top_level(viewer, post_id, page))
    return page_response(await service.list_replies(viewer, post_id, parent_id, page))


@write.post("/posts/{post_id}/comments", status_code=201, response_model=Comment)
@raises(PostNotFound, LoungeClosed, InvalidParent, NewAccountLink)
async def create_comment(
    post_id: Id, form: CommentCreate, ctx: SingleCtx, viewer: GuardedAuthor, once: Idempotent
) -> Response:
    """Comment on a post, or reply to a comment.

    Notifies the post's author; of a reply, also the author of the parent comment; of a top-level
    comment, also those who watch the post. A held comment notifies only once it is released.
    """
    keyed = await once.keyed_request()
    service = ctx.service(CommentWritingService)
    return answer_response(await service.write_once(viewer, post_id, form, keyed))


@read.get("/comments/{comment_id}", response_model=CommentInContext, responses=WITH_ETAG)
@raises(CommentNotFound)
async def get_comment(
    request: Request,
    comment_id: Id,
    viewer: CurrentUser,
    ctx: ReadCtx,
    context: Annotated[
        bool, Query(description="Add `position` and `cursor`: where it is in its list")
    ] = False,
) -> Response:
    """Get a comment or reply, as its list shows it.

    A reply to a comment that the caller can't see is not found, unless it is the caller's own.
    """
    service = ctx.service(CommentService)

    def list_of(post_id: UUID, parent_id: UUID | None) -> PageRequest:
        return page_of(request, list_comments, {"post_id": post_id, "parent_id": parent_id})

    if context:
        comment: Comment = await service.show_in_context(viewer, comment_id, list_of)
    else:
        comment = await service.show(viewer, comment_id)
    return resource_response(request, comment, edit_of(comment.body))


@write.patch("/comments/{comment_id}", response_model=Comment, responses=CHANGED)
@raises(CommentNotFound, PostNotFound, NotAuthor, NewAccountLink)
async def update_comment(
    comment_id: Id, ctx: Ctx, viewer: CurrentAuthor, condition: Condition, changes: CommentUpdate
) -> Response:
    """Edit the caller's own comment."""
    service = ctx.service(CommentChangeService)
    comment = await service.update(viewer, comment_id, changes, condition)
    return changed_response(comment, edit_of(comment.body))


@write.delete("/comments/{comment_id}", status_code=204)
@raises(CommentNotFound, NotAuthor)
async def delete_comment(
    comment_id: Id, ctx: Ctx, viewer: CurrentMember, condition: Condition
) -> None:
    """Delete the caller's own comment. If it has replies, an empty placeholder remains.

    Authors can also delete what they wrote below a post that is deleted, hidden or held, though
    the comment can't be read there.
    """
    await ctx.service(CommentChangeService).delete(viewer, comment_id, condition)


@read.get("/users/me/comments", response_model=Page[Comment])
async def list_my_comments(viewer: CurrentUser, ctx: ReadCtx, page: PageQuery) -> Response:
    """List the caller's own comments, newest first."""
    return page_response(await ctx.service(CommentService).list_mine(viewer, page))
