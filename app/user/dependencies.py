"""Who may call a route. Each kind of callers says what is asked of them (`policy.Access`).

A user with a second step writes only in a session that has passed it (ADR 0079).
"""

from typing import Annotated

from fastapi import Depends, Request

from app.core.errors import AppError, NotAuthenticated, TokenExpired, TokenInvalid
from app.core.tokens import AccessClaims
from app.user.enums import Role
from app.user.exceptions import MfaRequired
from app.user.policy import (
    ADMIN,
    AUTHOR,
    ENTRANT,
    MEMBER,
    MODERATOR,
    OWNER,
    USER,
    Access,
    Viewer,
)
from app.user.service.sessions import SessionService
from app.user.service.users import UserService
from app.web.dependencies import BearerToken, Caller, TokenCaller, context_of
from app.web.openapi import raises
from app.web.route import check_if_malformed
from app.web.runtime import runtime_of

SAFE_METHODS = ("GET", "HEAD")
BAD_TOKENS: tuple[type[AppError], ...] = (NotAuthenticated, TokenExpired, TokenInvalid)


class CheckedCaller:
    """A dependency on a caller for whom the database is asked.

    A write opens its context for them (`UserService.open`), so the route names the context first.
    """

    def __init__(self, access: Access) -> None:
        self._access = access
        raises(*BAD_TOKENS, *access.refusals)(self)

    async def __call__(self, request: Request, caller: TokenCaller, _: BearerToken) -> Viewer:
        return await self.viewer(request, caller)

    async def viewer(self, request: Request, caller: Caller) -> Viewer:
        """Raises what the access refuses, NotAuthenticated, TokenExpired, TokenInvalid."""
        if is_read(request):
            return await _admitted(request, caller.claims, self._access)
        return await context_of(request).service(UserService).open(caller.claims, self._access)


async def _admitted(request: Request, claims: AccessClaims, access: Access) -> Viewer:
    """The connection is free again before the route takes one."""
    async with runtime_of(request).reading() as ctx:
        return await ctx.service(SessionService).admit(claims, access)


def is_read(request: Request) -> bool:
    return request.method in SAFE_METHODS


_USER = CheckedCaller(USER)


@raises(*BAD_TOKENS, *ENTRANT.refusals, in_writes=(MfaRequired,))
async def current_user(request: Request, caller: TokenCaller, _: BearerToken) -> Viewer:
    """A read trusts the token. A write asks the database, which knows at once what has changed."""
    if is_read(request):
        return _viewer_of(caller.claims)
    return await _USER.viewer(request, caller)


@raises(*BAD_TOKENS, *AUTHOR.refusals)
async def guarded_author(request: Request, caller: TokenCaller, _: BearerToken) -> Viewer:
    """A request that never gets to the use case, since it is malformed, is still refused for its
    caller first.
    """
    claims = caller.claims

    async def check() -> None:
        await _admitted(request, claims, AUTHOR)

    check_if_malformed(request, check)
    return _viewer_of(claims)


def _viewer_of(claims: AccessClaims) -> Viewer:
    return Viewer(claims.user_id, claims.session_id, Role(claims.role))


CurrentUser = Annotated[Viewer, Depends(current_user)]
"""Guests too."""

CurrentMember = Annotated[Viewer, Depends(CheckedCaller(MEMBER))]
CurrentAuthor = Annotated[Viewer, Depends(CheckedCaller(AUTHOR))]

GuardedAuthor = Annotated[Viewer, Depends(guarded_author)]
"""A CurrentAuthor for whom the guard of a hot write asks. That spares a trip."""

CurrentAdmin = Annotated[Viewer, Depends(CheckedCaller(ADMIN))]
CurrentModerator = Annotated[Viewer, Depends(CheckedCaller(MODERATOR))]
"""Admins too."""

CurrentEntrant = Annotated[Viewer, Depends(CheckedCaller(ENTRANT))]
"""For passing the second step, for ending sessions, and for reads that stand for many."""

CurrentOwner = Annotated[Viewer, Depends(CheckedCaller(OWNER))]
"""For reads that would help the thief of a device: lists of sessions and of sign-in methods."""
