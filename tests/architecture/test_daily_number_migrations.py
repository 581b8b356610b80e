"""The daily counts move to `daily_numbers`, while 0.2.2 writes its own table."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
from alembic import command

from app.core import migrations
from app.core.days import beginning_of, day_of
from tests.support.database import EMPTY, fresh_database
from tests.support.sql import rows
from tests.support.world import token

pytestmark = pytest.mark.usefixtures("migrations_loaded_once")

TODAY = day_of(datetime.now(UTC))
_COUNTS = """
INSERT INTO daily_counts (day, sign_ups, posts, comments, reports)
SELECT CAST($1 AS date) - n, n, 2 * n, 0, 4 * n FROM generate_series(1, 70) n
"""
_OF_THE_WORKER = """
INSERT INTO daily_numbers SELECT CAST($1 AS date), kind, number, 0, 0
FROM (VALUES ('posts', 5), ('active', 7)) AS numbers (kind, number)
"""


def days_ago(number: int) -> date:
    return TODAY - timedelta(days=number)


@pytest.fixture
def url(server_url: str) -> Iterator[str]:
    """A database of 0.2.2."""
    with fresh_database(server_url, f"numbers_{token()}", EMPTY) as url:
        command.upgrade(migrations.alembic_config(url), "0059")
        yield url


def upgrade(url: str) -> None:
    command.upgrade(migrations.alembic_config(url), "0060")


def numbers(url: str, day: date) -> dict[str, int]:
    query = "SELECT kind, number FROM daily_numbers WHERE day = $1"
    return {row["kind"]: row["number"] for row in rows(url, query, day)}


def content_until(url: str) -> datetime:
    (row,) = rows(url, "SELECT content_until FROM daily_numbers_counted")
    moment: datetime = row["content_until"]
    return moment


def test_each_stored_day_is_taken_over_and_counting_goes_on_after_the_last(url: str) -> None:
    rows(url, _COUNTS, TODAY)
    rows(url, _OF_THE_WORKER, TODAY)
    upgrade(url)
    for n in (1, 30, 70):
        taken = {"new_users": n, "new_posts": 2 * n, "new_reports": 4 * n}
        assert numbers(url, days_ago(n)) == taken
    # 0.2.2 counts the day again that its worker has not finished.
    assert numbers(url, TODAY) == {"active": 7}
    assert content_until(url) == beginning_of(TODAY)


@pytest.mark.parametrize("days", [None, 3, 100])
def test_what_no_worker_stored_is_counted_from_its_first_day_of_sixty(
    url: str, days: int | None
) -> None:
    if days is not None:
        rows(url, _COUNTS, days_ago(days - 1))
    upgrade(url)
    first = days_ago(59 if days != 3 else 2)
    assert content_until(url) == beginning_of(first)


def test_the_migration_can_be_repeated_and_leaves_the_table_of_the_previous_release(
    url: str,
) -> None:
    rows(url, _COUNTS, TODAY)
    upgrade(url)
    command.downgrade(migrations.alembic_config(url), "0059")
    assert numbers(url, days_ago(1)) == {}
    upgrade(url)
    assert numbers(url, days_ago(1)) == {"new_users": 1, "new_posts": 2, "new_reports": 4}
    assert len(rows(url, "SELECT day FROM daily_counts")) == 70
