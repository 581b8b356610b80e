"""Making a backup of a database and its store, and what a check says about it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from app.integrations.storage.local import LocalStorage
from app.operations.backup.checking import Finding, check_restored
from app.operations.backup.encryption import read_identities, read_recipients
from app.operations.backup.making import FinishedBackup, make_backup
from app.operations.backup.places import Folder
from app.operations.backup.restoring import OpenedBackup, open_backup
from tests.support.sql import fetch

NOW = datetime(2026, 11, 25, 18, 10, tzinfo=UTC)
NAME = "linky-20261125T181000Z"
"""Of a backup that is made at NOW."""

A_GUEST = "INSERT INTO users (provider, nickname, role) VALUES ('guest', '{name}', 'guest')"
KEYS = [f"images/{n}/{size}.webp" for n in range(3) for size in ("full", "small")]
"""Of the three pictures in the store of `BackedUp`."""


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


async def make(
    url: str, storage: LocalStorage, place: Folder, key: Key, now: datetime = NOW
) -> FinishedBackup:
    """Make a backup in `place`, for the owner of `key`."""
    recipients = read_recipients([key.public])
    work_folder = Path(str(place)).parent / "workshop"
    return await make_backup(
        url, storage, place, recipients, work_folder=work_folder, now=now, version="9.8.7"
    )


def store_of(folder: Path) -> LocalStorage:
    return LocalStorage(folder, "http://test/media/")


@asynccontextmanager
async def opened_for(
    backed_up: BackedUp, folder: Path, *, cut_short: bool = False
) -> AsyncIterator[OpenedBackup]:
    """The backup, opened. `cut_short` is a disk that fails only after the dump passed its check."""
    identities = read_identities(backed_up.key.file)
    async with open_backup(
        Folder(backed_up.folder), NAME, identities, folder / "workshop"
    ) as opened:
        yield _without_its_end(opened, folder / "half") if cut_short else opened


def _without_its_end(opened: OpenedBackup, path: Path) -> OpenedBackup:
    data = opened.dump.read_bytes()
    assert len(data) > 70_000, "more than one chunk, so that the first chunk can be decrypted"
    path.write_bytes(data[:-10])
    return replace(opened, dump=path)


async def checked(
    backed_up: BackedUp, folder: Path, store: Path, tmp_path: Path, *, live: str | None = None
) -> list[Finding]:
    """Compare the newest backup with the database it was made from, and a store with both."""
    identities = read_identities(backed_up.key.file)
    place = Folder(folder)
    async with open_backup(place, None, identities, tmp_path / "workshop") as opened_backup:
        return await check_restored(
            opened_backup, backed_up.url, store_of(store), live_url=live, sample=50, migrate=True
        )


def wrong(findings: list[Finding]) -> list[str]:
    """The words of each finding that is not right."""
    return [finding.words for finding in findings if not finding.is_right]


async def nicknames(url: str) -> list[str]:
    return [name for (name,) in await fetch(url, "SELECT nickname FROM users")]
