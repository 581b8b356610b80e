"""A folder as a store: what survives a power cut."""

import os
from pathlib import Path

import pytest

from app.integrations.storage import LocalStorage

pytestmark = pytest.mark.anyio

PICTURE = b"RIFF\x00\x01picture"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "store"


@pytest.fixture
def storage(folder: Path) -> LocalStorage:
    return LocalStorage(folder, "")


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
