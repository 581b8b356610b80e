"""`/lounges`: lists, favorites, recent views, notifications of posts."""

from dataclasses import replace

from fastapi import Request, Response

from app.core.keyset import Page
from app.core.schemas import Id
from app.lounge.enums import LoungeSort
from app.lounge.exceptions import LoungeClosed, LoungeNotFound
from app.lounge.rows import Lounge
from app.lounge.schemas import LoungeNotifications
from app.lounge.service import LoungeService
from app.user.dependencies import CurrentUser
from app.web.as_of import AS_OF
from app.web.dependencies import Ctx, ReadCtx, SingleCtx
from app.web.limits import limited
from app.web.openapi import WITH_ETAG, raises
from app.web.paging import PageQuery
from app.web.responses import empty_response, page_response, resource_response
from app.web.routing import feature_router
from app.web.search import SEARCHING, SearchQuery

read = feature_router("/lounges", tags=["lounges"], dependencies=[limited("read"), AS_OF])
write = feature_router("/lounges", tags=["lounges"], dependencies=[limited("write")])


@read.get("", response_model=Page[Lounge], dependencies=[SEARCHING])
async def list_lounges(
    viewer: CurrentUser,
    ctx: ReadCtx,
    page: PageQuery,
    sort: LoungeSort = LoungeSort.POPULAR,
    q: SearchQuery = None,
) -> Response:
    """List all open lounges; with `q`, those whose names have all its words.

    If a lounge's popularity changes while you page, it may appear twice or not at all: drop
    duplicates by id.
    """
    return page_response(await ctx.service(LoungeService).list_page(viewer, sort, q, page))


@read.get("/favorites", response_model=Page[Lounge])
async def list_favorite_lounges(viewer: CurrentUser, ctx: ReadCtx, page: PageQuery) -> Response:
    """List the caller's favorites, latest first."""
    return page_response(await ctx.service(LoungeService).list_favorites(viewer, page))


@read.get("/recent", response_model=Page[Lounge])
async def list_recent_lounges(viewer: CurrentUser, ctx: ReadCtx, page: PageQuery) -> Response:
    """List the open lounges that the caller opened last, each once, up to 50."""
    return page_response(await ctx.service(LoungeService).list_recent(viewer, page))


@write.delete("/recent", status_code=204)
async def forget_recent_lounges(ctx: Ctx, viewer: CurrentUser) -> None:
    """Clear the caller's recent lounges. `has_new` stays as it is."""
    await ctx.service(LoungeService).forget_recent(viewer)


@read.get("/{lounge_id}", response_model=Lounge, responses=WITH_ETAG)
@raises(LoungeNotFound)
async def get_lounge(
    request: Request, lounge_id: Id, ctx: SingleCtx, viewer: CurrentUser
) -> Response:
    """Get a lounge. It becomes the first of the caller's recent lounges.

    `has_new` describes the time before this view. It does not count for the `ETag`.
    """
    lounge = await ctx.service(LoungeService).view(viewer, lounge_id)
    return resource_response(request, lounge, tagged=replace(lounge, has_new=False))


@write.put("/{lounge_id}/favorite", status_code=204)
@raises(LoungeNotFound)
async def add_favorite_lounge(lounge_id: Id, ctx: SingleCtx, viewer: CurrentUser) -> Response:
    """Add a lounge to the favorites. Does nothing if it already is one."""
    await ctx.service(LoungeService).add_favorite(viewer, lounge_id)
    return empty_response()


@write.delete("/{lounge_id}/favorite", status_code=204)
@raises(LoungeNotFound)
async def remove_favorite_lounge(lounge_id: Id, ctx: SingleCtx, viewer: CurrentUser) -> Response:
    """Remove a lounge from the favorites."""
    await ctx.service(LoungeService).remove_favorite(viewer, lounge_id)
    return empty_response()


@write.put("/{lounge_id}/notifications", status_code=204)
@raises(LoungeNotFound, LoungeClosed)
async def set_lounge_notifications(
    lounge_id: Id, ctx: SingleCtx, viewer: CurrentUser, form: LoungeNotifications
) -> Response:
    """Choose whether the caller is notified of the lounge's new posts.

    With `all`, each new post by another user is a notification (`lounge_post`). A lounge is pushed
    once an hour at most: the first push is sent immediately, with the post's title. The next says
    how many posts were added since. A closed lounge can't be set to `all`.
    """
    await ctx.service(LoungeService).set_notification_level(viewer, lounge_id, form.level)
    return empty_response()
