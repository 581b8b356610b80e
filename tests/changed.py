"""`make test-changed`: the tests of `make test` that a change may affect.

    python -m tests.changed [REVISION]

prints files and folders for pytest: the tests of each package that differs from REVISION (the last
commit in common with `main`), committed or not, and those that look at all of the app. It prints
nothing, and pytest runs all of them, if something differs on which every test depends.
"""

import re
import subprocess
import sys
from collections.abc import Iterable

from tools import ROOT

WIDE = {"core", "web", "runtime", "user", "support"}
"""Packages of `app` and `tests` that every test uses."""

APP_OR_TESTS = re.compile(r"(?:app|tests)/(\w+)/")
IGNORED = re.compile(r"docs/|clients/|deploy/|bench/|tools/|\.github/|[^/]+\.md$")
"""What no test of level 1 depends on, but for its documents in `tests/architecture`."""

ALWAYS = ("tests/architecture", "tests/matrix", "tests/test_visibility.py",
          "tests/test_statements.py", "tests/test_list_plans.py")  # fmt: skip


def chosen_tests(files: Iterable[str]) -> list[str]:
    """The arguments of pytest for these changed files; none for all of level 1."""
    chosen = set(ALWAYS)
    for file in files:
        if IGNORED.match(file):
            continue
        package = APP_OR_TESTS.match(file)
        if package is None and re.fullmatch(r"tests/test_\w+\.py", file):
            chosen.add(file)
        elif package is None or package[1] in WIDE or file.endswith("conftest.py"):
            return []
        else:
            chosen.add(f"tests/{package[1]}")
    return sorted(path for path in chosen if (ROOT / path).exists())


def changed_files(since: str | None) -> list[str]:
    base = since or _git("merge-base", "HEAD", "main").strip()
    differing = _git("diff", "--name-only", "--no-renames", base)
    return [*differing.split(), *_git("ls-files", "--others", "--exclude-standard").split()]


def _git(*command: str) -> str:
    return subprocess.check_output(["git", *command], cwd=ROOT, text=True)


if __name__ == "__main__":
    print(*chosen_tests(changed_files(next(iter(sys.argv[1:]), None))))
