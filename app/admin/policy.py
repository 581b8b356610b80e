"""Optimistic locking: whether a thing is still as the admin's page showed it. Pure functions.

A page puts the version of each thing into the thing's forms, and each form brings it back as
`seen`. The act locks the thing, compares the versions, and only then writes.
"""

import hashlib
import json
from collections.abc import Sequence

from app.admin.exceptions import ChangedMeanwhile

type Version = str
"""A fingerprint of all that an admin looks at when they decide about a thing."""


def user_version(role: str, status: str) -> Version:
    return _fingerprint(role, status)


def lounge_version(name: str, description: str, *, closed: bool) -> Version:
    return _fingerprint(name, description, closed)


def request_version(name: str, description: str, reason: str) -> Version:
    return _fingerprint(name, description, reason)


def case_version(reasons: Sequence[str], version_count: int) -> Version:
    """Another report for the same reasons and about the same text changes nothing."""
    return _fingerprint(*sorted(reasons), version_count)


def content_version(moderation: str, title: str | None, body: str) -> Version:
    """Of a post or a comment, which its author can edit while it waits for review."""
    return _fingerprint(moderation, title, body)


def words_version(words: Sequence[str], exceptions: Sequence[str]) -> Version:
    return _fingerprint(list(words), list(exceptions))


def ensure_unchanged(seen: Version | None, now: Version) -> None:
    """None skips the check: only the console's forms send a version. Raises ChangedMeanwhile."""
    if seen is not None and seen != now:
        raise ChangedMeanwhile


def _fingerprint(*parts: object) -> Version:
    return hashlib.sha256(json.dumps(parts, ensure_ascii=False).encode()).hexdigest()[:16]
