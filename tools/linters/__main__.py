"""Prints what the linters find in openapi.json: `python -m tools.linters`."""

import hashlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import typer

from tools import ROOT
from tools.linters.findings import (
    Finding,
    NotLinted,
    by_redocly,
    by_spectral,
    complaints,
    exceptions,
)
from tools.linters.install import HERE, BadInstall, install
from tools.linters.node import NoLinters, find_node
from tools.linters.programs import TookTooLong

OPENAPI = ROOT / "openapi.json"
KEPT = ROOT / ".tools" / "linted"
"""The digest of the document and of this folder when all was well: then there is nothing to do."""

ADVICE = "Without an npm registry they can't run; `make check LINTERS=optional` leaves them out."


def main() -> int:
    """Exit with 1 if a linter complains, or can't be installed and is not optional."""
    digest = digest_of(OPENAPI)
    if KEPT.exists() and KEPT.read_text(encoding="utf-8") == digest:
        typer.echo("ok      linters of openapi.json (as before)")
        return 0
    try:
        found = list(complaints(findings(), exceptions()))
    except NoLinters as error:
        return without_linters(str(error))
    except (BadInstall, NotLinted, TookTooLong) as error:
        typer.echo(f"FAILED  linters of openapi.json: {error}")
        return 1
    if found:
        typer.echo("\n".join(["FAILED  linters of openapi.json:", *found]))
        return 1
    typer.echo("ok      linters of openapi.json")
    KEPT.write_text(digest, encoding="utf-8")
    return 0


def findings() -> Iterator[Finding]:
    node = find_node()
    packages = install(node)
    yield from by_redocly(node, packages, OPENAPI)
    yield from by_spectral(node, packages, OPENAPI)


def without_linters(reason: str) -> int:
    """Say that the linters are missing. That is a failure, unless they are optional."""
    if os.environ.get("LINTERS") == "optional":
        typer.echo(f"Skipped: redocly and spectral did NOT read openapi.json. {reason}")
        return 0
    typer.echo(f"FAILED  redocly and spectral can't be installed. {reason}\n{ADVICE}")
    return 1


def digest_of(document: Path) -> str:
    """What the result depends on: the document, and every file of this folder."""
    files = sorted(path for path in HERE.iterdir() if path.is_file())
    content = b"".join(path.read_bytes() for path in (document, *files))
    return hashlib.sha256(content).hexdigest()


if __name__ == "__main__":
    sys.exit(main())
