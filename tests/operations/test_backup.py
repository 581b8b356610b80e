"""Backups of a real PostgreSQL: making them, the settings for it, and removing old ones."""

import errno
import tempfile
from io import BytesIO
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from app.core.settings.config import Settings
from app.operations.backup import encryption, making, programs
from app.operations.backup.encryption import read_identities, read_recipients, write_new_identity
from app.operations.backup.errors import BackupError
from app.operations.backup.inventory import take_inventory
from app.operations.backup.making import remove_old
from app.operations.backup.places import Folder, list_backups, make_place, temporary_folder
from app.operations.backup.programs import complaint_of, environment_for, find_program, reason_of
from app.operations.backup.restoring import open_backup, restore, scratch_database
from tests.operations.backups import (
    A_GUEST,
    KEYS,
    NAME,
    NOW,
    BackedUp,
    checked,
    make,
    nicknames,
    store_of,
    wrong,
)
from tests.support.sql import fetch, plain_url

pytestmark = pytest.mark.anyio


async def test_counts_and_dump_come_from_the_same_snapshot(
    backed_up: BackedUp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def count_and_add_a_row(connection: Any) -> Any:
        inventory = await take_inventory(connection)
        await fetch(backed_up.url, A_GUEST.format(name="遅れ"))
        return inventory

    monkeypatch.setattr(making, "take_inventory", count_and_add_a_row)
    try:
        made = await make(
            backed_up.url, store_of(backed_up.store), Folder(tmp_path / "backups"), backed_up.key
        )
        assert made.facts.tables["public.users"] == 1
        identities = read_identities(backed_up.key.file)
        place = Folder(tmp_path / "backups")
        async with (
            open_backup(place, None, identities, tmp_path / "workshop") as opened_backup,
            scratch_database(backed_up.url) as scratch,
        ):
            await restore(opened_backup, scratch)
            assert await nicknames(scratch) == ["花子"]
        # The check would have noticed too: it reports the extra row in the live database.
        (finding, *_) = wrong(await checked(backed_up, backed_up.folder, backed_up.store, tmp_path))
        assert finding == "public.users: 2 instead of 1"
    finally:
        await fetch(backed_up.url, "DELETE FROM users WHERE nickname = '遅れ'")


async def test_the_files_of_a_backup_are_encrypted(backed_up: BackedUp) -> None:
    for path in backed_up.folder.iterdir():
        data = path.read_bytes()
        assert data.startswith(b"age-encryption.org/v1\n")
        for word in ("花子".encode(), b"PGDMP", KEYS[0].encode(), b"alembic"):
            assert word not in data
        assert path.stat().st_mode & 0o777 == 0o600
    assert backed_up.key.file.stat().st_mode & 0o777 == 0o600
    with pytest.raises(BackupError, match="never overwritten"):
        write_new_identity(backed_up.key.file)


async def test_a_failed_backup_leaves_no_files(
    backed_up: BackedUp, server_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place, store = Folder(tmp_path / "backups"), store_of(backed_up.store)
    async with scratch_database(server_url) as empty:
        with pytest.raises(BackupError, match="empty"):
            await make(empty, store, place, backed_up.key)
    monkeypatch.setattr(making, "LOCK_WAIT", "200ms")
    locking = await asyncpg.connect(plain_url(backed_up.url))
    try:
        # pg_dump waits for a table that another connection locked after the count.
        async def count_and_lock(connection: Any) -> Any:
            inventory = await take_inventory(connection)
            await connection.execute("COMMIT")
            await locking.execute("BEGIN; LOCK TABLE posts")
            await connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
            return inventory

        monkeypatch.setattr(making, "take_inventory", count_and_lock)
        with pytest.raises(BackupError, match="pg_dump failed"):
            await make(backed_up.url, store, place, backed_up.key)
    finally:
        await locking.close()
    assert place.names() == []
    assert [path.name for path in (tmp_path / "backups").iterdir()] == []


async def test_a_full_disk_is_an_error(backed_up: BackedUp, tmp_path: Path) -> None:
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("there is no /dev/full on this system")
    keys = read_recipients([backed_up.key.public])
    with (
        (backed_up.folder / f"{NAME}.dump.age").open("rb") as source,
        full.open("wb", buffering=0) as target,
        pytest.raises(BackupError, match="No space left"),
    ):
        encryption.encrypt(source, target, keys)


async def test_old_and_unfinished_backups_are_removed(backed_up: BackedUp, tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    folder.mkdir()
    stamps = [f"linky-2026112{day}T181000Z" for day in range(1, 6)]
    for stamp in stamps:
        for part in (".dump.age", ".manifest.age"):
            (folder / (stamp + part)).touch()
    unfinished, under_way = "linky-20261120T010000Z", "linky-20261125T180000Z"
    for stamp in (unfinished, under_way):
        (folder / f"{stamp}.dump.age").touch()
    (folder / "notes.txt").touch()
    place = Folder(folder)
    assert list_backups(place.names()) == stamps
    assert await remove_old(place, 0, NOW) == []
    removed = await remove_old(place, 2, NOW)
    assert removed == [unfinished, *stamps[:3]]
    assert list_backups(place.names()) == stamps[3:]
    files_left = {path.name for path in folder.iterdir()}
    assert {"notes.txt", f"{under_way}.dump.age"} <= files_left
    assert len(files_left) == 6


def test_a_wrong_place_or_key_in_the_settings_is_an_error(tmp_path: Path) -> None:
    def place_of(**settings: Any) -> str:
        made = Settings(_env_file=None, data_dir=tmp_path, **settings)  # type: ignore[call-arg]
        return str(make_place(made))

    assert place_of(backup_to="s3://linky-backups/daily/") == "s3://linky-backups/daily"
    assert place_of(backup_to=str(tmp_path / "b")) == str(tmp_path / "b")
    with pytest.raises(BackupError, match="LINKY_BACKUP_TO"):
        place_of()
    with pytest.raises(BackupError, match="in the folder of the images"):
        place_of(backup_to=str(tmp_path / "storage" / "backups"))
    with pytest.raises(BackupError, match="bucket of the images"):
        place_of(storage="s3", s3_bucket="pictures", backup_to="s3://pictures/backups")
    for keys, words in (([], "backup-key"), (["age1nokey"], "not a public key")):
        with pytest.raises(BackupError, match=words):
            read_recipients(keys)


def test_a_folder_that_is_read_only_names_the_one_that_the_service_can_write(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    place, words = Folder(tmp_path / "b"), r"Read-only file system; .* only /var/backups/linky"
    with monkeypatch.context() as without_folder:
        without_folder.setattr(Path, "mkdir", refuse)
        with pytest.raises(BackupError, match=words):
            place.work_folder(tmp_path)
    monkeypatch.setattr(tempfile, "TemporaryDirectory", refuse)
    with pytest.raises(BackupError, match=words), temporary_folder(place.work_folder(tmp_path)):
        pass


# PostgreSQL's programs


def test_the_password_is_in_no_argument_and_ssl_goes_along() -> None:
    url = "postgresql+asyncpg://linky:p%40ss@db.example:5433/linky?ssl=verify-full"
    environment = environment_for(url)
    assert {name: environment[name] for name in environment if name.startswith("PG")} == {
        "PGHOST": "db.example",
        "PGPORT": "5433",
        "PGUSER": "linky",
        "PGPASSWORD": "p@ss",
        "PGDATABASE": "linky",
        "PGSSLMODE": "verify-full",
        "PGSSLROOTCERT": "system",
        "PGAPPNAME": "linky-backup",
        "PGTZ": "UTC",
    }


def test_a_program_that_is_too_old_is_none() -> None:
    url = "postgresql+asyncpg://linky@127.0.0.1/linky"
    assert find_program("pg_dump", 18, url).endswith("pg_dump")
    with pytest.raises(BackupError, match=r"pg_dump of PostgreSQL 99.*postgresql-client-99"):
        find_program("pg_dump", 99, url)


@pytest.mark.parametrize("mode", ["require", "verify-ca", "verify-full"])
def test_a_database_with_tls_is_not_dumped_by_the_programs_of_the_wheel(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mode: str
) -> None:
    url = f"postgresql+asyncpg://linky@db.example/linky?ssl={mode}"
    monkeypatch.setattr(programs, "installed", lambda: iter([tmp_path]))
    with pytest.raises(BackupError, match=r"pg_dump of PostgreSQL 98 with TLS on this machine"):
        find_program("pg_dump", 98, url)
    ours = tmp_path / "pg_dump"
    ours.write_text("#!/bin/sh\necho 'pg_dump (PostgreSQL) 98.1'\n")
    ours.chmod(0o755)
    assert find_program("pg_dump", 18, url) == str(ours)


def test_the_programs_of_the_system_come_before_those_of_the_wheel(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = "postgresql+asyncpg://linky@127.0.0.1/linky"
    monkeypatch.setattr(programs, "installed", lambda: iter([tmp_path]))
    assert "pginstall" in find_program("pg_dump", 18, url)
    ours = tmp_path / "pg_dump"
    ours.write_text("#!/bin/sh\necho 'pg_dump (PostgreSQL) 18.1'\n")
    ours.chmod(0o755)
    assert find_program("pg_dump", 18, url) == str(ours)


def test_a_complaint_never_quotes_a_row() -> None:
    stderr = "pg_restore: error: COPY failed\nCONTEXT: COPY users, line 1: hanako@example.com\n"
    assert complaint_of(stderr) == "COPY failed"
    stderr = 'ERROR:  relation "users" already exists\nDETAIL:  hanako@example.com\n'
    assert complaint_of(stderr) == 'relation "users" already exists'
    assert complaint_of("") == "no reason given"


def test_a_program_that_was_ended_from_outside_has_its_signal_as_reason() -> None:
    messages = BytesIO(b"pg_dump: error: not the reason\n")
    assert reason_of(1, messages) == "not the reason"
    assert reason_of(-15, messages) == "signal 15 ended it"
    assert reason_of(-9, BytesIO()) == "signal 9 ended it (the memory may have run out)"
