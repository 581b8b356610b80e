"""The fixed values of images."""

from enum import StrEnum


class ObjectLocation(StrEnum):
    """Where an object belongs: at its public address, or where only admins can read it."""

    PUBLIC = "public"
    HIDDEN = "hidden"


class PictureSize(StrEnum):
    """The two sizes of an image, as in its private URLs."""

    FULL = "full"
    THUMBNAIL = "thumbnail"
