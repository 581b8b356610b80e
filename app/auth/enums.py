"""The fixed values of auth."""

from enum import StrEnum


class Verified(StrEnum):
    """What a link that verifies an address has done."""

    CONFIRMED = "confirmed"
    CLOSED = "closed"
    """All but the address: the account is its owner's."""

    REMOVED = "removed"
    """The address, off an account that is another person's."""


class AppleEventKind(StrEnum):
    """What Apple's server tells, by its own words. `account-deleted` is in its older documents."""

    CONSENT_REVOKED = "consent-revoked"
    ACCOUNT_DELETE = "account-delete"
    ACCOUNT_DELETED = "account-deleted"
    EMAIL_DISABLED = "email-disabled"
    EMAIL_ENABLED = "email-enabled"


class MailPurpose(StrEnum):
    """What a mailed token is for."""

    VERIFY_EMAIL = "verify_email"
    RESET_PASSWORD = "reset_password"
    LEAVE = "leave"
    CHANGE_EMAIL = "change_email"


class MailKind(StrEnum):
    """An address gets one mail of each kind a minute, and five a day."""

    SIGNED_UP = "signed_up"
    VERIFY_EMAIL = "verify_email"
    RESET_PASSWORD = "reset_password"
    LEAVE = "leave"
    CHANGE_EMAIL = "change_email"
    EMAIL_CHANGE_ASKED = "email_change_asked"
    PASSWORD_CHANGED = "password_changed"
    LEFT = "left"
    APPEAL_DECIDED = "appeal_decided"
