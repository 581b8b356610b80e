"""What differs if the database's URL leads to a pooler in transaction mode (PgBouncer). ADR 0065.

There a client has a connection of PostgreSQL for a transaction only, and can set nothing on it that
stays: neither at its start nor later. So what the server sets for its connections belongs to roles.
PgBouncer keeps the connections of different roles apart, so each pool has a role of its own.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import make_url

from app.core.database import SERVER_SETTINGS
from app.core.pool import ALONG_INDEXES, PLANNED_EACH_TIME, PLANNED_ONCE

PASSED_ON = {name: SERVER_SETTINGS[name] for name in ("application_name", "timezone")}
"""What PgBouncer sets for each client. All clients have the same values, so it never has to change
them.
"""


@dataclass(frozen=True, slots=True)
class PoolRole:
    """A pool's role: the server's, with settings of its own."""

    suffix: str
    plans: Mapping[str, str]

    @property
    def settings(self) -> dict[str, str]:
        """PostgreSQL applies these when the role connects."""
        own = {name: SERVER_SETTINGS[name] for name in SERVER_SETTINGS if name not in PASSED_ON}
        return {**own, "timezone": PASSED_ON["timezone"], **self.plans}

    def name(self, server: str) -> str:
        return f"{server}_{self.suffix}"

    def url(self, url: str) -> str:
        """The URL with this role. Its password is the server's role's."""
        made = make_url(url)
        return made.set(username=self.name(made.username or "")).render_as_string(
            hide_password=False
        )


TRANSACTIONS = PoolRole("transactions", {})
READS = PoolRole("reads", ALONG_INDEXES)
SINGLE_WRITES = PoolRole("writes", PLANNED_ONCE)
SEARCHES = PoolRole("searches", PLANNED_EACH_TIME)
POOL_ROLES = (TRANSACTIONS, READS, SINGLE_WRITES, SEARCHES)
