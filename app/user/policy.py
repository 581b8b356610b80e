"""What a user may do, by role, suspension, terms and nickname. Pure functions."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum
from typing import Protocol
from uuid import UUID

from app.core.errors import AppError, SessionRevoked
from app.core.settings.config import Settings
from app.user.enums import STAFF, MayPublish, Role, UserLocale, UserStatus
from app.user.exceptions import (
    AccountSuspended,
    AdminOnly,
    EmailUnverified,
    GuestNotAllowed,
    MfaRequired,
    NicknameReserved,
    TermsRequired,
)
from app.user.nicknames.staff import passes_for_staff
from app.user.rows import NicknameRow, OwnAccount, unnamed

UNPROVED_FOR = timedelta(hours=24)
"""For how long an unverified address is a sign-in method beside another one."""

MFA_LASTS = timedelta(hours=12)
"""For how long a session has passed the second step: as long as the console is open at most."""


@dataclass(frozen=True, slots=True)
class Viewer:
    """The caller of a request, and the session of their token.

    `terms_version`, `locale`, the second step, the verified sign-in method and the last proof come
    from the database. A read that trusts its token does not ask the database, and has the defaults.
    """

    user_id: UUID
    session_id: UUID
    role: Role
    terms_version: str | None = None
    locale: UserLocale = UserLocale.JA
    has_mfa: bool = False
    passed_mfa: bool = False
    is_verified: bool = False
    proved_at: datetime | None = None

    @property
    def is_guest(self) -> bool:
        return self.role == Role.GUEST


class MinimumRole(IntEnum):
    """What a caller must be at least. Each is all that stands before it, too."""

    GUEST = 1
    MEMBER = 2
    AUTHOR = 3
    """A member who may publish (`may_publish`)."""

    MODERATOR = 4
    ADMIN = 5


@dataclass(frozen=True, slots=True)
class Access:
    """What is asked of a caller, beside an open session. `SessionService.admit` asks it."""

    least: MinimumRole = MinimumRole.GUEST
    suspended: bool = False
    """Whether a suspended user is admitted, too."""

    second_step: bool = True
    """Whether the session must have passed the second step, if the user has one (ADR 0079)."""

    @property
    def refusals(self) -> Iterable[type[AppError]]:
        """The errors of those who are not admitted."""
        yield SessionRevoked
        if not self.suspended:
            yield AccountSuspended
        if self.second_step:
            yield MfaRequired
        if self.least >= MinimumRole.MODERATOR:
            yield AdminOnly
        elif self.least >= MinimumRole.MEMBER:
            yield GuestNotAllowed
        if self.least == MinimumRole.AUTHOR:
            yield TermsRequired
            yield EmailUnverified


USER = Access()
MEMBER = Access(MinimumRole.MEMBER)
AUTHOR = Access(MinimumRole.AUTHOR)
MODERATOR = Access(MinimumRole.MODERATOR)
ADMIN = Access(MinimumRole.ADMIN)
ENTRANT = Access(second_step=False)
"""A session that may still have to pass the second step."""

OWNER = Access(suspended=True, second_step=False)
"""Each user with an open session. It is not enough for a write."""

EXPORTER = Access(suspended=True)


def ensure_admitted(viewer: Viewer, access: Access, settings: Settings) -> None:
    """Raises AdminOnly, MfaRequired, GuestNotAllowed, TermsRequired, EmailUnverified."""
    is_for_staff = access.least >= MinimumRole.MODERATOR
    if is_for_staff:
        ensure_staff(viewer)
    if access.least == MinimumRole.ADMIN:
        ensure_admin(viewer)
    if access.second_step:
        _ensure_mfa(viewer, required=is_for_staff and mfa_is_required(settings))
    if access.least >= MinimumRole.MEMBER:
        ensure_member(viewer)
    if access.least == MinimumRole.AUTHOR:
        ensure_may_publish(
            viewer.role, viewer.terms_version, is_verified=viewer.is_verified, settings=settings
        )


def ensure_may_publish(
    role: str, terms_version: str | None, *, is_verified: bool, settings: Settings
) -> None:
    """For a user who is not suspended. Raises GuestNotAllowed, TermsRequired, EmailUnverified."""
    match _unless_suspended(role, terms_version, is_verified=is_verified, settings=settings):
        case MayPublish.GUEST:
            raise GuestNotAllowed
        case MayPublish.TERMS_REQUIRED:
            raise TermsRequired
        case MayPublish.EMAIL_UNVERIFIED:
            raise EmailUnverified


def _unless_suspended(
    role: str, terms_version: str | None, *, is_verified: bool, settings: Settings
) -> MayPublish:
    """Whether a user who is not suspended may publish, or the first reason why not.

    `terms_version` is what they have accepted, and `is_verified` `models.is_verified`.
    """
    if role == Role.GUEST:
        return MayPublish.GUEST
    if settings.terms_version not in (None, terms_version):
        return MayPublish.TERMS_REQUIRED
    if settings.needs_to_publish == "verified_email" and not is_verified:
        return MayPublish.EMAIL_UNVERIFIED
    return MayPublish.YES


def may_publish(account: OwnAccount, settings: Settings) -> MayPublish:
    """What the account's owner sees before they write."""
    if account.is_suspended:
        return MayPublish.ACCOUNT_SUSPENDED
    of = account.account
    return _unless_suspended(
        of.role, of.terms_version, is_verified=account.is_verified, settings=settings
    )


class Unproved(Protocol):
    """When a user's e-mail sign-in lapses. Several kinds of rows have it."""

    @property
    def email_verified_at(self) -> datetime | None: ...

    @property
    def email_lapses_at(self) -> datetime | None: ...


def has_lapsed(user: Unproved, now: datetime) -> bool:
    """The e-mail sign-in is closed, although the job that notes it may be late."""
    lapses_at = user.email_lapses_at
    return lapses_at is not None and lapses_at <= now and user.email_verified_at is None


class Suspendable(Protocol):
    """A user's suspension, in whatever row it comes."""

    @property
    def status(self) -> str: ...

    @property
    def suspended_until(self) -> datetime | None: ...

    @property
    def suspension_id(self) -> UUID | None: ...

    @property
    def suspension_reason(self) -> str: ...


def is_suspended(user: Suspendable, now: datetime) -> bool:
    """A suspension is over at its end. The job that notes this may be late."""
    until = user.suspended_until
    return user.status == UserStatus.SUSPENDED and (until is None or until > now)


def ensure_member(viewer: Viewer) -> None:
    """Raises GuestNotAllowed."""
    if viewer.is_guest:
        raise GuestNotAllowed


def ensure_admin(viewer: Viewer) -> None:
    """Raises AdminOnly."""
    if viewer.role != Role.ADMIN:
        raise AdminOnly


def ensure_staff(viewer: Viewer) -> None:
    """That the caller is an admin or a moderator. Raises AdminOnly."""
    if viewer.role not in STAFF:
        raise AdminOnly


def shown_email(viewer: Viewer, email: str | None) -> str | None:
    """A user's address as an admin sees it. Moderators see it masked."""
    return email if email is None or viewer.role == Role.ADMIN else masked(email)


def masked(email: str) -> str:
    """`a…@d….jp` for `alice@dev.example.jp`.

    Kept are the first character of the local part, the first of the domain, and the last label of
    the domain if it has several. So a mask does not tell how long the parts are. A domain is
    treated as it is stored, in Unicode or as `xn--…`.
    """
    local, _, domain = email.rpartition("@")
    _, dot, last = domain.rpartition(".")
    return f"{local[:1]}…@{domain[:1]}…{dot}{last if dot else ''}"


def mfa_is_required(settings: Settings) -> bool:
    """Whether admins and moderators must have a second step. By default in production only."""
    return (settings.admin_mfa or ("required" if settings.is_production else "")) == "required"


def has_passed_mfa(passed_at: datetime | None, now: datetime) -> bool:
    """Whether the second step that a session passed then still counts."""
    return passed_at is not None and now - passed_at < MFA_LASTS


def _ensure_mfa(viewer: Viewer, *, required: bool = False) -> None:
    """The session has passed the second step, if the user has one or must have one.

    Raises MfaRequired.
    """
    if not viewer.passed_mfa and (viewer.has_mfa or required):
        raise MfaRequired


def has_chosen_nickname(user: NicknameRow, app_name: str) -> bool:
    """Whether a user is there and did not get the nickname from us."""
    if user.has_left or user.role == Role.GUEST or user.nickname == unnamed(app_name):
        return False
    return user.role not in STAFF or not passes_for_staff(user.nickname, app_name)


def ensure_not_staffs(nickname: str, app_name: str) -> None:
    """For all but admins and moderators. Raises NicknameReserved."""
    if passes_for_staff(nickname, app_name):
        raise NicknameReserved
