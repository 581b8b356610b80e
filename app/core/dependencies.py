"""What routes ask for: a unit of work, the caller's claims, idempotency."""

from collections.abc import AsyncIterator, Awaitable, Callable
from ipaddress import IPv6Address, ip_address
from typing import Annotated, Any, BinaryIO

from fastapi import Depends, Request
from fastapi.security import HTTPBearer
from starlette.responses import Response

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
from app.core.rate_limit import PER_ADDRESS, PER_USER, LimitClass
from app.core.runtime import runtime_of
from app.core.tokens import AccessClaims


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


def limited(limit_class: LimitClass) -> Any:
    """A dependency that counts a call in a class of limits, by user or else by address."""

    @raises(RateLimited)
    async def count(request: Request, _: MaybeCaller) -> None:
        limiter = runtime_of(request).limiter
        user_id = getattr(request.state, "user_id", None)
        if user_id:
            await limiter.hit(PER_USER[limit_class], limit_class, "user", user_id)
        else:
            address = client_address(request)
            await limiter.hit(PER_ADDRESS[limit_class], limit_class, "address", address)

    return Depends(count)


def client_address(request: Request) -> str:
    """The caller's address, as far as the trusted proxies say (`LINKY_TRUSTED_PROXIES`)."""
    return request.client.host if request.client else "unknown"


PORT_HEADER = "x-client-port"
"""In which a trusted proxy names the port that its client spoke from (nginx: `$remote_port`)."""


def origin_of(request: Request) -> Origin:
    """From where the request came, for the records that the law may ask for."""
    host, port = request.client or ("", 0)
    if not port and runtime_of(request).settings.trusted_proxies:
        # No TCP connection has port 0: the address was named by a trusted proxy, without a port.
        named = request.headers.get(PORT_HEADER, "")
        port = int(named) if len(named) <= 5 and named.isdecimal() else 0
    return Origin(_shortest(host), port if 0 < port < 2**16 else None)


def _shortest(host: str) -> str | None:
    try:
        address = ip_address(host.partition("%")[0])
    except ValueError:
        return None
    # As a socket for both kinds has an IPv4 address.
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return str(mapped or address)
