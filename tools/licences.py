"""Writes `docs/licences.md`: each package of `uv.lock` with its licence, which must be allowed."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.metadata import distributions

from tools import ROOT, output_of
from tools.requirements import UV

LICENCES = ROOT / "docs" / "licences.md"
RULES = ROOT / "tools" / "licences.toml"
LOCK = ROOT / "uv.lock"

ON_SERVER = ("--frozen", "--no-default-groups", "--group=embedded", "--extra=otel")
"""What server and image install; the group `embedded` is in the image, for pg_dump."""

HEADER = """\
# Licences

The packages of `uv.lock`, made by `make licences`. `make check` refuses a package whose licence
is not among those that `tools/licences.toml` allows. Linky itself is under the MIT licence.

| package | licence | used |
| --- | --- | --- |
"""

_OPERATORS = {"AND", "OR", "WITH"}


@dataclass(frozen=True)
class Rules:
    """The content of `tools/licences.toml`."""

    allowed: frozenset[str]
    spellings: Mapping[str, str]
    read: Mapping[str, str]
    exceptions: Mapping[str, str]


@cache
def rules() -> Rules:
    found = tomllib.loads(RULES.read_text(encoding="utf-8"))
    return Rules(
        frozenset(found["allowed"]), found["spellings"], found["read"], found["exceptions"]
    )


def normal(name: str) -> str:
    """A package's name as `uv.lock` writes it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def locked() -> list[str]:
    """The packages of `uv.lock`, without Linky itself."""
    packages = tomllib.loads(LOCK.read_text(encoding="utf-8"))["package"]
    return sorted({str(package["name"]) for package in packages} - {"linky"})


def declared() -> dict[str, str]:
    """What the installed packages say of themselves, in SPDX's words where we know them."""
    known = rules().spellings
    found = {}
    for distribution in distributions():
        metadata = distribution.metadata
        # Some put the whole text of the licence there; its first line is the title.
        raw = metadata.get("License-Expression") or metadata.get("License") or ""
        raw = raw.partition("\n")[0].strip()
        found[normal(distribution.name)] = known.get(raw, raw)
    return found


def licences() -> dict[str, str]:
    """Each locked package's licence; empty where it is unknown."""
    said = declared()
    return {name: rules().read.get(name) or said.get(name, "") for name in locked()}


def complaints(found: Mapping[str, str], by: Rules) -> Iterator[str]:
    """Packages without a licence, or with one that is not allowed, and rules of no use."""
    for name, expression in sorted(found.items()):
        named = set(re.findall(r"[\w.+-]+", expression)) - _OPERATORS
        if not named:
            yield f"{name} has no licence; read its files, then add it to {RULES.name} (read)"
        elif (refused := named - by.allowed) and name not in by.exceptions:
            yield f"{name} has a licence that is not allowed: {', '.join(sorted(refused))}"
    for name in sorted({*by.read, *by.exceptions} - found.keys()):
        yield f"{RULES.name} names {name}, which is not in uv.lock"


def rendered() -> str:
    exported = output_of(UV, "export", "--quiet", *ON_SERVER, "--no-hashes", "--no-emit-project")
    on_server = set(re.findall(r"^([a-z0-9][a-z0-9-]*)==", exported, re.MULTILINE))
    rows = [
        f"| {name} | {licence} | {'server' if name in on_server else 'development'} |\n"
        for name, licence in licences().items()
    ]
    why = [f"- **{name}**: {reason}.\n" for name, reason in sorted(rules().exceptions.items())]
    return HEADER + "".join(rows) + "\n## Exceptions\n\n" + "".join(why)


if __name__ == "__main__":
    LICENCES.write_text(rendered(), encoding="utf-8")
