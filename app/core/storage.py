"""Where pictures are kept, behind a protocol: a folder in development, a bucket in production."""

import os
import tempfile
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import Protocol

from anyio import to_thread


class StorageError(Exception):
    """The store can't be reached or refuses. The API answers 503."""


class Storage(Protocol):
    """Objects by key. A key's content never changes, so that caches may keep it for ever."""

    async def put(self, key: str, data: bytes, content_type: str) -> None:
        """Store an object; StorageError if that fails."""
        ...

    async def delete(self, keys: Iterable[str]) -> None:
        """Remove objects; one that is not there is no error."""
        ...

    def url(self, key: str) -> str:
        """Where clients load the object from."""
        ...


class LocalStorage:
    """A folder, served by the app itself under `/media/`."""

    def __init__(self, folder: Path, base_url: str) -> None:
        self._folder = folder
        self._base_url = base_url

    async def put(self, key: str, data: bytes, content_type: str) -> None:
        await to_thread.run_sync(self._write, key, data)

    async def delete(self, keys: Iterable[str]) -> None:
        await to_thread.run_sync(self._remove, list(keys))

    def url(self, key: str) -> str:
        return self._base_url + key

    def _path(self, key: str) -> Path:
        path = (self._folder / key).resolve()
        if not path.is_relative_to(self._folder.resolve()):
            raise StorageError(f"the key {key!r} leaves the folder")
        return path

    def _write(self, key: str, data: bytes) -> None:
        path = self._path(key)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            # Under its own name only once it is whole: a reader never sees half a picture.
            handle, name = tempfile.mkstemp(dir=path.parent)
            with os.fdopen(handle, "wb") as file:
                file.write(data)
            Path(name).chmod(0o644)
            Path(name).replace(path)
        except OSError as error:
            raise StorageError(str(error)) from error

    def _remove(self, keys: list[str]) -> None:
        for remove in (partial(self._path(key).unlink, missing_ok=True) for key in keys):
            try:
                remove()
            except OSError as error:
                raise StorageError(str(error)) from error
