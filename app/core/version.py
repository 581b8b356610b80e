"""The version of the app, as its package says, or its pyproject.toml in a checkout."""

import tomllib
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path


@cache
def app_version() -> str:
    try:
        return version("linky")
    except PackageNotFoundError:  # A checkout with `pip install -r requirements.txt` only.
        project = Path(__file__).parents[2] / "pyproject.toml"
        return str(tomllib.loads(project.read_text(encoding="utf-8"))["project"]["version"])
