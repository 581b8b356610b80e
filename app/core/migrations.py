"""Which migrations this code has, whether the database has them, and Alembic to apply them.

A server only asks for the order of the revisions. It reads that from the files' text, since Alembic
takes a tenth of a start.
"""

import ast
import asyncio
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import asyncpg
from sqlalchemy import text

from app.core.database import asyncpg_arguments
from app.core.db import Database

if TYPE_CHECKING:
    from alembic.config import Config

ROOT = Path(__file__).parents[2]
"""The migrations are in it: beside the package, also where the wheel is installed."""

CONNECT_SECONDS = 5

KEPT = frozenset(
    {
        *("linky_has_muted", "linky_hides_replies", "linky_has_new_posts"),
        *("users_email_idx", "user_devices_value_idx", "images_hidden_idx"),
        "daily_counts",
        # Writes the first sign-in method of the users that 0.2 adds.
        *("users_copy_first_door", "linky_copy_first_door"),
    }
)
"""Tables, indexes, columns, functions and triggers that only older releases need. No model has
them.
"""

KEPT_UNTIL_AFTER = "0.3.0"
"""A contract may remove them when this release is recorded: 0.2, beside it, still uses some."""


@dataclass(frozen=True, slots=True)
class Revision:
    """What a migration says of itself at the top of its file."""

    revision: str
    down_revision: str | None
    contracts: bool
    """Whether it only removes what the previous release needs."""


def alembic_config(url: str | None = None) -> "Config":
    """Alembic's configuration for a database. Without a URL it is the database of the settings."""
    from alembic.config import Config

    # Not from `alembic.ini`: the wheel does not have it. It serves the command `alembic`.
    config = Config()
    config.set_main_option("script_location", str(ROOT / "migrations").replace("%", "%%"))
    config.attributes["url"] = url
    config.attributes["keep_logging"] = True
    return config


@dataclass(slots=True)
class Patience:
    """How often a migration that waited too long for a lock may begin again.

    Each migration has all the tries: an upgrade over many releases takes many locks.
    """

    tries: int
    _revision: str | None = None
    _failed: int = 0

    def seconds_after(self, revision: str | None) -> float | None:
        """How long to wait after a failure, with this one committed. None if it is enough."""
        if revision != self._revision:
            self._revision, self._failed = revision, 0
        self._failed += 1
        return 0.5 * self._failed if self._failed < self.tries else None


class NotOneLine(Exception):
    """Two migrations follow the same one, or one follows none: a mistake in a merge."""


class DatabaseAhead(Exception):
    """The database is at the revision of a later release, which this code does not know."""


def upgrade(url: str, *, contract: bool = True) -> None:
    """Apply the migrations. Blocks, and can't run inside an event loop.

    Without `contract`, what the previous release needs stays, for that release to serve meanwhile
    and to come back. An empty database gets all: no release served on it.

    Raises DatabaseAhead if a later release has migrated the database.
    """
    from alembic import command
    from alembic.util import CommandError

    target = "head" if contract or asyncio.run(_is_empty(url)) else needed()
    try:
        command.upgrade(alembic_config(url), target)
    except CommandError as error:
        # Alembic has one class for all errors. Only its text shows this error.
        if "Can't locate revision" not in str(error):
            raise
        raise DatabaseAhead(
            "The database has migrations of a later release, or of a state between two releases."
        ) from None


async def _is_empty(url: str) -> bool:
    connection = await asyncpg.connect(**asyncpg_arguments(url), timeout=CONNECT_SECONDS)
    try:
        return await connection.fetchval("SELECT to_regclass('alembic_version')") is None
    finally:
        await connection.close()


@cache
def newest_first() -> tuple[Revision, ...]:
    """All revisions of this code, in the order of Alembic's own walk.

    Raises NotOneLine if they have more than one end.
    """
    revisions = [_read(file) for file in (ROOT / "migrations" / "versions").glob("*.py")]
    after = {each.down_revision: each for each in revisions}
    line: list[Revision] = []
    at: str | None = None
    while (following := after.pop(at, None)) is not None:
        line.append(following)
        at = following.revision
    if len(line) != len(revisions):
        rest = sorted({each.revision for each in revisions} - {each.revision for each in line})
        raise NotOneLine(f"the migrations are not one line: see {', '.join(rest)}.")
    return tuple(reversed(line))


def _read(file: Path) -> Revision:
    """Read the constants at the top of a migration, without running it."""
    values: dict[str, object] = {}
    for node in ast.parse(file.read_text(encoding="utf-8")).body:
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Constant(value=value)):
                values[name] = value
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.Constant(value=value)):
                values[name] = value
    revision, down = values["revision"], values["down_revision"]
    if not isinstance(revision, str) or not (down is None or isinstance(down, str)):
        raise TypeError(f"{file.name}: `revision` and `down_revision` must be plain strings.")
    return Revision(revision, down, contracts=bool(values.get("contracts", False)))


def head() -> str:
    return newest_first()[0].revision


@cache
def needed() -> str:
    """The newest revision that this code needs.

    Those after it only remove what the previous release needs. Each says so: `contracts = True`.
    """
    return next(each.revision for each in newest_first() if not each.contracts)


@cache
def _older() -> frozenset[str]:
    """The revisions of this code before the newest one that it needs."""
    revisions = [each.revision for each in newest_first()]
    return frozenset(revisions[revisions.index(needed()) + 1 :])


def is_known(revision: str | None) -> bool:
    """Whether this code has this migration, so that it can migrate the database."""
    return revision in {each.revision for each in newest_first()}


def is_enough(revision: str | None) -> bool:
    """Whether this code can serve on a database at this revision, which it must know."""
    return revision not in _older()


async def current_revision(db: Database) -> str | None:
    """The revision that a database is at. None for one without any."""
    current: str | None = await db.first(text("SELECT version_num FROM alembic_version"))
    return current


def has_all_needed(revision: str | None) -> bool:
    """Whether a database at this revision has all migrations that this code needs.

    A revision that this code does not know is of a later release. Migrations only expand, so this
    code still works with it: after a failed deploy, this code has to serve.
    """
    return revision is not None and revision not in _older()


def lacks_contracts(revision: str | None) -> bool:
    """Whether the previous release can still serve on a database at this revision."""
    return revision != head() and is_known(revision)
