"""Names in the documents that must exist: links, paths, settings, targets, commands, calls, codes.

The checks recognise a name by its form, so that a new document needs no list of names.
"""

import ast
import json
import re
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

from fastapi.routing import APIRoute
from typer.main import get_command

from app.api import JOBS, METADATA, PERIODICS
from app.cli import cli
from app.core.errors import all_errors
from app.core.settings.config import Settings
from app.jobs.worker import CLEAN_LOG
from linky_dev.app import ROUTERS
from tools import ROOT
from tools.documents.markdown import Document, read, spans_of, tables

SETTING = re.compile(r"\bLINKY_[A-Z0-9_]*[A-Z0-9]\b")
TARGET = re.compile(r"\bmake ((?:[a-z]+-)*[a-z]+)")
COMMAND = re.compile(
    r"(?:^|[`\s/])linky ((?:[a-z]+-)*[a-z]+)(?: ((?:[a-z]+-)*[a-z]+))?", re.MULTILINE
)
CALL = re.compile(r"\b(GET|POST|PUT|PATCH|DELETE) (/[\w/{}.\-]*)")
CODE = re.compile(r"\b([45]\d\d) `([a-z_]+)`")
PLACEHOLDER = re.compile(r"[A-Z]{2,}|[{<*…]|\.\.\.")

OUTSIDE_THE_API = (
    *("/health/live", "/health/ready", "/metrics", "/docs", "/openapi.json", "/openapi-app.json"),
    *("/admin", "/account/delete"),
)
FILE = re.compile(r"[\w./-]+\.(?:py|html|js|sql|yaml|toml|txt)")
DECISION = re.compile(r"\bADR (\d{4})\b")
PLAIN_DOCUMENT = re.compile(r"(?<![\w./-])docs/[\w./-]*\.md\b")
MEMBER = re.compile(r"([A-Z]\w*[a-z]\w*)\.(\w+)")
FOLDERS = (
    "app",
    "bench",
    "deploy",
    "docs",
    "linky_dev",
    "migrations",
    "releases",
    "tests",
    "tools",
)
HISTORY = ("CHANGELOG.md", "docs/changes/")
"""Documents of the past may name what no longer exists. Decisions still hold, so they may not."""


def is_history(document: Document) -> bool:
    return document.name.startswith(HISTORY)


def broken_links(document: Document) -> Iterator[str]:
    """Links within the project lead to a file, and to a heading that it has."""
    for link in document.links:
        target, _, anchor = link.partition("#")
        path = (document.path.parent / target).resolve() if target else document.path
        if not path.exists():
            yield f"{document.name}: {link} leads nowhere"
        elif anchor and path.suffix == ".md" and anchor not in _anchors(path, document):
            yield f"{document.name}: {link}: there is no such heading"


def _anchors(path: Path, document: Document) -> set[str]:
    return document.anchors if path == document.path else read(path).anchors


def missing_paths(document: Document) -> Iterator[str]:
    """A path between backticks exists: `app/core/errors.py`, `core/errors.py`, `deploy/host`.

    So does a file whose folder is left out: `compose.yaml`, `static/console.js`.
    """
    if is_history(document):
        return
    for span in document.spans:
        is_missing = _has_form_of_a_path(span) and not _exists(span)
        if is_missing or (FILE.fullmatch(span) and not _is_end_of_a_path(span)):
            yield f"{document.name}: there is no {span}"


def missing_documents(document: Document) -> Iterator[str]:
    """`docs/operations.md` and ADR 0053 exist, also where history names them."""
    for name in sorted(set(PLAIN_DOCUMENT.findall(document.prose))):
        if not (ROOT / name).exists():
            yield f"{document.name}: there is no {name}"
    for number in sorted(set(DECISION.findall(document.text)) - _decisions()):
        yield f"{document.name}: there is no ADR {number}"


@cache
def _decisions() -> set[str]:
    return {path.name[:4] for path in (ROOT / "docs" / "adr").glob("0*.md")}


def missing_members(document: Document) -> Iterator[str]:
    """What is named as a member of a class of ours (`Database.first`) is one."""
    if is_history(document):
        return
    for span in document.spans:
        match = MEMBER.fullmatch(span)
        if match and match[1] in _classes() and not _has_member(*match.groups()):
            yield f"{document.name}: {match[1]} has no {match[2]}"


def _has_member(name: str, member: str) -> bool:
    """A class with a base that is not ours may have any member. Two classes may share the name."""
    if name not in _classes():
        return name not in ("ABC", "Protocol")
    return any(
        member in members or any(_has_member(base, member) for base in bases)
        for members, bases in _classes()[name]
    )


@cache
def _classes() -> dict[str, list[tuple[set[str | None], Sequence[str]]]]:
    """The classes of `app`, by their names: the names within each, and its bases."""
    found: dict[str, list[tuple[set[str | None], Sequence[str]]]] = {}
    for path in (ROOT / "app").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef):
                inner = list(ast.walk(node))
                words = {
                    getattr(each, key, None) for key in ("name", "id", "attr") for each in inner
                }
                bases = [ast.unparse(base).partition("[")[0] for base in node.bases]
                found.setdefault(node.name, []).append((words, bases))
    return found


def _has_form_of_a_path(span: str) -> bool:
    first, separator, _ = span.partition("/")
    is_known = first in FOLDERS or (ROOT / "app" / first).is_dir()
    return bool(
        separator and first and is_known and not PLACEHOLDER.search(span) and " " not in span
    )


def _exists(span: str) -> bool:
    return (ROOT / span).exists() or (ROOT / "app" / span).exists()


def _is_end_of_a_path(span: str) -> bool:
    return bool(PLACEHOLDER.search(span)) or any(path.endswith(f"/{span}") for path in _files())


@cache
def _files() -> set[str]:
    paths = [path for folder in FOLDERS for path in (ROOT / folder).rglob("*")]
    return {f"/{path.relative_to(ROOT)}" for path in [*ROOT.glob("*"), *paths]}


def unknown_settings(document: Document) -> Iterator[str]:
    """A setting that is named exists: in Settings, in `deploy`, or where a command reads it."""
    for name in sorted(set(SETTING.findall(document.text)) - _settings()):
        yield f"{document.name}: there is no setting {name}"


@cache
def _settings() -> set[str]:
    names = {f"LINKY_{field.upper()}" for field in Settings.model_fields}
    for folder in ("deploy", "tools/host", "app/cli"):
        for path in (ROOT / folder).rglob("*"):
            if path.is_file() and path.suffix != ".pyc":
                names |= set(SETTING.findall(path.read_text(encoding="utf-8")))
    return names


def unknown_targets(document: Document) -> Iterator[str]:
    """A target of `make` that is named in code exists."""
    code = "\n".join([*document.spans, *(text for _, text in document.blocks)])
    for target in sorted(set(TARGET.findall(code)) - make_targets()):
        yield f"{document.name}: there is no target {target} in the Makefile"


@cache
def make_targets() -> set[str]:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    return set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))


def unknown_commands(document: Document) -> Iterator[str]:
    """A command of `linky` that is named in code exists."""
    if is_history(document):
        return
    code = "\n".join([*document.spans, *(text for language, text in document.blocks if language)])
    for command, second in sorted(set(COMMAND.findall(code))):
        if command not in linky_commands():
            yield f"{document.name}: there is no command linky {command}"
        elif second and _has_commands(command) and f"{command} {second}" not in linky_commands():
            yield f"{document.name}: there is no command linky {command} {second}"


def _has_commands(command: str) -> bool:
    return any(name.startswith(f"{command} ") for name in linky_commands())


@cache
def linky_commands() -> set[str]:
    """`dev`, `jobs`, `jobs list` and so on."""
    names = set()
    for name, command in vars(get_command(cli))["commands"].items():
        names.add(name)
        names |= {f"{name} {inner}" for inner in getattr(command, "commands", {})}
    return names


def unknown_calls(document: Document) -> Iterator[str]:
    """A call such as `POST /posts` is in the OpenAPI document, or one of `linky dev`."""
    if is_history(document):
        return
    known = api_calls() | dev_calls()
    for method, path in sorted(set(CALL.findall("\n".join(document.spans)))):
        short = path.removeprefix("/api/v1").rstrip("/")
        if path not in OUTSIDE_THE_API and (method, _without_names(short)) not in known:
            yield f"{document.name}: there is no {method} {path}"


@cache
def api_calls() -> set[tuple[str, str]]:
    """The method and the path of each operation, without the names of its parameters."""
    paths = json.loads((ROOT / "openapi.json").read_text(encoding="utf-8"))["paths"]
    return {
        (method.upper(), _without_names(path.removeprefix("/api/v1")))
        for path, item in paths.items()
        for method in item
    }


@cache
def dev_calls() -> set[tuple[str, str]]:
    """What only `linky dev` has."""
    return {
        (method, _without_names(route.path))
        for router in ROUTERS
        for route in router.routes
        if isinstance(route, APIRoute)
        for method in route.methods or ()
    }


def _without_names(path: str) -> str:
    return re.sub(r"\{\w+\}", "{}", path)


def unknown_codes(document: Document) -> Iterator[str]:
    """An error code with its status (409 `email_taken`) is an error of the API."""
    if is_history(document):
        return
    named = set(CODE.findall(document.prose))
    for table in tables(document.text):
        for row in table:
            if re.fullmatch(r"[45]\d\d", row[0]):
                named |= {(row[0], code) for code in spans_of(row[1])}
    for status, code in sorted(named - error_codes()):
        yield f"{document.name}: no error is {status} {code}"


@cache
def error_codes() -> set[tuple[str, str]]:
    assert METADATA.tables  # With the tables every feature's errors are imported.
    return {(str(error.status), error.code) for error in all_errors()}


def unlisted_commands(document: Document, title: str) -> Iterator[str]:
    """Every command of `linky` is in the table of this section."""
    text = document.section(title)
    for command in sorted(linky_commands()):
        if not _has_commands(command) and not re.search(rf"`{command}[` ]", text):
            yield f"{document.name}: {title} lacks {command}"


def wrong_jobs(document: Document, title: str) -> Iterator[str]:
    """The table of this section has every job, and no others."""
    listed = {
        name
        for table in tables(document.section(title))
        for row in table
        for name in spans_of(row[1])
    }
    names = {CLEAN_LOG, *(job.name for job in JOBS), *(job.name for job in PERIODICS)}
    for name in sorted(names - listed):
        yield f"{document.name}: the table of {title} lacks `{name}`"
    for name in sorted(listed - names):
        yield f"{document.name}: the table of {title} has `{name}`, which is no job"
