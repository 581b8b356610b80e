"""When a call is sent again, and after how long."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from linky_client.errors import Problem
from linky_client.values import Call

IN_PROGRESS: Final = "idempotency_in_progress"
NOT_DONE: Final = "overloaded"
"""The server refused before it did anything, so that every call may be sent again."""
PASSING: Final = frozenset({408, 429, 502, 503, 504})


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy:
    """How long a call goes on trying."""

    attempts: int = 4
    first_wait: float = 0.5
    longest_wait: float = 20.0
    """A longer `Retry-After` is the user's to decide about: the problem is raised."""
    dice: Callable[[], float] = random.random

    def after_silence(self, call: Call, attempt: int, *, may_have_arrived: bool) -> float | None:
        """Seconds until the next attempt after no answer came. None gives up."""
        if may_have_arrived and not call.may_be_repeated:
            return None
        return self._backoff(call, attempt)

    def after_problem(self, call: Call, attempt: int, problem: Problem) -> float | None:
        """Seconds until the next attempt after a refusal. None gives up."""
        if problem.code == IN_PROGRESS:
            return self._backoff(call, attempt)
        if problem.status not in PASSING:
            return None
        if not (call.may_be_repeated or problem.code == NOT_DONE):
            return None
        wait = self._backoff(call, attempt)
        if wait is None or problem.retry_after is None:
            return wait
        # The jitter keeps all clients of a busy server from coming back in the same second.
        wait = problem.retry_after + 2 * self.dice()
        return wait if problem.retry_after <= self.longest_wait else None

    def _backoff(self, call: Call, attempt: int) -> float | None:
        if attempt >= (call.attempts or self.attempts):
            return None
        wait = self.first_wait * 2.0 ** (attempt - 1)
        return min(wait, self.longest_wait) * (0.5 + self.dice() / 2)
