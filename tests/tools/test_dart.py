"""`make dart`: where it can't run it says so, and each Dart block of the guides is compiled."""

import subprocess

import pytest

from tests.dart import __main__ as dart
from tools.dart import packages, vm


def test_a_kernel_without_32_bit_programs_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(*args: object, **options: object) -> None:
        raise OSError("Exec format error")

    monkeypatch.setattr(subprocess, "run", refuse)
    monkeypatch.setattr("sys.argv", ["dart"])
    assert dart.main() == 0
    printed = capsys.readouterr().out
    assert printed.startswith("SKIPPED: nothing in Dart was compiled")
    assert "runs no 32-bit programs" in printed


def test_a_vm_that_can_not_be_brought_is_a_failure(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail() -> None:
        raise vm.BadDart("npm says: no network")

    monkeypatch.setattr(dart, "find_vm", fail)
    monkeypatch.setattr("sys.argv", ["dart"])
    assert dart.main() == 1
    assert capsys.readouterr().out == "FAILED  the Dart VM: npm says: no network\n"


def test_every_guide_has_blocks_and_the_program_has_each_of_them() -> None:
    names = [name for name, _ in packages.blocks()]
    assert len(names) == len(set(names))
    for guide in packages.GUIDES[:3]:
        stem = guide.replace("/", "_").replace(".", "_")
        assert any(name.startswith(stem) for name in names), guide


def test_the_program_imports_all_suites() -> None:
    names = set(dart.suites())
    assert {"calls_test", "copy_test", "upload_test"} <= names
    assert any(name.endswith("_journey") for name in names)
