"""What is stored encrypted: secrets of others that we must be able to read again.

The keys are derived from those of the access tokens, so that there is one list of keys to keep and
to rotate: the first seals, all open. Whoever holds them can do worse than to read what is sealed.
"""

import base64
from functools import cached_property

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from app.core.keys import derived_key

PURPOSE = "sealing of what is stored"


class CannotOpen(Exception):
    """Sealed under a key that is not among ours any more, or altered."""


class Sealer:
    """Seals text (Fernet: AES-128-CBC under an HMAC) with keys known by `kid`."""

    def __init__(self, keys: dict[str, bytes]) -> None:
        self._keys = keys

    @property
    def key_id(self) -> str:
        """The `kid` of the key that seals now, kept beside what it sealed."""
        return next(iter(self._keys))

    def seal(self, text: str) -> bytes:
        """URL-safe ASCII."""
        return self._fernet.encrypt(text.encode())

    def open(self, sealed: bytes | str) -> str:
        """Raises CannotOpen."""
        try:
            return self._fernet.decrypt(sealed).decode()
        except (InvalidToken, ValueError):
            raise CannotOpen from None

    @cached_property
    def _fernet(self) -> MultiFernet:
        return MultiFernet([Fernet(_derived(secret)) for secret in self._keys.values()])


def _derived(secret: bytes) -> bytes:
    return base64.urlsafe_b64encode(derived_key(secret, PURPOSE))
