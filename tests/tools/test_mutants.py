"""The tool tells mutants that tests notice from those that they don't, and leaves no trace."""

import gc
import importlib.util
import os
import subprocess
import sys
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any

import pytest
import typer

from tools import ROOT
from tools.mutants.__main__ import drawn, main
from tools.mutants.mutations import code_with, mutants_of
from tools.mutants.swapping import functions_of, swapped

IN_FUNCTION = "async def f(a, b):\n    {}\n"


def written(folder: Path, source: str) -> str:
    path = folder / "made_up.py"
    path.write_text(source, encoding="utf-8")
    return str(path)


@pytest.mark.parametrize(
    ("statement", "mutants"),
    [
        ("return a < b", ["return a <= b"]),
        ("return a <= b", ["return a < b"]),
        ("return a > b", ["return a >= b"]),
        ("return a >= b", ["return a > b"]),
        ("return a == b", ["return a != b"]),
        ("return a != b", ["return a == b"]),
        ("return a is b", ["return a is not b"]),
        ("return a is not b", ["return a is b"]),
        ("return a in b", ["return a not in b"]),
        ("return a not in b", ["return a in b"]),
        ("return a and b", ["return a or b"]),
        ("return a or b", ["return a and b"]),
        ("return not a", ["return a"]),
        ("return True", ["return False"]),
        ("return False", ["return True"]),
        ("return a + 1", ["return a + 2"]),
        ("b.count(a)", ["pass"]),
        ("await b.save(a)", ["pass"]),
        ("if a: return b", ["if not a:"]),
        ("if a < b: return b", ["if not a < b:", "if a <= b:"]),
        ("if a is b: return b", ["if a is not b:"]),
        ("if not a: return b", ["if a:"]),
        ("return a if a else b", ["return a if not a else b"]),
        ("return [c for c in a if c]", ["return [c for c in a if not c]"]),
        ("return lambda c: c == b", ["return lambda c: c != b"]),
        ("class C:\n        def g(self): return 1", ["return 2"]),
    ],
)
def test_each_operator_changes_one_place(
    tmp_path: Path, statement: str, mutants: list[str]
) -> None:
    path = written(tmp_path, IN_FUNCTION.format(statement))
    assert [mutant.after for mutant in mutants_of(path)] == mutants


@pytest.mark.parametrize(
    "source",
    [
        "LIMIT = 1",
        "class C:\n    limit = 1",
        "def f(a=True): '''True'''",
        "@retried(3)\ndef f(): return 'True'",
        "@lru_cache(8)\ndef f(): return True",
        "@cache\ndef f(): return True",
        "def f(a: Literal[1]) -> Literal[1]: b: Literal[1] = a",
        "def f(a): log.warning('low', a < 1)",
        "def f(a): assert a is not None",
        "def f():\n    if TYPE_CHECKING: g()",
    ],
)
def test_what_tests_need_not_notice_has_no_mutants(tmp_path: Path, source: str) -> None:
    assert mutants_of(written(tmp_path, source)) == []


def test_a_line_shows_what_is_near_the_change(tmp_path: Path) -> None:
    near, far = "near" * 5, "far" * 20
    source = f"def f(a):\n    return [{far}, {near}, a < 0.5, {near}, {far}]"
    line = str(*mutants_of(written(tmp_path, source)))
    before, after = line.split(" -> ")
    assert "made_up.py:2: …" in before
    assert f"{near}, a < 0.5, {near}" in before
    assert f"{near}, a <= 0.5, {near}" in after
    assert after[0] == after[-1] == "…"
    assert far not in line


def test_a_seed_draws_the_same_mutants(tmp_path: Path) -> None:
    paths = [str(tmp_path / name) for name in ("b.py", "a.py")]
    for path in paths:
        Path(path).write_text(f"def f(): return {list(range(50))}", encoding="utf-8")
    assert len(drawn(paths, 20, seed=1)) == 20
    assert drawn(paths, 20, seed=1) == drawn([*paths[::-1], paths[0]], 20, seed=1)
    assert drawn(paths, 20, seed=1) != drawn(paths, 20, seed=2)
    assert len(drawn(paths, 1_000, seed=1)) == 100


SWAPPED = """
from functools import wraps

def shouting(f):
    @wraps(f)
    def inner(*args): return f"{f(*args)}!"
    return inner

@shouting
def is_small(size): return size < 9.5

class Base:
    def prepare(self): self.is_ready = 1

class Derived(Base):
    def prepare(self): super().prepare()
"""


def loaded(path: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location("made_up", path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def made_up(tmp_path: Path) -> Any:
    return loaded(written(tmp_path, SWAPPED))


def functions_with_mutant(module: ModuleType, before: str) -> tuple[list[FunctionType], CodeType]:
    path = str(module.__file__)
    [mutant] = [each for each in mutants_of(path) if each.before == before]
    gc.freeze()
    return functions_of({path}), code_with(mutant, path)


def test_a_wrapped_function_gets_the_mutant_and_then_its_own_code(made_up: Any) -> None:
    with swapped(*functions_with_mutant(made_up, "return size < 9.5")) as changed:
        assert [each.__name__ for each in changed] == ["is_small"]
        assert made_up.is_small(9.5) == "True!"
    assert made_up.is_small(9.5) == "False!"


def test_the_code_is_put_back_after_an_exception(made_up: Any) -> None:
    with (
        pytest.raises(KeyboardInterrupt),
        swapped(*functions_with_mutant(made_up, "return size < 9.5")),
    ):
        raise KeyboardInterrupt
    assert made_up.is_small(9.5) == "False!"


def test_a_code_that_python_refuses_is_not_tried(made_up: Any) -> None:
    """Without `super()` the method has no variable of an outer scope any more."""
    derived = made_up.Derived()
    with swapped(*functions_with_mutant(made_up, "super().prepare()")) as changed:
        assert changed == []
    derived.prepare()
    assert derived.is_ready == 1


POLICY = """
from asyncio import Event

SPOILT = []

def is_cheap(price):
    return price < 10

def is_open(hour):
    return 8 <= hour

def is_unused():
    return True

async def wait(is_over):
    event = Event()
    event.set() if is_over else None
    return await event.wait()

async def wait_in_line(is_over):
    event = Event()
    event.set() if is_over else None
    return await event.wait()

def keep(is_ripe):
    if not is_ripe:
        SPOILT.append("apple")

def last(items):
    return items[-1]
"""

TESTS = """
import os
import pytest
from app.shop import policy

pytestmark = [pytest.mark.in_process, pytest.mark.anyio]

@pytest.fixture(scope="session")
def anyio_backend():
    return "asyncio"

@pytest.fixture(scope="session", autouse=True)
async def note_process(anyio_backend):
    with open("processes", "a") as file:
        print(os.getpid(), file=file)
    yield

async def test_is_cheap():
    assert policy.is_cheap(9) and not policy.is_cheap(10)

def test_is_open():
    assert policy.is_open(12)

async def test_wait():
    await policy.wait(True)

LINE = []

async def test_wait_in_line():
    assert not LINE
    LINE.append("first")
    await policy.wait_in_line(True)
    LINE.clear()

def test_keep():
    policy.keep(True)
    assert not policy.SPOILT

def test_last():
    assert policy.last("abc") == "c"
"""

TEST_OF_ANOTHER_LEVEL = """
import pytest
from app.shop import policy

@pytest.mark.whole
def test_is_unused():
    assert policy.is_unused()
"""

FAILING_TEST = """
import pytest
from app.bank import policy

@pytest.mark.in_process
def test_is_rich():
    assert policy.is_rich(1), "one is not enough"
"""

PYTEST = """
[pytest]
addopts = -p no:schemathesis -p no:valkey
markers =
    in_process
    whole
"""

SHOP_TESTS = "tests/shop/test_shop.py"

FILES = {
    **dict.fromkeys((f"app/{folder}__init__.py" for folder in ("", "shop/", "bank/")), ""),
    "pytest.ini": PYTEST,
    "app/shop/policy.py": POLICY,
    SHOP_TESTS: TESTS,
    "tests/shop/test_whole.py": TEST_OF_ANOTHER_LEVEL,
    "app/bank/policy.py": "def is_rich(money): return money > 1",
    "tests/bank/test_bank.py": FAILING_TEST,
}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("project")
    for name, text in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def run(project: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tools.mutants", *arguments],
        cwd=project, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True,
        check=False,
    )  # fmt: skip


@pytest.fixture(scope="module")
def report(project: Path) -> str:
    done = run(project, "shop", "--limit", "3")
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_those_are_listed_that_no_test_kills(report: str) -> None:
    lines = report.replace("app/shop/policy.py", "").splitlines()
    assert lines[:5] == [
        "survived: :10: return 8 <= hour -> return 8 < hour",
        "survived: :10: return 8 <= hour -> return 9 <= hour",
        "not reached by any test: :13: return True -> return False",
        f"confirmed by no clean run: :26: if not is_ripe: -> if is_ripe: {SHOP_TESTS}::test_keep",
        "not reached by any test: :27: SPOILT.append('apple') -> pass",
    ]


def test_each_feature_is_summed_up(report: str) -> None:
    """Mutants that hang are killed."""
    head, shop, total = report.splitlines()[5:8]
    assert head.split("  ")[-7:] == [
        "mutants",
        "killed",
        "survived",
        "not reached by any test",
        "confirmed by no clean run",
        "not tried",
        "seconds",
    ]
    assert shop.split()[:-1] == ["shop", "10", "5", "2", "2", "1", "0"]
    assert total.split()[:-1] == ["all", "10", "5", "2", "2", "1", "0"]


def test_a_new_process_is_only_for_what_a_mutant_has_spoilt(project: Path, report: str) -> None:
    """Fixtures of the session live on, even after a mutant that hangs and leaves nothing."""
    assert len((project / "processes").read_text().splitlines()) == 3


def test_tests_that_fail_without_a_mutant_are_an_error(project: Path) -> None:
    done = run(project, "bank")
    assert done.returncode == 1
    assert "test_is_rich fails without a mutant" in done.stderr
    assert "one is not enough" in done.stderr


def test_a_feature_without_services_is_an_error() -> None:
    with pytest.raises(typer.BadParameter, match="services and policies: attic"):
        main(["post", "attic"])
