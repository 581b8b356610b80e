"""Who may call a route.

CurrentUser (guests too), CurrentMember, CurrentAuthor (terms accepted), AdminUser; CurrentOwner for
reads that need an open session, OwnerOrNobody for those that strangers must not find, PresentUser
for those that also need an account in good standing, ExportingOwner for the export; EntrantUser for
writes before the second step; and GuardedAuthor for writes that check their author themselves.

A user with a second step writes only in a session that has passed it (ADR 0102).
"""

from typing import Annotated

from fastapi import Depends, Request

from app.core.errors import (
    NotAuthenticated,
    NotFound,
    SessionRevoked,
    TokenExpired,
    TokenInvalid,
)
from app.core.tokens import AccessClaims
from app.user.enums import Role
from app.user.exceptions import (
    AccountSuspended,
    AdminOnly,
    GuestNotAllowed,
    MfaRequired,
    TermsRequired,
)
from app.user.policy import (
    Viewer,
    ensure_admin,
    ensure_member,
    ensure_mfa,
    ensure_terms_accepted,
    mfa_is_required,
)
from app.user.service import SessionService
from app.web.dependencies import BearerToken, TokenCaller
from app.web.openapi import raises
from app.web.problems import register_caller_check
from app.web.runtime import runtime_of

SAFE_METHODS = ("GET", "HEAD")


@raises(
    *(NotAuthenticated, TokenExpired, TokenInvalid, SessionRevoked, AccountSuspended),
    in_writes=(MfaRequired,),
)
async def current_user(request: Request, caller: TokenCaller, _: BearerToken) -> Viewer:
    """A caller with a valid token. A read trusts the token; a write asks the database.

    The database knows at once if the session has ended or has to pass the second step, or if the
    user was suspended or has left.
    """
    claims = caller.claims
    if request.method in SAFE_METHODS:
        return Viewer(claims.user_id, claims.session_id, Role(claims.role))
    return await _ask_database(request, claims)


@raises(NotAuthenticated, TokenExpired, TokenInvalid, SessionRevoked, AccountSuspended)
async def entrant_user(request: Request, caller: TokenCaller, _: BearerToken) -> Viewer:
    """Like `current_user` in a write, but the session may still have to pass the second step.

    For passing it, and for ending sessions.
    """
    return await _ask_database(request, caller.claims, before_mfa=True)


@raises(NotAuthenticated, TokenExpired, TokenInvalid, SessionRevoked)
async def current_owner(request: Request, caller: TokenCaller, _: BearerToken) -> Viewer:
    """A caller whose session is open in the database. The token alone is not enough.

    For reads that would help the thief of a device: the lists of sessions and of ways to sign in. A
    suspended user may still read them.
    """
    async with runtime_of(request).reading() as ctx:
        return await ctx.service(SessionService).resolve_reader(caller.claims)


@raises(MfaRequired)
async def exporting_owner(viewer: Annotated[Viewer, Depends(current_owner)]) -> Viewer:
    """Like `current_owner`, for all that is held on the caller. Raises MfaRequired."""
    ensure_mfa(viewer)
    return viewer


@raises(NotFound, TokenExpired, TokenInvalid, SessionRevoked)
async def owner_or_nobody(request: Request, caller: TokenCaller, _: BearerToken) -> Viewer:
    """As `current_owner`, for an address that is not found for those it is not for.

    Without a token it is not found, so that a stranger who has the address learns nothing.
    """
    if not caller.has_token:
        raise NotFound
    return await current_owner(request, caller, None)


@raises(NotAuthenticated, TokenExpired, TokenInvalid, SessionRevoked, AccountSuspended)
async def present_user(request: Request, caller: TokenCaller, _: BearerToken) -> Viewer:
    """A caller whom the database knows as a write would: signed in, and not suspended.

    For reads that stand for many: what changed since the last time. As other reads they need no
    second step.
    """
    return await _ask_database(request, caller.claims, before_mfa=True)


@raises(GuestNotAllowed)
async def current_member(viewer: Annotated[Viewer, Depends(current_user)]) -> Viewer:
    """A user who is not a guest. Raises GuestNotAllowed."""
    ensure_member(viewer)
    return viewer


@raises(TermsRequired)
async def current_author(
    request: Request, viewer: Annotated[Viewer, Depends(current_member)]
) -> Viewer:
    """A member who has accepted the current terms, and may publish. Raises TermsRequired."""
    ensure_terms_accepted(viewer.terms_version, runtime_of(request).settings.terms_version)
    return viewer


@raises(
    *(NotAuthenticated, TokenExpired, TokenInvalid, SessionRevoked, AccountSuspended),
    *(AdminOnly, MfaRequired),
)
async def admin_user(request: Request, caller: TokenCaller, _: BearerToken) -> Viewer:
    """An admin who has passed the second step, if there is one. Reads ask the database, too.

    Raises AdminOnly, MfaRequired.
    """
    viewer = await _ask_database(request, caller.claims, before_mfa=True)
    ensure_admin(viewer)
    ensure_mfa(viewer, required=mfa_is_required(runtime_of(request).settings))
    return viewer


@raises(
    *(NotAuthenticated, TokenExpired, TokenInvalid, SessionRevoked, AccountSuspended),
    *(MfaRequired, GuestNotAllowed, TermsRequired),
)
async def guarded_author(request: Request, caller: TokenCaller, _: BearerToken) -> Viewer:
    """A caller with a valid token, for a use case whose guard asks what CurrentAuthor asks.

    That spares a round trip. A request that never gets to the use case, because it is malformed,
    is still refused for its caller first.
    """
    claims = caller.claims

    async def check() -> None:
        await current_author(request, await current_member(await _ask_database(request, claims)))

    register_caller_check(request, check)
    return Viewer(claims.user_id, claims.session_id, Role(claims.role))


async def _ask_database(
    request: Request, claims: AccessClaims, *, before_mfa: bool = False
) -> Viewer:
    """Who the caller is now. The connection is free again before the route takes one."""
    async with runtime_of(request).reading() as ctx:
        return await ctx.service(SessionService).resolve(claims, before_mfa=before_mfa)


CurrentUser = Annotated[Viewer, Depends(current_user)]
PresentUser = Annotated[Viewer, Depends(present_user)]
CurrentOwner = Annotated[Viewer, Depends(current_owner)]
ExportingOwner = Annotated[Viewer, Depends(exporting_owner)]
EntrantUser = Annotated[Viewer, Depends(entrant_user)]
OwnerOrNobody = Annotated[Viewer, Depends(owner_or_nobody)]
CurrentMember = Annotated[Viewer, Depends(current_member)]
CurrentAuthor = Annotated[Viewer, Depends(current_author)]
GuardedAuthor = Annotated[Viewer, Depends(guarded_author)]
AdminUser = Annotated[Viewer, Depends(admin_user)]
