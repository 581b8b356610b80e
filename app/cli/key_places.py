"""Where `LINKY_JWT_KEYS` may stand so that a command can change it: a file, Parameter Store."""

import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

from dotenv import dotenv_values, set_key

from app.cli.common import Refusal
from app.core import parameter_store
from app.operations.key_ring import KeyRing


class KeyPlace(Protocol):
    """`str()` names it for the person at the terminal."""

    def read(self) -> KeyRing: ...
    def write(self, ring: KeyRing) -> None: ...
    def changed_at(self) -> datetime: ...


class EnvFile:
    """A file of settings, `.env` or systemd's: NAME=value."""

    def __init__(
        self, path: Path, name: str, otherwise: Callable[[], KeyRing] | None = None
    ) -> None:
        self._path = path
        self._name = name
        self._otherwise = otherwise

    def __str__(self) -> str:
        return str(self._path)

    def read(self) -> KeyRing:
        held = dotenv_values(self._path, interpolate=False) if self._path.exists() else {}
        if value := held.get(self._name):
            return KeyRing.parse(value)
        return self._otherwise() if self._otherwise else KeyRing(())

    def write(self, ring: KeyRing) -> None:
        """The file is replaced whole; mode and owner stay. A new one is its owner's alone."""
        path = self._path.resolve()
        before = path.stat() if path.exists() else None
        set_key(path, self._name, str(ring), quote_mode="never")
        if before is not None and os.geteuid() == 0:
            os.chown(path, before.st_uid, before.st_gid)

    def changed_at(self) -> datetime:
        """When anything in the file was: never earlier than the keys."""
        return datetime.fromtimestamp(self._path.stat().st_mtime, UTC)


class StoreParameter:
    """The parameter below a prefix. Needs ssm:GetParameter, DescribeParameters and PutParameter,
    which an operator has and an instance has not.
    """

    def __init__(self, prefix: str) -> None:
        self._name = parameter_store.parameter_of(prefix, "jwt_keys")
        with parameter_store.speaking_of(self._name):
            self._ssm = parameter_store.client()
        self._read: dict[str, Any] | None = None

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
            raise Refusal(
                f"somebody else changed {self._name} at the same time; look at its history "
                "(aws ssm get-parameter-history) and begin again."
            )

    def changed_at(self) -> datetime:
        changed = self._parameter()["LastModifiedDate"]
        assert isinstance(changed, datetime)
        return changed

    def _parameter(self) -> dict[str, Any]:
        if self._read is None:
            with parameter_store.speaking_of(self._name, "ssm:GetParameter"):
                answer = self._ssm.get_parameter(Name=self._name, WithDecryption=True)
            self._read = dict(answer["Parameter"])
        return self._read

    def _key(self) -> dict[str, str]:
        """The KMS key of the parameter: left out, AWS would take the account's default one."""
        wanted = {"Key": "Name", "Option": "Equals", "Values": [self._name]}
        with parameter_store.speaking_of(self._name, "ssm:DescribeParameters"):
            (found,) = self._ssm.describe_parameters(ParameterFilters=[wanted])["Parameters"]
        return {"KeyId": found["KeyId"]} if "KeyId" in found else {}
