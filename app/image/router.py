"""Uploads: `/images`, and the avatar under `/users/me`."""

from typing import Annotated

from fastapi import Depends, Request, Response

from app.core.errors import NotFound, TokenExpired, TokenInvalid
from app.core.schemas import Id
from app.image.enums import PictureSize
from app.image.exceptions import PictureNotChecked, PictureRefused
from app.image.rows import PostImage
from app.image.service.images import ImageService
from app.integrations.hooks.picture_check import PictureKind
from app.integrations.pictures.renderer import InvalidImage, UnsupportedImage
from app.user.dependencies import CheckedCaller, CurrentAuthor, CurrentMember
from app.user.policy import OWNER, Viewer
from app.user.rows import Me
from app.user.schemas import edit_of
from app.web.dependencies import BearerToken, Ctx, SingleCtx, TokenCaller
from app.web.idempotency import Idempotent
from app.web.limits import limited
from app.web.openapi import CHANGED, PICTURE, raises
from app.web.responses import changed_response, json_response, picture_response
from app.web.routing import feature_router
from app.web.uploads import REFUSALS, UPLOAD_BODY, uploaded_file

router = feature_router(dependencies=[limited("upload")])
read = feature_router(dependencies=[limited("read")])
write = feature_router(dependencies=[limited("write")])

_OWNER = CheckedCaller(OWNER)


@raises(NotFound, TokenExpired, TokenInvalid, *OWNER.refusals)
async def owner_or_nobody(request: Request, caller: TokenCaller, _: BearerToken) -> Viewer:
    """As a CurrentOwner, but without a token the address is not found.

    So a stranger who has the address learns nothing.
    """
    if not caller.has_token:
        raise NotFound
    return await _OWNER.viewer(request, caller)


OwnerOrNobody = Annotated[Viewer, Depends(owner_or_nobody)]

_UPLOADING = (*REFUSALS, UnsupportedImage, InvalidImage, PictureRefused)


@router.post(
    "/images", status_code=201, response_model=PostImage, openapi_extra=UPLOAD_BODY, tags=["images"]
)
@raises(*_UPLOADING)
async def upload_image(
    request: Request, ctx: Ctx, viewer: CurrentAuthor, once: Idempotent
) -> Response:
    """Upload an image for a post. An image that no post uses within 24 hours is deleted.

    The server encodes it again: upright, in sRGB, without any metadata, in two sizes. The operator
    may have images checked. An image can then be refused, or a post with it held for review. Until
    an admin releases it, the URLs of that image are those of `GET /images/{image_id}/{size}`.
    """
    service = ctx.service(ImageService)
    async with uploaded_file(request, ctx, viewer.user_id) as file:
        if kept := await once.find_kept(ctx, file):
            return kept
        checked = await service.render_checked(file, PictureKind.POST)

        async def add() -> Response:
            added = await service.add(viewer, checked)
            return json_response(added, 201)

        return await once.run(ctx, add, file)


@read.get("/images/{image_id}/{size}", response_class=Response, responses=PICTURE, tags=["images"])
@raises(NotFound)
async def get_image(
    image_id: Id,
    size: PictureSize,
    ctx: SingleCtx,
    viewer: OwnerOrNobody,
) -> Response:
    """Get an image that is held for review. Only its owner and admins find it.

    Send the bearer token. Once its post is released, answers have the image's public URL.
    """
    return picture_response(await ctx.service(ImageService).read(viewer, image_id, size))


@router.put(
    "/users/me/avatar",
    response_model=Me,
    responses=CHANGED,
    openapi_extra=UPLOAD_BODY,
    tags=["users"],
)
@raises(*_UPLOADING, PictureNotChecked)
async def change_avatar(request: Request, ctx: Ctx, viewer: CurrentAuthor) -> Response:
    """Set the caller's avatar."""
    service = ctx.service(ImageService)
    async with uploaded_file(request, ctx, viewer.user_id) as file:
        checked = await service.render_checked(file, PictureKind.AVATAR)
        me = await service.change_avatar(viewer, checked.picture)
        return changed_response(me, edit_of(me))


@write.delete("/users/me/avatar", response_model=Me, responses=CHANGED, tags=["users"])
async def remove_avatar(ctx: Ctx, viewer: CurrentMember) -> Response:
    """Remove the caller's avatar."""
    me = await ctx.service(ImageService).remove_avatar(viewer)
    return changed_response(me, edit_of(me))
