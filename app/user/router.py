"""`/users`: one's own account, others' profiles, blocks."""

from fastapi import APIRouter, Request, Response

from app.core.dependencies import Ctx, ReadCtx, limited
from app.core.openapi import TAGGED, raises
from app.core.pagination import PageQuery
from app.core.responses import json_response, page_response, resource_response
from app.core.schemas import Author, Id, Page
from app.user.dependencies import CurrentUser
from app.user.exceptions import (
    CannotBlockSelf,
    GuestNotAllowed,
    NicknameReserved,
    TermsRequired,
    UserNotFound,
)
from app.user.schemas import Me, MeUpdate, Profile
from app.user.service import UserService

read = APIRouter(prefix="/users", tags=["users"], dependencies=[limited("read")])
write = APIRouter(prefix="/users", tags=["users"], dependencies=[limited("write")])


@read.get("/me", response_model=Me, responses=TAGGED)
async def get_me(request: Request, viewer: CurrentUser, ctx: ReadCtx) -> Response:
    """One's own account."""
    return resource_response(request, await UserService(ctx).me(viewer))


@write.patch("/me", response_model=Me)
@raises(GuestNotAllowed, TermsRequired, NicknameReserved)
async def update_me(viewer: CurrentUser, ctx: Ctx, changes: MeUpdate) -> Response:
    """Change one's own account. What is not sent (or null) stays as it is.

    A guest may change only `locale`.
    """
    return json_response(await UserService(ctx).update_me(viewer, changes))


@read.get("/me/blocks", response_model=Page[Author])
async def list_blocks(viewer: CurrentUser, ctx: ReadCtx, page: PageQuery) -> Response:
    """Whom the caller has blocked, the latest first."""
    return page_response(await UserService(ctx).list_blocks(viewer, page))


@read.get("/{user_id}", response_model=Profile, responses=TAGGED)
@raises(UserNotFound)
async def get_profile(request: Request, user_id: Id, viewer: CurrentUser, ctx: ReadCtx) -> Response:
    """What everybody may see of a user."""
    return resource_response(request, await UserService(ctx).profile(user_id))


@write.put("/{user_id}/block", status_code=204)
@raises(UserNotFound, CannotBlockSelf)
async def block_user(user_id: Id, viewer: CurrentUser, ctx: Ctx) -> None:
    """See and hear nothing of a user any more. They are not told."""
    await UserService(ctx).block(viewer, user_id)


@write.delete("/{user_id}/block", status_code=204)
async def unblock_user(user_id: Id, viewer: CurrentUser, ctx: Ctx) -> None:
    """See and hear of a user again. One who was not blocked is no error."""
    await UserService(ctx).unblock(viewer, user_id)
