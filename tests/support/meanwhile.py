"""What happens while a request does its slow work.

A request asks who calls before it hashes, asks a provider or stores a picture, and writes after
it. Here something else happens between the two, in every run.
"""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from app.core.passwords.hashing import PasswordHasher
from app.integrations.identity import IdentityProvider
from app.integrations.storage import LocalStorage

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
