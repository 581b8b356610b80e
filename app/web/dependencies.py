"""What routes depend on: a unit of work, the caller's token, and where the request came from."""

from contextlib import AbstractAsyncContextManager
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request
from fastapi.security import HTTPBearer

from app.core.addresses import UNKNOWN, shortest
from app.core.errors import AppError, NotAuthenticated
from app.core.tokens import AccessClaims, VerifiedToken
from app.runtime.context import Context, Origin
from app.runtime.runtime import UnitOfWork
from app.web.as_of import replica_noted
from app.web.headers import header
from app.web.route import entered
from app.web.runtime import runtime_of

_CONTEXT = "context"
"""The key of a request's state where its open context is."""


@entered
def get_context(request: Request) -> AbstractAsyncContextManager[Context]:
    return _opened(request, runtime_of(request).writing(origin_of(request), user_of(request)))


@entered
def get_single_context(request: Request) -> AbstractAsyncContextManager[Context]:
    return _opened(request, runtime_of(request).single(origin_of(request), user_of(request)))


@entered
def get_read_context(request: Request) -> AbstractAsyncContextManager[Context]:
    return runtime_of(request).reading_for(user_of(request), replica_noted(request))


def _opened(request: Request, unit: UnitOfWork) -> UnitOfWork:
    state = request.scope["state"]
    state[_CONTEXT] = unit.context
    unit.context.counted = state.setdefault("counter_states", [])
    return unit


def context_of(request: Request) -> Context:
    """The context of the route, if it writes. Raises RuntimeError if it is not open yet."""
    context: Context | None = request.scope["state"].get(_CONTEXT)
    if context is None:
        raise RuntimeError("a route that writes names its context before its caller")
    return context


# With the scope "function" the commit comes before the answer. With FastAPI's default it comes
# after: a commit that fails has answered 200 already.
Ctx = Annotated[Context, Depends(get_context, scope="function")]
"""A transaction, committed before the answer is sent."""

SingleCtx = Annotated[Context, Depends(get_single_context, scope="function")]
"""Each statement on its own, on the primary: for one write, or reads that must not be a moment old.

A write of two statements takes a `Ctx`.
"""

ReadCtx = Annotated[Context, Depends(get_read_context, scope="function")]
"""For reads: each statement on its own, perhaps on a replica."""


class Caller:
    """What the request's bearer token says, or what is wrong with it."""

    def __init__(self, token: VerifiedToken | AppError) -> None:
        self._token = token

    @property
    def has_token(self) -> bool:
        """Whether a token was sent at all, a valid one or not."""
        return not isinstance(self._token, NotAuthenticated)

    @property
    def claims_or_none(self) -> AccessClaims | None:
        """The claims of a valid token. For routes that anyone may call."""
        return None if isinstance(self._token, AppError) else self._token.claims

    @property
    def claims(self) -> AccessClaims:
        """The claims of a valid token. Raises NotAuthenticated, TokenExpired or TokenInvalid."""
        return self.token.claims

    @property
    def token(self) -> VerifiedToken:
        """A valid token. Raises NotAuthenticated, TokenExpired or TokenInvalid."""
        if isinstance(self._token, AppError):
            raise self._token
        return self._token


async def get_caller(request: Request) -> Caller:
    """Reads the `Authorization` header. It refuses nothing: public routes ignore a bad token."""
    scheme, _, token = (header(request.scope, b"authorization") or "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        return Caller(NotAuthenticated())
    try:
        verified = runtime_of(request).tokens.read(token.strip())
    except AppError as error:
        return Caller(error)
    request.scope["state"]["user_id"] = verified.claims.user_id
    return Caller(verified)


def user_of(request: Request) -> UUID | None:
    """The user that a valid token names. The rate limit has read it before (`get_caller`)."""
    user_id: UUID | None = request.scope["state"].get("user_id")
    return user_id


TokenCaller = Annotated[Caller, Depends(get_caller)]
"""The caller of any route. They may have no valid token."""


class _BearerScheme(HTTPBearer):
    """Says in the OpenAPI document that a route needs a token, and does nothing else.

    `get_caller` is what reads the token.
    """

    async def __call__(self, _: Request) -> None:  # type: ignore[override]
        """FastAPI calls this. That of `HTTPBearer` would read the token a second time."""


bearer_scheme = _BearerScheme(
    scheme_name="HTTPBearer",
    bearerFormat="JWT",
    description="The `access_token` of a TokenPair",
)
BearerToken = Annotated[None, Depends(bearer_scheme)]


def client_address(request: Request) -> str:
    """The caller's address. A trusted proxy can name it (`LINKY_TRUSTED_PROXIES`)."""
    return request.client.host if request.client else UNKNOWN


PORT_HEADER = "x-client-port"
"""The header in which a trusted proxy passes the client's port (nginx: `$remote_port`)."""


def origin_of(request: Request) -> Origin:
    """Where the request came from, for the connection log (ADR 0044)."""
    host, port = request.client or ("", 0)
    if not port and runtime_of(request).settings.trusted_proxies:
        # No TCP connection has port 0. Here it means that a trusted proxy named the address only.
        given = request.headers.get(PORT_HEADER, "")
        port = int(given) if len(given) <= 5 and given.isdecimal() else 0
    return Origin(shortest(host), port if 0 < port < 2**16 else None)
