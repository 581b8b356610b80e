"""Suspensions: who is refused, where they may appeal, and how a suspension ends automatically."""

from collections.abc import Collection, Sequence
from uuid import UUID

from app.core.links import appeal_url
from app.runtime.context import Needs, Service
from app.user.exceptions import AccountSuspended
from app.user.models import User
from app.user.policy import Suspendable, is_suspended
from app.user.repository.users import UserRepository
from app.user.service.signed_ids import read_signed_id, sign_id

_PURPOSE = "links to appeal against a suspension"


class SuspensionService(Service):
    _users = Needs(UserRepository)

    def ensure_not_suspended(self, user: Suspendable) -> None:
        """Raises AccountSuspended, with the page where this user may appeal."""
        if is_suspended(user, self._ctx.clock()):
            raise self._refusal(user)

    def _refusal(self, user: Suspendable) -> AccountSuspended:
        page = self.page_of(user.suspension_id)
        return AccountSuspended(user.suspension_reason, user.suspended_until, page)

    async def refusal_by_page(self, page: str) -> AccountSuspended:
        """The refusal that led to a page to appeal, from the address of that page.

        Of an address that is not ours it tells nothing.
        """
        suspension_id = self.read_token(page.rpartition("token=")[2])
        user = suspension_id and await self.find_suspended(suspension_id)
        return self._refusal(user) if user else AccountSuspended(is_told=False)

    def page_of(self, suspension_id: UUID | None) -> str | None:
        """The address of the page where the suspended user may appeal."""
        if suspension_id is None:
            return None
        settings = self._ctx.settings
        token = sign_id(settings.signing_keys, _PURPOSE, suspension_id)
        return appeal_url(settings.base_url, token)

    def read_token(self, token: str) -> UUID | None:
        """Which suspension a page's token names. None if it is not ours."""
        return read_signed_id(self._ctx.settings.signing_keys, _PURPOSE, token)

    async def find_suspended(self, suspension_id: UUID) -> User | None:
        """Whose suspension it is. None once it is over."""
        user = await self._users.find_by_suspension(suspension_id)
        return user if user and is_suspended(user, self._ctx.clock()) else None

    async def hides_content(self, user_id: UUID) -> bool:
        """Whether a suspension hides all that the user wrote."""
        return user_id in await self.list_hidden([user_id])

    async def list_hidden(self, user_ids: Collection[UUID]) -> Collection[UUID]:
        """Those of some users that a suspension hides with all that they wrote."""
        return set(await self._users.list_hidden(user_ids, self._ctx.clock()))

    async def list_over(self, limit: int) -> Sequence[UUID]:
        """Users whose suspension is past its end and still noted, the longest past first."""
        return await self._users.list_suspended_until(self._ctx.clock(), limit)
