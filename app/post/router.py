"""Posts: lists of all kinds, single ones, and what the caller does with them."""

from typing import Annotated

from fastapi import Query, Request, Response

from app.core.keyset import Page
from app.core.schemas import Id
from app.image.exceptions import ImageNotAvailable
from app.lounge.exceptions import LoungeClosed, LoungeNotFound
from app.post.enums import PostFeed, PostSort
from app.post.exceptions import NotAuthor, PostNotFound
from app.post.models import PostLike, PostMute, PostWatch
from app.post.rows import Mute, Post, PostFilter
from app.post.schemas import PostCreate, PostImages, PostUpdate, edit_of
from app.post.service.changing import PostChangeService
from app.post.service.marks import MarkService
from app.post.service.reading import PostService
from app.post.service.searching import PostSearchService
from app.post.service.writing import PostWritingService
from app.screening.exceptions import NewAccountLink
from app.user.dependencies import CurrentAuthor, CurrentMember, CurrentUser, GuardedAuthor
from app.user.exceptions import UserNotFound
from app.web.as_of import AS_OF
from app.web.conditions import Condition
from app.web.dependencies import Ctx, ReadCtx, SingleCtx
from app.web.idempotency import Idempotent, answer_response
from app.web.limits import limited
from app.web.openapi import CHANGED, WITH_ETAG, WITH_LOCATION, raises
from app.web.paging import PageQuery
from app.web.responses import changed_response, empty_response, page_response, resource_response
from app.web.routing import feature_router
from app.web.search import SEARCHING, SearchQuery

read = feature_router(tags=["posts"], dependencies=[limited("read"), AS_OF])
write = feature_router(tags=["posts"], dependencies=[limited("write")])


@read.get("/posts", response_model=Page[Post], dependencies=[SEARCHING])
async def list_posts(
    viewer: CurrentUser,
    ctx: ReadCtx,
    page: PageQuery,
    q: SearchQuery = None,
    lounge_id: Annotated[Id | None, Query()] = None,
    author_id: Annotated[Id | None, Query()] = None,
    feed: Annotated[
        PostFeed | None, Query(description="Only posts in the caller's favorite lounges")
    ] = None,
    sort: PostSort = PostSort.NEW,
) -> Response:
    """List all posts that the caller may see, newest first. The parameters narrow the list.

    With `q` or `feed` a page may be short or empty before the end: only `next_cursor: null` marks
    the end. `sort=relevance` requires `q` and can't be combined with `feed`. Posts with the words
    in the title then come first, up to 200. If a post's text changes while you page, it may appear
    twice or not at all.
    """
    chosen = PostFilter(lounge_id, author_id, of_favorites=feed is not None)
    return page_response(
        await ctx.service(PostSearchService).list_page(viewer, page, chosen, q, sort)
    )


@write.post("/posts", status_code=201, response_model=Post, responses=WITH_LOCATION)
@raises(LoungeNotFound, LoungeClosed, ImageNotAvailable, NewAccountLink)
async def create_post(
    form: PostCreate, ctx: SingleCtx, viewer: GuardedAuthor, once: Idempotent
) -> Response:
    """Create a post with up to ten of the caller's uploaded images."""
    keyed = await once.keyed_request()
    return answer_response(await ctx.service(PostWritingService).publish_once(viewer, form, keyed))


@read.get("/posts/{post_id}", response_model=Post, responses=WITH_ETAG)
@raises(PostNotFound)
async def get_post(request: Request, post_id: Id, viewer: CurrentUser, ctx: ReadCtx) -> Response:
    """Get a post."""
    post = await ctx.service(PostService).get(viewer, post_id)
    return resource_response(request, post, edit_of(post))


@write.patch("/posts/{post_id}", response_model=Post, responses=CHANGED)
@raises(PostNotFound, NotAuthor, ImageNotAvailable, NewAccountLink)
async def update_post(
    post_id: Id, ctx: Ctx, viewer: CurrentAuthor, condition: Condition, changes: PostUpdate
) -> Response:
    """Edit the caller's own post. Fields that are not sent stay as they are."""
    post = await ctx.service(PostChangeService).update(viewer, post_id, changes, condition)
    return changed_response(post, edit_of(post))


@write.put("/posts/{post_id}/images", response_model=Post, responses=CHANGED)
@raises(PostNotFound, NotAuthor, ImageNotAvailable)
async def replace_post_images(
    post_id: Id, ctx: Ctx, viewer: CurrentAuthor, condition: Condition, form: PostImages
) -> Response:
    """Replace the images of the caller's own post, in this order."""
    changes = PostUpdate(image_ids=form.image_ids)
    post = await ctx.service(PostChangeService).update(viewer, post_id, changes, condition)
    return changed_response(post, edit_of(post))


@write.delete("/posts/{post_id}", status_code=204)
@raises(PostNotFound, NotAuthor)
async def delete_post(post_id: Id, ctx: Ctx, viewer: CurrentMember, condition: Condition) -> None:
    """Delete the caller's own post and its images."""
    await ctx.service(PostChangeService).delete(viewer, post_id, condition)


@write.put("/posts/{post_id}/like", status_code=204)
@raises(PostNotFound)
async def like_post(post_id: Id, ctx: SingleCtx, viewer: CurrentAuthor) -> Response:
    """Like a post. Liking it again changes nothing."""
    await ctx.service(MarkService).mark(PostLike, viewer, post_id)
    return empty_response()


@write.delete("/posts/{post_id}/like", status_code=204)
@raises(PostNotFound)
async def unlike_post(post_id: Id, ctx: SingleCtx, viewer: CurrentMember) -> Response:
    """Remove the caller's like from a post."""
    await ctx.service(MarkService).unmark(PostLike, viewer, post_id)
    return empty_response()


@write.put("/posts/{post_id}/mute", status_code=204)
@raises(PostNotFound)
async def mute_post(post_id: Id, ctx: SingleCtx, viewer: CurrentUser) -> Response:
    """Mute a post: hide it and its notifications from the caller."""
    await ctx.service(MarkService).mark(PostMute, viewer, post_id)
    return empty_response()


@write.delete("/posts/{post_id}/mute", status_code=204)
@raises(PostNotFound)
async def unmute_post(post_id: Id, ctx: SingleCtx, viewer: CurrentUser) -> Response:
    """Unmute a post."""
    await ctx.service(MarkService).unmark(PostMute, viewer, post_id)
    return empty_response()


@write.put("/posts/{post_id}/watch", status_code=204)
@raises(PostNotFound)
async def watch_post(post_id: Id, ctx: SingleCtx, viewer: CurrentUser) -> Response:
    """Watch a post: notify the caller of each new top-level comment (`watched`).

    The post's author gets `comment` as before, never both.
    """
    await ctx.service(MarkService).mark(PostWatch, viewer, post_id)
    return empty_response()


@write.delete("/posts/{post_id}/watch", status_code=204)
@raises(PostNotFound)
async def unwatch_post(post_id: Id, ctx: SingleCtx, viewer: CurrentUser) -> Response:
    """Stop watching a post."""
    await ctx.service(MarkService).unmark(PostWatch, viewer, post_id)
    return empty_response()


@read.get("/lounges/{lounge_id}/posts", response_model=Page[Post])
@raises(LoungeNotFound)
async def list_lounge_posts(
    lounge_id: Id, viewer: CurrentUser, ctx: ReadCtx, page: PageQuery
) -> Response:
    """List a lounge's posts, newest first."""
    return page_response(await ctx.service(PostService).list_of_lounge(viewer, lounge_id, page))


@read.get("/users/me/posts", response_model=Page[Post])
async def list_my_posts(viewer: CurrentUser, ctx: ReadCtx, page: PageQuery) -> Response:
    """List the caller's own posts, newest first, including those held for review."""
    return page_response(
        await ctx.service(PostService).list_page(viewer, page, PostFilter(author_id=viewer.user_id))
    )


@read.get("/users/me/likes", response_model=Page[Post])
async def list_my_likes(viewer: CurrentUser, ctx: ReadCtx, page: PageQuery) -> Response:
    """List the posts that the caller likes, latest like first."""
    return page_response(await ctx.service(PostService).list_marked(PostLike, viewer, page))


@read.get("/users/me/mutes", response_model=Page[Mute])
async def list_mutes(viewer: CurrentUser, ctx: ReadCtx, page: PageQuery) -> Response:
    """List the posts that the caller has muted, latest mute first.

    Posts that were deleted or hidden, or whose author the caller has blocked, are left out.
    """
    return page_response(await ctx.service(PostService).list_mutes(viewer, page))


@read.get("/users/{user_id}/posts", response_model=Page[Post])
@raises(UserNotFound)
async def list_user_posts(
    user_id: Id, viewer: CurrentUser, ctx: ReadCtx, page: PageQuery
) -> Response:
    """List a user's posts, newest first."""
    return page_response(await ctx.service(PostService).list_of_author(viewer, user_id, page))
