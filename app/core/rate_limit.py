"""Rate limits in classes: how many calls a caller may make in each class.

A signed-in caller is counted by user, any other caller by address. Limits by address are lenient,
because many phones may share an address. Sign-in, sign-up and similar calls are always counted by
address: otherwise each guest's token would give a fresh count. ADR 0038.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple
from uuid import UUID

from app.core.errors import RateLimited
from app.core.metrics import RATE_LIMITED
from app.core.rate_store import CallCount, MemoryRateStore, Quota, RateStore

LimitClass = Literal[
    "read",
    "write",
    "comment",
    "upload",
    "password",
    "login",
    "register",
    "guest",
    "nonce",
    "mail",
    "refresh",
]


def _per_minute(calls: int) -> Quota:
    return Quota(calls, 60)


def _per_hour(calls: int) -> Quota:
    return Quota(calls, 3600)


type Quotas = tuple[Quota, ...]

PER_USER: dict[LimitClass, Quotas] = {
    "read": (_per_minute(600),),
    "write": (_per_minute(120),),
    "upload": (_per_minute(30),),
    "password": (_per_minute(5),),
}
"""For signed-in callers. A class that is missing here is counted by address for all callers."""

PER_ADDRESS: dict[LimitClass, Quotas] = {
    "read": (_per_minute(6000),),
    "write": (_per_minute(600),),
    "upload": (_per_minute(60),),
    "password": (_per_minute(10),),
    "login": (_per_minute(30),),
    # By e-mail. A user who comes by LINE, Google or Apple counts as a sign-in: a carrier has one
    # address for a whole city.
    "register": (_per_minute(20), _per_hour(100)),
    # A guest account costs nothing, and each can push a lounge up the popular list.
    "guest": (_per_minute(20), _per_hour(100)),
    "nonce": (_per_minute(60),),
    "mail": (_per_minute(10),),
    "refresh": (_per_minute(600),),
}
"""For callers who are not signed in, many of them behind one address. Guests count here too, except
in reads.
"""

SITE_TIMES = 4
"""How many times the calls of a /64 a whole IPv6 site has."""

PER_SITE: dict[LimitClass, Quotas] = {
    name: tuple(Quota(SITE_TIMES * quota.calls, quota.seconds) for quota in PER_ADDRESS[name])
    for name in ("register", "guest")
}
"""For IPv6 callers, beside PER_ADDRESS. One line has a /56, which is 256 networks of /64."""

PER_ACCOUNT: dict[LimitClass, Quotas] = {"login": (_per_minute(10),)}
"""Sign-ins to an e-mail account, from all addresses. Its existing sessions are not affected."""

NEW_COMMENTS_AN_HOUR = 20
PER_NEW_ACCOUNT: dict[LimitClass, Quotas] = {"comment": (_per_hour(NEW_COMMENTS_AN_HOUR),)}
"""For members whose account is younger than LINKY_NEW_ACCOUNT_HOURS, beside all others."""


class Counter(NamedTuple):
    """A count that a call adds to. `policy` is its name in the answer's headers."""

    policy: str
    key: str
    quota: Quota


@dataclass(slots=True)
class CounterState:
    counter: Counter
    count: CallCount


class RateLimiter:
    """Counts calls in a store. If limits are off it counts nothing."""

    def __init__(self, *, enabled: bool, store: RateStore | None = None) -> None:
        self.enabled = enabled
        self._store = store or MemoryRateStore()

    async def hit(self, counters: Sequence[Counter]) -> list[CounterState]:
        """Counts the call on all counters, or on none if one is used up."""
        if not self.enabled:
            return []
        counts = await self._store.hit([(counter.key, counter.quota) for counter in counters])
        return [CounterState(*pair) for pair in zip(counters, counts, strict=True)]


def counters_of_user(limit_class: LimitClass, user_id: UUID) -> list[Counter]:
    return _counters(limit_class, f"user:{user_id.hex}", PER_USER[limit_class])


def counters_of_address(
    limit_class: LimitClass, address: str, *, beside: bool = False
) -> list[Counter]:
    """`beside`: the caller also has counters by user, which have the class's name already."""
    whose = f"address:{address}"
    return _counters(limit_class, whose, PER_ADDRESS[limit_class], "address" if beside else "")


def counters_of_site(limit_class: LimitClass, site: str) -> list[Counter]:
    """Of the site of an IPv6 caller. Most classes count none."""
    return _counters(limit_class, f"site:{site}", PER_SITE.get(limit_class, ()), "site")


def counters_of_account(limit_class: LimitClass, account: str) -> list[Counter]:
    return _counters(limit_class, f"account:{account}", PER_ACCOUNT[limit_class], "account")


def counters_of_new_account(limit_class: LimitClass, user_id: UUID) -> list[Counter]:
    return _counters(limit_class, f"user:{user_id.hex}", PER_NEW_ACCOUNT[limit_class])


def _counters(limit_class: str, whose: str, quotas: Quotas, word: str = "") -> list[Counter]:
    """A policy has the name of its class. `word` and the seconds of a longer window follow it.

    They are one word (`register-site3600`): a client finds the class before the hyphen.
    """
    key, counters = f"{limit_class}:{whose}", list[Counter]()
    for quota in quotas:
        suffix = f"{word}{quota.seconds}" if counters else word
        policy = f"{limit_class}-{suffix}" if suffix else limit_class
        counters.append(Counter(policy, key, quota))
    return counters


def ensure_allowed(states: Iterable[CounterState]) -> None:
    """Raises RateLimited if a counter is used up."""
    refused = [state for state in states if not state.count.allowed]
    if refused:
        for state in refused:
            RATE_LIMITED.labels(state.counter.policy).inc()
        raise RateLimited(max(state.count.reset for state in refused))
