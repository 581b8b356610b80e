"""The manifest of a backup: facts about the dump, and the list of the objects in the store.

It consists of lines of JSON: the facts first, then one line for each object. It is written and
read line by line, since a store may hold millions of objects.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

from pydantic import BaseModel, ConfigDict, ValidationError

from app.operations.backup.errors import BackupError

FORMAT = 1


class BackupManifest(BaseModel):
    """Facts about a backup. Those about the database come from the snapshot of the dump."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    format: int
    made_at: str
    linky_version: str
    server_major: int
    revision: str | None
    tables: dict[str, int]
    constraints: int
    indexes: int
    dump_bytes: int
    dump_sha256: str
    objects: int
    object_bytes: int


@dataclass(frozen=True, slots=True)
class ListedObject:
    """An object and a digest of its content. `kind` is `sha256`, or `etag` if the store has one."""

    key: str
    size: int
    kind: str
    digest: str

    def as_line(self) -> bytes:
        return json.dumps([self.key, self.size, self.kind, self.digest]).encode() + b"\n"


def write_facts(facts: BackupManifest, file: IO[bytes]) -> None:
    file.write(facts.model_dump_json().encode() + b"\n")


def read_facts(file: IO[bytes]) -> BackupManifest:
    """Raises BackupError for a format that is newer than this code."""
    try:
        line = json.loads(file.readline())
        if isinstance(line, dict) and line.get("format", FORMAT) != FORMAT:
            raise BackupError(
                f"the backup's format is {line['format']}, and this release reads {FORMAT}; "
                "use the release that made it"
            )
        return BackupManifest.model_validate(line)
    except (ValueError, ValidationError):
        raise BackupError("the manifest can't be read: it is not one of our manifests") from None


def read_objects(file: IO[bytes]) -> Iterator[ListedObject]:
    """The file must be positioned after the facts."""
    for line in file:
        yield ListedObject(*json.loads(line))
