"""Refuses a unit of work that changed what apps show and did not say so in the log.

Triggers do it, in the databases of tests only: `completeness.sql`. They are deferred, so that a
unit of work may say it last. In the one outer transaction of a test nothing commits, and deferred
triggers would never run. So each unit of work and each single write ends with `END_CHECK`, which
runs them and then moves the inbox into the log. What tests change by SQL of their own is let off
by `BEGIN_CHECK` before.
"""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
from sqlalchemy import make_url
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from app.live_log import Kind
from app.runtime.context import Context, Origin, Revocable
from app.runtime.runtime import Runtime
from tests.support.owners import marks_of
from tests.support.savepoints import AHEAD

CHECKED = {"linky.checked": "at_commit"}
"""A setting of connections whose every commit is checked."""

BEGIN_CHECK = "SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED"
END_CHECK = (
    "SET LOCAL linky.checked = 'here'; SET CONSTRAINTS ALL IMMEDIATE;"
    " SET CONSTRAINTS ALL DEFERRED; SET LOCAL linky.checked = 'off';"
    " SELECT live_advance(1000000)"
)
_CHECK_AT_COMMIT = "SET LOCAL linky.checked = 'at_commit'"

_SCRIPT = Path(__file__).with_name("completeness.sql")

_NOTHING_SHOWN = "no app keeps a copy of it"
_WHEN_LOADED = "apps load it when they show it"
NOT_TOLD = {
    **dict.fromkeys(
        (
            *("active_days", "audit_log", "auth_mail_tokens", "auth_provider_tokens"),
            *("auth_recovery_codes", "auth_totp", "connection_records", "idempotency_keys"),
            *("notification_hidings", "oauth_exchange_codes", "refresh_tokens", "report_cases"),
            *("reports", "undoable_acts", "user_departures", "user_devices"),
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
    own = _tables_in(text) | NOT_TOLD.keys()
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
    """Add the triggers to a migrated database."""
    plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    connection = await asyncpg.connect(plain)
    try:
        await connection.execute(script())
    finally:
        await connection.close()


class CheckedRuntime(Runtime):
    """A runtime whose units of work are checked."""

    outer: AsyncConnection | None = None
    """The connection of a test that runs in one outer transaction."""

    @asynccontextmanager
    async def unit_of_work(
        self,
        origin: Origin | None = None,
        writer: UUID | None = None,
        revocable: Revocable | None = None,
    ) -> AsyncIterator[Context]:
        if self.outer is not None:
            # In one round trip with the savepoint before which the unit changes nothing.
            self.outer.info[AHEAD] = f"{BEGIN_CHECK}; "
        async with super().unit_of_work(origin, writer, revocable) as context:
            yield context

    async def _before_commit(self, context: Context) -> None:
        await super()._before_commit(context)
        await check(context.session, in_outer=self.outer is not None)


async def check(session: AsyncSession, *, in_outer: bool) -> None:
    """Run the triggers now, or have them run at the commit. Raises what they raise."""
    if not session.in_transaction():
        return
    await session.flush()
    await _execute(await session.connection(), END_CHECK if in_outer else _CHECK_AT_COMMIT)


async def _execute(connection: AsyncConnection, script: str) -> None:
    """Run several statements. Requests at the same time share the connection of a test."""
    raw: Any = await connection.get_raw_connection()
    async with raw.dbapi_connection._execute_mutex:  # As SQLAlchemy itself does.
        await raw.driver_connection.execute(script)
