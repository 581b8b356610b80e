"""Installs the packages of a `package-lock.json`. It never hangs: there may be no registry."""

import hashlib
import os
import shutil
from pathlib import Path

from tools import ROOT
from tools.node import Node, NoNode
from tools.programs import TookTooLong, run

SECONDS = 120
OPTIONS = (
    # No package runs code of its own when it is installed.
    *("--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline", "--loglevel=error"),
    *("--fetch-retries=1", "--fetch-timeout=20000"),
    *("--fetch-retry-mintimeout=500", "--fetch-retry-maxtimeout=2000"),
)

OURS = ("EINTEGRITY", "EUSAGE", "EBADENGINE")
"""What npm says of a file with another hash, or of a lock that is not package.json's. This is never
a missing registry."""


class BadInstall(Exception):
    """What the registry sends is not what `package-lock.json` says."""


def install(node: Node, folder: Path, locked: Path) -> Path:
    """Returns the folder of the packages. Does nothing if they are there.

    `locked` is the folder with `package.json` and `package-lock.json`.

    Raises NoNode if no registry answers, BadInstall if it sends something else.
    """
    packages, stamp = folder / "node_modules", folder / "installed"
    digest = hashlib.sha256((locked / "package-lock.json").read_bytes()).hexdigest()
    if stamp.exists() and stamp.read_text(encoding="utf-8") == digest:
        return packages
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copy(locked / name, folder)
    _npm_ci(node, folder)
    stamp.write_text(digest, encoding="utf-8")
    return packages


def _npm_ci(node: Node, folder: Path) -> None:
    try:
        done = run(*node.npm, "ci", *OPTIONS, seconds=SECONDS, folder=folder, env=npm_cache())
    except TookTooLong as error:
        raise NoNode(str(error)) from None
    if any(code in done.errors for code in OURS):
        raise BadInstall(done.errors.strip()[-2000:])
    if done.status != 0:
        raise NoNode(_reason(done.errors or done.output))


def npm_cache() -> dict[str, str]:
    """Where npm keeps its downloads, if it can't write into the home folder."""
    if os.access(os.environ.get("HOME", "/nonexistent"), os.W_OK):
        return {}
    return {"npm_config_cache": str(ROOT / ".tools" / "npm")}


def _reason(errors: str) -> str:
    """npm's first complaint, without its prefix and advice."""
    lines = [line.removeprefix("npm error ").strip() for line in errors.splitlines()]
    said = [line for line in lines if line and not line.startswith(("code ", "syscall ", "errno "))]
    return f"npm says: {said[0]}" if said else "npm failed without a word"
