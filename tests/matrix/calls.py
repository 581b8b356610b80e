"""Calls of a route for a thing, each rolled back, and the search of their answers for needles."""

from collections.abc import Mapping
from typing import Any

import httpx

from tests.matrix.routes import ROUTES, Access, Route, filled
from tests.matrix.stage import Secret, Stage
from tests.matrix.things import BY_NOBODY, Caller, Standing, Thing
from tests.support.rolled_back import undone

ABOUT_ONESELF = frozenset({"GET /users/me/export", "GET /notifications"})
"""These have also what is hidden from its author: all that is stored, and why it was hidden."""

WITH_NAMES = frozenset({"GET /users/{user_id}", "GET /users/me/blocks"})
"""These show the name of a user whose words the caller does not see."""

MUTES = "GET /users/me/mutes"
"""It names the posts that the caller has muted, so that they can be unmuted."""

GATES = frozenset(
    {
        *("not_authenticated", "session_revoked", "account_suspended"),
        *("admin_only", "guest_not_allowed"),
    }
)


STAFF = ("moderator", "admin")

WHATEVER_STANDING = frozenset({Access.OWNER, Access.OWNER_OR_NOBODY})
"""Reads that ask the database for the session, and are open to suspended users."""


def refused_at_the_gate(name: str, route: Route, caller: Caller) -> str | None:
    """The code that a caller gets for any thing, or None if the route is open to them.

    A read trusts the access token. What writes, admins and owners ask the database.
    """
    if route.access == Access.PUBLIC:
        return None
    if not caller.role:
        return "not_found" if route.access == Access.OWNER_OR_NOBODY else "not_authenticated"
    asks = not name.startswith("GET") or route.access in (
        *WHATEVER_STANDING,
        Access.PRESENT,
        Access.MODERATOR,
        Access.ADMIN,
    )
    if asks and caller.standing == Standing.ENDED:
        return "session_revoked"
    if asks and caller.standing == Standing.SUSPENDED and route.access not in WHATEVER_STANDING:
        return "account_suspended"
    if route.access in (Access.MODERATOR, Access.ADMIN) and caller.role not in STAFF:
        return "admin_only"
    if route.access == Access.ADMIN and caller.role != "admin":
        return "admin_only"
    if route.access in (Access.MEMBER, Access.AUTHOR) and caller.role == "guest":
        return "guest_not_allowed"
    return None


async def send(
    stage: Stage,
    name: str,
    caller: Caller,
    ids: Mapping[str, str],
    parameter: str | None = None,
    query: Mapping[str, Any] | None = None,
) -> httpx.Response:
    """Call a route, and undo what it did. `parameter` is an id for the query or the body."""
    method, path = name.split()
    params, body = dict(query or {}), filled(ROUTES[name].body, ids)
    if parameter is not None and f"{{{parameter}}}" not in path:
        value = [ids[parameter]] if parameter.endswith("ids") else ids[parameter]
        (params if method == "GET" else body)[parameter] = value
    how = {"files": body} if "file" in body else {"json": body} if body else {}
    async with undone(stage.connection):
        return await caller.api.call(method, path.format(**ids), params=params, **how)


def leaks(stage: Stage, name: str, caller: Caller, answer: httpx.Response) -> list[str]:
    """The things that the caller must not see, and that are in the bytes of an answer."""
    raw = answer.content + b"".join(b"".join(pair) for pair in answer.headers.raw)
    return [
        str(secret.thing)
        for secret in stage.secrets
        if secret.word.encode() in raw and _is_hidden(stage, secret, name, caller)
    ]


def _is_hidden(stage: Stage, secret: Secret, name: str, caller: Caller) -> bool:
    thing = secret.thing
    if caller.role in STAFF and "/admin" in name:
        # Moderators see addresses masked.
        is_address = thing.state.endswith(": the address")
        return caller.role == "moderator" and is_address and not thing.is_of(caller)
    if thing.is_of(caller):
        return not (secret.is_name or thing.is_seen_by(caller) or name in ABOUT_ONESELF)
    if secret.is_name and name in WITH_NAMES and not has_left(thing):
        return False
    if name == MUTES and thing.state == "muted":
        return False
    # Only the readers have muted and blocked.
    return not thing.is_seen_by(caller) and (caller in stage.readers or thing.seen_by == BY_NOBODY)


def has_left(thing: Thing) -> bool:
    return thing.owner is not None and thing.owner.standing == Standing.ENDED
