"""Limits of the code: the size of files, functions and folders, imports, and objects a request."""

import ast
import re
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

import grimp
import pytest

from tests.architecture.source import APP, FEATURES, ROOT, hand_written
from tests.support.api import expect
from tests.support.world import World

LONGEST_FILE = 600
LONGEST_FUNCTION = 80
LARGEST_FOLDER = 0.12
MAX_DICTS = 20
MAX_OBJECTS = 20

LONG_BY_DESIGN = "deploy/host/deploy.py"
"""It runs alone on a host, where it has nothing to import from (ADR 0021)."""

FILES = sorted(APP.rglob("*.py"))


def lines_of(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


def test_no_file_is_longer_than_600_lines() -> None:
    long = {str(path.relative_to(ROOT)): lines_of(path) for path in hand_written()}
    long.pop(LONG_BY_DESIGN)
    assert {path: lines for path, lines in long.items() if lines > LONGEST_FILE} == {}


def test_no_function_is_longer_than_80_lines() -> None:
    long = {
        f"{path.relative_to(ROOT)}: {node.name}": lines
        for path in hand_written()
        for node in statements_in(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
        and (lines := (node.end_lineno or node.lineno) - node.lineno + 1) > LONGEST_FUNCTION
    }
    assert long == {}


def statements_in(node: ast.AST) -> Iterator[ast.AST]:
    """What lies in a module, without its expressions: in those there is only a lambda."""
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, ast.expr):
            yield child
            yield from statements_in(child)


def folder_of(path: Path) -> str:
    """The folder directly under `app`. Each sub-folder of `operations` counts by itself."""
    *folders, _ = path.relative_to(APP).parts
    return "/".join(folders[: 2 if folders[:1] == ["operations"] else 1])


def test_no_folder_has_more_than_12_percent_of_the_code() -> None:
    lines = Counter[str]()
    for path in FILES:
        lines[folder_of(path)] += lines_of(path)
    shares = {folder: round(count / lines.total(), 3) for folder, count in lines.items()}
    assert {folder: share for folder, share in shares.items() if share > LARGEST_FOLDER} == {}


type Graph = Mapping[str, set[str]]


def cycle_in(graph: Graph) -> list[str]:
    """The modules of a cycle, with the first module again at the end; [] without a cycle."""
    done: set[str] = set()

    def walk(module: str, path: list[str]) -> list[str]:
        if module in path:
            return [*path[path.index(module) :], module]
        if module in done:
            return []
        cycles = (walk(imported, [*path, module]) for imported in sorted(graph[module]))
        cycle = next(filter(None, cycles), [])
        done.add(module)
        return cycle

    return next(filter(None, (walk(module, []) for module in sorted(graph))), [])


def test_no_files_import_each_other_in_a_cycle() -> None:
    """Imports under TYPE_CHECKING don't count: they never run."""
    graph = grimp.build_graph(
        "app", "linky_dev", exclude_type_checking_imports=True, cache_dir=None
    )
    assert len(graph.modules) >= len(FILES)
    imports = {name: graph.find_modules_directly_imported_by(name) for name in graph.modules}
    assert cycle_in(imports) == []


@pytest.mark.parametrize(
    ("graph", "cycle"),
    [
        ({"a": {"b"}, "b": {"c"}, "c": set()}, []),
        ({"a": {"b", "c"}, "b": {"c"}, "c": {"b"}}, ["b", "c", "b"]),
        ({"a": {"a"}}, ["a", "a"]),
    ],
    ids=["none", "two", "itself"],
)
def test_a_cycle_is_found(graph: Graph, cycle: list[str]) -> None:
    assert cycle_in(graph) == cycle


def test_services_and_repositories_use_typed_rows() -> None:
    dicts = Counter[str]()
    for path in FILES:
        feature, *names = path.relative_to(APP).parts
        if feature in FEATURES and re.match(r"(service|repository)\b", names[0]):
            dicts["/".join((feature, *names))] = path.read_text("utf-8").count("dict[str, Any]")
    assert dicts, "no service found"
    assert dicts.total() <= MAX_DICTS, +dicts


OF_FEATURES = [[feature] for feature in FEATURES]


class Made:
    """The objects of the features' classes, such as services and repositories."""

    def __init__(self) -> None:
        self.objects: dict[int, object] = {}

    def count(self) -> Counter[str]:
        return Counter(type(made).__name__ for made in self.objects.values())

    def note(self, frame: FrameType, event: str, _: Any) -> None:
        if event == "call" and frame.f_code.co_name == "__init__":
            made = frame.f_locals[frame.f_code.co_varnames[0]]
            if type(made).__module__.split(".")[1:2] in OF_FEATURES:
                self.objects[id(made)] = made


@contextmanager
def objects_made() -> Iterator[Made]:
    made = Made()
    sys.setprofile(made.note)
    try:
        yield made
    finally:
        sys.setprofile(None)


@pytest.mark.anyio
@pytest.mark.parametrize("path", ["/posts", "/lounges", "/admin/lounge-requests"])
async def test_a_read_creates_few_objects(world: World, path: str) -> None:
    """Each service is created once, at first use. Earlier a feed read created 30 objects."""
    admin = await world.admin()
    with objects_made() as made:
        expect(await admin.get(path), 200)
    assert made.count(), "no service was made"
    assert made.count().total() <= MAX_OBJECTS, made.count()


PYPROJECT = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
REASON = re.compile(r"#\s*\S+( \S+){2}")
"""A comment of at least three words."""


def unexplained(text: str) -> list[str]:
    """The lines of a pyproject.toml that switch off a check without a reason."""
    _, _, rest = text.partition("[tool.ruff.lint]")
    ruff, _, others = rest.partition("[tool.mypy]")
    _, _, ignores = ruff.partition("\nignore = [")
    entries = [line for line in ignores.splitlines() if '"' in line and not line.endswith("= [")]
    entries += [line for line in others.splitlines() if line.startswith("ignore_missing")]
    entries += re.findall(r"^ignore_imports = \[\n(.*)", others, re.MULTILINE)
    return [line for line in entries if not REASON.search(line)]


def test_every_ignored_check_has_a_reason() -> None:
    assert unexplained(PYPROJECT) == []


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ('    "S101",    # Assertions', "S101"),
        ('    "PTH",      # Tests', "PTH"),
        ('"tools/host/**" = ["S", "T20"]  #', "tools/host"),
        ("ignore_missing_imports = true   #", "ignore_missing_imports"),
    ],
    ids=["for all files", "in a list for some files", "for some files", "of types"],
)
def test_an_ignored_check_without_a_reason_is_found(line: str, code: str) -> None:
    assert line in PYPROJECT
    bare = re.sub(re.escape(line) + ".*", line.partition("#")[0], PYPROJECT)
    (complaint,) = unexplained(bare)
    assert code in complaint
