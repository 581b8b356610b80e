"""`/users`: the caller's account, profiles, blocks."""

from fastapi import Request, Response

from app.core.keyset import Page
from app.core.schemas import Id
from app.user.dependencies import CurrentUser
from app.user.exceptions import (
    CannotBlockSelf,
    EmailUnverified,
    GuestNotAllowed,
    NicknameReserved,
    TermsRequired,
    TextNotAllowed,
    TooManyBlocks,
    UserNotFound,
)
from app.user.rows import Author, Me, Profile
from app.user.schemas import MeUpdate, edit_of
from app.user.service.blocks import BlockService
from app.user.service.profiles import ProfileService
from app.web.conditions import Condition
from app.web.dependencies import Ctx, ReadCtx
from app.web.limits import limited
from app.web.openapi import CHANGED, WITH_ETAG, raises
from app.web.paging import PageQuery
from app.web.responses import changed_response, page_response, resource_response
from app.web.routing import feature_router

read = feature_router("/users", tags=["users"], dependencies=[limited("read")])
write = feature_router("/users", tags=["users"], dependencies=[limited("write")])


@read.get("/me", response_model=Me, responses=WITH_ETAG)
async def get_me(request: Request, viewer: CurrentUser, ctx: ReadCtx) -> Response:
    """Get the caller's account."""
    me = await ctx.service(ProfileService).me(viewer)
    return resource_response(request, me, edit_of(me))


@write.patch("/me", response_model=Me, responses=CHANGED)
@raises(GuestNotAllowed, TermsRequired, EmailUnverified, NicknameReserved, TextNotAllowed)
async def update_me(
    ctx: Ctx, viewer: CurrentUser, condition: Condition, changes: MeUpdate
) -> Response:
    """Update the caller's account. Fields that are not sent (or null) stay as they are.

    A guest can change only `locale`.
    """
    profiles = ctx.service(ProfileService)
    me = await profiles.me_of(await profiles.update_me(viewer, changes, condition))
    return changed_response(me, edit_of(me))


@read.get("/me/blocks", response_model=Page[Author])
async def list_blocks(viewer: CurrentUser, ctx: ReadCtx, page: PageQuery) -> Response:
    """List the users whom the caller has blocked, latest first."""
    return page_response(await ctx.service(BlockService).list_blocks(viewer, page))


@read.get("/{user_id}", response_model=Profile, responses=WITH_ETAG)
@raises(UserNotFound)
async def get_profile(request: Request, user_id: Id, viewer: CurrentUser, ctx: ReadCtx) -> Response:
    """Get a user's profile, as other users see it."""
    profile = await ctx.service(ProfileService).profile(user_id)
    return resource_response(request, profile)


@write.put("/{user_id}/block", status_code=204)
@raises(UserNotFound, CannotBlockSelf, TooManyBlocks)
async def block_user(user_id: Id, ctx: Ctx, viewer: CurrentUser) -> None:
    """Block a user: hide them, their posts and comments from the caller. They are not notified.

    A caller can block up to 5,000 users.
    """
    await ctx.service(BlockService).block(viewer, user_id)


@write.delete("/{user_id}/block", status_code=204)
async def unblock_user(user_id: Id, ctx: Ctx, viewer: CurrentUser) -> None:
    """Unblock a user. Nothing happens if the user was not blocked."""
    await ctx.service(BlockService).unblock(viewer, user_id)
