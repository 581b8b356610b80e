"""The levels of the tests: the rule chooses, and level 1 notices what does not belong there."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests import levels
from tests.support import contract
from tools import ROOT

SUITE = {
    "tests/comment/test_rule.py": """
        import subprocess, sys, pytest

        def test_pure(): pass
        def test_starts(): subprocess.run([sys.executable, "-V"], check=True)
        def test_skips(): pytest.skip("no reason")

        @pytest.fixture
        def server(): subprocess.run([sys.executable, "-V"], check=True)
        def test_of_a_server(server): pass
        def test_that_needs(server): pytest.skip("install nginx")

        @pytest.mark.skipif(True, reason="only root")
        def test_of_root(): pass

        @pytest.mark.parametrize("store", ["local", "s3"])
        def test_store(store): pass
    """,
    "tests/journey/test_whole.py": "def test_a(): pass",
    "tests/faults/test_long.py": "def test_b(): pass",
    "tests/tools/test_tool.py": "def test_c(): pass",
}


@pytest.fixture(scope="module")
def suite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with tests of each level."""
    folder = tmp_path_factory.mktemp("suite")
    for name, text in SUITE.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text.replace("\n        ", "\n"), encoding="utf-8")
    return folder


def run(folder: Path, *arguments: str, **environment: str) -> dict[str, str]:
    """What became of each test."""
    plugins = ("-p", "tests.levels", "-p", "no:randomly")
    here = {"PYTHONPATH": str(ROOT), "NOTHING_MISSING": ""}  # CI sets it for the run around this.
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *plugins, "-v", *arguments],
        cwd=folder, env={**os.environ, **here, **environment},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    lines = [line.split() for line in done.stdout.splitlines() if line.startswith("tests/")]
    return {words[0].partition("::")[2]: words[1] for words in lines if "::" in words[0]}


def test_the_rule_reads_folders_fixtures_marks_and_parameters(suite: Path) -> None:
    assert run(suite, "-m", levels.WHOLE) == {
        "test_of_a_server": "PASSED",
        "test_that_needs": "SKIPPED",
        "test_of_root": "SKIPPED",
        "test_store[s3]": "PASSED",
        "test_a": "PASSED",
    }
    others = run(suite, "-m", f"{levels.LONG} or {levels.TOOLS}")
    assert others == {"test_b": "PASSED", "test_c": "PASSED"}


def test_a_skip_or_a_program_fails_in_level_1(suite: Path) -> None:
    assert run(suite, "-m", levels.IN_PROCESS) == {
        "test_pure": "PASSED",
        "test_starts": "FAILED",
        "test_skips": "FAILED",
        "test_store[local]": "PASSED",
    }


def test_a_missing_program_fails_in_ci(suite: Path) -> None:
    seen = run(suite, "-m", levels.WHOLE, NOTHING_MISSING="1")
    assert (seen["test_that_needs"], seen["test_of_root"]) == ("FAILED", "SKIPPED")


def test_each_overruled_test_exists() -> None:
    for name in levels.ALTHOUGH:
        path, _, test = name.partition("::")
        assert f"def {test}" in (ROOT / "tests" / path).read_text(encoding="utf-8"), name


def test_what_was_not_seen_of_the_contract_is_found() -> None:
    everything = set(contract.promised())
    assert list(contract.complaints(everything)) == []
    lost = {("create_post", contract.OK), ("create_post", "lounge_not_found")}
    assert list(contract.complaints(everything - lost)) == [
        "no test of level 1 saw 2xx from create_post",
        "no test of level 1 saw lounge_not_found from create_post",
    ]
