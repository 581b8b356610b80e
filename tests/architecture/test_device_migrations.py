"""The addresses of devices get an index that takes them at any length (0040)."""

import asyncio
import secrets
from collections.abc import Callable

import asyncpg
import pytest
from alembic import command
from sqlalchemy import make_url

from app.core import migrations
from tests.support.sql import execute, rows

BEFORE, AFTER = "0039", "0040"
LONGEST = secrets.token_urlsafe(3072)

_DEVICE = """
WITH made AS (
    INSERT INTO users (provider, nickname, role) VALUES ('guest', 'g', 'guest') RETURNING id
), session AS (
    INSERT INTO user_sessions (user_id, user_agent, last_used_at, expires_at)
    SELECT id, '', now(), now() FROM made RETURNING id, user_id
)
INSERT INTO user_devices (user_id, session_id, install_id, kind, platform, value)
SELECT user_id, id, $1, 'fcm_token', 'ios', $2 FROM session
"""
_LOOK_UP = (
    "EXPLAIN SELECT FROM user_devices"
    " WHERE install_id = 'i' OR (kind = 'fcm_token' AND value = 'x')"
)


@pytest.fixture
def url(make_database: Callable[[], str]) -> str:
    """A database of the previous release, with a device."""
    url = make_database()
    command.upgrade(migrations.alembic_config(url), BEFORE)
    rows(url, _DEVICE, "i-1", "a")
    return url


def installed(url: str) -> list[str]:
    return [row[0] for row in rows(url, "SELECT install_id FROM user_devices ORDER BY install_id")]


def test_an_address_of_any_length_is_taken_once(url: str) -> None:
    with pytest.raises(asyncpg.ProgramLimitExceededError):
        rows(url, _DEVICE, "i-2", LONGEST)
    command.upgrade(migrations.alembic_config(url), AFTER)
    rows(url, _DEVICE, "i-2", LONGEST)
    for value in ("a", LONGEST):
        with pytest.raises(asyncpg.UniqueViolationError):
            rows(url, _DEVICE, "i-3", value)
    assert installed(url) == ["i-1", "i-2"]


def test_the_release_before_finds_an_address_along_an_index(url: str) -> None:
    command.upgrade(migrations.alembic_config(url), AFTER)
    rows(url, f"ALTER DATABASE {make_url(url).database} SET enable_seqscan = off")
    plan = "\n".join(row[0] for row in rows(url, _LOOK_UP))
    assert "user_devices_value_idx" in plan


def test_the_migration_can_be_run_again_after_it_was_left_half_done(url: str) -> None:
    half = (
        "CREATE UNIQUE INDEX user_devices_address_key ON user_devices (kind);"
        "CREATE INDEX user_devices_value_idx ON user_devices USING hash (value)"
    )
    asyncio.run(execute(url, half))
    command.upgrade(migrations.alembic_config(url), AFTER)
    rows(url, _DEVICE, "i-2", "b")


def test_the_schema_from_before_comes_back_without_the_longest(url: str) -> None:
    config = migrations.alembic_config(url)
    command.upgrade(config, AFTER)
    rows(url, _DEVICE, "i-2", LONGEST)
    command.downgrade(config, BEFORE)
    assert installed(url) == ["i-1"]
    with pytest.raises(asyncpg.UniqueViolationError, match='"user_devices_kind_value_key"'):
        rows(url, _DEVICE, "i-3", "a")
    command.upgrade(config, AFTER)
