"""What only its reader makes. Written by `make client`, from openapi.json."""

from collections.abc import Mapping
from typing import Final

from linky_client.errors import JsonObject

MARKS: Final[Mapping[str, JsonObject]] = {
    "lounge": {"has_new": False, "is_favorite": False, "notification_level": "none"},
    "post": {"liked": False, "watching": False},
}
"""By kind of thing the fields, as they are before anything was loaded."""
