"""All rows of the tables, read directly from the database, with ids as text."""

import json
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import app.api  # noqa: F401 - all tables.
from app.core.user_marks import mark_tables
from tests.support.sql import sql
from tests.support.world import World

type Row = dict[str, Any]

TABLES = (
    *("users", "user_sessions", "user_blocks", "user_devices", "images", "notifications"),
    *("lounges", "lounge_recent_views", "lounge_requests", "lounge_subscriptions"),
    *("posts", "post_images", "comments"),
    *(table.__tablename__ for table in mark_tables()),
    *("report_cases", "reports", "user_warnings", "pgqueuer"),
)

_ACTS = """
    SELECT id, actor_id, action, target_id, reason, before::text, after::text FROM audit_log
    WHERE id > CAST(:last_act AS uuid) ORDER BY id
"""


class Facts:
    """The tables at a moment when nothing else runs."""

    def __init__(self, tables: dict[str, list[Row]], newest_acts: list[Row]) -> None:
        self._tables = tables
        self.newest_acts = newest_acts
        """The entries of the audit log since the last look, the oldest first."""

        self.posts = self._by_id("posts")
        self.comments = self._by_id("comments")
        self.users = self._by_id("users")
        self.lounges = self._by_id("lounges")

    @classmethod
    async def read(cls, world: World, last_act: str) -> "Facts":
        """`last_act` is the last entry of the log that was looked at."""
        tables = {table: await sql(world, f'SELECT * FROM "{table}"') for table in TABLES}
        acts = await sql(world, _ACTS, last_act=last_act)
        plain = {table: [_plain(row) for row in rows] for table, rows in tables.items()}
        return cls(plain, [_entry(row) for row in acts])

    def _by_id(self, table: str) -> dict[str, Row]:
        return {row["id"]: row for row in self._tables[table]}

    def rows(self, table: str, **wanted: Any) -> list[Row]:
        """The rows of a table whose columns have these values."""
        return list(self._matching(table, wanted))

    def newest(self, table: str, **wanted: Any) -> list[Row]:
        """Like `rows`, newest first: ids are UUIDv7, which are ordered by time."""
        return sorted(self._matching(table, wanted), key=lambda row: row["id"], reverse=True)

    def find(self, row_id: str) -> str:
        """A row by its id, for the report of a failure. Empty if no row has it."""
        for table, rows in self._tables.items():
            for row in rows:
                if row.get("id") == row_id:
                    return f"{table}: {row}"
        return ""

    def _matching(self, table: str, wanted: dict[str, Any]) -> Iterator[Row]:
        for row in self._tables[table]:
            if all(row[name] == value for name, value in wanted.items()):
                yield row


def _plain(row: Row) -> Row:
    # asyncpg returns UUIDs as a subclass of Python's.
    return {name: str(value) if isinstance(value, UUID) else value for name, value in row.items()}


def _entry(row: Row) -> Row:
    plain = _plain(row)
    return {**plain, "before": json.loads(row["before"]), "after": json.loads(row["after"])}
