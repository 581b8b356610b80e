"""What routes ask for: a unit of work, the caller's claims, idempotency."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Annotated, Any, BinaryIO

from fastapi import Depends, Request
from fastapi.security import HTTPBearer
from starlette.responses import Response

from app.core.addresses import UNKNOWN, shortest, subscriber_network
from app.core.context import Context, Origin
from app.core.errors import (
    AppError,
    IdempotencyInProgress,
    IdempotencyKeyReused,
    NotAuthenticated,
    RateLimited,
    TokenInvalid,
)
from app.core.idempotency import (
    IdempotencyKeyHeader,
    file_fingerprint,
    find_kept,
    json_fingerprint,
    once,
)
from app.core.openapi import raises
from app.core.rate_limit import (
    PER_USER,
    Counter,
    LimitClass,
    counters_of_account,
    counters_of_address,
    counters_of_user,
    ensure_allowed,
)
from app.core.runtime import runtime_of
from app.core.tokens import AccessClaims
from app.utils.text import fold


async def get_context(request: Request) -> AsyncIterator[Context]:
    async with runtime_of(request).unit_of_work(origin_of(request)) as context:
        yield context


async def get_read_context(request: Request) -> AsyncIterator[Context]:
    async with runtime_of(request).reading() as context:
        yield context


# "function" ends the dependency, and so commits, before the answer leaves. FastAPI's default is
# afterwards: a commit that fails would have answered 200 already.
Ctx = Annotated[Context, Depends(get_context, scope="function")]
"""One transaction, committed before the answer leaves."""

ReadCtx = Annotated[Context, Depends(get_read_context, scope="function")]
"""For reads alone: no transaction around the statements."""


class Caller:
    """What the request's bearer token says, or what is wrong with it."""

    def __init__(self, claims: AccessClaims | None, error: AppError) -> None:
        self._claims = claims
        self._error = error

    @property
    def known(self) -> AccessClaims | None:
        """The claims of a good token, or None."""
        return self._claims

    @property
    def claims(self) -> AccessClaims:
        """Raises NotAuthenticated, TokenExpired or TokenInvalid."""
        if self._claims is None:
            raise self._error
        return self._claims


async def get_caller(request: Request) -> Caller:
    """Read the `Authorization` header; refuse nothing yet."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        return Caller(None, NotAuthenticated())
    try:
        claims = runtime_of(request).tokens.decode(token.strip())
    except AppError as error:
        return Caller(None, error)
    request.state.user_id = str(claims.user_id)
    return Caller(claims, TokenInvalid())


MaybeCaller = Annotated[Caller, Depends(get_caller)]

bearer_scheme = HTTPBearer(
    auto_error=False, bearerFormat="JWT", description="The `access_token` of a TokenPair"
)
"""For the OpenAPI document; `get_caller` reads the header."""


class Once:
    """Runs a creating POST once for each `Idempotency-Key`."""

    def __init__(self, request: Request, key: str | None, caller: Caller) -> None:
        self._request = request
        self._key = key
        self._caller = caller

    async def run(
        self, ctx: Context, act: Callable[[], Awaitable[Response]], content: BinaryIO | None = None
    ) -> Response:
        """The answer of `act`, or the one that the same request got before.

        `content` is the uploaded file where the body is not JSON.
        """
        if self._key is None:
            return await act()
        fingerprint = await self._fingerprint(content)
        return await once(ctx, self._caller.claims.user_id, self._key, fingerprint, act)

    async def kept(self, ctx: Context, content: BinaryIO) -> Response | None:
        """The answer that the same request got before: for a look before slow work."""
        if self._key is None:
            return None
        fingerprint = await self._fingerprint(content)
        found = await find_kept(ctx, self._caller.claims.user_id, self._key, fingerprint)
        await ctx.let_go()
        return found

    async def _fingerprint(self, content: BinaryIO | None) -> bytes:
        if content is None:
            return await json_fingerprint(self._request)
        return await file_fingerprint(self._request, content)


@raises(IdempotencyInProgress, IdempotencyKeyReused)
async def get_once(request: Request, caller: MaybeCaller, key: IdempotencyKeyHeader = None) -> Once:
    return Once(request, key, caller)


Idempotent = Annotated[Once, Depends(get_once)]


def limited(limit_class: LimitClass, *, by_address: bool = False) -> Any:
    """A dependency that counts a call in a class of limits.

    `by_address` is for pages in a browser. They take no token, so a token must not bring a fresh
    count.
    """

    @raises(RateLimited)
    async def count(request: Request, caller: MaybeCaller) -> None:
        claims = None if by_address else caller.known
        await _count(request, _counters(limit_class, claims, client_address(request)))

    count.__dict__["counts_calls"] = True
    return Depends(count)


def _counters(limit_class: LimitClass, claims: AccessClaims | None, address: str) -> list[Counter]:
    if claims is None or limit_class not in PER_USER:
        return counters_of_address(limit_class, subscriber_network(address))
    own = counters_of_user(limit_class, str(claims.user_id))
    if claims.is_guest and limit_class != "read":
        # Anybody can make guests: counted by user alone, each new guest would bring a fresh count.
        return own + counters_of_address(limit_class, subscriber_network(address), beside=True)
    return own


async def count_account(request: Request, limit_class: LimitClass, email: str) -> None:
    """Count a call on an e-mail account too, however its address is spelled. Raises RateLimited."""
    await _count(request, counters_of_account(limit_class, fold(email)))


async def count_unread_call(request: Request) -> None:
    """Count a call whose body can't be read. Raises RateLimited.

    FastAPI refuses such a call before any dependency runs. Without this it would not be counted,
    and the answer would have no `RateLimit` headers.
    """
    dependant = getattr(request.scope.get("route"), "dependant", None)
    if dependant is None or "standings" in request.scope.get("state", {}):
        return
    for one in dependant.dependencies:
        if one.call is not None and "counts_calls" in vars(one.call):
            await one.call(request, await get_caller(request))


async def _count(request: Request, counters: list[Counter]) -> None:
    standings = await runtime_of(request).limiter.hit(counters)
    # For the headers of the answer, whatever that will be.
    request.state.standings = [*getattr(request.state, "standings", []), *standings]
    ensure_allowed(standings)


def client_address(request: Request) -> str:
    """The caller's address, as far as the trusted proxies say (`LINKY_TRUSTED_PROXIES`)."""
    return request.client.host if request.client else UNKNOWN


PORT_HEADER = "x-client-port"
"""In which a trusted proxy names the port that its client spoke from (nginx: `$remote_port`)."""


def origin_of(request: Request) -> Origin:
    """From where the request came, for the records that the law may ask for."""
    host, port = request.client or ("", 0)
    if not port and runtime_of(request).settings.trusted_proxies:
        # No TCP connection has port 0: the address was named by a trusted proxy, without a port.
        named = request.headers.get(PORT_HEADER, "")
        port = int(named) if len(named) <= 5 and named.isdecimal() else 0
    return Origin(shortest(host), port if 0 < port < 2**16 else None)
