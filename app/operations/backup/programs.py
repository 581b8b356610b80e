"""Finding and calling PostgreSQL's own programs: pg_dump, pg_restore and psql."""

import os
import re
import subprocess
from pathlib import Path
from signal import SIGKILL
from typing import IO

from sqlalchemy import make_url

from app.core.settings.database_tls import VERIFYING, libpq_tls
from app.operations.backup.errors import BackupError
from app.operations.embedded.binaries import in_wheel, installed

VERSION_SECONDS = 10
_WITH_TLS = ("require", *VERIFYING)


def find_program(name: str, at_least: int, database_url: str) -> str:
    """The path of PostgreSQL's own program, of this major version or newer. Raises BackupError.

    Older versions don't help: pg_dump refuses a server that is newer than itself. The project's own
    ones, of the group `embedded`, come last: they were built without TLS, and a server may insist
    on it although the URL does not.
    """
    needs_tls = libpq_tls(make_url(database_url))["PGSSLMODE"] in _WITH_TLS
    for folder in (*installed(), *(() if needs_tls else in_wheel())):
        program = folder / name
        if os.access(program, os.X_OK) and _major(program) >= at_least:
            return str(program)
    other = "" if needs_tls else ", or the project's own with the group `embedded`"
    raise BackupError(
        f"there is no {name} of PostgreSQL {at_least}{' with TLS' if needs_tls else ''} on this "
        f"machine; install postgresql-client-{at_least}{other}"
    )


def _major(program: Path) -> int:
    try:
        done = subprocess.run(  # noqa: S603 - The caller names a program of PostgreSQL.
            [program, "--version"],
            capture_output=True,
            text=True,
            timeout=VERSION_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return 0
    version = re.search(r"\(PostgreSQL\) (\d+)", done.stdout)
    return int(version[1]) if version else 0


def environment_for(database_url: str) -> dict[str, str]:
    """The environment variables with which libpq connects to a database.

    Arguments would not do: every user of the machine can read them, and the URL has a password.
    """
    url = make_url(database_url)
    query = {name: str(value) for name, value in url.query.items()}
    variables = {
        "PGHOST": url.host or query.get("host"),
        "PGPORT": str(url.port) if url.port else query.get("port"),
        "PGUSER": url.username,
        "PGPASSWORD": str(url.password) if url.password is not None else None,
        "PGDATABASE": url.database,
        **libpq_tls(url),
        "PGAPPNAME": "linky-backup",
        "PGTZ": "UTC",
    }
    return {**os.environ, **{name: value for name, value in variables.items() if value is not None}}


def reason_of(status: int, errors: IO[bytes]) -> str:
    """Why a program failed: from its exit status, and from the file with its messages."""
    if status < 0:
        hint = " (the memory may have run out)" if -status == SIGKILL else ""
        return f"signal {-status} ended it{hint}"
    errors.seek(0)
    return complaint_of(errors.read().decode(errors="replace"))


def complaint_of(stderr: str) -> str:
    """The first error message of a program, without the rows that later lines may quote."""
    # psql passes the server's on, as "ERROR:  ".
    message = re.search(r"error: +(.+)", stderr, re.IGNORECASE)
    return message[1] if message else "no reason given"
