"""Encrypts third-party tokens at rest.

The keys are derived from the keys of the access tokens, so there is one list of keys to keep and to
rotate. The first key seals, all keys open. With these keys an attacker could sign access tokens,
which is worse than reading the sealed tokens.
"""

import base64
from functools import cached_property

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from app.core.keys import derived_key

SEALING_PURPOSE = "sealing of what is stored"


class CannotOpen(Exception):
    """The key was removed from our keys, or the text was altered."""


class Sealer:
    """Seals text (Fernet: AES-128-CBC with an HMAC). Keys have a `kid`."""

    def __init__(self, keys: dict[str, bytes]) -> None:
        self._keys = keys

    @property
    def key_id(self) -> str:
        """The `kid` of the key that seals now. It is stored beside the sealed text."""
        return next(iter(self._keys))

    def seal(self, text: str) -> bytes:
        """Returns URL-safe ASCII."""
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
    return base64.urlsafe_b64encode(derived_key(secret, SEALING_PURPOSE))
