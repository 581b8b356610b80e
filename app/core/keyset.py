"""Lists by keyset: a page begins after the last row of the page before. No OFFSET.

A cursor is the sort key of that row, signed together with the route, the caller and the filters of
the list. So it works only there: any other cursor is refused with `invalid_cursor`. A service does
this:

    after_id = page.after_id(start=LAST_ID)   # `page` is the PageRequest
    rows = await repository.list_own(after_id, page.row_limit)
    return page.slice(rows, lambda row: [row.id])
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

from app.core.errors import InvalidCursor
from app.core.keys import derived_key
from app.core.settings.config import Settings

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
class CursorSigner:
    """Signs the cursors of one list, and checks those that come back."""

    scope: bytes
    """What the list is: its route, its caller and its filters."""

    settings: Settings
    """It has the signing keys: the first signs, all verify."""

    signs_formerly: bool = False
    """Whether servers of release 0.2 may have to read the cursors (`PageRequest.formerly`)."""

    def sign(self, key: SortKey, former_name: str | None) -> str:
        """The cursor of the page behind `key`."""
        payload = orjson.dumps([str(part) if isinstance(part, UUID) else part for part in key])
        is_former = self.signs_formerly and former_name is not None
        scope = former_name.encode() if is_former and former_name else self.scope
        first_key = next(iter(self.settings.signing_keys.values()))
        return _base64(_mac(payload, scope, first_key) + payload)

    def read(self, cursor: str, former_name: str | None) -> list[Any]:
        """The sort key in a cursor. Raises InvalidCursor if it is not one of this list."""
        mac, payload = _parts(cursor)
        scopes = [self.scope] if former_name is None else [self.scope, former_name.encode()]
        macs = (
            _mac(payload, scope, secret)
            for scope in scopes
            for secret in self.settings.signing_keys.values()
        )
        if not any(hmac.compare_digest(mac, valid) for valid in macs):
            raise InvalidCursor
        key: list[Any] = orjson.loads(payload)
        return key


@dataclass(frozen=True, slots=True)
class PageRequest:
    """The page that a caller asks for: how many items at most, and the cursor that it begins after.

    `former_name` is the argument of `formerly`.
    """

    limit: int
    cursor: str | None
    signer: CursorSigner
    former_name: str | None = None

    @classmethod
    def first(cls, limit: int, settings: Settings) -> "PageRequest":
        """The beginning of a list that nobody reads on from."""
        return cls(limit, None, CursorSigner(b"", settings))

    def formerly(self, name: str) -> "PageRequest":
        """The same page of a list whose cursors release 0.2 signed with this name.

        Such cursors are still read. They are also made, as long as 0.2 may serve beside this
        release. Only lists that 0.2 has need this. Delete it with its calls once 0.3.0 is
        recorded.
        """
        return PageRequest(self.limit, self.cursor, self.signer, name)

    def after(self) -> list[Any] | None:
        """The sort key of the row before the page, or None at the beginning of the list.

        Raises InvalidCursor if the cursor is not from this list.
        """
        return None if self.cursor is None else self.signer.read(self.cursor, self.former_name)

    def after_id(self, *, start: UUID) -> UUID:
        """`start` at the beginning of the list."""
        key = self.after()
        return start if key is None else UUID(key[0])

    def cursor_after(self, key: SortKey) -> str:
        """The cursor of the page behind `key`."""
        return self.signer.sign(key, self.former_name)

    @property
    def row_limit(self) -> int:
        """One row more than the page has: it shows whether there is a next page."""
        return self.limit + 1

    def slice[Item](self, rows: Sequence[Item], key_of: Callable[[Item], SortKey]) -> Page[Item]:
        """The page, out of up to `row_limit` rows.

        `key_of` gives the sort key of a row. The last row's becomes the next cursor.
        """
        if len(rows) <= self.limit:
            return Page(rows, None)
        shown = rows[: self.limit]
        return Page(shown, self.cursor_after(key_of(shown[-1])))

    def part[Item](self, rows: Sequence[Item], after: SortKey | None) -> Page[Item]:
        """A page that may be short before the list's end.

        `after` is where the next page begins: as a rule no row's sort key. None at the end.
        """
        return Page(rows, None if after is None else self.cursor_after(after))


def _base64(raw: bytes) -> str:
    return urlsafe_b64encode(raw).decode().rstrip("=")


def _parts(cursor: str) -> tuple[bytes, bytes]:
    """The signature of a cursor, and what it signs."""
    if len(cursor) > LONGEST_CURSOR or not cursor.isascii():
        raise InvalidCursor
    try:
        raw = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    except ValueError:
        raise InvalidCursor from None
    if _base64(raw) != cursor:
        # Python's decoder ignores characters outside base64, and unused bits.
        raise InvalidCursor
    return raw[:_MAC_BYTES], raw[_MAC_BYTES:]


def _mac(payload: bytes, scope: bytes, secret: bytes) -> bytes:
    key = derived_key(secret, "cursors")
    return hmac.digest(key, scope + b"\0" + payload, "sha256")[:_MAC_BYTES]
