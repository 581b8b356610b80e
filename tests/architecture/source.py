"""Our Python source. That of `app` and `linky_dev` is parsed once a process."""

import ast
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
APP = ROOT / "app"
LINKY_DEV = ROOT / "linky_dev"

CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"][
    "contracts"
]

FEATURES = {
    container.removeprefix("app.")
    for contract in CONTRACTS
    if contract["name"].startswith("Inside a feature")
    for container in contract["containers"]
}
"""The packages of the app that are features, as the import contract lists them."""


@cache
def trees() -> Mapping[Path, ast.Module]:
    """The tree of each file."""
    return {
        path: ast.parse(path.read_text(encoding="utf-8"))
        for folder in (APP, LINKY_DEV)
        for path in sorted(folder.rglob("*.py"))
    }


@cache
def nodes() -> tuple[tuple[str, ast.AST], ...]:
    """Every node of our code, after the path of its file from the root of the project."""
    names = {path: str(path.relative_to(ROOT)) for path in trees()}
    return tuple((names[path], node) for path, tree in trees().items() for node in ast.walk(tree))


@cache
def calls() -> tuple[tuple[str, ast.Call], ...]:
    """Every call among them."""
    return tuple((path, node) for path, node in nodes() if isinstance(node, ast.Call))
