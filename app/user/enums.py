"""The fixed values of users."""

from enum import StrEnum


class Role(StrEnum):
    USER = "user"
    ADMIN = "admin"
    GUEST = "guest"


class UserStatus(StrEnum):
    ACTIVE = "active"
    SUSPENDED = "suspended"


class SignInMethod(StrEnum):
    """How a user signs in."""

    EMAIL = "email"
    GUEST = "guest"
    LINE = "line"
    GOOGLE = "google"
    APPLE = "apple"


class UserLocale(StrEnum):
    JA = "ja"
    EN = "en"
