"""Rate limits of routes: `dependencies=[limited("login")]`."""

from collections.abc import Iterable
from typing import Any

from fastapi import Depends, Request

from app.core.addresses import site_network, subscriber_network
from app.core.errors import (
    RateLimited,
)
from app.core.rate_limit import (
    PER_USER,
    Counter,
    CounterState,
    LimitClass,
    counters_of_account,
    counters_of_address,
    counters_of_site,
    counters_of_user,
    ensure_allowed,
)
from app.core.text import fold
from app.core.tokens import AccessClaims
from app.web.dependencies import TokenCaller, client_address, get_caller
from app.web.headers import RawHeaders
from app.web.openapi import raises
from app.web.runtime import runtime_of


def limited(limit_class: LimitClass, *, by_address: bool = False) -> Any:
    """A dependency that counts a call in a class of limits.

    `by_address` is for pages in a browser. They ignore tokens, so a token must not give a fresh
    count.
    """

    @raises(RateLimited)
    async def count(request: Request, caller: TokenCaller) -> None:
        claims = None if by_address else caller.claims_or_none
        await _count(request, _counters(limit_class, claims, client_address(request)))

    count.__dict__["counts_calls"] = True
    return Depends(count)


def _counters(limit_class: LimitClass, claims: AccessClaims | None, address: str) -> list[Counter]:
    if claims is None or limit_class not in PER_USER:
        return _by_address(limit_class, address)
    own = counters_of_user(limit_class, claims.user_id)
    if claims.is_guest and limit_class != "read":
        # A guest account costs nothing. Counted by user only, each new guest had a fresh count.
        return own + counters_of_address(limit_class, subscriber_network(address), beside=True)
    return own


def _by_address(limit_class: LimitClass, address: str) -> list[Counter]:
    counters = counters_of_address(limit_class, subscriber_network(address))
    site = site_network(address)
    # An IPv4 address is its own site.
    if site != subscriber_network(address):
        counters += counters_of_site(limit_class, site)
    return counters


async def count_account(request: Request, limit_class: LimitClass, email: str) -> None:
    """Count a call on an e-mail account too, in any spelling of its address. Raises RateLimited."""
    await _count(request, counters_of_account(limit_class, fold(email)))


async def check_unread_call(request: Request) -> None:
    """Count a call that is refused before any dependency runs, since its body can't be read.

    Without this it would not be counted, and the answer would have no `RateLimit` headers. Raises
    RateLimited.
    """
    dependant = getattr(request.scope.get("route"), "dependant", None)
    if dependant is None or "counter_states" in request.scope.get("state", {}):
        return
    caller = await get_caller(request)
    for dependency in dependant.dependencies:
        call = dependency.call
        if call is not None and "counts_calls" in vars(call):
            await call(request, caller)


async def _count(request: Request, counters: list[Counter]) -> None:
    states = await runtime_of(request).limiter.hit(counters)
    # For the headers of the answer, also of a refusal.
    request.scope["state"].setdefault("counter_states", []).extend(states)
    ensure_allowed(states)


def rate_headers(states: Iterable[CounterState]) -> RawHeaders:
    """`RateLimit` and `RateLimit-Policy` (draft-ietf-httpapi-ratelimit-headers-10)."""
    policies, limits = [], []
    for state in states:
        (name, _, quota), count = state.counter, state.count
        policies.append(f'"{name}";q={quota.calls};w={quota.seconds}')
        limits.append(f'"{name}";r={count.remaining};t={count.reset}')
    return [
        (b"ratelimit-policy", ", ".join(policies).encode()),
        (b"ratelimit", ", ".join(limits).encode()),
    ]
