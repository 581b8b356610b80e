"""The tag of a resource in two parts, `"{edit}.{rest}"`, and what `If-Match` compares (ADR 0071).

`edit` stands for what an edit could overwrite: the words and pictures of a post, for example.
`rest` stands for all of it. So a like in between is a new tag, and no conflict.
"""

import hashlib
from dataclasses import dataclass
from typing import Any

from app.core.errors import PreconditionFailed
from app.core.json import to_json


def edit_part(*values: Any) -> str:
    """A hash of what an edit could overwrite."""
    return _hash(to_json(values), 8)


def tag_of(body: bytes, edit: str | None = None) -> str:
    """Without `edit` the tag has one part."""
    rest = _hash(body, 12)
    return f'"{rest}"' if edit is None else f'"{edit}.{rest}"'


def _hash(data: bytes, size: int) -> str:
    return hashlib.blake2b(data, digest_size=size).hexdigest()


@dataclass(frozen=True, slots=True)
class IfMatch:
    """What the client has read, by its tags: the header `If-Match`. None if it was not sent."""

    header: str | None = None

    @property
    def is_sent(self) -> bool:
        return self.header is not None

    def ensure(self, edit: str) -> None:
        """Raises PreconditionFailed unless the client has read this state.

        Call it after the lock on the row, with the state since then.
        """
        if self.header is not None and not self._matches(self.header, edit):
            raise PreconditionFailed

    @staticmethod
    def _matches(header: str, edit: str) -> bool:
        tags = [part.strip() for part in header.split(",")]
        # A proxy that compresses makes a tag weak. What we compare stays.
        return "*" in tags or any(
            tag.removeprefix("W/").startswith(f'"{edit}.') and tag.endswith('"') for tag in tags
        )


NO_CONDITION = IfMatch()
