"""`make linters`: what it finds fails, what can't be installed is said, and nothing hangs."""

import json
import os
import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.waiting import wait_until
from tools import ROOT
from tools.linters import __main__ as linters
from tools.linters import install as installing
from tools.linters.findings import (
    Finding,
    Location,
    by_redocly,
    by_spectral,
    complaints,
    exceptions,
    pointer,
)
from tools.linters.install import HERE, INSTALLED, BadInstall, install
from tools.linters.node import NODE_NEEDED, Node, NoLinters, is_new_enough, node_of_machine
from tools.linters.programs import TookTooLong, run

LOCK = json.loads((HERE / "package-lock.json").read_text(encoding="utf-8"))
FINDING = Finding(Location("some-rule", "/paths/~1posts"), "it is wrong")

BAD: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "Bad", "version": "1"},
    "paths": {
        "/posts": {
            "get": {
                "tags": ["posts"],
                "operationId": "list_posts",
                "responses": {
                    "200": {
                        "description": "Posts",
                        "content": {
                            "application/json": {"schema": {"type": "integer"}, "example": None}
                        },
                    }
                },
            }
        }
    },
}


def fake_npm(folder: Path, script: str) -> Node:
    npm = folder / "npm"
    npm.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    npm.chmod(0o755)
    return Node(Path("node"), (npm,))


def machine_node() -> Node:
    node = node_of_machine()
    if node is None:
        pytest.skip("there is no Node that is new enough")
    return node


def resolved(place: str) -> Any:
    """What a JSON pointer points to. Raises KeyError."""
    value = json.loads((ROOT / "openapi.json").read_text(encoding="utf-8"))
    for key in place.split("/")[1:]:
        value = value[key.replace("~1", "/").replace("~0", "~")]
    return value


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """`make linters` without what an earlier run found, and without linters."""
    monkeypatch.setattr(linters, "KEPT", tmp_path / "linted")
    monkeypatch.setattr(linters, "exceptions", dict)
    monkeypatch.delenv("LINTERS", raising=False)
    return tmp_path / "linted"


def finds(monkeypatch: pytest.MonkeyPatch, *findings: Finding | Exception) -> None:
    def found() -> Iterator[Finding]:
        for each in findings:
            if isinstance(each, Exception):
                raise each
            yield each

    monkeypatch.setattr(linters, "findings", found)


def test_each_exception_has_a_reason_and_is_about_a_place_that_exists() -> None:
    assert exceptions()
    for place, reason in exceptions().items():
        assert reason.endswith("."), place
        assert resolved(place.pointer), place


def test_packages_are_locked_by_their_hashes_and_by_no_address() -> None:
    packages = {name: entry for name, entry in LOCK["packages"].items() if name}
    assert all(entry["integrity"].startswith("sha512-") for entry in packages.values())
    assert not [name for name, entry in packages.items() if "resolved" in entry]
    asked = json.loads((HERE / "package.json").read_text(encoding="utf-8"))["devDependencies"]
    for name, version in asked.items():
        assert packages[f"node_modules/{name}"]["version"] == version


def test_node_must_be_as_new_as_redocly_says() -> None:
    assert LOCK["packages"]["node_modules/@redocly/cli"]["engines"]["node"] == NODE_NEEDED
    good = [(20, 19, 0), (20, 20, 2), (22, 12, 0), (24, 1, 0)]
    bad = [(0,), (18, 20, 0), (20, 18, 9), (21, 7, 0), (22, 11, 0)]
    assert [is_new_enough(version) for version in good + bad] == [True] * 4 + [False] * 5


def test_a_program_that_does_not_end_is_killed_with_all_that_it_started(tmp_path: Path) -> None:
    script = f"sleep 600 & echo $! > {tmp_path}/pid; wait"
    with pytest.raises(TookTooLong, match="sh took longer than 5 s"):
        run("sh", "-c", script, seconds=5)
    child = int((tmp_path / "pid").read_text())
    wait_until(f"killed: {child}", lambda: not is_running(child))


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
        return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2][0] != "Z"
    except (ProcessLookupError, FileNotFoundError):
        return False


def test_what_a_program_prints_and_its_status_come_back() -> None:
    code = "import sys; print('out'); print('err', file=sys.stderr); sys.exit(3)"
    ended = run(sys.executable, "-c", code, seconds=100)
    assert (ended.status, ended.output, ended.errors) == (3, "out\n", "err\n")


def lock_of_one(folder: Path) -> Path:
    """A folder with the lock of one package: npm would ask for each of the hundreds, and again."""
    folder.mkdir()
    package = LOCK["packages"]["node_modules/jsep"]
    named = {"name": "one", "devDependencies": {"jsep": package["version"]}}
    packages = {"": named, "node_modules/jsep": package}
    lock = {**LOCK, "name": "one", "packages": packages}
    for name, content in (("package.json", named), ("package-lock.json", lock)):
        (folder / name).write_text(json.dumps(content), encoding="utf-8")
    return folder


def test_without_a_registry_nothing_is_installed_and_npm_says_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    node = machine_node()
    with socket.socket() as closed:  # It is bound and does not listen: every call is refused.
        closed.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{closed.getsockname()[1]}/"
        monkeypatch.setenv("npm_config_registry", address)
        monkeypatch.setenv("npm_config_cache", str(tmp_path / "cache"))
        with pytest.raises(NoLinters, match="ECONNREFUSED"):
            install(node, tmp_path / "linters", lock_of_one(tmp_path / "one"))
    assert not (tmp_path / "linters" / "installed").exists()


def test_an_install_that_hangs_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(installing, "SECONDS", 1)
    with pytest.raises(NoLinters, match="npm took longer than 1 s"):
        install(fake_npm(tmp_path, "sleep 600"), tmp_path / "linters")


def test_an_install_is_kept_until_the_lock_changes(tmp_path: Path) -> None:
    node = fake_npm(tmp_path, f"mkdir node_modules; echo >> {tmp_path}/times")
    for _ in range(2):
        assert install(node, tmp_path / "linters").is_dir()
    assert (tmp_path / "times").read_text() == "\n"
    (tmp_path / "linters" / "installed").write_text("another lock", encoding="utf-8")
    install(node, tmp_path / "linters")
    assert (tmp_path / "times").read_text() == "\n\n"


@pytest.mark.parametrize("optional", [False, True])
def test_a_package_with_another_hash_always_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kept: Path, optional: bool
) -> None:
    monkeypatch.setenv("LINTERS", "optional" if optional else "")
    npm = fake_npm(tmp_path, "echo 'npm error code EINTEGRITY' >&2; exit 1")
    with pytest.raises(BadInstall) as caught:
        install(npm, tmp_path / "linters")
    finds(monkeypatch, caught.value)
    assert linters.main() == 1


def test_linters_that_cannot_be_installed_fail_unless_they_are_optional(
    kept: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    finds(monkeypatch, NoLinters("npm says: no registry"))
    assert linters.main() == 1
    said = capsys.readouterr().out
    assert said.startswith("FAILED  redocly and spectral can't be installed. npm says: no registry")
    assert "LINTERS=optional" in said
    monkeypatch.setenv("LINTERS", "optional")
    assert linters.main() == 0
    assert capsys.readouterr().out.startswith("Skipped: redocly and spectral did NOT read")
    assert not kept.exists()


@pytest.mark.parametrize("optional", [False, True])
def test_a_finding_always_fails(
    kept: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], optional: bool
) -> None:
    monkeypatch.setenv("LINTERS", "optional" if optional else "")
    finds(monkeypatch, FINDING)
    assert linters.main() == 1
    assert "some-rule at /paths/~1posts: it is wrong" in capsys.readouterr().out
    assert not kept.exists()


def test_a_clean_document_is_not_read_again(kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    finds(monkeypatch)
    assert linters.main() == 0
    finds(monkeypatch, FINDING)
    assert linters.main() == 0
    kept.write_text("of another document", encoding="utf-8")
    assert linters.main() == 1


def test_an_exception_excuses_one_rule_at_one_place_and_must_be_found() -> None:
    assert list(complaints([FINDING], [FINDING.place])) == []
    other = FINDING.place._replace(rule="another-rule")
    found, stale = complaints([FINDING], [other])
    assert found == "some-rule at /paths/~1posts: it is wrong"
    assert stale.startswith("another-rule at /paths/~1posts: not found any more")


def test_a_pointer_escapes_its_keys() -> None:
    assert pointer(["paths", "/a~b", "get", 0]) == "/paths/~1a~0b/get/0"


def test_both_linters_find_an_example_that_does_not_fit_and_a_tag_without_description(
    tmp_path: Path,
) -> None:
    node = machine_node()
    if not (INSTALLED / "installed").exists():
        pytest.skip("`make linters` has not installed the linters")
    document = tmp_path / "openapi.json"
    document.write_text(json.dumps(BAD), encoding="utf-8")
    example = "/paths/~1posts/get/responses/200/content/application~1json/example"
    packages = INSTALLED / "node_modules"
    redocly = {finding.place for finding in by_redocly(node, packages, document)}
    assert Location("no-invalid-media-type-examples", example) in redocly
    spectral = {finding.place for finding in by_spectral(node, packages, document)}
    assert Location("oas3-valid-media-example", example) in spectral
    assert Location("operation-tag-defined", "/paths/~1posts/get/tags/0") in spectral
