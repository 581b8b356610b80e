"""Keys for one purpose each, derived from the secrets that sign access tokens.

So there is one list of secrets to keep and to rotate (`LINKY_JWT_KEYS`), and what is made with one
key says nothing about the others.
"""

from functools import lru_cache

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_BYTES = 32


@lru_cache(maxsize=64)
def derived_key(secret: bytes, purpose: str) -> bytes:
    """A key of 32 bytes for one purpose (HKDF with SHA-256, RFC 5869)."""
    info = f"linky: {purpose}".encode()
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=info).derive(secret)
