"""Keeps which fields older servers send: `python -m tools.client.older [REVISION]`.

A client of this release works with a server of the release before. What that one does not send is
optional in the models of the clients. The release before is the last of `releases.toml`: run this
after each release. A revision is for trying.
"""

import json
import sys
from collections.abc import Sequence
from typing import Any

import typer

from tools import output_of, releases
from tools.client.written import OLDER


def older_server(arguments: Sequence[str]) -> tuple[str, dict[str, Any]]:
    """Its commit and document. Raises NoRelease, CommandFailed."""
    if arguments:
        commit = output_of("git", "rev-parse", arguments[0]).strip()
        return commit, json.loads(output_of("git", "show", f"{commit}:openapi.json"))
    last = releases.last_release()
    return last.commit, last.document()


def fields_of(document: dict[str, Any]) -> dict[str, list[str]]:
    """Of each schema, in the order of their names."""
    return {
        name: sorted(schema["properties"])
        for name, schema in sorted(document["components"]["schemas"].items())
        if "properties" in schema
    }


def main(arguments: Sequence[str]) -> int:
    try:
        commit, document = older_server(arguments)
    except releases.NoRelease as error:
        typer.echo(f"FAILED: {error}", err=True)
        return 1
    lines = ",\n".join(
        f"  {json.dumps(name)}: {json.dumps(of)}" for name, of in fields_of(document).items()
    )
    OLDER.write_text(f'{{"commit": "{commit}", "fields": {{\n{lines}\n}}}}\n', encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
