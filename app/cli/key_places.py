"""Where a command can change `LINKY_JWT_KEYS`: a file of settings, or Parameter Store."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

from dotenv import dotenv_values, set_key

from app.cli.common import CommandError
from app.core.settings import parameter_store
from app.operations.key_ring import KeyRing


class KeyPlace(Protocol):
    """Stores the keys. `str()` names it for the operator."""

    def read(self) -> KeyRing: ...
    def write(self, ring: KeyRing) -> None: ...
    def changed_at(self) -> datetime: ...


class EnvFile:
    """A file of settings with lines NAME=value: `.env`, or an environment file of systemd."""

    def __init__(
        self, path: Path, name: str, read_default: Callable[[], KeyRing] | None = None
    ) -> None:
        self._path = path
        self._name = name
        self._read_default = read_default

    def __str__(self) -> str:
        return str(self._path)

    def read(self) -> KeyRing:
        with self._refusals():
            values = dotenv_values(self._path, interpolate=False) if self._path.exists() else {}
        if value := values.get(self._name):
            return KeyRing.parse(value)
        return self._read_default() if self._read_default else KeyRing(())

    def write(self, ring: KeyRing) -> None:
        """Replace the file in one step. Mode and owner stay; only its owner may read a new file."""
        with self._refusals():
            path = self._path.resolve()
            before = path.stat() if path.exists() else None
            set_key(path, self._name, str(ring), quote_mode="never")
            if before is not None and os.geteuid() == 0:
                os.chown(path, before.st_uid, before.st_gid)

    def changed_at(self) -> datetime:
        """When the keys were changed, at the latest."""
        with self._refusals():
            return datetime.fromtimestamp(self._path.stat().st_mtime, UTC)

    @contextmanager
    def _refusals(self) -> Iterator[None]:
        """Explains a file that can't be changed: on a host `linky` runs as the server's user, who
        may not change the server's settings.
        """
        try:
            yield
        except OSError as error:
            raise CommandError(
                f"{self} can't be read and changed ({error.strerror}); run this as the file's "
                "owner (on a host: sudo /opt/linky/current/.venv/bin/linky rotate-keys ...)."
            ) from None


class StoreParameter:
    """The parameter below a prefix in AWS Parameter Store.

    It needs ssm:GetParameter, DescribeParameters and PutParameter. An operator has these rights,
    the server's instance does not.
    """

    def __init__(self, prefix: str) -> None:
        self._name = parameter_store.parameter_of(prefix, "jwt_keys")
        with parameter_store.speaking_of(self._name):
            self._ssm = parameter_store.client()
        self._cached: dict[str, Any] | None = None

    def __str__(self) -> str:
        return self._name

    def read(self) -> KeyRing:
        return KeyRing.parse(self._parameter()["Value"])

    def write(self, ring: KeyRing) -> None:
        before = self._parameter()["Version"]
        with parameter_store.speaking_of(self._name, "ssm:PutParameter"):
            put = self._ssm.put_parameter(
                Name=self._name, Value=str(ring), Type="SecureString", Overwrite=True, **self._key()
            )
        if put["Version"] != before + 1:
            raise CommandError(
                f"another command changed {self._name} at the same time; look at its history "
                "(aws ssm get-parameter-history) and start again."
            )

    def changed_at(self) -> datetime:
        changed = self._parameter()["LastModifiedDate"]
        assert isinstance(changed, datetime)
        return changed

    def _parameter(self) -> dict[str, Any]:
        if self._cached is None:
            with parameter_store.speaking_of(self._name, "ssm:GetParameter"):
                response = self._ssm.get_parameter(Name=self._name, WithDecryption=True)
            self._cached = dict(response["Parameter"])
        return self._cached

    def _key(self) -> dict[str, str]:
        """The KMS key of the parameter. Without it AWS would use the account's default key."""
        by_name = {"Key": "Name", "Option": "Equals", "Values": [self._name]}
        with parameter_store.speaking_of(self._name, "ssm:DescribeParameters"):
            (parameter,) = self._ssm.describe_parameters(ParameterFilters=[by_name])["Parameters"]
        return {"KeyId": parameter["KeyId"]} if "KeyId" in parameter else {}
