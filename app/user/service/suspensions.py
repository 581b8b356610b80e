"""Suspensions: who is refused, where they may appeal, and how a suspension ends by itself."""

from collections.abc import Sequence
from uuid import UUID

from app.core.config import Settings
from app.core.links import appeal_url
from app.core.signed_ids import read_signed_id, sign_id
from app.runtime.context import Context
from app.user.exceptions import AccountSuspended
from app.user.models import User
from app.user.policy import Suspendable, is_suspended
from app.user.repository import UserRepository

_PURPOSE = "links to appeal against a suspension"


class SuspensionService:
    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx
        self._users = UserRepository(ctx.session)

    def ensure_not_suspended(self, user: Suspendable) -> None:
        """Raises AccountSuspended, with the page where this user may appeal."""
        if is_suspended(user, self._ctx.clock()):
            raise AccountSuspended(
                user.suspension_reason, _page_of(self._ctx.settings, user.suspension_id)
            )

    async def find_by_token(self, token: str) -> User | None:
        """The user whose suspension a page's token names. None once the suspension is over."""
        suspension_id = read_signed_id(self._ctx.settings.signing_keys, _PURPOSE, token)
        user = suspension_id and await self._users.find_by_suspension(suspension_id)
        return user if user and is_suspended(user, self._ctx.clock()) else None

    async def hides_content(self, user_id: UUID) -> bool:
        """Whether a suspension hides all that the user wrote."""
        user = await self._users.find_suspended(user_id)
        return user is not None and user.suspension_hides and is_suspended(user, self._ctx.clock())

    async def list_over(self, limit: int) -> Sequence[UUID]:
        """Users whose suspension is past its end and still noted, the longest past first."""
        return await self._users.list_suspended_until(self._ctx.clock(), limit)


def _page_of(settings: Settings, suspension_id: UUID | None) -> str | None:
    if suspension_id is None:
        return None
    return appeal_url(settings.base_url, sign_id(settings.signing_keys, _PURPOSE, suspension_id))
