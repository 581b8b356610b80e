"""The two releases of a rehearsal, each with a program of its own."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from app.core import migrations
from bench.checkout import checkout
from tests.support.server import LINKY
from tools import releases
from tools.releases import Release

PREFIX = "/api/v1"
TREE = "tree"
"""The name of what is in this checkout."""

BEFORE_BACK: dict[str, tuple[str, ...]] = {"0.1.0": ("fill-notification-flags",)}
"""Commands of the release after, which make its data right for who goes back to this one
(docs/operations.md).
"""

NOT_READ: dict[str, tuple[str, ...]] = {"0.1.0": ("/admin/audit-log",)}
"""What a release does not answer where a later one has written (docs/operations.md). Nothing is
added here: since 0.2.0 each release shows what it has no name for.
"""


class CanNotRehearse(Exception):
    """The arguments name no upgrade. The message says which there are."""


@dataclass(frozen=True, slots=True)
class Version:
    """A release, or the tree. Its program runs in an environment of its own."""

    name: str
    program: str
    document: dict[str, Any]
    revision: str
    """The newest migration that it has."""

    @property
    def types_of_notifications(self) -> frozenset[str]:
        """Those that it knows."""
        schema = self.document["components"]["schemas"]["NotificationType"]
        return frozenset(schema.get("enum") or schema["x-extensible-enum"])

    def operations(self, path: str) -> Mapping[str, Any]:
        """Of a path below the prefix of the API, by method."""
        found: Mapping[str, Any] = self.document["paths"].get(f"{PREFIX}{path}", {})
        return found

    @property
    def reads(self) -> list[str]:
        """The paths of its lists and things, below the prefix of the API."""
        paths = self.document["paths"].items()
        reads = [path.removeprefix(PREFIX) for path, of in paths if "get" in of]
        return [path for path in reads if path not in NOT_READ.get(self.name, ())]


def chosen(before: str, after: str, known: Sequence[Release]) -> tuple[Release, Release | None]:
    """The releases of these names; None for the tree. Raises CanNotRehearse."""
    by_name = {each.version: each for each in known}
    for name in (before, after):
        if name not in by_name and name != TREE:
            listed = ", ".join(by_name)
            raise CanNotRehearse(f"releases.toml has no release {name!r}, but {listed}")
    if before == TREE:
        raise CanNotRehearse("FROM must be a release: what is in the tree is newer than all")
    order = list(by_name)
    if after != TREE and order.index(after) <= order.index(before):
        raise CanNotRehearse(f"{after} is not later than {before}")
    return by_name[before], by_name.get(after)


@contextmanager
def prepared(release: Release | None) -> Iterator[Version]:
    """Its checkout, with its own packages. The tree is ready as it is."""
    if release is None:
        yield Version(
            TREE, LINKY, json.loads(releases.OPENAPI.read_text(encoding="utf-8")), migrations.head()
        )
        return
    with checkout(release.commit) as tree:
        assert tree is not None
        program = str(tree / ".venv" / "bin" / "linky")
        yield Version(release.version, program, release.document(), release.revision)


def versions(before: str, after: str) -> tuple[Release, Release | None]:
    """Raises CanNotRehearse, NoRelease."""
    return chosen(before, after, releases.releases())
