"""Hashes that another system made. They are checked until its user signs in, and then replaced.

Each is stored as one text that begins with its name, instead of our own hash (ADR 0132).
"""

import base64
import hashlib
import hmac
import re
from dataclasses import dataclass
from typing import Self

import bcrypt

NO_PASSWORD = "$none$"
"""Of an account with an address and no password: a mailed link sets the first one."""

HIGHEST_COST = 14
"""Of bcrypt: a second of a core. A higher one would keep others from signing in."""

MOST_ROUNDS, MOST_MEM_COST = 8, 14
"""Firebase's own bounds. They are 16 MiB for each check, and two run at once."""

LONGEST_PART = 256
"""Of Firebase's parts, in bytes. Its keys and hashes have 64."""

# 16 bytes. Of the last character only two bits count, and the library refuses others beside them.
_SALT = r"[./A-Za-z0-9]{21}[.Oeu]"
_BCRYPT = re.compile(rf"\$2[aby]\$(\d\d)\${_SALT}[./A-Za-z0-9]{{31}}", re.ASCII)
_BCRYPT_SHA256 = re.compile(
    rf"\$bcrypt-sha256\$v=2,t=2b,r=([1-9]\d?)\${_SALT}\$[./A-Za-z0-9]{{31}}", re.ASCII
)
LOWEST_COST = 4
_BCRYPT_READS = 72
"""Bytes. The library refuses a longer password; those who made the hash have cut it."""

_SCRYPT_STEPS = 3000
"""Of scrypt, in the time of bcrypt's lowest cost: measured."""

_FIREBASE = "$firebase-scrypt$"
_KEY_BYTES = 32


class NotAHash(ValueError):
    """Why a text is no hash that we can check, without the text itself."""


@dataclass(frozen=True, slots=True)
class FirebaseScrypt:
    """scrypt as Firebase Authentication has it: the password's key encrypts the project's.

    (https://github.com/firebase/scrypt)
    """

    hash: bytes
    salt: bytes
    signer_key: bytes
    salt_separator: bytes
    rounds: int
    mem_cost: int

    @classmethod
    def read(cls, stored: str) -> Self:
        """Raises NotAHash if it is malformed, or a check of it would cost too much."""
        try:
            rounds, mem_cost, *rest = stored.removeprefix(_FIREBASE).split("$")
            hashed, salt, signer_key, separator = (
                base64.b64decode(part, validate=True) for part in rest
            )
            made = cls(hashed, salt, signer_key, separator, int(rounds), int(mem_cost))
        except ValueError:
            raise NotAHash("this is not a hash of firebase_scrypt") from None
        if not made._is_bounded():
            raise NotAHash("its parameters are out of bounds")
        return made

    def _is_bounded(self) -> bool:
        parts = (self.hash, self.salt, self.signer_key, self.salt_separator)
        return (
            1 <= self.rounds <= MOST_ROUNDS
            and 1 <= self.mem_cost <= MOST_MEM_COST
            and 0 < len(self.hash) == len(self.signer_key)
            and max(map(len, parts)) <= LONGEST_PART
        )

    def stored(self) -> str:
        parts = (self.hash, self.salt, self.signer_key, self.salt_separator)
        texts = (base64.b64encode(part).decode() for part in parts)
        return _FIREBASE + "$".join((str(self.rounds), str(self.mem_cost), *texts))

    def is_of(self, password: bytes) -> bool:
        from cryptography.hazmat.primitives.ciphers import Cipher
        from cryptography.hazmat.primitives.ciphers.algorithms import AES
        from cryptography.hazmat.primitives.ciphers.modes import CTR

        key = hashlib.scrypt(
            password,
            salt=self.salt + self.salt_separator,
            n=1 << self.mem_cost,
            r=self.rounds,
            p=1,
            maxmem=2 * 128 * self.rounds << self.mem_cost,
            dklen=_KEY_BYTES,
        )
        encryptor = Cipher(AES(key), CTR(bytes(16))).encryptor()
        made = encryptor.update(self.signer_key) + encryptor.finalize()
        return hmac.compare_digest(made, self.hash)


def stored_bcrypt(text: str) -> str:
    """Raises NotAHash."""
    return _with_cost(_BCRYPT.fullmatch(text), "bcrypt")


def stored_bcrypt_sha256(text: str) -> str:
    """As our own export writes it. Raises NotAHash."""
    return _with_cost(_BCRYPT_SHA256.fullmatch(text), "bcrypt_sha256")


def _is_firebase(stored: str) -> bool:
    return stored.startswith(_FIREBASE)


def _is_bcrypt(stored: str) -> bool:
    return stored.startswith("$2")


def is_checkable(stored: str) -> bool:
    """Whether a check of what is stored ends within a second or two, and without an error.

    Imports refuse all else. A row from anywhere else is looked at before each check: else one could
    keep both places of the hasher for days.
    """
    try:
        if _is_bcrypt(stored):
            stored_bcrypt(stored)
        elif _is_firebase(stored):
            FirebaseScrypt.read(stored)
        elif stored != NO_PASSWORD:
            stored_bcrypt_sha256(stored)
    except NotAHash:
        return False
    return True


def password_form(stored: str | None) -> dict[str, object] | None:
    """A hash as a file of users has it. None for none, and for one that nothing can check."""
    if stored is None or stored == NO_PASSWORD or not is_checkable(stored):
        return None
    if _is_bcrypt(stored):
        return {"bcrypt": stored}
    if not _is_firebase(stored):
        return {"bcrypt_sha256": stored}
    firebase = FirebaseScrypt.read(stored)
    texts = {
        name: base64.b64encode(getattr(firebase, name)).decode()
        for name in ("hash", "salt", "signer_key", "salt_separator")
    }
    return {"firebase_scrypt": {**texts, "rounds": firebase.rounds, "mem_cost": firebase.mem_cost}}


def is_right(password: bytes, stored: str) -> bool:
    """Whether a foreign hash, of no password or of one that bcrypt or Firebase hashed, is of it.

    `stored` is checkable.
    """
    if _is_bcrypt(stored):
        return bcrypt.checkpw(password[:_BCRYPT_READS], stored.encode())
    return _is_firebase(stored) and FirebaseScrypt.read(stored).is_of(password)


def work_of(stored: str) -> int:
    """What a check costs, in those of bcrypt's lowest cost: a millisecond of a core each."""
    if _is_firebase(stored):
        firebase = FirebaseScrypt.read(stored)
        return (firebase.rounds << firebase.mem_cost) // _SCRYPT_STEPS
    cost = _BCRYPT.fullmatch(stored) or _BCRYPT_SHA256.fullmatch(stored)
    return work_of_cost(int(cost[1])) if cost else 0


def work_of_cost(cost: int) -> int:
    """bcrypt's. Each step of its cost doubles it."""
    return 1 << (cost - LOWEST_COST)


def spend(work: int) -> None:
    """Do so much work, and nothing with it: a bcrypt for each bit."""
    for bit in range(max(work, 0).bit_length()):
        if work >> bit & 1:
            bcrypt.hashpw(b"", bcrypt.gensalt(LOWEST_COST + bit))


def _with_cost(match: re.Match[str] | None, name: str) -> str:
    if match is None:
        raise NotAHash(f"this is not a hash of {name}")
    if not LOWEST_COST <= int(match[1]) <= HIGHEST_COST:
        raise NotAHash(f"its cost must be {LOWEST_COST} to {HIGHEST_COST}")
    return match[0]
