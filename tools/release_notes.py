"""The notes of a release: `python -m tools.release_notes [1.2.3]`, for its page and for reviewers.

They are CHANGELOG.md's section of the version, or the section Unreleased without a version. Then
come the operations that were added or removed since the previous release, and breaking changes.
"""

import json
import re
import sys
from collections.abc import Sequence
from itertools import takewhile
from typing import Any

import typer

from tools.openapi_diff import breaking_changes
from tools.releases import (
    CHANGELOG,
    OPENAPI,
    Break,
    NoRelease,
    Release,
    allowed_breaks,
    releases,
)

METHODS = ("get", "put", "post", "delete", "patch")


class NotesMissing(Exception):
    """The changelog has no such section. The message names it."""


def section_of(version: str | None) -> str:
    """The changelog's section for a version, without its heading. Raises NotesMissing."""
    name = re.escape(version) if version else "Unreleased"
    text = CHANGELOG.read_text(encoding="utf-8")
    found = re.search(rf"^## \[{name}\][^\n]*\n(.*?)(?=^## \[|\Z)", text, re.MULTILINE | re.DOTALL)
    if found is None or not found[1].strip():
        raise NotesMissing(f"CHANGELOG.md has nothing under [{version or 'Unreleased'}]")
    return found[1].strip()


def operations_of(document: dict[str, Any]) -> set[str]:
    """`GET /api/v1/posts` and so on."""
    return {
        f"{method.upper()} {path}"
        for path, item in document["paths"].items()
        for method in item
        if method in METHODS
    }


def api_changes(
    old: dict[str, Any], new: dict[str, Any], deliberate: Sequence[Break] = ()
) -> list[str]:
    """A line for each new or removed operation, and for each change that breaks clients.

    The deliberate ones of one reason are one line.
    """
    before, now = operations_of(old), operations_of(new)
    breaking = breaking_changes(old, new)
    reasons = {each.reason: sum(each.change in line for line in breaking) for each in deliberate}
    return [
        *[f"- new: `{operation}`" for operation in sorted(now - before)],
        *[f"- removed: `{operation}`" for operation in sorted(before - now)],
        *[f"- on purpose ({places}): {why}" for why, places in reasons.items() if places],
        *[
            f"- **breaks clients**: {line}"
            for line in breaking
            if not any(each.change in line for each in deliberate)
        ],
    ]


def release_before(version: str | None) -> Release | None:
    """None for the first release."""
    older = list(takewhile(lambda each: each.version != version, releases()))
    return older[-1] if older else None


def notes_for(version: str | None) -> str:
    """The whole text in Markdown. Raises NotesMissing for a version without a section."""
    before = release_before(version)
    parts = [section_of(version) if version else _unreleased()]
    if before is not None:
        new = json.loads(OPENAPI.read_text(encoding="utf-8"))
        changes = api_changes(before.document(), new, allowed_breaks(version))
        changes = changes or ["Nothing changed."]
        parts += [f"### API since {before.version}", "\n".join(changes)]
    return "\n\n".join(parts) + "\n"


def _unreleased() -> str:
    """The section of the next release, or a sentence if it is still empty."""
    try:
        return section_of(None)
    except NotesMissing:
        return "Nothing is unreleased."


def main(version: str | None) -> int:
    """Print the notes. Returns the exit status: 1 if there are none."""
    try:
        typer.echo(notes_for(version), nl=False)
    except (NotesMissing, NoRelease) as error:
        typer.echo(str(error), err=True)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else None))
