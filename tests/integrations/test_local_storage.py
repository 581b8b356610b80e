"""A folder as a store: what survives a power cut, and how much of the folder a listing reads."""

import errno
import os
import stat
import tempfile
from collections.abc import AsyncIterator
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from app.core.settings.config import SettingsError
from app.integrations.storage.base import StorageError, StorageMisconfigured, StoredObject
from app.integrations.storage.local import LocalStorage
from app.main import ensure_startable
from tests.support.apps import SettingsOfTests
from tests.support.s3 import few_at_once

pytestmark = pytest.mark.anyio

PICTURE = b"RIFF\x00\x01picture"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "store"


@pytest.fixture
def storage(folder: Path) -> LocalStorage:
    return LocalStorage(folder, "")


async def keys_of(batches: AsyncIterator[list[StoredObject]]) -> list[str]:
    return [stored.key async for batch in batches for stored in batch]


async def test_the_names_of_a_picture_and_of_its_folders_are_on_the_disk_when_it_is_stored(
    storage: LocalStorage, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str | int] = []
    replace, fsync = Path.replace, os.fsync

    def note_replace(path: Path, target: Path) -> Path:
        done.append("replaced")
        return replace(path, target)

    def note_fsync(descriptor: int) -> None:
        done.append(os.fstat(descriptor).st_ino)
        fsync(descriptor)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", note_replace)
        patch.setattr(os, "fsync", note_fsync)
        await storage.put("images/1/full.webp", PICTURE, "image/webp")
    own = folder / "images/1"
    file, *folders = (p.stat().st_ino for p in (own / "full.webp", own, own.parent, folder))
    assert done == [file, "replaced", *folders]


async def test_a_folder_on_a_disk_that_syncs_no_folders_is_a_store(
    storage: LocalStorage, monkeypatch: pytest.MonkeyPatch
) -> None:
    fsync = os.fsync

    def refuse_folders(descriptor: int) -> None:
        if stat.S_ISDIR(os.fstat(descriptor).st_mode):
            raise OSError(errno.EINVAL, "Invalid argument")
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", refuse_folders)
    await storage.put("images/1/full.webp", PICTURE, "image/webp")
    assert await storage.read("images/1/full.webp") == PICTURE


@pytest.fixture
def scanned(folder: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The folders of the store that are read from now on."""
    names: list[str] = []
    scandir = os.scandir

    def note(path: Any) -> Any:
        if isinstance(path, Path) and path.is_relative_to(folder):
            names.append(path.relative_to(folder).as_posix())
        return scandir(path)

    monkeypatch.setattr(os, "scandir", note)
    return names


async def test_a_listing_reads_only_the_folders_that_it_needs(
    storage: LocalStorage, scanned: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    few_at_once(monkeypatch)
    keys = [f"images/{n}/{size}.webp" for n in range(9) for size in ("full", "thumbnail")]
    for key in keys:
        await storage.put(key, PICTURE, "image/webp")
    scanned.clear()
    async for batch in storage.list_objects("images/"):
        assert [stored.key for stored in batch] == keys[:2]
        break
    assert scanned == ["images", "images/0"]
    scanned.clear()
    assert await keys_of(storage.list_objects("images/", keys[-2])) == keys[-1:]
    assert scanned == ["images", "images/8"]
    scanned.clear()
    assert await keys_of(storage.list_objects("images/8/")) == keys[-2:]
    assert scanned == ["images/8"]


async def test_a_listing_has_the_order_of_whole_keys_whatever_it_begins_with(
    storage: LocalStorage,
) -> None:
    # In a key `-` and `.` come before the slash of a folder, and `0` comes after it.
    names = ("a", "a-b", "a0")
    parts = [part for depth in (1, 2, 3) for part in product(names, repeat=depth)]
    pictures = [f"images/{'/'.join(part)}.webp" for part in parts]
    keys = sorted([*pictures, "covers/a.webp", "imagesque/a.webp"])
    for key in keys:
        await storage.put(key, PICTURE, "image/webp")
    folders = [f"images/{name}/" for name in names]
    prefixes = ("", "image", "images/", "images/a", "images/a-", "images/b/", "images/a.webp/")
    for prefix, after in product([*prefixes, *folders], ["", "b", "z", *keys, *folders]):
        expected = [key for key in keys if key.startswith(prefix) and key > after]
        assert await keys_of(storage.list_objects(prefix, after)) == expected, (prefix, after)


async def test_what_is_deleted_during_a_listing_is_left_out(
    storage: LocalStorage, monkeypatch: pytest.MonkeyPatch
) -> None:
    few_at_once(monkeypatch)
    keys = [f"images/{n}/{letter}.webp" for n in range(3) for letter in "abc"]
    for key in keys:
        await storage.put(key, PICTURE, "image/webp")
    seen: list[str] = []
    async for batch in storage.list_objects("images/"):
        seen += [stored.key for stored in batch]
        await storage.delete(keys[2:8])
    assert seen == [*keys[:2], keys[8]]


async def test_a_listing_outside_the_folder_or_of_what_can_not_be_read_is_refused(
    storage: LocalStorage, monkeypatch: pytest.MonkeyPatch
) -> None:
    await storage.put("images/1/full.webp", PICTURE, "image/webp")
    with pytest.raises(StorageError):
        await keys_of(storage.list_objects("../"))

    def refuse(_: Path) -> None:
        raise PermissionError(13, "Permission denied")

    with monkeypatch.context() as patch:
        patch.setattr(os, "scandir", refuse)
        with pytest.raises(StorageError, match="Permission denied"):
            await keys_of(storage.list_objects("images/"))


def refuse_new_files(monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    def refuse(**_: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(tempfile, "mkstemp", refuse)


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
async def test_a_full_disk_is_trouble_that_passes(
    storage: LocalStorage, folder: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    refuse_new_files(monkeypatch, number)
    with pytest.raises(StorageError, match="make room on its disk") as refused:
        await storage.check()
    assert not isinstance(refused.value, StorageMisconfigured)
    assert str(folder) in str(refused.value)


async def test_a_folder_that_may_not_be_written_is_a_wrong_setting(
    storage: LocalStorage, monkeypatch: pytest.MonkeyPatch
) -> None:
    refuse_new_files(monkeypatch, errno.EACCES)
    with pytest.raises(StorageMisconfigured, match="set LINKY_DATA_DIR"):
        await storage.check()


def test_the_server_starts_on_a_full_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = SettingsOfTests(data_dir=tmp_path, database_url="postgresql://db.example/linky")
    _ = settings.signing_keys  # Written before the disk is full.
    refuse_new_files(monkeypatch, errno.ENOSPC)
    with capture_logs() as logs:
        ensure_startable(settings)
    assert [entry["event"] for entry in logs] == ["storage_out_of_reach"]
    refuse_new_files(monkeypatch, errno.EROFS)
    with pytest.raises(SettingsError, match="set LINKY_DATA_DIR"):
        ensure_startable(settings)
