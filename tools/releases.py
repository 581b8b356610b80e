"""The releases: `releases.toml`, and the document of each in `releases/`.

Gates compare with the last one. They need no tag and no history, which a shallow clone lacks.
`python -m tools.releases 0.2.0` (`make release VERSION=0.2.0`) records the commit that was tested;
with `--recorded` it prints what the last commit recorded, for the workflow that publishes it.
"""

import datetime
import json
import re
import sys
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import typer

from app.core import migrations
from tools import ROOT, CommandFailed, output_of

RECORD = ROOT / "releases.toml"
FOLDER = ROOT / "releases"
BREAKS = FOLDER / "breaks.toml"
OPENAPI = ROOT / "openapi.json"
CHANGELOG = ROOT / "CHANGELOG.md"
PROJECT = ROOT / "pyproject.toml"

_VERSION = re.compile(r"\d+\.\d+\.\d+")


class NoRelease(Exception):
    """A release is missing, or can't be recorded. The message says what to do."""


@dataclass(frozen=True, slots=True)
class Release:
    version: str
    date: datetime.date
    revision: str
    """The newest migration that it has."""
    commit: str
    """What was tested: the parent of the commit that records it."""

    def document(self) -> dict[str, Any]:
        """Its openapi.json. Raises NoRelease."""
        path = FOLDER / self.version / "openapi.json"
        try:
            document: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            raise NoRelease(f"{path.relative_to(ROOT)} is missing") from None
        return document


@dataclass(slots=True)
class Break:
    """A part of what a line of `openapi_diff` says, and why that may be."""

    change: str
    reason: str


def releases() -> list[Release]:
    """The oldest first. Raises NoRelease if there is none: no gate may compare with nothing."""
    if not (listed := _recorded()):
        raise NoRelease(f"{RECORD.name} names no release, so there is nothing to compare with")
    return listed


def _recorded() -> list[Release]:
    listed = tomllib.loads(RECORD.read_text(encoding="utf-8")).get("release", [])
    return [Release(**each) for each in listed]


def last_release() -> Release:
    """Raises NoRelease."""
    return releases()[-1]


def allowed_breaks(version: str | None = None) -> list[Break]:
    """Those of a release that is recorded, or of the one that comes next."""
    path = FOLDER / version / BREAKS.name if version else BREAKS
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    return [Break(**each) for each in tomllib.loads(text).get("break", [])]


def released_revisions() -> frozenset[str]:
    """The migrations that the last release has. Raises NoRelease."""
    line = [each.revision for each in migrations.newest_first()]
    revision = last_release().revision
    if revision not in line:
        raise NoRelease(f"{RECORD.name} names the migration {revision}, which is not there")
    return frozenset(line[line.index(revision) :])


def not_allowed(changes: Sequence[str], allowed: Sequence[Break]) -> list[str]:
    """The changes that no break allows, and the breaks that allow nothing any more."""
    left = [line for line in changes if not any(each.change in line for each in allowed)]
    stale = [each for each in allowed if not any(each.change in line for line in changes)]
    return left + [f"{BREAKS.name} allows what is not there: {each.change}" for each in stale]


def record(version: str, today: datetime.date) -> Release:
    """Write the record of the last commit as a release. Raises NoRelease, CommandFailed."""
    _ensure_ready(version, today)
    release = Release(
        version, today, migrations.head(), output_of("git", "rev-parse", "HEAD").strip()
    )
    with RECORD.open("a", encoding="utf-8") as file:
        file.write(
            f'\n[[release]]\nversion = "{release.version}"\ndate = {release.date}\n'
            f'revision = "{release.revision}"\ncommit = "{release.commit}"\n'
        )
    folder = FOLDER / version
    folder.mkdir()
    document = json.loads(OPENAPI.read_text(encoding="utf-8"))
    compact = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    (folder / "openapi.json").write_text(compact + "\n", encoding="utf-8")
    breaks = BREAKS.read_text(encoding="utf-8")
    head, found, _ = breaks.partition("\n[[break]]")
    if found:
        (folder / BREAKS.name).write_text(breaks, encoding="utf-8")
    BREAKS.write_text(head.rstrip("\n") + "\n", encoding="utf-8")
    return release


def _ensure_ready(version: str, today: datetime.date) -> None:
    if _VERSION.fullmatch(version) is None:
        raise NoRelease(f"{version} is no version such as 1.2.3")
    if output_of("git", "status", "--porcelain").strip():
        raise NoRelease("there are changes that are not committed: what is recorded is a commit")
    project = tomllib.loads(PROJECT.read_text(encoding="utf-8"))["project"]["version"]
    if project != version:
        raise NoRelease(f"pyproject.toml has the version {project}")
    changes = CHANGELOG.read_text(encoding="utf-8")
    if f"\n## [{version}] - {today}\n" not in changes:
        raise NoRelease(f"CHANGELOG.md has no section `## [{version}] - {today}`")
    if version in {each.version for each in _recorded()}:
        raise NoRelease(f"{version} is recorded already")


def recorded_now() -> Release:
    """The release that the last commit records. Raises NoRelease, CommandFailed."""
    release, parent = last_release(), output_of("git", "rev-parse", "HEAD^").strip()
    if release.commit != parent:
        raise NoRelease(f"the last commit does not record {release.version}")
    return release


def main(arguments: Sequence[str]) -> int:
    try:
        match arguments:
            case ["--recorded"]:
                release = recorded_now()
                typer.echo(f"version={release.version}\ncommit={release.commit}")
            case [version]:
                release = record(version, datetime.datetime.now(datetime.UTC).date())
                typer.echo(
                    f"{version} is {release.commit[:10]}. Commit {RECORD.name} and releases/"
                )
            case _:
                raise NoRelease("usage: make release VERSION=1.2.3")
    except (NoRelease, CommandFailed) as error:
        typer.echo(f"FAILED: {error}", err=True)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
