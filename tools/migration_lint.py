"""Checks that migrations can run while Linky is in use: their SQL, with squawk, and their order.

It checks the revisions that are new since the last release.

A revision may allow an exception: `squawk_ignores = {"rule": "why it does no harm"}`.
"""

import io
import json
import subprocess
import sys
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg
from alembic import command
from alembic.config import Config
from alembic.script import Script, ScriptDirectory

from app.core import migrations
from app.core.database import asyncpg_arguments
from app.core.migrations import Revision
from tools import releases

SQUAWK = Path(sys.executable).parent / "squawk"

NOT_OURS = {
    "require-lock-timeout": "migrations/env.py sets it for the connection, and tries again",
    "require-statement-timeout": "CREATE INDEX CONCURRENTLY may take hours",
    "prefer-bigint-over-int": "heights, lengths and counts are limited otherwise",
    "prefer-bigint-over-smallint": "so are the weights of reports",
    "prefer-text-field": "alembic_version is Alembic's",
}
"""Rules that do not apply to us, and why."""


@dataclass(frozen=True, slots=True)
class Migration:
    """A revision's SQL, and the rules that it may break."""

    name: str
    sql: str
    ignores: Mapping[str, str]


def new_since(released: Collection[str], config: Config) -> list[Migration]:
    """The migrations that a release did not have, the oldest first."""
    scripts = reversed(list(ScriptDirectory.from_config(config).walk_revisions()))
    return [_read(script, config) for script in scripts if script.revision not in released]


def _read(script: Script, config: Config) -> Migration:
    buffer = io.StringIO()
    config.output_buffer = buffer
    begin = script.down_revision or "base"
    command.upgrade(config, f"{begin}:{script.revision}", sql=True)
    ignores = getattr(script.module, "squawk_ignores", {})
    return Migration(Path(script.path).stem, buffer.getvalue(), ignores)


def complaints(linted: Iterable[Migration]) -> list[str]:
    """A line for each violation that squawk finds, with its statement."""
    lines = []
    for migration in linted:
        allowed = {*NOT_OURS, *migration.ignores}
        for violation in _squawk(migration.sql):
            rule = violation["rule_name"]
            if rule not in allowed:
                statement = migration.sql.splitlines()[violation["line"]][:80]
                lines.append(f"{migration.name}: {rule}: {violation['message']} ({statement})")
    return lines


def _squawk(sql: str) -> list[dict[str, Any]]:
    done = subprocess.run(  # noqa: S603 - A tool in the project's own environment.
        [SQUAWK, "--pg-version=18", "--reporter=json"],
        input=sql, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode not in (0, 1):
        raise RuntimeError(f"squawk failed: {done.stderr.strip()}")
    violations: list[dict[str, Any]] = json.loads(done.stdout or "[]")
    return violations


def behind_a_contract(newest_first: Iterable[Revision], released: Collection[str]) -> list[str]:
    """A line for each migration that comes after a contract of the next release.

    A deploy runs everything up to the newest migration that is not a contract. It would run that
    contract too, and the previous release could neither serve meanwhile nor come back.
    """
    lines, later = [], list[str]()
    for each in newest_first:
        if not each.contracts:
            later.append(each.revision)
        elif each.revision not in released:
            lines += [f"{name} comes after the contract {each.revision}" for name in later]
    return lines


def find_misplaced() -> list[str]:
    """The migrations that would run a contract of the next release without being asked."""
    return behind_a_contract(migrations.newest_first(), releases.released_revisions())


_THERE = """
    SELECT relname::text FROM pg_class WHERE relnamespace = 'public'::regnamespace
    UNION SELECT attname::text FROM pg_attribute
        JOIN pg_class ON pg_class.oid = attrelid AND relnamespace = 'public'::regnamespace
        WHERE NOT attisdropped
    UNION SELECT proname::text FROM pg_proc WHERE pronamespace = 'public'::regnamespace
    UNION SELECT tgname::text FROM pg_trigger WHERE NOT tgisinternal
"""


def gone_too_early(there: Collection[str], last: str) -> list[str]:
    """What the migrations have removed although the last release still fills it."""
    if _numbers(last) >= _numbers(migrations.KEPT_UNTIL_AFTER):
        return []
    return sorted(migrations.KEPT - set(there))


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))


async def names_in(url: str) -> set[str]:
    """Of the tables, indexes, columns, functions and triggers of a database."""
    connection = await asyncpg.connect(**asyncpg_arguments(url))
    try:
        return {row[0] for row in await connection.fetch(_THERE)}
    finally:
        await connection.close()


def find_violations() -> list[str]:
    return complaints(new_since(releases.released_revisions(), migrations.alembic_config()))
