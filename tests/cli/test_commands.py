"""`linky migrate`, `seed` and `openapi`, and the commands of the design memo."""

import json
import os
import pty
import re
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from unittest.mock import patch

import httpx
import pytest

from app.cli import main
from app.cli.documents import lines_of
from app.core.passwords.hashing import PasswordHasher
from tests.support.command_line import Linky, refused
from tests.support.people import LOWEST_COST
from tests.support.server import ROOT, Server, environment, run
from tests.support.sql import rows
from tests.support.waiting import HANG_SECONDS

PRODUCTION = {
    "LINKY_ENV": "production",
    "LINKY_JWT_KEYS": "one:" + "geheim" * 8,
    "LINKY_PUBLIC_URL": "https://linky.example",
    "LINKY_RATE_LIMITS": "on",
}


def test_migrate_can_run_again(linky: Linky) -> None:
    first, second = linky("migrate"), linky("migrate")
    assert (first.returncode, second.returncode) == (0, 0), first.stderr + second.stderr
    assert "Running upgrade" in first.stdout
    assert "Running upgrade" not in second.stdout
    assert "up to date" in second.stdout


def test_migrate_leaves_the_database_of_a_later_release_unchanged(
    linky: Linky, own_database: str
) -> None:
    """This happens after a failed deploy, or when a new host starts with an older release."""
    rows(own_database, "UPDATE alembic_version SET version_num = '9999'")
    result = linky("migrate", LINKY_DATABASE_URL=own_database)
    assert result.returncode == 0, result.stderr
    assert "later release" in result.stdout
    assert rows(own_database, "SELECT version_num FROM alembic_version")[0][0] == "9999"
    refused(linky("dev", LINKY_DATABASE_URL=own_database), "later release")


def test_seed_fills_only_an_empty_database(linky: Linky, own_database: str) -> None:
    first = linky("seed", LINKY_DATABASE_URL=own_database)
    assert first.returncode == 0, first.stderr
    assert "Demo accounts" in first.stdout
    shares = re.findall(r"Creating the demo community: (\d+) %$", first.stdout, re.MULTILINE)
    assert [int(share) // 25 for share in shares] == [0, 1, 2, 3, 4]
    refused(linky("seed", LINKY_DATABASE_URL=own_database), "not empty")


def test_seed_shows_a_progress_bar_on_a_terminal(data_dir: Path, own_database: str) -> None:
    settings = environment(data_dir, LINKY_DATABASE_URL=own_database, TERM="xterm")
    controller, terminal_fd = pty.openpty()
    with (
        ThreadPoolExecutor(1) as pool,
        os.fdopen(terminal_fd, "w") as terminal,
        patch.dict(os.environ, settings, clear=True),
        patch.multiple(sys, argv=["linky", "seed"], stdout=terminal),
        patch.object(PasswordHasher.__init__, "__defaults__", (LOWEST_COST,)),
    ):
        seen = pool.submit(read_to_the_end, controller)
        with pytest.raises(SystemExit, match="0"):
            main()
        terminal.close()
    text = seen.result()
    assert re.search(r"\r\S*  Creating the demo community +\[#+-+\] +\d+%", text), text
    assert re.search(r"\[#+\] +100%", text), text
    assert "Demo accounts" in text


def read_to_the_end(terminal: int) -> str:
    seen = b""
    # At the end of a terminal Linux raises EIO; other systems return an empty read.
    with suppress(OSError):
        while part := os.read(terminal, 4096):
            seen += part
    os.close(terminal)
    return seen.decode()


def test_seed_and_dev_refuse_production(linky: Linky, own_database: str) -> None:
    settings = {**PRODUCTION, "LINKY_DATABASE_URL": own_database}
    # Other commands accept these settings.
    assert linky("migrate", **settings).returncode == 0
    refused(linky("seed", **settings), "development")
    refused(linky("dev", **settings), "linky serve")


def test_openapi_prints_the_document_without_a_database(linky: Linky, data_dir: Path) -> None:
    result = linky("openapi")
    assert result.returncode == 0, result.stderr
    document = json.loads(result.stdout)
    assert document["openapi"].startswith("3.")
    assert "/api/v1/posts" in document["paths"]
    assert not (data_dir / "postgres").exists()
    assert result.stdout.splitlines() == list(lines_of(document))


def test_what_fits_into_a_line_of_the_document_has_one() -> None:
    long = "長い" * 60
    value = {"b": {"ids": [1, 2], "none": {}}, "a": [long, {"of": "it"}], "ü": []}
    lines = ["{", ' "a": [', f'  "{long}",', '  {"of": "it"}', " ],"]
    lines += [' "b": {"ids": [1, 2], "none": {}},', ' "ü": []', "}"]
    assert list(lines_of(value)) == lines


@pytest.fixture
def memo(tmp_path: Path) -> Iterator[Server]:
    """The memo's command in the checkout, with only the data folder set."""
    uvicorn = [str(Path(sys.executable).parent / "uvicorn"), "app.main:app", "--port"]
    server = Server(tmp_path / "data")
    server.command = [*uvicorn, str(server.port)]
    yield server
    server.clean_up()


def test_the_steps_of_the_memo_serve_the_docs(memo: Server) -> None:
    alembic = [str(Path(sys.executable).parent / "alembic"), "upgrade", "head"]
    migrated = run(alembic, environment(memo.data_dir), cwd=ROOT)
    assert migrated.returncode == 0, migrated.stderr
    assert "Running upgrade  -> 0001" in migrated.stderr
    memo.start()
    docs = httpx.get(f"{memo.url}/docs", timeout=HANG_SECONDS)
    assert docs.status_code == 200
    assert "/api/v1/auth/guest" in docs.text


def test_a_command_that_goes_does_nothing_and_says_so(linky: Linky) -> None:
    """It needs no settings: scripts that call it go on, wherever they run."""
    result = linky("fill-notification-flags")
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.startswith("Nothing to do")
    assert "0.5.0" in result.stdout
    assert "fill-notification-flags" in linky("--help").stdout
