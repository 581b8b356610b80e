"""The store of pictures, behind a protocol: a folder in development, a bucket in production."""

from app.integrations.storage.base import (
    CACHE_CONTROL,
    Storage,
    StorageError,
    StorageMisconfigured,
    StoredObject,
)
from app.integrations.storage.keys import (
    HIDDEN,
    find_picture_key,
    hidden_key,
    is_picture_key,
)
from app.integrations.storage.local import LocalStorage
from app.integrations.storage.s3 import S3Storage

__all__ = [
    "CACHE_CONTROL",
    "HIDDEN",
    "LocalStorage",
    "S3Storage",
    "Storage",
    "StorageError",
    "StorageMisconfigured",
    "StoredObject",
    "find_picture_key",
    "hidden_key",
    "is_picture_key",
]
