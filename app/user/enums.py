"""The fixed values of users."""

from enum import StrEnum


class Role(StrEnum):
    USER = "user"
    MODERATOR = "moderator"
    """Decides about what users wrote, and about members. The rest is for admins."""

    ADMIN = "admin"
    GUEST = "guest"


STAFF = frozenset((Role.MODERATOR, Role.ADMIN))


class UserStatus(StrEnum):
    ACTIVE = "active"
    SUSPENDED = "suspended"


class EntryMethod(StrEnum):
    """How an account or a session began: by a sign-in method, or as a guest."""

    EMAIL = "email"
    GUEST = "guest"
    LINE = "line"
    GOOGLE = "google"
    APPLE = "apple"


class SignInMethod(StrEnum):
    """A sign-in method. An account can have several, one of each kind."""

    EMAIL = "email"
    LINE = "line"
    GOOGLE = "google"
    APPLE = "apple"


class MayPublish(StrEnum):
    """Whether an account may publish, or the first reason why it may not."""

    YES = "yes"
    ACCOUNT_SUSPENDED = "account_suspended"
    GUEST = "guest"
    TERMS_REQUIRED = "terms_required"
    EMAIL_UNVERIFIED = "email_unverified"


class UserLocale(StrEnum):
    JA = "ja"
    EN = "en"
