"""Where pictures are kept, behind a protocol: a folder in development, a bucket in production."""

from app.core.storage.base import (
    CACHE_CONTROL,
    Storage,
    StorageError,
    StorageMisconfigured,
    StoredObject,
)
from app.core.storage.local import LocalStorage
from app.core.storage.s3 import S3Storage

__all__ = [
    "CACHE_CONTROL",
    "LocalStorage",
    "S3Storage",
    "Storage",
    "StorageError",
    "StorageMisconfigured",
    "StoredObject",
]
