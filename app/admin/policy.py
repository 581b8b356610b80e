"""Whether something still is as an admin saw it when they decided. Pure functions."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from app.admin.exceptions import ChangedMeanwhile


def mark_of(*parts: object) -> str:
    """Another one for another content: a form brings it back, to tell what its sender saw."""
    return hashlib.sha256(json.dumps(parts, ensure_ascii=False).encode()).hexdigest()[:16]


def ensure_as_seen(seen: str | None, *parts: object) -> None:
    """None is of who has not looked. Raises ChangedMeanwhile."""
    if seen is not None and seen != mark_of(*parts):
        raise ChangedMeanwhile


def ensure_as_expected(expected: Mapping[str, Any], before: Mapping[str, Any]) -> None:
    """Raises ChangedMeanwhile."""
    if any(before.get(name) != value for name, value in expected.items()):
        raise ChangedMeanwhile
