"""Password hashing: bcrypt over SHA-256, off the event loop, two at a time, in a bounded line.

Plain bcrypt ends at 72 bytes, which is 24 kana; `bcrypt_sha256` reads every byte. See
docs/adr/0002-password-hashing.md.
"""

import unicodedata
from collections.abc import Callable
from functools import cached_property

from anyio import CapacityLimiter, to_thread
from passlib.context import CryptContext

from app.core.admission import HASHES, Admission
from app.core.text import MOST_COMPOSED

COST = 12
"""bcrypt's cost: about a quarter of a second on one core."""

LONGEST = 128
"""In code points, after NFC."""


def normal(password: str) -> str | None:
    """The password in NFC, or None for one that is too long to be anybody's.

    A Japanese keyboard may send the same word composed or decomposed. The length is checked first:
    normalising 256 KiB of combining marks would take half a minute.
    """
    if len(password) > MOST_COMPOSED * LONGEST:
        return None
    composed = unicodedata.normalize("NFC", password)
    return composed if len(composed) <= LONGEST else None


class PasswordHasher:
    """Hashes and checks passwords in threads, so that the event loop never waits.

    `caller` says whose share of the waiting line a password takes (`Context.caller`). Hold no
    database connection meanwhile: the wait may take seconds.
    """

    def __init__(self, cost: int = COST) -> None:
        self._crypt = CryptContext(["bcrypt_sha256"], bcrypt_sha256__rounds=cost)
        self._admission = Admission("hash", HASHES)

    @cached_property
    def _threads(self) -> CapacityLimiter:
        # A pool of its own: pictures and files must not take the threads of sign-ins.
        return CapacityLimiter(HASHES.places)

    @cached_property
    def _decoy(self) -> str:
        return str(self._crypt.hash("no password at all"))

    async def warm_up(self) -> None:
        """Make the decoy, so that the first unknown address takes no longer than the next."""
        await to_thread.run_sync(lambda: self._decoy, limiter=self._threads)

    async def hash(self, password: str, caller: str) -> str:
        """The hash to keep, with its salt and cost in it. Raises Overloaded."""
        composed = normal(password)
        assert composed is not None, "the service refuses what is too long"
        return await self._run(lambda: str(self._crypt.hash(composed)), caller)

    async def verify(self, password: str, password_hash: str | None, caller: str) -> bool:
        """Whether the password is right. Without a hash it takes the same time and is False.

        Raises Overloaded.
        """
        given = normal(password)

        def check() -> bool:
            right = self._crypt.verify(given or "", password_hash or self._decoy)
            return bool(right) and password_hash is not None and given is not None

        return await self._run(check, caller)

    async def _run[Result](self, work: Callable[[], Result], caller: str) -> Result:
        async with self._admission.place(caller):
            return await to_thread.run_sync(work, limiter=self._threads)
