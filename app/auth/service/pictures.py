"""The picture that a provider has of a new user, taken over once: stored as our own, by a job."""

from io import BytesIO
from uuid import UUID

import structlog

from app.auth.enums import SocialProvider
from app.auth.providers import PictureRefused, fetch_picture, make_providers
from app.core.errors import AppError
from app.image.service import ImageService
from app.integrations.pictures.renderer import InvalidImage, UnsupportedImage
from app.jobs import enqueue
from app.runtime.context import Context, Needs
from app.user.exceptions import UserNotFound
from app.user.service import UserService

log = structlog.get_logger(__name__)

ADOPT_PICTURE = "auth.adopt_picture"


class PictureService:
    _users = Needs(UserService)
    _images = Needs(ImageService)

    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx

    async def adopt_later(self, user_id: UUID, provider: SocialProvider, address: str) -> None:
        """Take the picture over once this is committed; the sign-in does not wait for it."""
        payload = {"user_id": str(user_id), "provider": provider, "address": address}
        await enqueue(self._ctx.session, ADOPT_PICTURE, payload)

    async def adopt(self, user_id: UUID, provider: SocialProvider, address: str) -> None:
        """The job behind `adopt_later`. It tries once: nobody misses a picture much.

        Whoever has chosen one meanwhile, or has left, keeps it so.
        """
        if not await self._is_wanted(user_id):
            return
        await self._ctx.release_connection()
        found = make_providers(self._ctx.settings, self._ctx.clock)[provider]
        try:
            data = await fetch_picture(found.picture_address(address), found.picture_source())
            picture = await self._images.render(BytesIO(data))
        except (PictureRefused, UnsupportedImage, InvalidImage) as error:
            reason = error.code if isinstance(error, AppError) else str(error)
            log.warning(
                "picture_not_adopted",
                user_id=str(user_id),
                provider=str(provider),
                reason=reason,
            )
            return
        await self._images.adopt_avatar(user_id, picture)

    async def _is_wanted(self, user_id: UUID) -> bool:
        try:
            return (await self._users.get_user(user_id)).avatar_key is None
        except UserNotFound:
            return False
