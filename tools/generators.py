"""Generates clients from openapi.json and parses them: `python -m tools.generators`.

A generator accepts nearly any document, and writes code that does not compile for some. No Dart or
Kotlin compiler is needed to see that: tree-sitter's grammars find what is not code. The other
things that went wrong before are looked for in the code. The packages are in the dependency group
`clients`, which has a Java of its own, so `make generators` runs this in an environment of its own.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import tree_sitter
import tree_sitter_dart
import tree_sitter_kotlin

from tools import ROOT

OPENAPI = ROOT / "openapi.json"
GENERATORS = {
    "dart-dio": (tree_sitter_dart, ".dart"),
    "dart": (tree_sitter_dart, ".dart"),
    "kotlin": (tree_sitter_kotlin, ".kt"),
}
SECONDS = 300
FEWEST_FILES = 80

EMPTY_BY_DEFAULT = re.compile(r"\b(\w+) = (?:const (?:\[\]|\{\})|(?:List|Set)Builder\(|emptyList)")
"""A list that is sent although the app did not set it."""


def main() -> int:
    """Print a line for each generator; exit with 1 if one complains."""
    document = json.loads(OPENAPI.read_text(encoding="utf-8"))
    with (
        tempfile.TemporaryDirectory(prefix="linky-clients-") as folder,
        ThreadPoolExecutor(2) as threads,  # More would only wait for the same cores.
    ):
        found = list(threads.map(lambda name: check(name, Path(folder), document), GENERATORS))
    for name, complaints in zip(GENERATORS, found, strict=True):
        tell(f"FAILED  {name}: " + "\n".join(complaints) if complaints else f"ok      {name}")
    return 1 if any(found) else 0


def tell(line: str) -> None:
    """Print a line. The environment of this check has no typer."""
    sys.stdout.write(line + "\n")


def check(name: str, folder: Path, document: Any) -> list[str]:
    """The complaints about the client that a generator makes."""
    output = folder / name
    command = (Path(sys.executable).parent / "openapi-generator-cli", "generate", "-q")
    options = ("-i", str(OPENAPI), "-g", name, "-o", str(output))
    # Two generators run at a time, on machines with two cores.
    env = {**os.environ, "JAVA_TOOL_OPTIONS": "-XX:TieredStopAtLevel=1 -Xmx768m"}
    done = subprocess.run(  # noqa: S603 - the command is written out above.
        (*command, *options), env=env, capture_output=True, text=True, check=False, timeout=SECONDS
    )
    if done.returncode != 0:
        return [(done.stderr or done.stdout).strip()[-2000:]]
    module, ending = GENERATORS[name]
    files = [path for path in output.rglob(f"*{ending}") if "test" not in path.parts]
    if len(files) < FEWEST_FILES:
        return [f"only {len(files)} files"]
    parser = tree_sitter.Parser(tree_sitter.Language(module.language()))
    lists = optional_lists(document)
    return [each for path in sorted(files) for each in complaints_of(path, parser, lists)]


def complaints_of(
    path: Path, parser: tree_sitter.Parser, lists: dict[str, set[str]]
) -> Iterator[str]:
    text = path.read_text(encoding="utf-8")
    root = parser.parse(text.encode()).root_node
    if root.has_error:
        line = error_in(root).start_point.row
        yield f"{path.name}:{line + 1}: no code: {text.splitlines()[line].strip()[:100]}"
    fields = lists.get(path.stem.replace("_", "").lower(), set())
    for match in EMPTY_BY_DEFAULT.finditer(text):
        if match.group(1) in fields:
            yield f"{path.name}: {match.group(1)} is sent empty if the app does not set it"


def error_in(node: tree_sitter.Node) -> tree_sitter.Node:
    """The first thing in a tree that the grammar does not know."""
    for child in node.children:
        if child.has_error or child.is_missing or child.is_error:
            return error_in(child)
    return node


def optional_lists(document: Any) -> dict[str, set[str]]:
    """The lists that a request may leave out, as Dart spells them, by the model in lower case."""
    found = {}
    schemas = document["components"]["schemas"]
    for name, schema in schemas.items():
        if schema.get("additionalProperties") is False:
            optional = set(schema["properties"]) - set(schema.get("required", ()))
            lists = {field for field in optional if is_list(schema["properties"][field], schemas)}
            found[name.lower()] = {re.sub("_(.)", lambda m: m[1].upper(), field) for field in lists}
    assert any(found.values()), "no request has such a list"
    return found


def is_list(schema: Any, schemas: Any) -> bool:
    named = [schemas[part["$ref"].rpartition("/")[2]] for part in schema.get("allOf", ())]
    return any("array" in part.get("type", "") for part in (schema, *named))


if __name__ == "__main__":
    sys.exit(main())
