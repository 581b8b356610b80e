"""The use cases of pictures, and what jobs do with their objects in the store."""

from app.image.rows import (
    DELETE_OBJECTS,
    PLACE_OBJECTS,
    PLACE_OBJECTS_OF,
    SWEEP_STORE,
    StoredKeys,
    Sweep,
)
from app.image.service.images import UNATTACHED_FOR, ImageService
from app.image.service.placing import StoredPictureService

__all__ = [
    "DELETE_OBJECTS",
    "PLACE_OBJECTS",
    "PLACE_OBJECTS_OF",
    "SWEEP_STORE",
    "UNATTACHED_FOR",
    "ImageService",
    "StoredKeys",
    "StoredPictureService",
    "Sweep",
]
