"""The app's source, parsed once a process."""

import ast
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
APP = ROOT / "app"


@cache
def trees() -> tuple[tuple[str, ast.Module], ...]:
    """The path of each file from the root of the project, and its tree."""
    return tuple(
        (str(path.relative_to(ROOT)), ast.parse(path.read_text(encoding="utf-8")))
        for path in sorted(APP.rglob("*.py"))
    )
