"""Checks what documents say about the structure: the map, the layers, the order of middleware."""

import os
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from unittest.mock import patch

from app.api import JOBS, PERIODICS
from app.core.config import Settings
from app.jobs.worker import CLEAN_LOG
from app.main import create_app
from tools import ROOT
from tools.documents.markdown import Document, spans_of, tables

APP = ROOT / "app"
MAP_ENTRY = re.compile(r"^( *)([\w.]+/?)  +\S", re.MULTILINE)
IDENTIFIER = re.compile(r"[A-Za-z_][\w.]*(\(\.*\))?")
WORD = re.compile(r"\w+")
SOURCES = (".dart", ".py", ".html", ".js", ".yaml", ".conf", ".service", ".toml")

NAMES_OF_OTHERS = {
    *("GIDClientID", "Info.plist", "LSApplicationQueriesSchemes", "NSPhotoLibraryUsageDescription"),
    "StreamProvider",
    *("listPosts", "clientId", "serverClientId", "idTokenNonce"),
    *("flutter_line_sdk", "google_sign_in", "sign_in_with_apple", "infinite_scroll_pagination"),
    *("SimpleCORS", "readonlyRootFilesystem", "routing.http.xff_client_port.enabled"),
    *("CAP_SETPCAP", "IPAddressDeny", "limit_concurrency", "pg_basebackup"),
    *("hot_standby_feedback", "max_slot_wal_keep_size", "pg_stat_replication"),
}
"""Names in the documents that belong to Flutter's packages, AWS, Linux, Uvicorn and PostgreSQL."""


def wrong_map(document: Document, tree: set[str] | None = None) -> Iterator[str]:
    """The map has exactly the packages and modules directly in `app`."""
    drawn = set(_drawn(document.section("The map")))
    actual = packages() if tree is None else tree
    for name in sorted(actual - drawn):
        yield f"{document.name}: the map lacks app/{name}"
    for name in sorted(drawn - actual):
        yield f"{document.name}: the map has app/{name}, which does not exist"


def _drawn(section: str) -> Iterator[str]:
    """`core/`, `core/passwords/`, `main.py`: what the map shows below `app/`."""
    inside = section.partition("app/\n")[2].partition("```")[0]
    parent = ""
    for indent, name in MAP_ENTRY.findall(inside):
        if len(indent) == 2:
            parent = name
            yield name
        elif indent:
            yield parent + name


def packages() -> set[str]:
    """What the map must show: modules and packages in `app`, and packages of shared packages."""
    features = _features()
    found = {path.name for path in APP.glob("*.py") if path.name != "__init__.py"}
    for path in _packages_in(APP):
        found.add(f"{path.name}/")
        if path.name not in features:
            found |= {f"{path.name}/{inner.name}/" for inner in _packages_in(path)}
    return found


def _packages_in(folder: Path) -> list[Path]:
    return [path.parent for path in folder.glob("*/__init__.py")]


def _contracts() -> list[dict[str, object]]:
    pyproject = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contracts: list[dict[str, object]] = pyproject["tool"]["importlinter"]["contracts"]
    return [contract for contract in contracts if contract["type"] == "layers"]


def _features() -> set[str]:
    """The packages that the contract for the inside of features names."""
    containers = _contracts()[1]["containers"]
    assert isinstance(containers, list)
    return {str(container).removeprefix("app.") for container in containers}


def wrong_layers(document: Document) -> Iterator[str]:
    """The document shows both chains of layers as the contracts have them."""
    blocks = [_chain(text) for _, text in document.blocks]
    for contract in _contracts():
        layers = contract["layers"]
        assert isinstance(layers, list)
        if _chain(" > ".join(layers)) not in blocks:
            yield f"{document.name} does not show the layers of {contract['name']!r}"


def _chain(text: str) -> list[set[str]]:
    """`a > b | c` as sets of names, from the top to the bottom."""
    return [set(re.findall(r"[\w.]+", part)) for part in text.split(">")]


def wrong_middleware(document: Document) -> Iterator[str]:
    """The table lists all middleware, from the outside to the inside."""
    settings = Settings(
        _env_file=None,  # type: ignore[call-arg]
        trusted_proxies=("127.0.0.1",),
        cors_origins=("https://app.linky.example",),
    )
    with patch.dict(os.environ, {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector:4318"}):
        app = create_app(settings)
    actual = [str(getattr(item.cls, "__name__", item.cls)) for item in app.user_middleware]
    yield from _other_order(document, "middleware", actual)


def _other_order(document: Document, what: str, actual: list[str]) -> Iterator[str]:
    drawn = [
        [name for row in table for name in spans_of(row[0])]
        for table in tables(re.sub(r"^ +\|", "|", document.text, flags=re.MULTILINE))
    ]
    if actual not in drawn:
        yield f"{document.name}: no table has the {what} in this order: {', '.join(actual)}"


def wrong_jobs(document: Document) -> Iterator[str]:
    """The table of jobs has exactly the jobs and the periodic jobs."""
    actual = {job.name for job in JOBS} | {periodic.name for periodic in PERIODICS} | {CLEAN_LOG}
    listed = {
        name
        for table in tables(document.section("Jobs"))
        for row in table
        for name in spans_of(row[0])
    }
    for name in sorted(actual ^ listed):
        yield f"{document.name}: the job {name} is " + (
            "missing" if name in actual else "listed but does not exist"
        )


def wrong_processes(document: Document, title: str) -> Iterator[str]:
    """The services that a host keeps running are those in the first table of this section."""
    units = {path.name for path in (ROOT / "deploy" / "systemd").glob("*.service") if _stays(path)}
    rows = tables(document.section(title))[0]
    listed = {name for row in rows for cell in row for name in spans_of(cell) if ".service" in name}
    if units != listed:
        yield f"{document.name}: the host keeps {', '.join(sorted(units))} running, not {listed}"


def _stays(unit: Path) -> bool:
    return "Restart=always" in unit.read_text(encoding="utf-8")


def wrong_feature_files(document: Document, title: str) -> Iterator[str]:
    """The table of a feature's files has exactly the files and folders that features have."""
    actual = {
        path.name + ("/" if path.is_dir() else "")
        for feature in _features()
        for path in (APP / feature).iterdir()
        if path.name not in ("__init__.py", "__pycache__")
    }
    rows = [row for table in tables(document.section(title)) for row in table]
    listed = {name for row in rows for name in spans_of(row[0])}
    for name in sorted(actual - listed):
        yield f"{document.name}: the table of files lacks {name}"
    for name in sorted(listed - actual):
        yield f"{document.name}: no feature has {name}"


def unknown_names(document: Document, words: frozenset[str]) -> Iterator[str]:
    """A name of the code between backticks occurs in the code: `UserService.begin_write`.

    So documents must follow when a log event, an error class or a function is renamed.
    """
    for span in sorted(set(document.spans) - NAMES_OF_OTHERS):
        name = span.partition("(")[0]
        if IDENTIFIER.fullmatch(name) and _is_of_the_code(name):
            missing = [word for word in WORD.findall(name) if word not in words]
            if missing:
                yield f"{document.name}: the code does not know {span}"


def _is_of_the_code(name: str) -> bool:
    if name.endswith(("_", ".py")) or name.startswith("LINKY_"):
        return False  # A prefix, a file or a setting: other checks find those.
    return "_" in name or bool(re.search(r"^[A-Z][a-z]|[a-z][A-Z]", name))


def words_of_the_code() -> frozenset[str]:
    words: set[str] = set()
    for path in sources():
        if path != Path(__file__):
            words |= set(WORD.findall(path.read_text(encoding="utf-8")))
    words |= set(WORD.findall((ROOT / "pyproject.toml").read_text(encoding="utf-8")))
    return frozenset(words)


def sources() -> Iterator[Path]:
    """The files of the code, and the scripts of the host, which have no suffix."""
    for folder in ("app", "clients", "deploy", "linky_dev", "migrations", "tests", "tools"):
        for path in (ROOT / folder).rglob("*"):
            if path.suffix in SOURCES or (path.parent.name == "host" and path.is_file()):
                yield path
