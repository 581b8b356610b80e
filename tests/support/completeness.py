"""Refuses a unit of work that changed what apps show and did not say so in the log.

Triggers do it, in the databases of tests only: `completeness.sql`. They are deferred, so that a
unit of work may say it last. In the one outer transaction of a test nothing commits, and deferred
triggers would never run. So each unit of work and each single write ends with `END_CHECK`, which
runs them and then moves the inbox into the log (`pools.py`). What tests change by SQL of their own
is let off by `BEGIN_CHECK` before.
"""

import re
from pathlib import Path

import asyncpg
from sqlalchemy import make_url

from app.live_log.changes import Kind
from tests.support.owners import marks_of

CHECKED = {"linky.checked": "at_commit"}
"""A setting of connections whose every commit is checked."""

_SCRIPT = Path(__file__).with_name("completeness.sql")

_NOTHING_SHOWN = "no app keeps a copy of it"
_WHEN_LOADED = "apps load it when they show it"
NOT_PUBLISHED = {
    **dict.fromkeys(
        (
            *("active_days", "audit_log", "auth_forwarded_addresses", "auth_mail_tokens"),
            "auth_provider_tokens",
            *("auth_recovery_codes", "auth_totp", "connection_records", "desk_claims"),
            "idempotency_keys",
            "imported_users",
            *("oauth_exchange_codes", "refresh_tokens", "report_cases", "reports"),
            *("undoable_acts", "user_departures", "user_devices", "waiting_announcements"),
        ),
        _NOTHING_SHOWN,
    ),
    **dict.fromkeys(
        (
            *("appeals", "lounge_recent_views", "lounge_requests", "user_identities"),
            *("user_notification_settings", "user_warnings"),
        ),
        _WHEN_LOADED,
    ),
    "images": "A post is told with its pictures: `post_images`.",
}
"""Tables with something of a user, of whose changes apps are not told, or no trigger asks."""


_MARKS = {"post_id": Kind.POST_MARK, "lounge_id": Kind.LOUNGE_MARK}


def script() -> str:
    """What makes the triggers. Each table of marks has one, so that a new one is checked too."""
    text = _SCRIPT.read_text(encoding="utf-8")
    own = _tables_in(text) | NOT_PUBLISHED.keys()
    return text + "".join(
        f"CREATE CONSTRAINT TRIGGER told AFTER INSERT OR DELETE OR UPDATE\n    ON {table}"
        " DEFERRABLE INITIALLY DEFERRED FOR EACH ROW"
        f" EXECUTE FUNCTION check_own_mark({kind:d}, {subject});\n"
        for subject, kind in _MARKS.items()
        for table in marks_of(subject)
        if table not in own
    )


def checked_tables() -> set[str]:
    """The tables whose changes the triggers check."""
    return _tables_in(script())


def _tables_in(script: str) -> set[str]:
    return set(re.findall(r"^CREATE CONSTRAINT TRIGGER [^;]*?\sON (\w+)\s", script, re.MULTILINE))


async def add_checks(url: str) -> None:
    """The database must be migrated."""
    plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    connection = await asyncpg.connect(plain)
    try:
        await connection.execute(script())
    finally:
        await connection.close()
