"""The identity providers' names."""

from enum import StrEnum


class SocialProvider(StrEnum):
    """A sign-in provider."""

    LINE = "line"
    GOOGLE = "google"
    APPLE = "apple"
