"""Filling the flags of notifications for the release before (ADR 0109)."""

from app.core.keyset import FIRST_ID
from app.inbox.repository.flags import FlagRepository
from app.runtime.context import Needs, Service


class FlagService(Service):
    _flags = Needs(FlagRepository)

    async def fill(self) -> int:
        """Fill the flags of all notifications, a batch in each transaction.

        Returns how many were not right.
        """
        changed, after_id = 0, FIRST_ID
        while ids := await self._flags.lock_some(after_id):
            changed += await self._flags.fill(ids)
            after_id = ids[-1]
            await self._ctx.commit_and_release()
        return changed
