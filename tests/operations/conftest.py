"""Folders for an embedded database, the processes that use it, and a backup with its key.

Most of a new folder's CPU is initdb. A test that asks what comes later uses `made_dir`, a copy of a
folder that initdb and one start made.
"""

import asyncio
import os
import pwd
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.integrations.storage.local import LocalStorage
from app.operations import embedded
from app.operations.backup.encryption import write_new_identity
from app.operations.backup.making import FinishedBackup
from app.operations.backup.places import Folder
from app.operations.embedded.server import EmbeddedServer
from tests.operations.backups import A_GUEST, KEYS, BackedUp, Key, make
from tests.operations.embedded import Enter, User, copy_folder, leave
from tests.support.database import fresh_database
from tests.support.sql import fetch
from tests.support.world import token


@pytest.fixture
def hide_other_uses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hide the tests' own database from `release`: this process may be using it."""
    monkeypatch.setattr(embedded, "_uses", {})


@pytest.fixture
def data_dir(hide_other_uses: None, tmp_path: Path) -> Iterator[Path]:
    """A folder that does not exist yet."""
    folder = tmp_path / "linky"
    yield folder
    embedded.release()
    if folder.exists() and os.access(folder, os.W_OK):
        EmbeddedServer(folder).stop()


@pytest.fixture(scope="package")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder whose database was made, started and stopped. Tests copy it."""
    folder = tmp_path_factory.mktemp("made") / "linky"
    leave(User(folder))
    return folder


@pytest.fixture
def made_dir(made: Path, data_dir: Path) -> Path:
    """A folder whose database was made, started and stopped."""
    return copy_folder(made, data_dir)


@pytest.fixture
def enter() -> Iterator[Enter]:
    """Starts processes that use the database of a folder, and kills them after the test."""
    users: list[User] = []

    def start(
        folder: Path, account: pwd.struct_passwd | None = None, packages: Path | None = None
    ) -> User:
        users.append(User(folder, account, packages))
        return users[-1]

    yield start
    for user in users:
        user.kill()


@pytest.fixture(scope="package")
def key(tmp_path_factory: pytest.TempPathFactory) -> Key:
    """The key that opens the backups of the tests."""
    file = tmp_path_factory.mktemp("key") / "backup.key"
    return Key(file, write_new_identity(file))


@pytest.fixture(scope="package")
def backed_up(
    server_url: str, key: Key, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[BackedUp]:
    """Shared by all tests of backups: a test that changes the store or the folder copies it."""
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
