"""Every file of the clients that is written from the document."""

import json
from pathlib import Path

from tools import ROOT
from tools.client import dart, python
from tools.client.model import read

DART = ROOT / "clients" / "dart" / "linky" / "lib" / "src" / "generated"
DART_TESTS = ROOT / "clients" / "dart" / "linky" / "test" / "generated"
OLDER = ROOT / "tools" / "client" / "older_server.json"
"""The fields of the release before: `python -m tools.client.older REVISION` writes it."""

PYTHON = ROOT / "clients" / "python" / "src" / "linky_client"


def rendered() -> dict[Path, str]:
    document = json.loads((ROOT / "openapi.json").read_text(encoding="utf-8"))
    api = read(document, json.loads(OLDER.read_text(encoding="utf-8"))["fields"])
    files = {PYTHON / name: text for name, text in python.modules(api).items()}
    files |= {DART / name: text for name, text in dart.modules(api).items()}
    return files | {DART_TESTS / "things.dart": dart.things(document)}


def outdated() -> list[Path]:
    return [
        path
        for path, text in rendered().items()
        if not path.exists() or path.read_text(encoding="utf-8") != text
    ]
