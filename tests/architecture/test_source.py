"""What our code may not do, and where things stand in the tree."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import PrimaryKeyConstraint, UniqueConstraint

from app.api import METADATA
from app.core.database import Base

ROOT = Path(__file__).parents[2]
APP = ROOT / "app"

FEATURES = {
    *("user", "image", "notification", "lounge", "post", "comment", "auth"),
    *("lounge_request", "moderation", "admin", "screening", "account", "record"),
}
NO_FEATURES = {"cli", "core", "integrations", "jobs", "operations", "runtime", "seed", "web"}

FEATURE_FILES = {
    *("__init__.py", "router.py", "service.py", "repository.py", "models.py", "schemas.py"),
    *("policy.py", "jobs.py", "dependencies.py", "exceptions.py", "enums.py", "texts.py"),
    *("pages.py", "counts.py", "rows.py"),
}
FEATURE_FOLDERS = {"service", "repository", "templates", "console", "nicknames"}


def trees() -> Iterator[tuple[str, ast.Module]]:
    for path in sorted(APP.rglob("*.py")):
        yield str(path.relative_to(ROOT)), ast.parse(path.read_text(encoding="utf-8"))


def calls_of(tree: ast.Module, name: str) -> Iterator[ast.Call]:
    """Calls of a function or a method with this name."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            called = getattr(node.func, "attr", None) or getattr(node.func, "id", None)
            if called == name:
                yield node


def test_a_feature_has_the_files_that_every_feature_has_and_no_others() -> None:
    folders = {path.name for path in APP.iterdir() if (path / "__init__.py").exists()}
    assert folders == FEATURES | NO_FEATURES
    for feature in FEATURES:
        for path in (APP / feature).iterdir():
            allowed = FEATURE_FOLDERS if path.is_dir() else FEATURE_FILES
            assert path.name in allowed | {"__pycache__"}, path


def test_only_the_runtime_commits() -> None:
    found = {path for path, tree in trees() for _ in calls_of(tree, "commit")}
    assert found == {"app/runtime/runtime.py"}


def test_only_repositories_flush() -> None:
    found = {
        path
        for path, tree in trees()
        for call in calls_of(tree, "flush")
        if "session" in ast.unparse(call.func)
    }
    assert found
    assert {path for path in found if not re.search(r"/repository(\.py|/\w+\.py)$", path)} == set()


def test_nobody_raises_the_frameworks_exception_but_the_limit_on_bodies() -> None:
    found = {path for path, tree in trees() for _ in calls_of(tree, "HTTPException")}
    assert found == {"app/web/middleware.py"}


def test_no_relationship_loads_by_itself() -> None:
    lazy = []
    for mapper in Base.registry.mappers:
        lazy += [f"{r}: {r.lazy}" for r in mapper.relationships if r.lazy != "raise"]
    assert lazy == []


def test_nothing_is_printed_but_by_the_command_line() -> None:
    found = {path for path, tree in trees() for _ in calls_of(tree, "print")}
    assert all(path.startswith("app/cli/") for path in found)


def test_times_come_from_the_clock() -> None:
    """Whoever asks the machine for the time can't be told another one by a test."""
    found = {
        path
        for path, tree in trees()
        for name in ("now", "utcnow", "today")
        for call in calls_of(tree, name)
        if getattr(getattr(call.func, "value", None), "id", None) in ("datetime", "date")
    }
    # FCM's Retry-After is a date of FCM's own clock.
    assert {path for path in found if "/push" not in path} == {"app/core/clock.py"}


def test_every_constraint_and_index_has_a_name() -> None:
    for table in METADATA.tables.values():
        for named in (*table.constraints, *table.indexes):
            assert getattr(named, "name", None), f"{table.name}: {named}"


DELETED_WITHOUT_INDEX = {
    "posts.lounge_id": "a lounge is closed and never deleted; its list has a partial index",
}
"""Foreign keys without an index of their own, and why none is needed."""


def test_every_foreign_key_has_an_index_that_its_parents_deletion_can_use() -> None:
    """Without one PostgreSQL reads the whole table for each row that is deleted above it."""
    bare = set()
    for table in METADATA.tables.values():
        whole = [i for i in table.indexes if i.dialect_options["postgresql"]["where"] is None]
        keys = [[column.name for column in index.columns] for index in whole]
        keys += [
            [column.name for column in one.columns]
            for one in table.constraints
            if isinstance(one, (PrimaryKeyConstraint, UniqueConstraint))
        ]
        for constraint in table.foreign_key_constraints:
            names = list(constraint.column_keys)
            if not any(key[: len(names)] == names for key in keys):
                bare.add(f"{table.name}.{'.'.join(names)}")
    assert bare == set(DELETED_WITHOUT_INDEX)


def test_heavy_libraries_stay_out_of_a_process_that_only_serves() -> None:
    heavy = (
        "PIL",
        "pillow_heif",
        "boto3",
        "botocore",
        "firebase_admin",
        "zxcvbn_rs_py",
        "app.seed",
    )
    program = (
        "import sys; from app.main import create_app; from app.core.config import Settings; "
        "create_app(Settings(_env_file=None)); print('\\n'.join(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    loaded = set(done.stdout.split())
    assert {"fastapi", "app.integrations.pictures.renderer"} <= loaded
    assert loaded & set(heavy) == set()


MODULES = [path for path in sorted(APP.rglob("*.py")) if path.read_text(encoding="utf-8").strip()]


@pytest.mark.parametrize("path", MODULES, ids=[str(p.relative_to(APP)) for p in MODULES])
def test_a_module_says_what_it_is_for_and_has_nothing_to_do(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert ast.get_docstring(ast.parse(text)), "no docstring"
    assert not re.search(r"\b(TODO|FIXME|XXX)\b", text)
