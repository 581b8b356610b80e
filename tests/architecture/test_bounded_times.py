"""The migration that repairs times at the end of time, and the constraints that refuse them."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest
from alembic import command

from app.core import migrations
from tests.support.database import EMPTY, fresh_database
from tests.support.sql import execute, rows
from tests.support.world import token

pytestmark = pytest.mark.usefixtures("migrations_loaded_once")

_BEFORE = """
INSERT INTO users (provider, email, nickname, role, status, suspended_until)
SELECT 'email', until || '@example.com', until, 'user', 'suspended', until::timestamptz
FROM unnest(ARRAY['9999-12-31T23:59:59Z', 'infinity', '-infinity', '2030-01-01T00:00:00Z']) until;
INSERT INTO waiting_announcements
    (title_ja, body_ja, push, created_by, publish_at, audience)
SELECT at, '', false, uuidv7(), at::timestamptz, 0
FROM unnest(ARRAY['9999-12-31T23:59:59Z', 'infinity', '-infinity', '2030-01-01T00:00:00Z']) at
"""


@pytest.fixture(scope="module")
def repaired(server_url: str) -> Iterator[str]:
    """A database with such times, after the migration."""
    with fresh_database(server_url, f"times_{token()}", EMPTY) as url:
        config = migrations.alembic_config(url)
        command.upgrade(config, "0058")
        asyncio.run(execute(url, _BEFORE))
        command.upgrade(config, "0059")
        yield url


def test_stored_times_are_repaired(repaired: str) -> None:
    """A suspension until the end of time has no end; an announcement can be seen and deleted."""
    users = rows(repaired, "SELECT nickname, suspended_until, status FROM users")
    assert {row["nickname"]: row["suspended_until"] for row in users} == {
        "9999-12-31T23:59:59Z": None,
        "infinity": None,
        "-infinity": datetime(2000, 1, 1, tzinfo=UTC),
        "2030-01-01T00:00:00Z": datetime(2030, 1, 1, tzinfo=UTC),
    }
    assert {row["status"] for row in users} == {"suspended"}
    waiting = rows(repaired, "SELECT title_ja, publish_at FROM waiting_announcements")
    at = {row["title_ja"]: row["publish_at"] for row in waiting}
    now = datetime.now(UTC)
    in_ten_years = now + timedelta(days=3652)
    for end in ("9999-12-31T23:59:59Z", "infinity"):
        assert abs(at[end] - in_ten_years) < timedelta(days=3)
    assert abs(at["-infinity"] - now) < timedelta(days=1)
    assert at["2030-01-01T00:00:00Z"] == datetime(2030, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize("moment", ["infinity", "-infinity", "9999-12-31T23:59:59Z"])
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE users SET suspended_until = '{}'",
        "UPDATE waiting_announcements SET publish_at = '{}'",
    ],
)
def test_the_database_refuses_such_times(repaired: str, statement: str, moment: str) -> None:
    with pytest.raises(asyncpg.CheckViolationError):
        asyncio.run(execute(repaired, statement.format(moment)))
