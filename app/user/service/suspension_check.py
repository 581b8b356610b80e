"""Checking for a suspension: who is refused, and where they may appeal.

It is here because each write checks it; `SessionService._admit` decides. `app/suspension` suspends,
and ends suspensions.
"""

from collections.abc import Collection
from uuid import UUID

from app.core.links import appeal_url
from app.runtime.context import Needs, Service
from app.user.exceptions import AccountSuspended
from app.user.policy import Suspendable, is_suspended
from app.user.repository.users import UserRepository
from app.user.service.signed_ids import read_signed_id, sign_id

_PURPOSE = "links to appeal against a suspension"


class SuspensionCheck(Service):
    _users = Needs(UserRepository)

    def ensure_not_suspended(self, user: Suspendable) -> None:
        """Raises AccountSuspended, with the page where this user may appeal."""
        if is_suspended(user, self._ctx.clock()):
            raise self.refusal_of(user)

    def refusal_of(self, user: Suspendable) -> AccountSuspended:
        page = self.page_of(user.suspension_id)
        return AccountSuspended(user.suspension_reason, user.suspended_until, page)

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

    async def hides_content(self, user_id: UUID) -> bool:
        """Whether a suspension hides all that the user wrote."""
        return user_id in await self.list_hidden([user_id])

    async def list_hidden(self, user_ids: Collection[UUID]) -> Collection[UUID]:
        """Those of some users that a suspension hides with all that they wrote."""
        return set(await self._users.list_hidden(user_ids, self._ctx.clock()))
