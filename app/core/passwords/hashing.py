"""Password hashing: bcrypt over SHA-256, in threads, two at a time, with a bounded waiting line.

Plain bcrypt reads only 72 bytes, which is 24 kana. `bcrypt_sha256` reads every byte. ADR 0002.
"""

import unicodedata
from collections.abc import Callable, Sequence
from functools import cached_property

from anyio import CapacityLimiter, to_thread
from passlib.context import CryptContext

from app.core.admission import HASHES, Admission
from app.core.passwords.foreign import is_checkable, is_right, spend, work_of, work_of_cost
from app.core.text import MAX_COMPOSED

COST = 12
"""bcrypt's cost: about a quarter of a second of a core."""

LONGEST = 128
"""In code points, after NFC."""

_OURS = "$bcrypt-sha256$"


def normal(password: str) -> str | None:
    """The password in NFC, or None if it is longer than any password may be.

    A Japanese keyboard may send the same word composed or decomposed. The length is checked first:
    normalising 256 KiB of combining marks takes half a minute.
    """
    if len(password) > MAX_COMPOSED * LONGEST:
        return None
    composed = unicodedata.normalize("NFC", password)
    return composed if len(composed) <= LONGEST else None


class PasswordHasher:
    """Hashes and checks passwords in threads, so that the event loop never waits.

    `caller` names the share of the waiting line (`Context.caller_network`). Release the database
    connection first: the wait may take seconds.
    """

    def __init__(self, cost: int = COST) -> None:
        self._crypt = CryptContext(["bcrypt_sha256"], bcrypt_sha256__rounds=cost)
        self._own = f"{_OURS}v=2,t=2b,r={cost}$"
        self._work = work_of_cost(cost)
        self._admission = Admission("hash", HASHES)

    @cached_property
    def _threads(self) -> CapacityLimiter:
        # A pool of its own, so that pictures and files do not use the threads of sign-ins.
        return CapacityLimiter(HASHES.slots)

    @cached_property
    def _decoy(self) -> str:
        return str(self._crypt.hash("no password at all"))

    async def warm_up(self) -> None:
        """Make the decoy hash, so that the first unknown address takes as long as the next."""
        await to_thread.run_sync(lambda: self._decoy, limiter=self._threads)

    async def hash(self, password: str, caller: str) -> str:
        """The hash to store, with its salt and cost. Raises Overloaded."""
        composed = normal(password)
        assert composed is not None, "the service refuses longer passwords"
        return await self._run(lambda: str(self._crypt.hash(composed)), caller)

    async def verify(self, password: str, password_hash: str | None, caller: str) -> bool:
        """Whether the password is right. Without a hash it takes the same time and returns False.

        So it does with one that is malformed, or that would take too long. A password that was not
        sent in NFC costs two checks, whatever the hash is: a foreign hash may be of either form.
        Raises Overloaded.
        """
        normalised = normal(password)
        forms = () if normalised is None else tuple({password, normalised})

        def check() -> bool:
            stored = password_hash if password_hash and is_checkable(password_hash) else None
            if stored is not None and self.is_foreign(stored):
                return self._verify_foreign(forms, stored)
            right = self._crypt.verify(normalised or "", stored or self._decoy)
            if right and stored is not None and normalised is not None:
                return True
            spend(self._work * (len(forms) - 1))
            return False

        return await self._run(check, caller)

    def is_foreign(self, password_hash: str) -> bool:
        """Whether a hash came with an import, or has another cost: a sign-in replaces it."""
        return not password_hash.startswith(self._own)

    def _verify_foreign(self, forms: Sequence[str], stored: str) -> bool:
        """Costs at least as much as for a hash of ours: else the time would show who was imported.

        A hash of a higher cost than ours takes longer. To let every unknown address cost as much
        would let a flood of sign-ins fill both slots of the hasher four times as fast (ADR 0132).
        """
        left = self._work * max(len(forms), 1)
        for form in forms:
            left -= work_of(stored)
            if self._is_right(form, stored):
                return True
        spend(left)
        return False

    def _is_right(self, password: str, stored: str) -> bool:
        if stored.startswith(_OURS):
            return bool(self._crypt.verify(password, stored))
        return is_right(password.encode(), stored)

    async def _run[Result](self, work: Callable[[], Result], caller: str) -> Result:
        async with self._admission.slot(caller):
            return await to_thread.run_sync(work, limiter=self._threads)
