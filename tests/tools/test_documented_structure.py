"""The checks of the documented structure find what the code does not have."""

import subprocess

import pytest

from tests.tools.documents import Check, document
from tools import ROOT
from tools.documents import checks, names, structure
from tools.documents.markdown import Document, read


def architecture(old: str, new: str) -> Document:
    """docs/architecture.md with one change."""
    text = read(checks.ARCHITECTURE).text
    assert text.count(old) >= 1
    return document(text.replace(old, new, 1), "docs/architecture.md")


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("  record/             connection records\n", "", "lacks app/record/"),
        ("    passwords/        hashing and strength\n", "", "lacks app/core/passwords/"),
        ("  api.py  ", "  apis.py  ", "has app/apis.py"),
    ],
)
def test_a_wrong_map_is_found(old: str, new: str, complaint: str) -> None:
    assert any(complaint in line for line in structure.wrong_map(architecture(old, new)))


def test_a_new_package_must_be_in_the_map() -> None:
    tree = structure.packages() | {"billing/"}
    complaints = list(structure.wrong_map(read(checks.ARCHITECTURE), tree))
    assert complaints == ["docs/architecture.md: the map lacks app/billing/"]


@pytest.mark.parametrize(
    ("check", "old", "new"),
    [
        (structure.wrong_layers, "> web > jobs >", "> jobs > web >"),
        (structure.wrong_layers, "| schemas | policy", "| policy"),
        (structure.wrong_middleware, "`HeadAsGet`", "`RequestLog`"),
        (structure.wrong_jobs, "`account.erase`", "`account.delete`"),
    ],
)
def test_a_wrong_structure_is_found(check: Check, old: str, new: str) -> None:
    assert list(check(read(checks.ARCHITECTURE))) == []
    assert list(check(architecture(old, new)))


def test_a_missing_process_is_found() -> None:
    text = read(checks.OPERATING).text.replace("`linky-worker.service`", "")
    assert list(structure.wrong_processes(document(text, "docs/operating.md"), "What runs"))


def test_a_missing_command_is_found() -> None:
    text = read(checks.OPERATING).text.replace("| `recount", "| `")
    complaints = list(names.unlisted_commands(document(text, "docs/operating.md"), "Commands"))
    assert complaints == ["docs/operating.md: Commands lacks recount"]


def test_a_listed_file_that_no_feature_has_is_found() -> None:
    text = read(checks.CONTRIBUTING).text.replace("`policy.py`", "`helpers.py`", 1)
    complaints = list(structure.wrong_feature_files(document(text), "Files of a feature"))
    assert [line.rsplit(" ", 1)[1] for line in complaints] == ["policy.py", "helpers.py"]


def test_a_name_that_is_not_in_the_code_is_found() -> None:
    words = frozenset({"UserService", "late"})
    assert list(structure.unknown_names(document("`UserService.late()`"), words)) == []
    for span in ("`UserService.start_write`", "`UsersService`", "`begin_writes`"):
        assert list(structure.unknown_names(document(span), words))


def test_make_help_lists_every_target() -> None:
    done = subprocess.run(
        ["make", "--no-print-directory", "help"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    listed = [line.split()[1] for line in done.stdout.splitlines()]
    assert set(listed) == names.make_targets()
    assert len(listed) == len(set(listed))
