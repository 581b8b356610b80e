"""Wrong guesses in a row: after five, the next attempt has to wait, even with the right secret."""

import math
from datetime import timedelta

import structlog

from app.auth.policy import wait_after
from app.auth.repository.wrong_passwords import WrongPasswordRepository
from app.core.errors import RateLimited
from app.runtime.context import Needs, Service

log = structlog.get_logger(__name__)

WRONG_REMEMBERED = timedelta(hours=24)
"""For how long a wrong guess counts towards the number of wrong ones in a row."""


class GuessService(Service):
    """`subject` is what is guessed at: an address, with or without an account, or a second step."""

    _wrong = Needs(WrongPasswordRepository)

    async def ensure_no_wait(self, subject: str) -> None:
        """Raises RateLimited."""
        if self._ctx.settings.rate_limits == "off":
            return
        now = self._ctx.clock()
        until = await self._wrong.find_wait(subject, now)
        if until is not None:
            raise RateLimited(math.ceil((until - now).total_seconds()))

    async def count_wrong(self, subject: str) -> None:
        """Unknown addresses count, too. Otherwise the wait would show which have an account."""
        if self._ctx.settings.rate_limits == "off":
            return
        now = self._ctx.clock()
        in_a_row = await self._wrong.count(subject, now, now + WRONG_REMEMBERED)
        wait = wait_after(in_a_row)
        if wait:
            log.warning("password_guessing_slowed_down", wrong_in_a_row=in_a_row)
            await self._wrong.make_wait(subject, now + wait)

    async def forget(self, subject: str) -> None:
        await self._wrong.delete(subject)
