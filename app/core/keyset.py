"""Lists by keyset: a page begins after the last row of the page before. No OFFSET.

A cursor is the sort key of that row, signed together with the name of the list (with its filters).
A cursor of another list, or a forged cursor, is refused with `invalid_cursor`. A service does this:

    after_id = page.after_id(name, start=LAST_ID)   # `page` is the PageRequest
    rows = await repository.list_own(after_id, page.row_limit)
    return page.slice(name, rows, lambda row: [row.id])
"""

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

import orjson
from pydantic import Field
from sqlalchemy import BindParameter, Integer, bindparam

from app.core.config import Settings
from app.core.errors import InvalidCursor
from app.core.keys import derived_key

LONGEST_CURSOR = 3000
"""Room for the longest sort key: a lounge's name of 50 letters can fold to 900."""
_MAC_BYTES = 12

FIRST_ID = UUID(int=0)
"""Before all ids: where a list begins that has the oldest first."""

LAST_ID = UUID(int=2**128 - 1)
"""After all ids: where a list begins that has the newest first."""

type SortKey = Sequence[str | int | UUID]


def page_limit() -> BindParameter[int]:
    """The page size in a statement that is built once, as the parameter `row_limit`.

    It becomes a literal in the SQL: PostgreSQL plans `LIMIT $1` again at every call. Its value is
    `PageRequest.row_limit`.
    """
    return bindparam("row_limit", type_=Integer, literal_execute=True)


@dataclass
class Page[Item]:
    """Items, and the cursor of the page after them: None at the end of the list."""

    items: Annotated[
        Sequence[Item],
        Field(description="At most `limit` items. It can have fewer, or none, before the end"),
    ]
    next_cursor: Annotated[
        str | None, Field(description="For the next page; null at the end, and only there")
    ]

    def map[Other](self, shape: Callable[[Item], Other]) -> "Page[Other]":
        """Applies `shape` to each item."""
        return Page([shape(item) for item in self.items], self.next_cursor)


@dataclass(frozen=True, slots=True)
class PageRequest:
    """The page that a caller asks for: how many items at most, and the cursor that it begins after.

    `settings` has the keys that sign cursors.
    """

    limit: int
    cursor: str | None
    settings: Settings

    def after(self, name: str) -> list[Any] | None:
        """The sort key of the row before the page, or None at the beginning of the list `name`.

        Raises InvalidCursor if the cursor is not from this list.
        """
        if self.cursor is None:
            return None
        return _decode(self.cursor, name, self.settings)

    def after_id(self, name: str, *, start: UUID) -> UUID:
        """`start` at the beginning of the list `name`."""
        key = self.after(name)
        return start if key is None else UUID(key[0])

    @property
    def row_limit(self) -> int:
        """One row more than the page has: it shows whether there is a next page."""
        return self.limit + 1

    def slice[Item](
        self, name: str, rows: Sequence[Item], key_of: Callable[[Item], SortKey]
    ) -> Page[Item]:
        """The page of the list `name`, out of up to `row_limit` rows.

        `key_of` gives the sort key of a row. The last row's becomes the next cursor.
        """
        if len(rows) <= self.limit:
            return Page(rows, None)
        shown = rows[: self.limit]
        return Page(shown, cursor_after(key_of(shown[-1]), name, self.settings))

    def part[Item](self, name: str, rows: Sequence[Item], after: SortKey | None) -> Page[Item]:
        """A page of the list `name` that may be short before the list's end.

        `after` is where the next page begins: as a rule no row's sort key. None at the end.
        """
        return Page(rows, None if after is None else cursor_after(after, name, self.settings))


def cursor_after(key: SortKey, name: str, settings: Settings) -> str:
    """The cursor of the page behind `key`."""
    payload = orjson.dumps([str(part) if isinstance(part, UUID) else part for part in key])
    first_key = next(iter(settings.signing_keys.values()))
    return _base64(_mac(payload, name, first_key) + payload)


def _base64(raw: bytes) -> str:
    return urlsafe_b64encode(raw).decode().rstrip("=")


def _decode(cursor: str, name: str, settings: Settings) -> list[Any]:
    if len(cursor) > LONGEST_CURSOR or not cursor.isascii():
        raise InvalidCursor
    try:
        raw = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    except ValueError:
        raise InvalidCursor from None
    if _base64(raw) != cursor:
        # Python's decoder ignores characters outside base64, and unused bits.
        raise InvalidCursor
    mac, payload = raw[:_MAC_BYTES], raw[_MAC_BYTES:]
    keys = settings.signing_keys.values()
    if not any(hmac.compare_digest(mac, _mac(payload, name, secret)) for secret in keys):
        raise InvalidCursor
    decoded = orjson.loads(payload)
    assert isinstance(decoded, list)
    return decoded


def _mac(payload: bytes, name: str, secret: bytes) -> bytes:
    key = derived_key(secret, "cursors")
    return hmac.digest(key, name.encode() + b"\0" + payload, "sha256")[:_MAC_BYTES]
