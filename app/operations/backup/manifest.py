"""The manifest: what a backup holds, and the list of the objects that its rows name.

Lines of JSON: the facts first, then an object a line. It is written and read a line at a time,
since a store may hold millions.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

from pydantic import BaseModel, ConfigDict, ValidationError

from app.operations.backup.errors import BackupError

FORMAT = 1


class Facts(BaseModel):
    """What is true of a whole backup. All of the database are of the dump's own snapshot."""

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
    """An object, and how its content is known: `sha256`, or the store's own `etag`."""

    key: str
    size: int
    kind: str
    digest: str

    def as_line(self) -> bytes:
        return json.dumps([self.key, self.size, self.kind, self.digest]).encode() + b"\n"


def write_facts(facts: Facts, file: IO[bytes]) -> None:
    """Write the first line."""
    file.write(facts.model_dump_json().encode() + b"\n")


def read_facts(file: IO[bytes]) -> Facts:
    """Read the first line. Raises BackupError for a format that is newer than this code."""
    try:
        line = json.loads(file.readline())
        if isinstance(line, dict) and line.get("format", FORMAT) != FORMAT:
            raise BackupError(
                f"the backup's format is {line['format']}, and this release reads {FORMAT}; "
                "use the release that made it"
            )
        return Facts.model_validate(line)
    except (ValueError, ValidationError):
        raise BackupError("the manifest can't be read: it is no manifest of ours") from None


def read_objects(file: IO[bytes]) -> Iterator[ListedObject]:
    """Read the other lines, from wherever the file stands."""
    for line in file:
        yield ListedObject(*json.loads(line))
