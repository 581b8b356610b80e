"""What formats the code: `make format`, and Alembic's hook for a new migration."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config

from tests.support.server import ROOT
from tests.support.stack import BIN, program

TOO_LONG = f'TEXT = "{"x" * 120}"\n'
"""Ruff can't fix it: E501."""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A folder with our Makefile and settings of Ruff, and the environment of this checkout."""
    program("ruff")
    for name in ("Makefile", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path)
    dev = tmp_path / "dev"
    dev.write_text(f'#!/bin/sh\nPATH="{BIN}:$PATH" exec "$@"\n')
    dev.chmod(0o755)
    return tmp_path


def make_format(checkout: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["make", "format"],
        cwd=checkout, env=os.environ | {"RUFF_NO_CACHE": "true"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_make_format_formats_all_files_before_it_reports_what_it_cannot_fix(
    checkout: Path,
) -> None:
    long, other = checkout / "long.py", checkout / "other.py"
    long.write_text(f"'''A.'''\n\nimport os\n\n{TOO_LONG}")
    other.write_text("'''B.'''\n\nVALUE = 'b'\n")
    done = make_format(checkout)
    assert done.returncode != 0
    assert "E501" in done.stdout
    assert long.read_text() == f'"""A."""\n\n{TOO_LONG}'
    assert other.read_text() == '"""B."""\n\nVALUE = "b"\n'


def test_make_format_succeeds_if_nothing_is_left(checkout: Path) -> None:
    (checkout / "a.py").write_text("'''A.'''\n\nimport os\n")
    done = make_format(checkout)
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_migration_that_alembic_writes_is_formatted(tmp_path: Path) -> None:
    program("ruff")
    folder = tmp_path / "migrations"
    (folder / "versions").mkdir(parents=True)
    shutil.copy(ROOT / "migrations" / "script.py.mako", folder)
    config = Config(ROOT / "alembic.ini")
    config.set_main_option("script_location", str(folder))
    command.revision(config, message="Add a column", rev_id="0001")
    written = folder / "versions" / "0001_add_a_column.py"
    assert 'revision: str = "0001"' in written.read_text()
