"""What the linters find, less the exceptions."""

import json
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from tools.linters.install import HERE
from tools.linters.node import Node
from tools.linters.programs import run

SECONDS = 300
QUIET = {"REDOCLY_TELEMETRY": "off", "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true", "NO_COLOR": "1"}
"""The linters call no address of their makers'."""

REDOCLY = ("@redocly/cli/bin/cli.js", "lint", "--format=json", "--max-problems=1000")
SPECTRAL = ("@stoplight/spectral-cli/dist/index.js", "lint", "--quiet", "--format=json")


class NotLinted(Exception):
    pass


class Location(NamedTuple):
    """A rule, and where in the document it complains: a JSON pointer."""

    rule: str
    pointer: str


@dataclass(frozen=True)
class Finding:
    place: Location
    message: str

    def __str__(self) -> str:
        return f"{self.place.rule} at {self.place.pointer}: {self.message}"


def exceptions() -> dict[Location, str]:
    """The allowed findings, each with its reason. The rules of an exception belong to one linter
    each.
    """
    listed = tomllib.loads((HERE / "exceptions.toml").read_text(encoding="utf-8"))["exceptions"]
    return {
        Location(rule, pointer): each["reason"]
        for each in listed
        for rule in each["rules"]
        for pointer in each["places"]
    }


def complaints(findings: Iterable[Finding], allowed: Iterable[Location]) -> Iterator[str]:
    """Yields findings that are no exceptions, and exceptions that were not found."""
    found = list(findings)
    excepted = set(allowed)
    yield from (str(each) for each in found if each.place not in excepted)
    for place in sorted(excepted - {each.place for each in found}):
        yield f"{place.rule} at {place.pointer}: not found any more, remove it from exceptions.toml"


def by_redocly(node: Node, packages: Path, document: Path) -> list[Finding]:
    program, *options = REDOCLY
    config = f"--config={HERE / 'redocly.yaml'}"
    problems = _answer(node, packages / program, *options, config, document)["problems"]
    return [
        Finding(
            Location(each["ruleId"], each["location"][0]["pointer"].removeprefix("#")),
            each["message"],
        )
        for each in problems
    ]


def by_spectral(node: Node, packages: Path, document: Path) -> list[Finding]:
    program, *options = SPECTRAL
    config = f"--ruleset={HERE / 'spectral.yaml'}"
    problems = _answer(node, packages / program, *options, config, document)
    return [
        Finding(Location(each["code"], pointer(each["path"])), each["message"]) for each in problems
    ]


def pointer(path: Iterable[str | int]) -> str:
    return "".join("/" + str(key).replace("~", "~0").replace("/", "~1") for key in path)


def _answer(node: Node, *command: str | Path) -> Any:
    """Parses what a linter prints. Its exit status is not zero if it finds something."""
    done = run(node.program, *command, seconds=SECONDS, env=QUIET)
    try:
        return json.loads(done.output)
    except ValueError:
        raise NotLinted((done.errors or done.output).strip()[-2000:]) from None
