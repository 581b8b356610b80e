"""Keeps which fields the servers of a revision send: `python -m tools.client.older REVISION`.

A client of this release works with a server of the release before. What that one does not send is
optional in the models of the clients.
"""

import json
import sys

from tools import output_of
from tools.client.written import OLDER


def main(revision: str) -> None:
    commit = output_of("git", "rev-parse", revision).strip()
    document = json.loads(output_of("git", "show", f"{commit}:openapi.json"))
    fields = {
        name: sorted(schema["properties"])
        for name, schema in sorted(document["components"]["schemas"].items())
        if "properties" in schema
    }
    lines = ",\n".join(f"  {json.dumps(name)}: {json.dumps(of)}" for name, of in fields.items())
    text = f'{{"commit": "{commit}", "fields": {{\n{lines}\n}}}}\n'
    OLDER.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1])
