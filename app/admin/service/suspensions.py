"""Suspensions as the API and the audit log have them."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from app.admin.exceptions import END_OR_PERMANENT, ONLY_SUSPENDED
from app.admin.policy import ensure_in_near_future
from app.admin.schemas import ManagedUserUpdate
from app.admin.service.changes import UserState
from app.core.errors import ValidationFailed
from app.core.json import to_json
from app.suspension.service.suspensions import Suspension
from app.user.enums import UserStatus
from app.user.models import User


def standing_of(user: User) -> UserState:
    """What the audit log keeps of a user's role and suspension."""
    if user.status != UserStatus.SUSPENDED:
        return UserState(user.role, user.status)
    hides = user.suspension_hides or None
    return UserState(user.role, user.status, user.suspended_until, hides)


def kept_of(user: User) -> str:
    """What undoing a change needs, and the audit log does not have."""
    return to_json([str(user.suspension_id or ""), user.suspension_reason]).decode()


def former_suspension(before: Mapping[str, Any], kept: str) -> Suspension | None:
    """From an entry of the log and `kept_of`. The page to appeal is the same."""
    if before["status"] != UserStatus.SUSPENDED:
        return None
    suspension_id, reason = json.loads(kept)
    until = before.get("until")
    return Suspension(
        reason,
        until and datetime.fromisoformat(until),
        hides=bool(before.get("hide_content")),
        id=UUID(suspension_id) if suspension_id else None,
    )


def new_suspension(user: User, changes: ManagedUserUpdate, now: datetime) -> Suspension | None:
    """The suspension that a user has after a change; None if none.

    A running suspension keeps its end unless the change says another, or that it is permanent. A
    new one without an end is permanent. Other fields that are not sent stay as they are, an empty
    reason too. Raises ValidationFailed, TooLate.
    """
    if (changes.status or user.status) != UserStatus.SUSPENDED:
        ensure_no_suspension(changes)
        return None
    if changes.permanent and changes.until is not None:
        raise ValidationFailed(END_OR_PERMANENT.at("until"))
    ensure_in_near_future("until", changes.until, now)
    until = None if changes.permanent else changes.until or user.suspended_until
    hides = user.suspension_hides if changes.hide_content is None else changes.hide_content
    return Suspension(_new_reason(changes), until, hides)


def _new_reason(changes: ManagedUserUpdate) -> str | None:
    """What a suspended user is shown from now on; None if the change is not about that."""
    of_suspension = (changes.status, changes.until, changes.permanent, changes.hide_content)
    return changes.reason or None if any(part is not None for part in of_suspension) else None


class SuspensionTerms(Protocol):
    """What a request says of a suspension."""

    @property
    def until(self) -> datetime | None: ...
    @property
    def permanent(self) -> bool | None: ...
    @property
    def hide_content(self) -> bool | None: ...


def ensure_no_suspension(terms: SuspensionTerms) -> None:
    """Raises ValidationFailed for what only a suspension can have."""
    if terms.until is not None:
        raise ValidationFailed(ONLY_SUSPENDED.at("until"))
    if terms.permanent:
        raise ValidationFailed(ONLY_SUSPENDED.at("permanent"))
    if terms.hide_content:
        raise ValidationFailed(ONLY_SUSPENDED.at("hide_content"))
