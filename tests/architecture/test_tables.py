"""Each table with something of a user: exported, erased, told to apps, or a reason not to.

The tables are read from the metadata. So a new one fails here, with the name of the file to edit.
That its rows are really erased is shown by tests/account/test_erased.py.
"""

from typing import Any

from sqlalchemy import Case, Column, Table
from sqlalchemy.sql.visitors import iterate

from app.account.repository import SECTIONS
from app.api import METADATA
from app.operations.move.community import LEFT_OUT, moved_tables
from tests.support.completeness import NOT_PUBLISHED, checked_tables
from tests.support.leaving import FEW, MANY
from tests.support.owners import holds_one_row, own_tables, personal_tables, unexplained_columns


def test_it_is_known_what_each_id_names() -> None:
    unknown = unexplained_columns()
    assert not unknown, (
        f"Whose ids are {sorted(unknown)}? Give them a foreign key, or add the names to "
        "NAMES_A_USER or NAMES_NO_USER of tests/support/owners.py"
    )


MAY_OUTLIVE_THEIR_USER = {"connection_records", "idempotency_keys"}
"""Deleted by age, or in batches before the user's row."""


def test_a_column_that_names_the_user_of_a_row_has_a_foreign_key() -> None:
    """Without one, the row stays when its user is erased."""
    without = {
        table.name
        for table in METADATA.sorted_tables
        if "user_id" in table.columns and not table.columns["user_id"].foreign_keys
    } - MAY_OUTLIVE_THEIR_USER
    assert not without, (
        f"The rows in {sorted(without)} stay when their user is erased: give `user_id` a foreign "
        "key with ON DELETE CASCADE, or add the table to MAY_OUTLIVE_THEIR_USER of "
        "tests/architecture/test_tables.py, and delete its rows in app/account/service/leaving.py"
    )


def test_what_goes_with_a_users_row_is_little_or_goes_in_batches_before() -> None:
    several = {
        table
        for table, columns in own_tables().items()
        if not all(holds_one_row(table, column) for column in columns)
    }
    unknown = several - MANY.keys() - FEW.keys()
    assert not unknown, (
        f"The rows in {sorted(unknown)} go with the row of their user, in one statement. If there "
        "may be thousands, delete them in batches before, as app/account/service/leaving.py does "
        "with others, and add them to MANY of tests/support/leaving.py. Else add them to its FEW"
    )
    assert (MANY.keys() | FEW.keys()) - {"idempotency_keys"} <= several, "these tables are gone"
    assert not MANY.keys() & FEW.keys()


def test_apps_are_told_of_what_changes_in_a_users_tables() -> None:
    checked = checked_tables()
    unknown = personal_tables() - checked - NOT_PUBLISHED.keys()
    assert not unknown, (
        f"Nothing checks that apps learn when {sorted(unknown)} change. Add a trigger to "
        "tests/support/completeness.sql, or a reason to NOT_PUBLISHED of "
        "tests/support/completeness.py"
    )
    assert NOT_PUBLISHED.keys() <= personal_tables() - checked, "these tables are gone, or checked"


def test_what_a_move_leaves_behind_has_a_reason() -> None:
    """A new table moves with its community. One that does not stands in LEFT_OUT."""
    assert LEFT_OUT.keys() <= METADATA.tables.keys(), "these tables are gone"
    assert {
        table.name for table in moved_tables(METADATA)
    } == METADATA.tables.keys() - LEFT_OUT.keys()


# The export


SECRETS = "Hashes and encrypted tokens of providers: of no use to the user."
OTHERS = "What others said or did in confidence."

LEFT_OUT_TABLES = {
    "refresh_tokens": SECRETS,
    "auth_mail_tokens": SECRETS,
    "auth_forwarded_addresses": "What Apple said about an address that `identities` has.",
    "oauth_exchange_codes": SECRETS,
    "idempotency_keys": "Copies of answers, kept for a day.",
    "audit_log": OTHERS,
    "announcements": OTHERS,
    "waiting_announcements": OTHERS,
    "undoable_acts": "An admin's acts of the last seconds.",
    "desk_claims": "What an admin has open, for ten minutes.",
    "user_departures": "Only of users who have left.",
    "imported_users": SECRETS,
}
IN_USER = {  # The export contains the answer of `GET /users/me` as `user`.
    *("id", "email", "nickname", "bio", "avatar_key", "role", "locale", "terms_version"),
    *("created_at", "post_count"),
}
LEFT_OUT_COLUMNS = {
    "users": {
        *IN_USER,
        "password_hash",
        "left_at",
        "search_text",
        "search_vector",
        "guest_checked_at",
        "suspension_id",
        "mfa_since",
        "email_lapses_at",
    },
    "appeals": {"decided_by", "suspension_id"},
    "posts": {
        *("hidden_with_author", "deleted_at", "comment_count", "like_count"),
        *("held_at", "held_decided_at", "hidden_id", "shown_id"),
    },
    "comments": {
        *("hidden_with_author", "deleted_at", "reply_count", "held_at", "held_decided_at")
    },
    "images": {"thumbnail_key", "blurhash", "unattached_since", "hidden", "needs_review"},
    "post_images": {"image_id"},
    "lounge_requests": {"name_key", "decided_by"},
    "user_sessions": {"expires_at"},
    "user_devices": {"id"},
    "lounge_subscriptions": {"pushed_id", "push_due_at"},
    "notifications": {"post_author_id"},
    "auth_totp": {"key_id", "sealed", "last_step"},
    "auth_recovery_codes": {"code_hash", "created_at"},
    "auth_provider_tokens": {"id", "key_id", "sealed", "expires_at"},
    "reports": {"case_id", "copy_id"},
    # The reporter learns how it ended. The rest is what others said or did in confidence.
    "report_cases": {
        *("id", "target_type", "target_id", "gravity", "reasons", "report_count", "snapshot"),
        *("created_at", "due_at", "resolved_by", "note", "due_soon_noted_at", "overdue_noted_at"),
        "erased_at",
    },
    "connection_records": {"id"},
}
"""Columns for internal use, or whose content is elsewhere in the export."""

OWNERS = {
    *("user_id", "owner_id", "author_id", "reporter_id", "requester_id", "blocker_id"),
    *("actor_id", "session_id"),
}
"""Columns that name the user to whom a row belongs."""


def exported() -> dict[str, set[str]]:
    """The columns of each table that the export contains or computes a value from."""
    columns: dict[str, set[str]] = {}
    for statement in SECTIONS.values():
        for shown in statement.selected_columns:
            for column in shown.base_columns | _within(shown):
                if isinstance(column, Column) and isinstance(column.table, Table):
                    columns.setdefault(column.table.name, set()).add(column.name)
    return columns


def _within(expression: Any) -> set[Any]:
    """The parts of an expression. The conditions of a CASE only choose: they show nothing."""
    parts = set(iterate(expression))
    conditions = [when for part in parts if isinstance(part, Case) for when, _ in part.whens]
    return parts.difference(*map(iterate, conditions))


def test_every_table_about_a_user_is_exported_or_left_out() -> None:
    unknown = personal_tables() - exported().keys() - LEFT_OUT_TABLES.keys()
    assert not unknown, (
        f"The export lacks {sorted(unknown)}. Add sections to app/account/repository.py (SECTIONS) "
        "and app/account/schemas.py (EXPORT_EXAMPLE), or reasons to LEFT_OUT_TABLES here"
    )
    assert LEFT_OUT_TABLES.keys() <= personal_tables() - exported().keys()


def test_every_column_of_an_exported_table_is_exported_or_left_out() -> None:
    for name, shown in exported().items():
        left_out = {c.name for c in METADATA.tables[name].columns} - shown - OWNERS
        assert left_out == LEFT_OUT_COLUMNS.get(name, set()), (
            f"{name}: add the columns to SECTIONS of app/account/repository.py, or here"
        )
