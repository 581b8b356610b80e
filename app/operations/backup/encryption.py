"""Encryption in the format of age (https://age-encryption.org/v1), by the library pyrage.

The format is authenticated, and files of any size are read in chunks of 64 KiB. The machine that
makes a backup knows only public keys ("recipients"). A restore needs the secret key ("identity").
"""

import hashlib
import os
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any, cast

from app.operations.backup.errors import BackupError

SECRET_KEY = "AGE-SECRET-KEY-"


def read_recipients(keys: Sequence[str]) -> list[Any]:
    """Read the public keys to encrypt for. Raises BackupError if none is given or one is wrong."""
    import pyrage

    if not keys:
        raise BackupError(
            "no key to encrypt for: make one by `linky backup-key`, and set LINKY_BACKUP_RECIPIENTS"
        )
    try:
        return [pyrage.x25519.Recipient.from_str(key) for key in keys]
    except pyrage.RecipientError:
        raise BackupError(
            "LINKY_BACKUP_RECIPIENTS holds something that is not a public key of age (age1…)"
        ) from None


def read_identities(path: Path) -> list[Any]:
    """Read the secret keys from a file that `linky backup-key` or `age-keygen` wrote.

    Raises BackupError.
    """
    import pyrage

    try:
        lines = path.read_text(encoding="utf-8").splitlines()
        keys = [line.strip() for line in lines if line.strip().startswith(SECRET_KEY)]
        identities = [pyrage.x25519.Identity.from_str(key) for key in keys]
    except OSError as error:
        raise BackupError(f"the key {path} can't be read ({error.strerror})") from None
    except (pyrage.IdentityError, UnicodeDecodeError):
        identities = []
    if not identities:
        raise BackupError(f"{path} holds no secret key of age ({SECRET_KEY}…)")
    return identities


def write_new_identity(path: Path) -> str:
    """Write a new secret key into a new file that only its owner may read; return the public key.

    Raises BackupError if the file exists.
    """
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


class CountingWriter:
    """Passes on what is written, and counts its bytes and computes its SHA-256."""

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


def encrypt(source: IO[bytes], target: IO[bytes], recipients: Sequence[Any]) -> tuple[int, str]:
    """Encrypt a stream. Returns the size and the SHA-256 of what it wrote. Blocking."""
    import pyrage

    counting = CountingWriter(target)
    try:
        pyrage.encrypt_io(cast("Any", source), cast("Any", counting), recipients)
    except (pyrage.EncryptError, OSError) as error:
        # The library turns a full disk into its own error, with the reason in the message.
        raise BackupError(f"the backup can't be written ({error})") from None
    return counting.size, counting.sha256


def decrypt(source: IO[bytes], target: IO[bytes], identities: Sequence[Any], what: str) -> None:
    """Decrypt a stream. Raises BackupError for a wrong key, and for changed or missing data.

    Damage is found only when the damaged chunk is read, after the chunks before it were written.
    So don't use what it wrote before it has returned. Blocking.
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
