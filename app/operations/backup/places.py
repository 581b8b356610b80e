"""Places to keep backups: a folder or a bucket. Everything here blocks."""

import errno
import re
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

from app.core.clock import utc_now
from app.core.files import sync
from app.core.settings.config import Settings
from app.operations.backup.errors import BackupError

DUMP, MANIFEST = ".dump.age", ".manifest.age"
NAME = re.compile(r"linky-(\d{8}T\d{6}Z)(\.dump\.age|\.manifest\.age)?")
STAMP = "%Y%m%dT%H%M%SZ"
BUCKET_URL = re.compile(r"s3://([^/]+)/?(.*)")
TEMPORARY = ".linky-backup-"
ABANDONED_SECONDS = 86_400
CONNECT_SECONDS = 5
READ_SECONDS = 60
PART_BYTES = 16 * 1024 * 1024
"""The size of one part of an upload. S3 takes 10,000 parts, so 160 GB; two parts are in memory at
once.
"""
WRITABLE = "/var/backups/linky"
"""The one folder that the sandbox of linky-backup.service lets a backup write."""


class BackupPlace(Protocol):
    """Stores the files of backups by name. Every method may raise BackupError."""

    def __str__(self) -> str:
        """The place as LINKY_BACKUP_TO names it."""
        ...

    def work_folder(self, default: Path) -> Path:
        """A folder for unfinished files: `default`, unless the place has one of its own."""
        ...

    def put(self, path: Path, name: str) -> None:
        """Move a finished file from the work folder to this place, under a name."""
        ...

    def fetch(self, name: str, folder: Path) -> Path:
        """The path of a file on this machine. A download goes into `folder`."""
        ...

    def names(self) -> list[str]:
        """The files of all backups, the oldest first."""
        ...

    def remove(self, names: Iterable[str]) -> None: ...


def make_place(settings: Settings, written: str | None = None) -> BackupPlace:
    """`written` is a LINKY_BACKUP_TO; None takes that of the settings. Raises BackupError."""
    value = written or settings.backup_to
    if not value:
        raise BackupError("no place for backups: set LINKY_BACKUP_TO (a folder, or s3://bucket)")
    bucket = BUCKET_URL.fullmatch(value)
    if bucket is None:
        folder = Path(value).absolute()
        if folder.is_relative_to(settings.storage_dir.absolute()):
            raise BackupError("LINKY_BACKUP_TO is in the folder of the images; use another")
        return Folder(folder)
    if settings.storage == "s3" and bucket[1] == settings.s3_bucket:
        raise BackupError("LINKY_BACKUP_TO is the bucket of the images; use a separate one")
    return Bucket(bucket[1], bucket[2].strip("/"), settings.s3_endpoint_url)


def made_at(name: str) -> datetime:
    """The time in a backup's name. Raises BackupError."""
    match = NAME.fullmatch(name)
    if match is None:
        raise BackupError(f"{name} is not the name of a backup (linky-YYYYMMDDTHHMMSSZ)")
    return datetime.strptime(match[1], STAMP).replace(tzinfo=UTC)


def list_backups(names: Sequence[str]) -> list[str]:
    """The finished backups among a place's files, the oldest first."""
    present = set(names)
    finished = (name.removesuffix(MANIFEST) for name in names if name.endswith(MANIFEST))
    return sorted(name for name in finished if name + DUMP in present)


class Folder:
    """A folder. It should be on another disk, or be copied to another machine."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __str__(self) -> str:
        return str(self._folder)

    def work_folder(self, default: Path) -> Path:
        # On the same file system, so that a finished file is moved by a rename.
        with self._backup_errors():
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return self._folder

    def put(self, path: Path, name: str) -> None:
        with self._backup_errors():
            sync(path)
            path.chmod(0o600)
            path.rename(self._folder / name)
            sync(self._folder)

    def fetch(self, name: str, folder: Path) -> Path:
        path = self._folder / name
        if not path.is_file():
            raise BackupError(f"there is no {name} in {self}")
        return path

    def names(self) -> list[str]:
        with self._backup_errors():
            files = [path.name for path in self._folder.iterdir()] if self._folder.exists() else []
        return sorted(name for name in files if NAME.fullmatch(name))

    def remove(self, names: Iterable[str]) -> None:
        with self._backup_errors():
            for name in names:
                (self._folder / name).unlink(missing_ok=True)

    @contextmanager
    def _backup_errors(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise BackupError(f"the folder {self} can't be used ({_os_reason(error)})") from None


class Bucket:
    """A bucket of S3, or of a server with its protocol. boto3 finds the credentials as usual."""

    def __init__(self, bucket: str, prefix: str = "", endpoint_url: str | None = None) -> None:
        self._bucket = bucket
        self._prefix = f"{prefix}/" if prefix else ""
        self._endpoint_url = endpoint_url
        self._boto3_client: Any = None

    def __str__(self) -> str:
        return f"s3://{self._bucket}/{self._prefix}".rstrip("/")

    def work_folder(self, default: Path) -> Path:
        return make_folder(default)

    def put(self, path: Path, name: str) -> None:
        from boto3.s3.transfer import TransferConfig

        parts = TransferConfig(
            multipart_threshold=PART_BYTES, multipart_chunksize=PART_BYTES, max_concurrency=2
        )
        with self._backup_errors():
            self._client().upload_file(str(path), self._bucket, self._prefix + name, Config=parts)

    def fetch(self, name: str, folder: Path) -> Path:
        path = folder / name
        with self._backup_errors(missing=f"there is no {name} in {self}"), path.open("wb") as file:
            object_ = self._client().get_object(Bucket=self._bucket, Key=self._prefix + name)
            shutil.copyfileobj(object_["Body"], file, 1024 * 1024)
        return path

    def names(self) -> list[str]:
        files: list[str] = []
        with self._backup_errors():
            pages = self._client().get_paginator("list_objects_v2")
            for page in pages.paginate(Bucket=self._bucket, Prefix=self._prefix + "linky-"):
                files += [o["Key"].removeprefix(self._prefix) for o in page.get("Contents", [])]
        return sorted(name for name in files if NAME.fullmatch(name))

    def remove(self, names: Iterable[str]) -> None:
        with self._backup_errors():
            for name in names:
                self._client().delete_object(Bucket=self._bucket, Key=self._prefix + name)

    def _client(self) -> Any:
        import boto3
        from botocore.config import Config

        if self._boto3_client is None:
            self._boto3_client = boto3.session.Session().client(
                "s3",
                endpoint_url=self._endpoint_url,
                config=Config(
                    connect_timeout=CONNECT_SECONDS,
                    read_timeout=READ_SECONDS,
                    retries={"mode": "standard", "total_max_attempts": 4},
                    s3={"addressing_style": "path" if self._endpoint_url else "auto"},
                ),
            )
        return self._boto3_client

    @contextmanager
    def _backup_errors(self, missing: str | None = None) -> Iterator[None]:
        from boto3.exceptions import Boto3Error
        from botocore.exceptions import BotoCoreError, ClientError
        from urllib3.exceptions import HTTPError

        try:
            yield
        except ClientError as error:
            code = error.response.get("Error", {}).get("Code", "")
            if missing and code in ("NoSuchKey", "404"):
                raise BackupError(missing) from None
            raise BackupError(f"the bucket {self} refuses: {code}") from None
        except (BotoCoreError, Boto3Error, HTTPError) as error:
            raise BackupError(f"the bucket {self} can't be used ({_reason(error)})") from None
        except OSError as error:
            raise BackupError(f"a file of this machine can't be used ({error.strerror})") from None


def _reason(error: Exception) -> str:
    """The error code of S3. After an upload boto3 gives only a sentence that contains it."""
    code = re.search(r"\((\w+)\) when calling", str(error))
    return code[1] if code else type(error).__name__


def make_folder(folder: Path) -> Path:
    """Makes the folder unless it exists. Raises BackupError."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BackupError(f"{folder} can't be written ({error.strerror})") from None
    return folder


def _os_reason(error: OSError) -> str:
    if error.errno != errno.EROFS:
        return str(error.strerror)
    return f"{error.strerror}; linky-backup.service can write only {WRITABLE}, if it exists"


@contextmanager
def temporary_folder(parent: Path) -> Iterator[Path]:
    """A new folder in `parent`, removed afterwards. Raises BackupError.

    A process that is killed leaves its folder behind. A later call removes it a day later.
    """
    for folder in parent.glob(TEMPORARY + "*"):
        if folder.stat().st_mtime < utc_now().timestamp() - ABANDONED_SECONDS:
            shutil.rmtree(folder, ignore_errors=True)
    try:
        made = tempfile.TemporaryDirectory(prefix=TEMPORARY, dir=parent)
    except OSError as error:
        raise BackupError(f"{parent} can't be written ({_os_reason(error)})") from None
    with made as name:
        yield Path(name)
