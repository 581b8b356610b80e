"""Whom one may act on, and whether a thing is still as the admin's page showed it. Pure functions.

A page puts the version of each thing into the thing's forms, and each form brings it back as
`seen`. The act locks the thing, compares the versions, and only then writes.
"""

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from app.admin.exceptions import (
    NOT_IN_FUTURE,
    TOO_LATE,
    AboutStaff,
    ChangedMeanwhile,
    OwnContent,
    TooLate,
)
from app.core.errors import AppError, ValidationFailed
from app.lounge.rows import Lounge
from app.lounge_request.rows import LoungeRequest
from app.reports.rows import CaseRow
from app.user.enums import STAFF, Role
from app.user.models import User
from app.user.policy import Viewer

FURTHEST = timedelta(days=3653)
"""Ten years: how far ahead a suspension may end, or an announcement be published."""

type Version = str
"""A fingerprint of all that an admin looks at when they decide about a thing."""


def user_version(user: User) -> Version:
    until = user.suspended_until and user.suspended_until.isoformat()
    suspension = (user.suspension_reason, until, user.suspension_hides)
    return _fingerprint(user.role, user.status, *suspension)


def lounge_version(lounge: Lounge) -> Version:
    return _fingerprint(lounge.name, lounge.description, lounge.cover_url, lounge.closed)


def request_version(request: LoungeRequest) -> Version:
    """No route changes a request's words yet. An admin's form is safe if one will."""
    return _fingerprint(request.name, request.description, request.reason)


def case_version(case: CaseRow) -> Version:
    """Another report for the same reasons and about the same text changes nothing."""
    return _fingerprint(*sorted(case.reasons), case.version_count)


def content_version(
    moderation: str, title: str | None, body: str, images: Sequence[str] = ()
) -> Version:
    """Of a post or a comment, which its author can edit while it waits for review.

    `images` are the keys of a post's thumbnails, in their order.
    """
    return _fingerprint(moderation, title, body, list(images))


def words_version(words: Sequence[str], exceptions: Sequence[str]) -> Version:
    return _fingerprint(list(words), list(exceptions))


def reason_version(ja: str, en: str) -> Version:
    return _fingerprint(ja, en)


def ensure_may_change(admin: Viewer, user: User, *, gives_role: bool = False) -> None:
    """A moderator acts on those who are neither moderator nor admin. Raises AboutStaff."""
    if admin.role != Role.ADMIN and (gives_role or user.role in STAFF):
        raise AboutStaff


def refusal(
    staff: Viewer, person_id: UUID, *, is_admin: bool, is_only_admin: bool, decides: bool
) -> AppError | None:
    """Why an admin or a moderator may not act on something of a person; None if they may.

    The person has written it or asked for it; in a case about a user it is that user, or somebody
    who has reported it. `is_admin` says whether the person is an admin. Nobody decides about
    themselves, unless they are the only admin: then nobody else could. Hiding is not a decision
    (`decides` is False).
    """
    if person_id == staff.user_id:
        return OwnContent() if decides and not is_only_admin else None
    return AboutStaff() if is_admin and staff.role != Role.ADMIN else None


def ensure_unchanged(seen: Version | None, now: Version) -> None:
    """None skips the check: only the console's forms send a version. Raises ChangedMeanwhile."""
    if seen is not None and seen != now:
        raise ChangedMeanwhile


def _fingerprint(*parts: object) -> Version:
    return hashlib.sha256(json.dumps(parts, ensure_ascii=False).encode()).hexdigest()[:16]


def ensure_in_near_future(field: str, moment: datetime | None, now: datetime) -> None:
    """Raises ValidationFailed for a time that is not in the future, TooLate beyond FURTHEST."""
    if moment is None:
        return
    if moment <= now:
        raise ValidationFailed(NOT_IN_FUTURE.at(field))
    if moment - now > FURTHEST:
        raise TooLate(TOO_LATE.at(field))
