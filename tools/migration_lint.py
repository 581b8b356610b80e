"""Whether migrations may run while Linky is in use: squawk on the SQL that Alembic would send.

Linted are the revisions that the last release had not. Before the first release nobody's tables
have rows: then all revisions are linted, by the rules that have nothing to do with that.

A revision that has its reasons says so itself: `squawk_ignores = {"rule": "why it does no harm"}`.
"""

import io
import json
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.script import Script, ScriptDirectory

from app.core import migrations
from tools import output_of

SQUAWK = Path(sys.executable).parent / "squawk"
VERSIONS = "migrations/versions"

NOT_OURS = {
    "require-lock-timeout": "migrations/env.py sets it for the whole connection, and tries again",
    "require-statement-timeout": "CREATE INDEX CONCURRENTLY takes as long as it takes",
    "prefer-bigint-over-int": "heights, lengths and counts of people have bounds of their own",
    "prefer-bigint-over-smallint": "so have the weights of reports",
    "prefer-text-field": "alembic_version is Alembic's",
}
"""Rules that never say anything to us."""

ONLY_IN_USE = {
    "adding-field-with-default",
    "adding-foreign-key-constraint",
    "adding-not-nullable-field",
    "ban-drop-column",
    "ban-drop-constraint",
    "ban-drop-not-null",
    "ban-drop-table",
    "changing-column-type",
    "constraint-missing-not-valid",
    "disallowed-unique-constraint",
    "prefer-identity",
    "prefer-robust-stmts",
    "renaming-column",
    "renaming-table",
    "require-concurrent-index-creation",
    "require-concurrent-index-deletion",
}
"""Rules on what holds up, or breaks, the release before on tables that have rows."""


@dataclass(frozen=True, slots=True)
class Migration:
    """A revision's SQL, and the rules that it breaks with a reason."""

    name: str
    sql: str
    ignores: Mapping[str, str]


def last_release() -> str | None:
    """The tag of the last release; None before the first."""
    tags = output_of("git", "tag", "--list", "v*", "--sort=-version:refname", "--merged").split()
    return tags[0] if tags else None


def new_since(tag: str | None, config: Config) -> list[Migration]:
    """The migrations that the release had not, the oldest first; all of them without one."""
    released: set[str] = set()
    if tag is not None:
        listed = output_of("git", "ls-tree", "--name-only", tag, f"{VERSIONS}/").split()
        released = {Path(name).name for name in listed}
    scripts = reversed(list(ScriptDirectory.from_config(config).walk_revisions()))
    return [_read(one, config) for one in scripts if Path(one.path).name not in released]


def _read(script: Script, config: Config) -> Migration:
    buffer = io.StringIO()
    config.output_buffer = buffer
    begin = script.down_revision or "base"
    command.upgrade(config, f"{begin}:{script.revision}", sql=True)
    ignores = getattr(script.module, "squawk_ignores", {})
    return Migration(Path(script.path).stem, buffer.getvalue(), ignores)


def complaints(linted: Iterable[Migration], *, in_use: bool) -> list[str]:
    """What squawk has against them, a line for each, with the statement that is meant."""
    found = []
    for one in linted:
        left_out = {*NOT_OURS, *one.ignores, *(() if in_use else ONLY_IN_USE)}
        for said in _squawk(one.sql):
            if said["rule_name"] not in left_out:
                statement = one.sql.splitlines()[said["line"]][:80]
                found.append(f"{one.name}: {said['rule_name']}: {said['message']} ({statement})")
    return found


def _squawk(sql: str) -> list[dict[str, Any]]:
    done = subprocess.run(  # noqa: S603 - a tool of the project's own environment.
        [SQUAWK, "--pg-version=18", "--reporter=json"],
        input=sql, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode not in (0, 1):
        raise RuntimeError(f"squawk failed: {done.stderr.strip()}")
    said: list[dict[str, Any]] = json.loads(done.stdout or "[]")
    return said


def found_wrong() -> list[str]:
    """What is wrong with the migrations that the next release brings."""
    tag = last_release()
    return complaints(new_since(tag, migrations.alembic_config()), in_use=tag is not None)
