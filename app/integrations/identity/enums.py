"""The identity providers' names."""

from enum import StrEnum


class SocialProvider(StrEnum):
    """A service that says who a user is."""

    LINE = "line"
    GOOGLE = "google"
    APPLE = "apple"
