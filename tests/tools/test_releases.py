"""The record of releases, and the gates that compare with the last one."""

import datetime
import hashlib
import json
import subprocess
from pathlib import Path

import pytest
from typer.testing import CliRunner

from app.cli import cli
from app.core import migrations
from app.core.version import app_version
from tools import ROOT, CommandFailed, check, output_of, releases
from tools.releases import Break, NoRelease, not_allowed

TODAY = datetime.date(2026, 12, 1)
OLD = {"openapi": "3.1.0", "paths": {"/a": {"get": {"responses": {}}}}}
NEW = {"openapi": "3.1.0", "paths": {}}


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with one commit, whose record names no release."""
    folder = tmp_path / "tree"
    (folder / "releases").mkdir(parents=True)
    files = {
        "releases.toml": "# The releases.\n",
        "releases/breaks.toml": "# Breaks.\n\n[[break]]\nchange = 'x'\nreason = 'y'\n",
        "openapi.json": json.dumps(OLD, indent=2),
        "CHANGELOG.md": f"# Changelog\n\n## [Unreleased]\n\n## [9.9.0] - {TODAY}\n\n- It works.\n",
        "pyproject.toml": '[project]\nversion = "9.9.0"\n',
    }
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    for name in ("RECORD", "FOLDER", "BREAKS", "OPENAPI", "CHANGELOG", "PROJECT"):
        path = getattr(releases, name)
        monkeypatch.setattr(releases, name, folder / path.relative_to(ROOT))
    monkeypatch.setattr(releases, "ROOT", folder)
    monkeypatch.setattr("tools.ROOT", folder)
    commit(folder, "--initial")
    return folder


def git(folder: Path, *arguments: str) -> None:
    who = ("-c", "user.name=A", "-c", "user.email=a@example.com")
    subprocess.run(["git", *who, *arguments], cwd=folder, check=True, capture_output=True)


def commit(folder: Path, message: str) -> None:
    git(folder, "init", "-q")
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", message)


def test_the_record_names_what_was_tested_and_the_next_commit_has_the_record(tree: Path) -> None:
    tested = output_of("git", "rev-parse", "HEAD").strip()
    made = releases.record("9.9.0", TODAY)
    assert made == releases.last_release()
    assert (made.commit, made.revision) == (tested, migrations.head())
    assert made.document() == OLD
    assert releases.allowed_breaks() == [], "the next release begins with none"
    assert releases.allowed_breaks("9.9.0") == [Break("x", "y")], "its notes have the reasons"
    commit(tree, "Record 9.9.0")
    assert releases.recorded_now() == made
    (tree / "more").touch()
    commit(tree, "Go on")
    with pytest.raises(NoRelease):
        releases.recorded_now()


@pytest.mark.parametrize(
    ("version", "day", "words"),
    [
        ("9.9", TODAY, "no version"),
        ("9.8.0", TODAY, "pyproject.toml"),
        ("9.9.0", datetime.date(2026, 12, 2), "CHANGELOG.md"),
    ],
)
def test_what_is_not_ready_is_not_recorded(
    tree: Path, version: str, day: datetime.date, words: str
) -> None:
    with pytest.raises(NoRelease, match=words):
        releases.record(version, day)
    assert output_of("git", "status", "--porcelain") == ""


def test_changes_that_are_not_committed_are_not_recorded_nor_a_version_twice(tree: Path) -> None:
    (tree / "new").touch()
    with pytest.raises(NoRelease, match="not committed"):
        releases.record("9.9.0", TODAY)
    (tree / "new").unlink()
    releases.record("9.9.0", TODAY)
    commit(tree, "Record 9.9.0")
    with pytest.raises(NoRelease, match="already"):
        releases.record("9.9.0", TODAY)


def test_a_gate_that_finds_no_release_fails(tree: Path) -> None:
    for gate in (check.openapi_breaks_no_client, check.contracts_come_last):
        assert "names no release" in str(check.complaint_of(gate))


def test_a_change_that_breaks_clients_of_the_last_release_fails_the_check(
    tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    releases.record("9.9.0", TODAY)
    monkeypatch.setattr(check, "OPENAPI", tree / "openapi.json")
    assert check.complaint_of(check.openapi_breaks_no_client) is None
    (tree / "openapi.json").write_text(json.dumps(NEW), encoding="utf-8")
    complaint = str(check.complaint_of(check.openapi_breaks_no_client))
    assert "clients of 9.9.0" in complaint
    assert "GET /a: removed" in complaint


def test_a_break_on_purpose_has_a_reason_and_is_named_while_it_is_one() -> None:
    allowed = [Break("GET /a: removed", "nobody called it"), Break("POST /b", "old")]
    assert not_allowed(["GET /a: removed", "PUT /c: removed"], allowed) == [
        "PUT /c: removed",
        "breaks.toml allows what is not there: POST /b",
    ]


def test_each_release_has_its_document_and_a_migration_of_this_code() -> None:
    revisions = {each.revision for each in migrations.newest_first()}
    for release in releases.releases():
        assert release.document()["paths"]
        assert release.revision in revisions
    assert all(each.reason for each in releases.allowed_breaks())


def test_the_commit_of_each_release_has_its_document() -> None:
    """Where the clone has its history."""
    for release in releases.releases():
        try:
            text = output_of("git", "show", f"{release.commit}:openapi.json")
        except CommandFailed:
            continue
        assert json.loads(text) == release.document()


# One version: pyproject.toml says it, and all others have the same.


def test_the_command_line_says_the_version() -> None:
    said = CliRunner().invoke(cli, ["--version"])
    assert (said.exit_code, said.stdout) == (0, f"linky {app_version()}\n")


def test_the_packages_of_the_clients_have_the_version_and_the_same_bytes_each_time() -> None:
    def make() -> dict[str, str]:
        subprocess.run([ROOT / "deploy" / "packages"], check=True, capture_output=True)
        return {
            path.name: hashlib.sha256(path.read_bytes()).hexdigest()
            for path in (ROOT / "dist").glob("linky[-_][cd]*")
        }

    made = make()
    version = app_version()
    assert {
        f"linky_client-{version}-py3-none-any.whl",
        f"linky_client-{version}.tar.gz",
        f"linky-dart-{version}.tar.gz",
    } <= made.keys()
    assert make() == made
