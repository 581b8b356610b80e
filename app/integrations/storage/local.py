"""A folder, served by the app itself under `/media/`."""

import os
import tempfile
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from errno import ENOENT
from pathlib import Path
from stat import S_ISREG
from uuid import uuid4

from anyio import to_thread

from app.core.files import sync
from app.integrations.storage.base import StorageError, StorageMisconfigured, StoredObject

LISTED_AT_ONCE = 1000
FOLDER_TRIES = 10
"""A deletion also removes empty folders, perhaps just after we made one and before we use it."""


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
        objects = await to_thread.run_sync(lambda: list(self._walk(prefix, after)))
        for start in range(0, len(objects), LISTED_AT_ONCE):
            yield objects[start : start + LISTED_AT_ONCE]

    def url(self, key: str) -> str:
        return self._base_url + key

    async def check(self) -> None:
        key = f"probe/{uuid4()}"
        try:
            await self.put(key, b"", "text/plain")
            await self.delete([key])
        except StorageError as error:
            raise StorageMisconfigured(
                f"The folder {self._folder} can't be written ({error}); "
                "set LINKY_DATA_DIR to one that can."
            ) from None

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
        root = self._folder.resolve()
        # By the whole key, as in a bucket: paths would be in the order of their parts.
        found = {p.relative_to(root).as_posix(): p for p in self._path(prefix).rglob("*")}
        for key, path in sorted(found.items()):
            if key <= after:
                continue
            try:
                status = path.stat()
            except FileNotFoundError:
                continue  # Deleted since the folder was read.
            if S_ISREG(status.st_mode):
                modified_at = datetime.fromtimestamp(status.st_mtime, UTC)
                yield StoredObject(key, modified_at, status.st_size)


def _new_file(folder: Path) -> tuple[int, str]:
    """An open file with a unique name. Makes the folder, again if it was just removed."""
    for _ in range(FOLDER_TRIES):
        with suppress(FileNotFoundError):
            folder.mkdir(parents=True, exist_ok=True)
            return tempfile.mkstemp(dir=folder)
    raise FileNotFoundError(ENOENT, "the folder was removed again and again", str(folder))


@contextmanager
def _as_storage_error() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StorageError(error.strerror or str(error)) from error
