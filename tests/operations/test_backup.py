"""Backups of a real PostgreSQL: making, opening, restoring, checking and refusing them."""

import asyncio
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import asyncpg
import httpx
import pytest
from sqlalchemy import make_url

from app.core.config import Settings
from app.integrations.storage import LocalStorage
from app.operations import backup
from app.operations.backup import (
    BackupError,
    Finding,
    FinishedBackup,
    Folder,
    OpenedBackup,
    encryption,
    making,
)
from app.operations.backup.inventory import take_inventory
from app.operations.backup.programs import complaint_of, environment_for, find_program
from app.runtime.runtime import Runtime
from tests.support.api import expect
from tests.support.apps import borrowed_app
from tests.support.database import fresh_database
from tests.support.sql import fetch, plain_url
from tests.support.world import World, picture, token

pytestmark = pytest.mark.anyio

NOW = datetime(2026, 11, 25, 18, 10, tzinfo=UTC)
NAME = "linky-20261125T181000Z"
A_GUEST = "INSERT INTO users (provider, nickname, role) VALUES ('guest', '{name}', 'guest')"
KEYS = [f"images/{n}/{size}.webp" for n in range(3) for size in ("full", "small")]


class Key(NamedTuple):
    """The result of `linky backup-key`: the file and the public key."""

    file: Path
    public: str


class BackedUp(NamedTuple):
    """A database with three pictures, its store, and the folder with a backup of both."""

    url: str
    store: Path
    folder: Path
    key: Key
    made: FinishedBackup


@pytest.fixture(scope="module")
def key(tmp_path_factory: pytest.TempPathFactory) -> Key:
    file = tmp_path_factory.mktemp("key") / "backup.key"
    return Key(file, backup.write_new_identity(file))


@pytest.fixture(scope="module")
def backed_up(
    server_url: str, key: Key, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[BackedUp]:
    """Shared by the tests of this file: a test that changes the store or the folder copies it."""
    base = tmp_path_factory.mktemp("backed_up")

    async def fill(url: str) -> FinishedBackup:
        storage = LocalStorage(base / "store", "http://test/media/")
        for key_ in KEYS:
            await storage.put(key_, f"bytes of {key_}".encode(), "image/webp")
        await fetch(url, A_GUEST.format(name="花子"))
        for full, small in zip(KEYS[::2], KEYS[1::2], strict=True):
            await fetch(
                url,
                "INSERT INTO images (owner_id, key, thumbnail_key, width, height, blurhash) "
                f"SELECT id, '{full}', '{small}', 4, 3, 'L' FROM users",
            )
        return await make(url, storage, Folder(base / "folder"), key)

    with fresh_database(server_url, f"backed_up_{token()}") as url:
        yield BackedUp(url, base / "store", base / "folder", key, asyncio.run(fill(url)))


async def make(
    url: str, storage: LocalStorage, place: Folder, key: Key, now: datetime = NOW
) -> FinishedBackup:
    recipients = backup.read_recipients([key.public])
    work_folder = Path(str(place)).parent / "workshop"
    return await backup.make_backup(
        url, storage, place, recipients, work_folder=work_folder, now=now, version="9.8.7"
    )


def store_of(folder: Path) -> LocalStorage:
    return LocalStorage(folder, "http://test/media/")


async def opened(folder: Path, key: Key, tmp_path: Path) -> OpenedBackup:
    """Open and close the newest backup of a folder. A damaged backup raises BackupError."""
    identities = backup.read_identities(key.file)
    place = Folder(folder)
    async with backup.open_backup(place, None, identities, tmp_path / "workshop") as opened_backup:
        return opened_backup


async def checked(
    backed_up: BackedUp, folder: Path, store: Path, tmp_path: Path, *, live: str | None = None
) -> list[Finding]:
    """Compare the newest backup with the database it was made from, and a store with both."""
    identities = backup.read_identities(backed_up.key.file)
    place = Folder(folder)
    async with backup.open_backup(place, None, identities, tmp_path / "workshop") as opened_backup:
        return await backup.check_restored(
            opened_backup, backed_up.url, store_of(store), live_url=live, sample=50, migrate=True
        )


def wrong(findings: list[Finding]) -> list[str]:
    return [finding.words for finding in findings if not finding.is_right]


# From making to restoring


async def test_a_restored_installation_has_the_posts_and_pictures_of_the_backup(
    committed_world: World, server_url: str, key: Key, tmp_path: Path
) -> None:
    world = committed_world
    author = await world.member("花子")
    image = await world.image(author)
    post = await world.post(author, title="海の写真", image_ids=[image["id"]])
    expect(await author.upload(picture(), "/users/me/avatar", "PUT"), 200)
    url = world.runtime.engine.url.render_as_string(hide_password=False)
    storage = world.runtime.storage
    assert isinstance(storage, LocalStorage)
    made = await make(url, storage, Folder(tmp_path / "backups"), key)
    assert made.facts.objects == 3
    known = await world.runtime.live_log.advance()
    await world.post(author, title="後の投稿")

    identities = backup.read_identities(key.file)
    place = Folder(tmp_path / "backups")
    async with (
        backup.open_backup(place, made.name, identities, tmp_path / "workshop") as opened_backup,
        backup.scratch_database(server_url) as restored_url,
    ):
        await backup.restore(opened_backup, restored_url)
        findings = await backup.check_restored(
            opened_backup, restored_url, storage, live_url=url, sample=50, migrate=False
        )
        assert wrong(findings) == []
        runtime = Runtime.build(world.runtime.settings, restored_url)
        with borrowed_app("committed", runtime) as app:
            transport = httpx.ASGITransport(app)
            async with httpx.AsyncClient(transport=transport, base_url="http://test") as http:
                restored = World(app, runtime, http)
                author_again = restored.anonymous()
                author_again.email, author_again.password = author.email, author.password
                await restored.sign_in(author_again)
                listed = expect(await author_again.get("/posts"), 200)["items"]
                assert [post["title"] for post in listed] == ["海の写真"]
                assert listed[0]["id"] == post["id"]
                assert (await http.get(listed[0]["images"][0]["url"])).status_code == 200
                # The log of changes begins again. Clients load their lists again.
                state = await runtime.live_log.advance()
                assert known.top > state.top == 0
                assert state.epoch != known.epoch
                # New rows and jobs get ids that the restored ones do not use.
                await restored.comment(author_again, post)
        await runtime.close()

    names = await fetch(server_url, "SELECT datname FROM pg_database")
    # Other tests have scratch databases on this server too: check only this one.
    assert make_url(restored_url).database not in [name for (name,) in names]
    assert list((tmp_path / "workshop").iterdir()) == []


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
        identities = backup.read_identities(backed_up.key.file)
        place = Folder(tmp_path / "backups")
        async with (
            backup.open_backup(place, None, identities, tmp_path / "workshop") as opened_backup,
            backup.scratch_database(backed_up.url) as scratch,
        ):
            await backup.restore(opened_backup, scratch)
            assert await nicknames(scratch) == ["花子"]
        # The check would have noticed too: it reports the extra row in the live database.
        (finding, *_) = wrong(await checked(backed_up, backed_up.folder, backed_up.store, tmp_path))
        assert finding == "public.users: 2 instead of 1"
    finally:
        await fetch(backed_up.url, "DELETE FROM users WHERE nickname = '遅れ'")


# The store


async def test_a_check_names_a_lost_picture_but_not_an_erased_one(
    backed_up: BackedUp, server_url: str, tmp_path: Path
) -> None:
    store = tmp_path / "store"
    shutil.copytree(backed_up.store, store)
    (store / KEYS[0]).unlink()
    (lost,) = wrong(await checked(backed_up, backed_up.folder, store, tmp_path, live=backed_up.url))
    assert lost == f"1 objects are lost: {KEYS[0]}"
    # In this database the picture was erased after the backup.
    with_copy = f"live_{token()}"
    await fetch(server_url, f"CREATE DATABASE {with_copy}")
    live = make_url(backed_up.url).set(database=with_copy).render_as_string(hide_password=False)
    try:
        (undecided,) = wrong(await checked(backed_up, backed_up.folder, store, tmp_path, live=live))
        assert "they may be lost or erased: the database in use does not answer" in undecided
        await fetch(live, "CREATE TABLE images AS SELECT 'x' AS key, 'y' AS thumbnail_key")
        await fetch(live, "CREATE TABLE users AS SELECT NULL::text AS avatar_key")
        await fetch(live, "CREATE TABLE lounges AS SELECT NULL::text AS cover_key")
        findings = await checked(backed_up, backed_up.folder, store, tmp_path, live=live)
        assert wrong(findings) == []
        assert any("1 were erased since" in finding.words for finding in findings)
    finally:
        await fetch(server_url, f"DROP DATABASE {with_copy} WITH (FORCE)")


async def test_a_check_names_a_missing_picture_even_without_the_live_database(
    backed_up: BackedUp, tmp_path: Path
) -> None:
    unreachable = make_url(backed_up.url).set(port=1).render_as_string(hide_password=False)
    (missing,) = wrong(
        await checked(backed_up, backed_up.folder, tmp_path / "empty", tmp_path, live=unreachable)
    )
    assert missing.startswith("6 objects are not in the store")
    assert KEYS[0] in missing


async def test_a_check_names_a_picture_whose_bytes_changed(
    backed_up: BackedUp, tmp_path: Path
) -> None:
    store = tmp_path / "store"
    shutil.copytree(backed_up.store, store)
    path = store / KEYS[1]
    path.write_bytes(b"B" + path.read_bytes()[1:])
    (changed,) = wrong(
        await checked(backed_up, backed_up.folder, store, tmp_path, live=backed_up.url)
    )
    assert changed == f"1 of 6 objects differ from what they were: {KEYS[1]}"


async def test_a_check_names_a_picture_that_was_lost_before_the_backup(
    backed_up: BackedUp, tmp_path: Path
) -> None:
    store = tmp_path / "store"
    shutil.copytree(backed_up.store, store)
    (store / KEYS[2]).unlink()
    await make(backed_up.url, store_of(store), Folder(tmp_path / "backups"), backed_up.key)
    (finding,) = wrong(
        await checked(backed_up, tmp_path / "backups", store, tmp_path, live=backed_up.url)
    )
    assert finding == f"1 pictures had no object already when it was made: {KEYS[2]}"


# Damaged and swapped backups


def damaged(backed_up: BackedUp, tmp_path: Path, part: str, act: Any) -> Path:
    folder = tmp_path / "damaged"
    shutil.copytree(backed_up.folder, folder)
    path = folder / (NAME + part)
    path.write_bytes(act(path.read_bytes()))
    return folder


def flipped(data: bytes) -> bytes:
    middle = len(data) // 2
    return data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :]


@pytest.mark.parametrize(
    ("part", "act", "words"),
    [
        (".manifest.age", flipped, "manifest is damaged"),
        (".manifest.age", lambda data: data[:-1], "manifest is damaged"),
        (".manifest.age", lambda data: b"", "manifest is damaged"),
        (".manifest.age", lambda data: b"no backup at all" * 20, "manifest is damaged"),
        (".dump.age", flipped, "its SHA-256 is not the manifest's"),
        (".dump.age", lambda data: data[:-1000], "the dump is damaged: it has"),
        (".dump.age", lambda data: b"", "the dump is damaged: it has 0 bytes"),
    ],
)
async def test_a_changed_or_truncated_file_is_refused(
    backed_up: BackedUp, tmp_path: Path, part: str, act: Any, words: str
) -> None:
    with pytest.raises(BackupError, match=words):
        await opened(damaged(backed_up, tmp_path, part, act), backed_up.key, tmp_path)


async def test_a_wrong_or_missing_key_is_refused(backed_up: BackedUp, tmp_path: Path) -> None:
    other = tmp_path / "other.key"
    backup.write_new_identity(other)
    with pytest.raises(BackupError, match="encrypted for another"):
        await opened(backed_up.folder, Key(other, ""), tmp_path)
    with pytest.raises(BackupError, match="can't be read"):
        backup.read_identities(tmp_path / "nowhere")
    other.write_text(f"# public key: {backed_up.key.public}\n")
    with pytest.raises(BackupError, match="no secret key"):
        backup.read_identities(other)


async def test_a_swapped_dump_is_refused(backed_up: BackedUp, tmp_path: Path) -> None:
    # An attacker with write access to the folder can also encrypt for the public key.
    folder = tmp_path / "backups"
    store = store_of(backed_up.store)
    later = await make(
        backed_up.url, store, Folder(folder), backed_up.key, NOW + timedelta(hours=1)
    )
    shutil.copy(folder / f"{later.name}.dump.age", tmp_path / "dump")
    swapped = damaged(backed_up, tmp_path, ".dump.age", lambda _: (tmp_path / "dump").read_bytes())
    with pytest.raises(BackupError, match="the dump is damaged"):
        await opened(swapped, backed_up.key, tmp_path)


async def test_the_files_of_a_backup_are_encrypted(backed_up: BackedUp) -> None:
    for path in backed_up.folder.iterdir():
        data = path.read_bytes()
        assert data.startswith(b"age-encryption.org/v1\n")
        for word in ("花子".encode(), b"PGDMP", KEYS[0].encode(), b"alembic"):
            assert word not in data
    assert backed_up.key.file.stat().st_mode & 0o777 == 0o600
    with pytest.raises(BackupError, match="never overwritten"):
        backup.write_new_identity(backed_up.key.file)


async def test_a_failed_restore_leaves_the_database_unchanged(
    backed_up: BackedUp, server_url: str, tmp_path: Path
) -> None:
    identities = backup.read_identities(backed_up.key.file)
    async with (
        backup.open_backup(
            Folder(backed_up.folder), NAME, identities, tmp_path / "w"
        ) as opened_backup,
        backup.scratch_database(server_url) as target,
    ):
        truncated = tmp_path / "half"
        # The dump passed its check; the disk fails only afterwards.
        data = opened_backup.dump.read_bytes()
        assert len(data) > 70_000, "more than one chunk, so that the first chunk can be decrypted"
        truncated.write_bytes(data[:-10])
        broken = OpenedBackup(
            opened_backup.name,
            opened_backup.facts,
            opened_backup.objects,
            truncated,
            opened_backup.identities,
        )
        with pytest.raises(BackupError, match=r"damaged|changed nothing"):
            await backup.restore(broken, target)
        assert await fetch(target, "SELECT FROM pg_tables WHERE schemaname = 'public'") == []


async def test_a_database_with_rows_is_replaced_only_on_demand(
    backed_up: BackedUp, own_database: str, tmp_path: Path
) -> None:
    identities = backup.read_identities(backed_up.key.file)
    await fetch(own_database, A_GUEST.format(name="別人"))
    async with backup.open_backup(
        Folder(backed_up.folder), NAME, identities, tmp_path
    ) as opened_backup:
        with pytest.raises(BackupError, match=r"not empty.*nothing was touched"):
            await backup.restore(opened_backup, own_database)
        assert await nicknames(own_database) == ["別人"]
        await fetch(own_database, "CREATE TABLE newer (id int)")
        with pytest.raises(BackupError, match=r"does not know \(public.newer\)"):
            await backup.restore(opened_backup, own_database, replace=True)
        await fetch(own_database, "DROP TABLE newer")
        await backup.restore(opened_backup, own_database, replace=True)
        assert await nicknames(own_database) == ["花子"]


async def nicknames(url: str) -> list[str]:
    return [name for (name,) in await fetch(url, "SELECT nickname FROM users")]


# Removing old backups


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
    assert backup.list_backups(place.names()) == stamps
    assert await backup.remove_old(place, 0, NOW) == []
    removed = await backup.remove_old(place, 2, NOW)
    assert removed == [unfinished, *stamps[:3]]
    assert backup.list_backups(place.names()) == stamps[3:]
    files_left = {path.name for path in folder.iterdir()}
    assert {"notes.txt", f"{under_way}.dump.age"} <= files_left
    assert len(files_left) == 6


async def test_a_failed_backup_leaves_no_files(
    backed_up: BackedUp, server_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place, store = Folder(tmp_path / "backups"), store_of(backed_up.store)
    async with backup.scratch_database(server_url) as empty:
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
    keys = backup.read_recipients([backed_up.key.public])
    with (
        (backed_up.folder / f"{NAME}.dump.age").open("rb") as source,
        full.open("wb", buffering=0) as target,
        pytest.raises(BackupError, match="No space left"),
    ):
        encryption.encrypt(source, target, keys)


def test_a_wrong_place_or_key_in_the_settings_is_an_error(tmp_path: Path) -> None:
    def place_of(**settings: Any) -> str:
        made = Settings(_env_file=None, data_dir=tmp_path, **settings)  # type: ignore[call-arg]
        return str(backup.make_place(made))

    assert place_of(backup_to="s3://linky-backups/daily/") == "s3://linky-backups/daily"
    assert place_of(backup_to=str(tmp_path / "b")) == str(tmp_path / "b")
    with pytest.raises(BackupError, match="LINKY_BACKUP_TO"):
        place_of()
    with pytest.raises(BackupError, match="among the pictures"):
        place_of(backup_to=str(tmp_path / "storage" / "backups"))
    with pytest.raises(BackupError, match="bucket of the pictures"):
        place_of(storage="s3", s3_bucket="pictures", backup_to="s3://pictures/backups")
    for keys, words in (([], "backup-key"), (["age1nokey"], "no public key")):
        with pytest.raises(BackupError, match=words):
            backup.read_recipients(keys)


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
    assert find_program("pg_dump", 18).endswith("pg_dump")
    with pytest.raises(BackupError, match=r"pg_dump of PostgreSQL 99.*postgresql-client-99"):
        find_program("pg_dump", 99)


def test_a_complaint_never_quotes_a_row() -> None:
    stderr = "pg_restore: error: COPY failed\nCONTEXT: COPY users, line 1: hanako@example.com\n"
    assert complaint_of(stderr) == "COPY failed"
    assert complaint_of("") == "no reason given"
