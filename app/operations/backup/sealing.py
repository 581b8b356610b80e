"""Encryption in the format of age (https://age-encryption.org/v1), by the library pyrage.

It is authenticated and read in chunks of 64 KiB, whatever the size. The machine that makes a backup
knows public keys alone ("recipients"); who restores brings the file with the secret one
("identity").
"""

import hashlib
import os
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any, cast

from app.operations.backup.errors import BackupError

SECRET_KEY = "AGE-SECRET-KEY-"


def read_recipients(keys: Sequence[str]) -> list[Any]:
    """The public keys to encrypt for. Raises BackupError where there is none, or one is no key."""
    import pyrage

    if not keys:
        raise BackupError(
            "no key to encrypt for: make one by `linky backup-key`, and set LINKY_BACKUP_RECIPIENTS"
        )
    try:
        return [pyrage.x25519.Recipient.from_str(key) for key in keys]
    except pyrage.RecipientError:
        raise BackupError(
            "LINKY_BACKUP_RECIPIENTS holds something that is no public key of age (age1…)"
        ) from None


def read_identities(path: Path) -> list[Any]:
    """The secret keys in a file of `linky backup-key` or `age-keygen`. Raises BackupError."""
    import pyrage

    try:
        lines = path.read_text(encoding="utf-8").splitlines()
        found = [line.strip() for line in lines if line.strip().startswith(SECRET_KEY)]
        identities = [pyrage.x25519.Identity.from_str(line) for line in found]
    except OSError as error:
        raise BackupError(f"the key {path} can't be read ({error.strerror})") from None
    except (pyrage.IdentityError, UnicodeDecodeError):
        identities = []
    if not identities:
        raise BackupError(f"{path} holds no secret key of age ({SECRET_KEY}…)")
    return identities


def write_new_identity(path: Path) -> str:
    """Make a key: the secret one goes into a new file, for its owner alone; returns the public."""
    import pyrage

    identity = pyrage.x25519.Identity.generate()
    public = str(identity.to_public())
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise BackupError(f"{path} exists; a key is never overwritten") from None
    except OSError as error:
        raise BackupError(f"{path} can't be written ({error.strerror})") from None
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(f"# public key: {public}\n{identity}\n")
    return public


class Counting:
    """Passes on what is written, and knows its size and its SHA-256."""

    def __init__(self, target: IO[bytes]) -> None:
        self._target = target
        self._digest = hashlib.sha256()
        self.size = 0

    def write(self, data: bytes) -> int:
        self._digest.update(data)
        self.size += len(data)
        return self._target.write(data)

    def flush(self) -> None:
        self._target.flush()

    @property
    def sha256(self) -> str:
        return self._digest.hexdigest()


def seal(source: IO[bytes], target: IO[bytes], recipients: Sequence[Any]) -> tuple[int, str]:
    """Encrypt a stream; the size and the SHA-256 of what was written. Blocking."""
    import pyrage

    counting = Counting(target)
    try:
        pyrage.encrypt_io(cast("Any", source), cast("Any", counting), recipients)
    except (pyrage.EncryptError, OSError) as error:
        # A full disk comes through the library as its own error, with the reason in its words.
        raise BackupError(f"the backup can't be written ({error})") from None
    return counting.size, counting.sha256


def unseal(source: IO[bytes], target: IO[bytes], identities: Sequence[Any], what: str) -> None:
    """Decrypt a stream. Raises BackupError for a wrong key and for what was changed. Blocking.

    What was cut short or changed is found when the chunk in question is read: until this returns,
    nothing that it wrote may count.
    """
    import pyrage

    try:
        pyrage.decrypt_io(cast("Any", source), cast("Any", target), identities)
    except pyrage.DecryptError as error:
        if "matching keys" in str(error):
            raise BackupError(
                f"this key does not open {what}: it was encrypted for another"
            ) from None
        raise BackupError(f"{what} is damaged, or no backup ({error})") from None
    except OSError as error:
        raise BackupError(f"{what} is damaged: changed or cut short ({error})") from None
