"""What the benchmarks write into docs/performance.md: figures between marks, and the machine."""

import os
import platform
import re
import subprocess
from collections.abc import Iterable
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / ".bench"
"""Holds the databases, which later runs use again. Remove it to get the space back."""

DOCUMENT = ROOT / "docs" / "performance.md"
LIBRARIES = ("fastapi", "uvicorn", "sqlalchemy", "asyncpg", "orjson", "pydantic")


def write_figures(name: str, lines: Iterable[str]) -> None:
    """Replace the figures of this name in docs/performance.md."""
    text = DOCUMENT.read_text(encoding="utf-8")
    DOCUMENT.write_text(with_figures(text, name, lines), encoding="utf-8")


def with_figures(text: str, name: str, lines: Iterable[str]) -> str:
    begin, end = marks(name)
    before, has_begin, rest = text.partition(begin)
    _, has_end, after = rest.partition(end)
    if not has_begin or not has_end:
        raise ValueError(f"docs/performance.md has no {begin} or no {end}")
    figures = "\n".join(lines)
    return f"{before}{begin}\n\n{figures}\n{end}{after}"


def marks(name: str) -> tuple[str, str]:
    return f"<!-- figures: {name} -->", f"<!-- end of figures: {name} -->"


def commit() -> str:
    return git("describe", "--always", "--dirty")


def git(*command: str) -> str:
    return subprocess.check_output(["git", *command], cwd=ROOT, text=True).strip()


def machine(postgresql: str, load: float) -> str:
    """What was measured on. `load` is how many processes wanted a core when the run began."""
    libraries = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    return (
        f"{_processor()}, {os.cpu_count()} cores, load {load:.1f} before;"
        f" {platform.system()} {platform.release()}; Python {platform.python_version()};"
        f" PostgreSQL {postgresql}; {libraries}"
    )


def _processor() -> str:
    try:
        found = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text())
    except OSError:
        found = None
    return found[1] if found else platform.machine()
