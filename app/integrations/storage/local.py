"""A folder, served by the app itself under `/media/`."""

import os
import tempfile
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from errno import EDQUOT, ENOENT, ENOSPC
from itertools import islice
from pathlib import Path
from stat import S_ISREG
from uuid import uuid4

from anyio import to_thread

from app.core.files import sync
from app.integrations.storage.base import StorageError, StorageMisconfigured, StoredObject

LISTED_AT_ONCE = 1000
FOLDER_TRIES = 10
"""A deletion also removes empty folders, perhaps just after we made one and before we use it."""

_FULL = (ENOSPC, EDQUOT)
"""The disk is full, or its user's share of it. What is stored can still be read."""


class LocalStorage:
    """Objects as files: for one server, and for development."""

    def __init__(self, folder: Path, base_url: str) -> None:
        self._folder = folder
        self._base_url = base_url

    async def put(self, key: str, data: bytes, content_type: str) -> None:
        await to_thread.run_sync(self._write, key, data)

    async def read(self, key: str) -> bytes | None:
        return await to_thread.run_sync(self._read, key)

    async def exists(self, key: str) -> bool:
        return await to_thread.run_sync(lambda: self._path(key).is_file())

    async def copy(self, source: str, target: str) -> bool:
        return await to_thread.run_sync(self._copy, source, target)

    async def delete(self, keys: Iterable[str]) -> None:
        await to_thread.run_sync(self._remove, list(keys))

    async def list_objects(self, prefix: str, after: str = "") -> AsyncIterator[list[StoredObject]]:
        objects = self._walk(prefix, after)
        while batch := await to_thread.run_sync(_next_batch, objects):
            yield batch

    def url(self, key: str) -> str:
        return self._base_url + key

    async def check(self) -> None:
        key = f"probe/{uuid4()}"
        try:
            await self.put(key, b"", "text/plain")
            await self.delete([key])
        except StorageError as error:
            words = f"The folder {self._folder} can't be written ({error}); "
            if isinstance(error.__cause__, OSError) and error.__cause__.errno in _FULL:
                raise StorageError(words + "make room on its disk.") from None
            raise StorageMisconfigured(words + "set LINKY_DATA_DIR to one that can.") from None

    def _path(self, key: str) -> Path:
        path = (self._folder / key).resolve()
        if not path.is_relative_to(self._folder.resolve()):
            raise StorageError(f"the key {key!r} leaves the folder")
        return path

    def _write(self, key: str, data: bytes) -> None:
        path = self._path(key)
        with _as_storage_error():
            # The file gets its name when it is complete, so a reader never sees half a picture.
            handle, name = _new_file(path.parent)
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(data)
                    file.flush()
                    os.fsync(file.fileno())
                Path(name).chmod(0o644)
                Path(name).replace(path)
            except BaseException:
                # Otherwise a full disk would fill up with incomplete files.
                Path(name).unlink(missing_ok=True)
                raise
            self._sync_folders(path)

    def _sync_folders(self, path: Path) -> None:
        """Make a file's name survive a power cut, before a row names the file.

        The folders above may be new, too. Another upload may have made them, and not have come to
        this yet, so all are written.
        """
        root = self._folder.resolve()
        for folder in path.parents:
            with suppress(FileNotFoundError):  # Deleted since, with all that it held.
                sync(folder)
            if folder == root:
                return

    def _read(self, key: str) -> bytes | None:
        with _as_storage_error():
            path = self._path(key)
            try:
                return path.read_bytes() if path.is_file() else None
            except FileNotFoundError:
                return None  # Deleted since we asked.

    def _copy(self, source: str, target: str) -> bool:
        data = self._read(source)
        if data is None:
            return False
        self._write(target, data)
        return True

    def _remove(self, keys: list[str]) -> None:
        with _as_storage_error():
            for key in keys:
                path = self._path(key)
                path.unlink(missing_ok=True)
                self._remove_empty(path.parent)

    def _remove_empty(self, folder: Path) -> None:
        # Empty folders would accumulate. A bucket has none.
        if folder != self._folder.resolve():
            with suppress(OSError):  # It is not empty, or another deletion was faster.
                folder.rmdir()

    def _walk(self, prefix: str, after: str) -> Iterator[StoredObject]:
        folder = prefix[: prefix.rfind("/") + 1]
        self._path(folder)  # Raises StorageError if it leaves the folder.
        yield from _objects_in(self._folder, folder, prefix, after)


def _new_file(folder: Path) -> tuple[int, str]:
    """An open file with a unique name. Makes the folder, again if it was just removed."""
    for _ in range(FOLDER_TRIES):
        with suppress(FileNotFoundError):
            folder.mkdir(parents=True, exist_ok=True)
            return tempfile.mkstemp(dir=folder)
    raise FileNotFoundError(ENOENT, "the folder was removed again and again", str(folder))


def _next_batch(objects: Iterator[StoredObject]) -> list[StoredObject]:
    with _as_storage_error():
        return list(islice(objects, LISTED_AT_ONCE))


def _objects_in(root: Path, folder: str, prefix: str, after: str) -> Iterator[StoredObject]:
    """What `list_objects` lists of a folder. Each folder is read when the walk comes to it."""
    for key in _keys_in(root, folder, prefix, after):
        if key.endswith("/"):
            yield from _objects_in(root, key, prefix, after)
        elif (stored := _find_object(root, key)) is not None:
            yield stored


def _keys_in(root: Path, folder: str, prefix: str, after: str) -> list[str]:
    """The keys in a folder that are behind another key or may have some: a folder's ends with `/`.

    In the order of whole keys, as in a bucket: `a-b` comes before `a/b`.
    """
    try:
        with os.scandir(root / folder) as entries:
            keys = (_key_of(folder, entry) for entry in entries)
            return sorted(key for key in keys if key.startswith(prefix) and _is_behind(key, after))
    except (FileNotFoundError, NotADirectoryError):
        return []  # There is none, or it was deleted since the folder above was read.


def _key_of(folder: str, entry: os.DirEntry[str]) -> str:
    end = "/" if entry.is_dir(follow_symlinks=False) else ""
    return f"{folder}{entry.name}{end}"


def _is_behind(key: str, after: str) -> bool:
    return key > after or (key.endswith("/") and after.startswith(key))


def _find_object(root: Path, key: str) -> StoredObject | None:
    try:
        status = (root / key).stat()
    except FileNotFoundError:
        return None  # Deleted since the folder was read.
    if not S_ISREG(status.st_mode):
        return None
    return StoredObject(key, datetime.fromtimestamp(status.st_mtime, UTC), status.st_size)


@contextmanager
def _as_storage_error() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StorageError(error.strerror or str(error)) from error
