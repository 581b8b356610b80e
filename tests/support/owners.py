"""Which tables hold something of a user: read from the tables themselves.

A new table is found by its foreign keys, and by the names of its columns where it has none.
"""

from collections.abc import Iterator

from sqlalchemy import Column, Table, Uuid

from app.api import METADATA

NAMES_A_USER = {
    *("user_id", "reader_id", "author_id", "actor_id", "session_id"),
    *("created_by", "decided_by", "resolved_by"),
    # Of any kind: a user, too.
    *("target_id", "subject_id"),
}
"""Columns without a foreign key that hold the id of a user, or of a session of theirs."""

NAMES_NO_USER = {
    "parent_id": "a comment",
    "suspension_id": "a suspension, whose fields stand in the user's row",
    **dict.fromkeys(("hidden_id", "shown_id"), "a place in the order of what was hidden and shown"),
    **dict.fromkeys(("push_id", "pushed_id"), "a push"),
    **dict.fromkeys(("up_to", "settled_up_to"), "a notification: all before it are read"),
    "version": "a random number",
    "item_id": "what waits for a decision: a case, a request, an appeal, a held post or comment",
    "waiting_id": "an announcement, while it waited",
}
"""What the other columns without a foreign key hold, where the name of a table does not say it."""


def personal_tables() -> set[str]:
    """Tables in which a row may name a user, and `users` itself."""
    return {table.name for table in METADATA.sorted_tables if _is_personal(table)} | {"users"}


def own_tables() -> dict[str, list[str]]:
    """Tables whose rows the database deletes with the user, and the columns that name the user."""
    keys = {
        table.name: [
            column.name
            for column in table.columns
            for key in column.foreign_keys
            if key.target_fullname in ("users.id", "user_sessions.id") and key.ondelete == "CASCADE"
        ]
        for table in METADATA.sorted_tables
    }
    return {name: columns for name, columns in keys.items() if columns}


def marks_of(subject: str) -> list[str]:
    """Tables of marks that users put on posts (`post_id`) or lounges (`lounge_id`).

    Each may hold any number of rows for one subject, and for one user.
    """
    return [
        table.name
        for table in METADATA.sorted_tables
        if {"user_id", subject} == {c.name for c in table.columns if c.foreign_keys}
    ]


def holds_one_row(table: str, column: str) -> bool:
    return [each.name for each in METADATA.tables[table].primary_key] == [column]


def unexplained_columns() -> set[str]:
    """Columns that hold an id of which no list says what it names."""
    explained = NAMES_A_USER | NAMES_NO_USER.keys() | {"id"} | set(_ids_of_tables())
    return {
        f"{table.name}.{column.name}"
        for table in METADATA.sorted_tables
        for column in _without_key(table)
        if column.name not in explained
    }


def _is_personal(table: Table) -> bool:
    keys = {key.column.table.name for key in table.foreign_keys}
    named = {column.name for column in _without_key(table)}
    return not keys.isdisjoint({"users", "user_sessions"}) or not named.isdisjoint(NAMES_A_USER)


def _without_key(table: Table) -> Iterator[Column[object]]:
    return (c for c in table.columns if isinstance(c.type, Uuid) and not c.foreign_keys)


def _ids_of_tables() -> Iterator[str]:
    return (f"{table.name.removesuffix('s')}_id" for table in METADATA.sorted_tables)
