"""`linky migrate`, `seed` and `openapi`; the memo's own six steps."""

import json
import os
import pty
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import httpx
import pytest

from tests.cli.conftest import Linky, refused, rows
from tests.journey.server import LINKY, ROOT, Server, environment, run

PRODUCTION = {
    "LINKY_ENV": "production",
    "LINKY_JWT_KEYS": "one:" + "geheim" * 8,
    "LINKY_PUBLIC_URL": "https://linky.example",
    "LINKY_RATE_LIMITS": "on",
}


def test_migrate_may_run_again(linky: Linky) -> None:
    first, second = linky("migrate"), linky("migrate")
    assert (first.returncode, second.returncode) == (0, 0), first.stderr + second.stderr
    assert "Running upgrade" in first.stdout
    assert "Running upgrade" not in second.stdout
    assert "up to date" in second.stdout


def test_migrate_leaves_a_later_releases_database_as_it_is(linky: Linky, own_database: str) -> None:
    """After a deploy that failed, and after a host that was made anew with an older release."""
    rows(own_database, "UPDATE alembic_version SET version_num = '9999'")
    result = linky("migrate", LINKY_DATABASE_URL=own_database)
    assert result.returncode == 0, result.stderr
    assert "later release" in result.stdout
    assert rows(own_database, "SELECT version_num FROM alembic_version")[0][0] == "9999"
    refused(linky("dev", LINKY_DATABASE_URL=own_database), "later release")


def test_seed_fills_an_empty_database_and_no_other(linky: Linky, own_database: str) -> None:
    first = linky("seed", LINKY_DATABASE_URL=own_database)
    assert first.returncode == 0, first.stderr
    assert "Demo accounts" in first.stdout
    shares = re.findall(r"Making the demo community: (\d+) %$", first.stdout, re.MULTILINE)
    assert [int(share) // 25 for share in shares] == [0, 1, 2, 3, 4]
    refused(linky("seed", LINKY_DATABASE_URL=own_database), "not empty")


def test_seed_draws_a_bar_on_a_terminal(tmp_path: Path, data_dir: Path, own_database: str) -> None:
    ours, terminal = pty.openpty()
    settings = environment(data_dir, LINKY_DATABASE_URL=own_database, TERM="xterm")
    with subprocess.Popen([LINKY, "seed"], env=settings, cwd=tmp_path, stdout=terminal) as process:
        os.close(terminal)
        seen = b""
        # Linux says EIO where others say that it is at its end.
        with suppress(OSError):
            while part := os.read(ours, 4096):
                seen += part
    os.close(ours)
    assert process.returncode == 0
    text = seen.decode()
    assert re.search(r"\r\S*  Making the demo community +\[#+-+\] +\d+%", text), text
    assert re.search(r"\[#+\] +100%", text), text
    assert "Demo accounts" in text


def test_seed_and_dev_refuse_production(linky: Linky, own_database: str) -> None:
    settings = {**PRODUCTION, "LINKY_DATABASE_URL": own_database}
    # The settings are good enough for all else.
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


@pytest.fixture
def memo(tmp_path: Path) -> Iterator[Server]:
    """The memo's own way, from the checkout, with nothing set but the folder."""
    uvicorn = [str(Path(sys.executable).parent / "uvicorn"), "app.main:app", "--port"]
    server = Server(tmp_path / "data")
    server.command = [*uvicorn, str(server.port)]
    yield server
    server.clean_up()


def test_the_steps_of_the_memo_serve_the_docs(memo: Server) -> None:
    alembic = [str(Path(sys.executable).parent / "alembic"), "upgrade", "head"]
    migrated = run(alembic, environment(memo.data_dir), cwd=ROOT)
    assert migrated.returncode == 0, migrated.stderr
    memo.start()
    docs = httpx.get(f"{memo.url}/docs")
    assert docs.status_code == 200
    assert "swagger-ui" in docs.text
    # Nothing in it comes from elsewhere.
    assert "https://" not in docs.text
