"""Authors who are gone, for pages that were read before and come after."""

import json
from typing import Final

from linky_client.copy_records import NEVER, author_in
from linky_client.errors import JsonObject

GONE_AUTHORS: Final = "gone_authors"
MOST: Final = 500
"""The one that went first is forgotten."""


class GoneAuthors:
    """Since when each is gone. What is older of theirs does not come back."""

    key = GONE_AUTHORS

    def __init__(self, stored: str = "{}") -> None:
        self._at: dict[str, int] = json.loads(stored)

    def note(self, author_id: str, as_of: int) -> int:
        """Note that an author is gone. Returns the position before which no page may come in."""
        self._at[author_id] = max(as_of, self._at.pop(author_id, NEVER))
        return self._at.pop(next(iter(self._at))) if len(self._at) > MOST else NEVER

    def since(self, value: JsonObject, as_of: int) -> int:
        """Since when the author of a thing is gone that is true as of a position, or NEVER."""
        at = self._at.get(str(author_in(value)), NEVER)
        return at if at > as_of else NEVER

    def text(self) -> str:
        return json.dumps(self._at)
