"""The embedded database of a folder: how it is set up, and which folders it refuses."""

from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from app.operations import embedded
from app.operations.embedded import binaries, server
from app.operations.embedded.errors import EmbeddedError, EmbeddedUnavailable
from app.operations.embedded.server import EmbeddedServer
from tests.operations.embedded import User, copy_folder, leave, query

pytestmark = pytest.mark.usefixtures("hide_other_uses")


@pytest.fixture(scope="module")
def running_dir(made: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder whose server runs during several tests, which only ask it."""
    folder = copy_folder(made, tmp_path_factory.mktemp("running") / "linky")
    user = User(folder)
    assert user.answer.startswith("postgresql")
    yield folder
    leave(user)
    EmbeddedServer(folder).stop()


def test_a_new_folder_becomes_a_database(data_dir: Path) -> None:
    url = embedded.acquire(data_dir)

    assert url.startswith("postgresql+asyncpg://linky:")
    assert query(url, "CREATE TABLE t (a int)", "INSERT INTO t VALUES (7) RETURNING a") == 7
    assert embedded.acquire(data_dir) == url
    assert query(url, "SELECT a FROM t") == 7


def test_the_database_is_configured_like_production(running_dir: Path) -> None:
    url = embedded.acquire(running_dir)

    locale = "SELECT datlocprovider::text || ' ' || datlocale FROM pg_database WHERE datname = "
    assert query(url, locale + "current_database()") == "b C.UTF-8"
    assert query(url, "SHOW server_encoding") == "UTF8"
    assert query(url, "SHOW timezone") == "UTC"
    assert query(url, "SHOW fsync") == "on"
    assert query(url, "SELECT usesuper FROM pg_user WHERE usename = current_user") is False
    assert query(url, "SELECT uuid_extract_version(uuidv7())") == 7


def test_the_database_listens_on_loopback_only(running_dir: Path) -> None:
    url = embedded.acquire(running_dir)

    assert query(url, "SELECT host(inet_server_addr())") == "127.0.0.1"
    assert query(url, "SHOW listen_addresses") == "127.0.0.1"


def test_a_dropped_database_is_created_again(made_dir: Path) -> None:
    url = embedded.acquire(made_dir)
    query(url.removesuffix("linky") + "postgres", "DROP DATABASE linky")

    assert query(embedded.acquire(made_dir), "SELECT 1") == 1


def test_a_wrong_password_is_refused(running_dir: Path) -> None:
    url = embedded.acquire(running_dir)
    password = url.split(":")[2].split("@")[0]

    with pytest.raises(asyncpg.InvalidPasswordError):
        query(url.replace(password, "guess"), "SELECT 1")
    mode = EmbeddedServer(running_dir).password_file.stat().st_mode
    assert mode & 0o077 == 0


def test_a_large_log_is_cut(made_dir: Path) -> None:
    with (made_dir / "postgres.log").open("a") as log:
        log.write("x" * (server.MAX_LOG_BYTES + 1))

    embedded.acquire(made_dir)

    assert (made_dir / "postgres.log").stat().st_size < 10_000


def test_without_binaries_the_error_names_the_setting(
    data_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for program in binaries.PROGRAMS:
        (tmp_path / program).write_text("#!/bin/sh\necho 'postgres (PostgreSQL) 17.2'\n")
        (tmp_path / program).chmod(0o755)
    monkeypatch.setattr(binaries, "candidates", lambda: iter([tmp_path, tmp_path / "none"]))

    with pytest.raises(EmbeddedUnavailable, match="set LINKY_DATABASE_URL"):
        embedded.acquire(data_dir)


def test_a_folder_of_another_major_version_is_refused(made_dir: Path) -> None:
    (made_dir / "postgres" / "PG_VERSION").write_text("17\n")

    with pytest.raises(EmbeddedError, match="made by PostgreSQL 17 and cannot be read by"):
        embedded.acquire(made_dir)


def test_a_folder_with_other_files_is_refused_and_not_touched(data_dir: Path) -> None:
    (data_dir / "postgres").mkdir(parents=True)
    (data_dir / "postgres" / "thesis.txt").write_text("mine")

    with pytest.raises(EmbeddedError, match="holds no complete database"):
        embedded.acquire(data_dir)
    assert (data_dir / "postgres" / "thesis.txt").read_text() == "mine"


def test_a_failed_start_names_the_reason(made_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(server.SETTINGS, "shared_buffers", "nonsense")

    with pytest.raises(EmbeddedError, match=r"shared_buffers.*postgres\.log"):
        embedded.acquire(made_dir)


def test_a_file_instead_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(EmbeddedError, match="cannot be used for the embedded database"):
        embedded.acquire(tmp_path / "file")
