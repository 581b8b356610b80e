"""Password hashing: bcrypt over SHA-256, off the event loop, two at a time.

Plain bcrypt ends at 72 bytes, which is 24 kana; `bcrypt_sha256` reads every byte. See
docs/adr/0002-password-hashing.md.
"""

import unicodedata
from functools import cached_property

from anyio import CapacityLimiter, to_thread
from passlib.context import CryptContext

COST = 12
"""bcrypt's cost: about a quarter of a second on one core."""

MOST_READ = 4096
"""libpass raises for a longer secret. None of ours is so long, so that one is wrong."""


def _normal(password: str) -> str:
    # A Japanese keyboard may send the same word composed or decomposed.
    return unicodedata.normalize("NFC", password)


class PasswordHasher:
    """Hashes and checks passwords in threads, so that the event loop never waits."""

    def __init__(self, cost: int = COST, at_once: int = 2) -> None:
        self._crypt = CryptContext(["bcrypt_sha256"], bcrypt_sha256__rounds=cost)
        self._at_once = at_once

    @cached_property
    def _limiter(self) -> CapacityLimiter:
        return CapacityLimiter(self._at_once)

    @cached_property
    def _decoy(self) -> str:
        return str(self._crypt.hash("no password at all"))

    async def warm_up(self) -> None:
        """Make the decoy, so that the first unknown address takes no longer than the next."""
        await to_thread.run_sync(lambda: self._decoy, limiter=self._limiter)

    async def hash(self, password: str) -> str:
        """The hash to keep, with its salt and cost in it."""
        return await to_thread.run_sync(
            lambda: str(self._crypt.hash(_normal(password))), limiter=self._limiter
        )

    async def verify(self, password: str, password_hash: str | None) -> bool:
        """Whether the password is right. Without a hash it takes the same time and is False."""

        def check() -> bool:
            given = _normal(password)
            right = self._crypt.verify(given[:MOST_READ], password_hash or self._decoy)
            return bool(right) and password_hash is not None and len(given) <= MOST_READ

        return await to_thread.run_sync(check, limiter=self._limiter)
