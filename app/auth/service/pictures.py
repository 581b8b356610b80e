"""Takes over the picture that a provider has of a new user. A job stores it as our own."""

from dataclasses import dataclass
from io import BytesIO
from uuid import UUID

import structlog

from app.core.errors import AppError
from app.image.service.images import ImageService
from app.integrations.hooks.picture_check import PictureKind
from app.integrations.identity import make_providers
from app.integrations.identity.enums import SocialProvider
from app.integrations.identity.pictures import fetch_picture
from app.integrations.outbound_http import OutboundFailed
from app.jobs.enqueue import enqueue
from app.runtime.context import Needs, Service
from app.user.exceptions import UserNotFound
from app.user.service.users import UserService

log = structlog.get_logger(__name__)

ADOPT_PICTURE = "auth.adopt_picture"


@dataclass(frozen=True, slots=True)
class AdoptPicture:
    """The payload of ADOPT_PICTURE."""

    user_id: UUID
    provider: SocialProvider
    address: str


class PictureService(Service):
    _users = Needs(UserService)
    _images = Needs(ImageService)

    async def adopt_later(self, user_id: UUID, provider: SocialProvider, address: str) -> None:
        """Take the picture over after this commits. The sign-in does not wait for it."""
        await enqueue(self._ctx.db, ADOPT_PICTURE, AdoptPicture(user_id, provider, address))

    async def adopt(self, adopted: AdoptPicture) -> None:
        """The job behind `adopt_later`. A failure is only logged: a missing picture does no harm.

        Does nothing if the user has left, or has chosen a picture meanwhile.
        """
        if not await self._is_wanted(adopted.user_id):
            return
        await self._ctx.release_connection()
        provider = make_providers(self._ctx.settings, self._ctx.clock)[adopted.provider]
        address = provider.picture_address(adopted.address)
        try:
            data = await fetch_picture(
                self._ctx.process.outbound, address, provider.picture_source()
            )
            checked = await self._images.render_checked(BytesIO(data), PictureKind.AVATAR)
        except (OutboundFailed, AppError) as error:
            reason = error.code if isinstance(error, AppError) else str(error)
            log.warning(
                "picture_not_adopted",
                user_id=str(adopted.user_id),
                provider=str(adopted.provider),
                reason=reason,
            )
            return
        await self._images.adopt_avatar(adopted.user_id, checked.picture)

    async def _is_wanted(self, user_id: UUID) -> bool:
        try:
            return (await self._users.get_user(user_id)).avatar_key is None
        except UserNotFound:
            return False
