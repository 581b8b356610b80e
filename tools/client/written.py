"""Every file of the clients that is written from the document."""

import json
from pathlib import Path

from tools import ROOT
from tools.client import dart, python
from tools.client.model import read

DART = ROOT / "clients" / "dart" / "linky" / "lib" / "src" / "generated"
PYTHON = ROOT / "clients" / "python" / "src" / "linky_client"


def rendered() -> dict[Path, str]:
    api = read(json.loads((ROOT / "openapi.json").read_text(encoding="utf-8")))
    files = {PYTHON / name: text for name, text in python.modules(api, PYTHON).items()}
    return files | {DART / name: text for name, text in dart.modules(api).items()}


def outdated() -> list[Path]:
    return [
        path
        for path, text in rendered().items()
        if not path.exists() or path.read_text(encoding="utf-8") != text
    ]
