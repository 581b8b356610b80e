"""Lists by keyset: a page begins behind the last row of the one before, however deep.

A cursor is opaque and signed: the name of the list (with its filters) and the sort key of the
last row. One that another list gave, or that somebody made up, is `invalid_cursor`.
"""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import BindParameter, Integer, RowMapping, bindparam

from app.core.config import Settings
from app.core.errors import InvalidCursor
from app.core.keys import derived_key

LONGEST_CURSOR = 3000
"""Room for the longest sort key: a lounge's name of 50 letters may fold to 900."""
_MAC_BYTES = 12

FIRST_ID = UUID(int=0)
LAST_ID = UUID(int=2**128 - 1)

type SortKey = Sequence[str | int | UUID]
type Row = RowMapping


def page_limit() -> BindParameter[int]:
    """The place of the page size in a statement that is built once.

    It is written into the SQL as a literal: PostgreSQL plans `LIMIT $1` anew at every call. One
    row more than the page is read, which tells whether there is another page.
    """
    return bindparam("row_limit", type_=Integer, literal_execute=True)


@dataclass(frozen=True, slots=True)
class Slice[Item]:
    """A page of a list. `next_cursor` is None at the end of the list."""

    items: Sequence[Item]
    next_cursor: str | None

    def map[Other](self, shape: Callable[[Item], Other]) -> Slice[Other]:
        """The same page of other items."""
        return Slice([shape(item) for item in self.items], self.next_cursor)


@dataclass(frozen=True, slots=True)
class PageRequest:
    """Which page is wanted: how many items, and behind which cursor."""

    limit: int
    cursor: str | None
    settings: Settings

    def after(self, name: str) -> list[Any] | None:
        """The sort key of the last row seen, or None at the beginning of the list `name`.

        Raises InvalidCursor for a cursor that this list never gave.
        """
        if self.cursor is None:
            return None
        return _decode(self.cursor, name, self.settings)

    def after_id(self, name: str, *, start: UUID) -> UUID:
        """The id that the page begins behind; `start` at the beginning of the list."""
        key = self.after(name)
        return start if key is None else UUID(key[0])

    @property
    def row_limit(self) -> int:
        return self.limit + 1

    def page[Item](
        self, name: str, rows: Sequence[Item], key_of: Callable[[Item], SortKey]
    ) -> Slice[Item]:
        """The page, out of `row_limit` rows: one row more shows that there is a next page."""
        if len(rows) <= self.limit:
            return Slice(rows, None)
        shown = rows[: self.limit]
        return Slice(shown, _encode(key_of(shown[-1]), name, self.settings))


def _encode(key: SortKey, name: str, settings: Settings) -> str:
    payload = orjson.dumps([str(part) if isinstance(part, UUID) else part for part in key])
    secret = next(iter(settings.signing_keys.values()))
    return _spelled(_mac(payload, name, secret) + payload)


def _spelled(raw: bytes) -> str:
    return urlsafe_b64encode(raw).decode().rstrip("=")


def _decode(cursor: str, name: str, settings: Settings) -> list[Any]:
    if len(cursor) > LONGEST_CURSOR or not cursor.isascii():
        raise InvalidCursor
    try:
        raw = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    except ValueError:
        raise InvalidCursor from None
    if _spelled(raw) != cursor:
        # Python's decoder overlooks letters that are none of base64's, and spare bits.
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
