"""Rules for our source code: the files of features, and calls that only some layers may make."""

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib.metadata import packages_distributions
from itertools import chain

from sqlalchemy import PrimaryKeyConstraint, UniqueConstraint

from app.api import METADATA
from app.core.database import Base
from tests.architecture.source import APP, FEATURES, ROOT, calls, nodes, trees

NO_FEATURES = {
    "cli",
    "core",
    "console",
    "integrations",
    "jobs",
    "live_log",
    "operations",
    "runtime",
    "web",
}

FEATURE_FILES = {
    *("__init__.py", "router.py", "service.py", "repository.py", "models.py", "schemas.py"),
    *("policy.py", "jobs.py", "dependencies.py", "exceptions.py", "enums.py", "texts.py"),
    *("pages.py", "counts.py", "writes.py", "rows.py", "kinds.py", "identity_router.py"),
}
FEATURE_FOLDERS = {"service", "repository", "templates", "hub", "nicknames"}


def calls_of(name: str) -> Iterator[tuple[str, ast.Call]]:
    """Calls of a function or a method with this name, each after the path of its file."""
    for path, call in calls():
        called = getattr(call.func, "attr", None) or getattr(call.func, "id", None)
        if called == name:
            yield path, call


def test_features_have_only_the_allowed_files() -> None:
    folders = {path.name for path in APP.iterdir() if (path / "__init__.py").exists()}
    assert folders == FEATURES | NO_FEATURES
    for feature in FEATURES:
        for path in (APP / feature).iterdir():
            allowed = FEATURE_FOLDERS if path.is_dir() else FEATURE_FILES
            assert path.name in allowed | {"__pycache__"}, path


def test_packages_reexport_nothing() -> None:
    """Each import names the file. Ruff (F401) finds what a package imports and does not use."""
    assert not [path for path in APP.rglob("__init__.py") if "__all__" in path.read_text("utf-8")]


NAMED_ALIKE = {
    "PostImage": "A row of post_images, and an image of a post as `app/image` answers it.",
}
"""Names of two public classes, with the reason."""


def test_a_class_name_means_one_thing() -> None:
    """A table in models.py and what answers with it, in rows.py or schemas.py, share a name."""
    homes: dict[str, set[str]] = {}
    for path, tree in trees().items():
        for node in tree.body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                homes.setdefault(node.name, set()).add(str(path.relative_to(ROOT)))
    alike = {name: paths for name, paths in homes.items() if len(paths) > 1}
    resources = {
        name
        for name, paths in alike.items()
        if len({path.rpartition("/")[0] for path in paths}) == 1
        and {path.rpartition("/")[2] for path in paths}
        in ({"models.py", "rows.py"}, {"models.py", "schemas.py"})
    }
    found = {name: sorted(paths) for name, paths in alike.items() if name not in resources}
    assert found.keys() == NAMED_ALIKE.keys(), f"name them apart, or in NAMED_ALIKE: {found}"


def test_only_the_runtime_commits() -> None:
    paths = {path for path, _ in calls_of("commit")}
    assert paths == {"app/runtime/context.py", "app/runtime/runtime.py"}


def test_only_repositories_of_a_feature_send_statements() -> None:
    paths = {
        path
        for name in ("all", "first", "one", "execute", "add", "change", "driver")
        for path, call in calls_of(name)
        if ast.unparse(call.func).endswith(f"db.{name}") and path.split("/")[1] in FEATURES
    }
    assert paths
    assert {
        path for path in paths if not re.search(r"/repository(\.py|/[\w/]+\.py)$", path)
    } == set()


def test_only_the_body_limit_raises_the_frameworks_exception() -> None:
    paths = {path for path, _ in calls_of("HTTPException")}
    assert paths == {"app/web/middleware.py"}


def test_no_relationship_loads_lazily() -> None:
    lazy = []
    for mapper in Base.registry.mappers:
        lazy += [f"{r}: {r.lazy}" for r in mapper.relationships if r.lazy != "raise"]
    assert lazy == []


def test_only_the_clock_reads_the_time() -> None:
    """Otherwise a test can't set the time."""
    paths = {
        path
        for name in ("now", "utcnow", "today")
        for path, call in calls_of(name)
        if getattr(getattr(call.func, "value", None), "id", None) in ("datetime", "date")
    }
    # FCM's Retry-After is a date of FCM's own clock.
    assert {path for path in paths if "/push" not in path} == {"app/core/clock.py"}


def test_every_constraint_and_index_has_a_name() -> None:
    for table in METADATA.tables.values():
        for named in (*table.constraints, *table.indexes):
            assert getattr(named, "name", None), f"{table.name}: {named}"


DELETED_WITHOUT_INDEX = {
    "posts.lounge_id": "only an opening that an admin takes back at once deletes a lounge",
}
"""Foreign keys that need no index, with the reason."""


def test_every_foreign_key_has_an_index_for_deleting_its_parent() -> None:
    """Without an index PostgreSQL reads the whole table for each deleted parent row."""
    bare = set()
    for table in METADATA.tables.values():
        whole = [i for i in table.indexes if i.dialect_options["postgresql"]["where"] is None]
        keys = [[column.name for column in index.columns] for index in whole]
        keys += [
            [column.name for column in key.columns]
            for key in table.constraints
            if isinstance(key, (PrimaryKeyConstraint, UniqueConstraint))
        ]
        for constraint in table.foreign_key_constraints:
            names = list(constraint.column_keys)
            if not any(key[: len(names)] == names for key in keys):
                bare.add(f"{table.name}.{'.'.join(names)}")
    assert bare == set(DELETED_WITHOUT_INDEX)


def test_starting_the_app_does_not_import_heavy_libraries() -> None:
    heavy = (
        "PIL",
        "pillow_heif",
        "boto3",
        "alembic",
        "botocore",
        "firebase_admin",
        "valkey",
        "zxcvbn_rs_py",
        "linky_dev",
    )
    _, loaded = loaded_modules()
    assert {"fastapi", "app.integrations.pictures.renderer"} <= loaded
    assert loaded & set(heavy) == set()


def test_the_worker_does_not_import_the_server() -> None:
    """It would take a quarter of its memory."""
    loaded, _ = loaded_modules()
    assert {"app.api", "app.cli.serving"} <= loaded
    assert loaded & {"fastapi", "starlette", "uvicorn", "app.main", "app.routers"} == set()


COME_WITH = {
    "annotated-types": "pydantic",
    "pydantic-core": "pydantic",
    "botocore": "boto3",
    "google-auth": "firebase-admin",
    "requests": "firebase-admin",
    "urllib3": "boto3",
}
"""Imported where we talk to the package that brings them: these are its errors and types."""


def test_every_package_that_we_import_is_declared() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    lines = [*project["dependencies"], *chain(*project["optional-dependencies"].values())]
    declared = {re.split(r"[^\w.-]", line)[0].lower() for line in lines}
    assert set(COME_WITH.values()) <= declared
    owners = {
        package: {name.lower().replace("_", "-") for name in names}
        for package, names in packages_distributions().items()
    }
    missing = {
        f"{path} imports {name}: declare {' or '.join(owners[name])} in pyproject.toml"
        for path, node in nodes()
        for name in imported(node) & owners.keys()
        if not owners[name] & {*declared, *COME_WITH, "linky"}
    }
    assert missing == set()


def imported(node: ast.AST) -> set[str]:
    """The packages that a statement imports."""
    if isinstance(node, ast.ImportFrom):
        return {(node.module or "").partition(".")[0]}
    if isinstance(node, ast.Import):
        return {alias.name.partition(".")[0] for alias in node.names}
    return set()


_LOADED = """
import sys
import app.cli
print(*sys.modules)
from app.core.settings.config import Settings
from app.main import create_app
create_app(Settings(_env_file=None))
print(*sys.modules)
"""


@cache
def loaded_modules() -> tuple[set[str], set[str]]:
    """What a new process has loaded after the command line, and then after the app."""
    done = subprocess.run(
        [sys.executable, "-c", _LOADED], cwd=ROOT, capture_output=True, text=True, check=True
    )
    of_the_command, of_the_app = done.stdout.splitlines()
    return set(of_the_command.split()), set(of_the_app.split())
