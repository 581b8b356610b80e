"""Every file of the clients that is written from the document."""

import json
from collections.abc import Collection
from pathlib import Path
from typing import Any

from tools import ROOT, releases
from tools.client import dart, python
from tools.client.model import read

DART = ROOT / "clients" / "dart" / "linky" / "lib" / "src" / "generated"
DART_TESTS = ROOT / "clients" / "dart" / "linky" / "test" / "generated"
PYTHON = ROOT / "clients" / "python" / "src" / "linky_client"


def rendered() -> dict[Path, str]:
    """Raises NoRelease: a client works with a server of the last release, too."""
    document = json.loads((ROOT / "openapi.json").read_text(encoding="utf-8"))
    api = read(document, fields_of(releases.last_release().document()))
    files = {PYTHON / name: text for name, text in python.modules(api).items()}
    files |= {DART / name: text for name, text in dart.modules(api).items()}
    return files | {DART_TESTS / "things.dart": dart.things(document)}


def fields_of(document: dict[str, Any]) -> dict[str, Collection[str]]:
    """The fields of each schema: what a server of the previous release lacks is optional."""
    schemas = document["components"]["schemas"]
    return {name: each["properties"] for name, each in schemas.items() if "properties" in each}


def outdated() -> list[Path]:
    return [
        path
        for path, text in rendered().items()
        if not path.exists() or path.read_text(encoding="utf-8") != text
    ]
