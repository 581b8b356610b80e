"""What happens while a request does its slow work.

A request asks who calls before it hashes, asks a provider or stores a picture, and writes after
it. Here something else happens between the two, in every run.
"""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from app.core.passwords.hashing import PasswordHasher
from app.integrations.identity.base import IdentityProvider
from app.integrations.storage.local import LocalStorage

_OWN = "WHERE user_id = CAST(:id AS uuid)"
_USER = "WHERE id = CAST(:id AS uuid)"
REFUSALS = {
    "ended": (f"UPDATE user_sessions SET ended_at = now() {_OWN}", 401, "session_revoked"),
    "suspended": (f"UPDATE users SET status = 'suspended' {_USER}", 403, "account_suspended"),
}
"""What ends a caller's right to write, by the id of the user: the statement, and the refusal."""

REFUSALS_OF_ADMINS = {
    **REFUSALS,
    "demoted": (f"UPDATE users SET role = 'user' {_USER}", 403, "admin_only"),
    "second step": (f"UPDATE users SET mfa_since = now() {_USER}", 403, "mfa_required"),
}
"""The same for an admin's act."""

_SLOW: tuple[tuple[type, str], ...] = (
    (PasswordHasher, "hash"),
    (PasswordHasher, "verify"),
    (IdentityProvider, "verify"),
    (LocalStorage, "put"),
)


def happen_meanwhile(patch: pytest.MonkeyPatch, act: Callable[[], Awaitable[None]]) -> None:
    """Let `act` happen once, during the first slow work from now on."""
    acts = [act]
    for owner, name in _SLOW:
        patch.setattr(owner, name, _acting_first(getattr(owner, name), acts))


def _acting_first(
    slow: Callable[..., Awaitable[Any]], acts: list[Callable[[], Awaitable[None]]]
) -> Callable[..., Awaitable[Any]]:
    async def act_and_go_on(*args: Any) -> Any:
        if acts:
            await acts.pop()()
        return await slow(*args)

    return act_and_go_on


def happen_at(
    patch: pytest.MonkeyPatch,
    owner: type,
    name: str,
    act: Callable[[], Awaitable[None]],
    *,
    after: bool = False,
) -> None:
    """Let `act` happen once, before the next call of a method, or after its work."""
    method, acts = getattr(owner, name), [act]

    async def work_and_act(*args: Any, **named: Any) -> Any:
        if acts and not after:
            await acts.pop()()
        found = await method(*args, **named)
        if acts:
            await acts.pop()()
        return found

    patch.setattr(owner, name, work_and_act)
