"""What routes ask for: a unit of work, the caller's claims, and where the request came from."""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPBearer

from app.core.addresses import UNKNOWN, shortest
from app.core.errors import AppError, NotAuthenticated, TokenInvalid
from app.core.tokens import AccessClaims
from app.runtime.context import Context, Origin
from app.web.runtime import runtime_of


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
