"""The doors of accounts move to a table of their own, while the release before writes accounts."""

import asyncio
from collections.abc import Callable

import pytest
from alembic import command

from app.core import migrations
from tests.support.sql import execute, rows

MANY = 2_500
"""More than two batches of the fill."""

_BEFORE = f"""
INSERT INTO users (provider, provider_user_id, email, password_hash, nickname, role, left_at)
VALUES ('email', NULL, 'e@example.com', 'hash', 'e', 'user', NULL),
       ('guest', NULL, NULL, NULL, 'g', 'guest', NULL),
       ('line', 'left', NULL, NULL, 'l', 'user', now());
INSERT INTO users (provider, provider_user_id, email, email_verified_at, nickname, role)
SELECT 'line', 'U' || n, 'u' || n || '@example.com', now(), 'u', 'user'
FROM generate_series(1, {MANY}) n;
INSERT INTO user_sessions (user_id, user_agent, last_used_at, expires_at)
SELECT id, '', '2026-01-02T03:04:05Z', now() FROM users WHERE email = 'e@example.com'
"""
_DOORS = """
SELECT i.provider, i.subject, i.email, i.email_verified
FROM user_identities i JOIN users u ON u.id = i.user_id
WHERE u.nickname = $1
"""


@pytest.fixture
def url(make_database: Callable[[], str]) -> str:
    """A database of the release before, with accounts, after both migrations."""
    url = make_database()
    config = migrations.alembic_config(url)
    command.upgrade(config, "0024")
    asyncio.run(execute(url, _BEFORE))
    command.upgrade(config, "0026")
    return url


def doors(url: str, nickname: str) -> list[tuple[object, ...]]:
    return [tuple(row) for row in rows(url, _DOORS, nickname)]


def test_every_account_but_guests_and_leavers_has_its_door(url: str) -> None:
    assert doors(url, "e") == [("email", None, None, False)]
    assert doors(url, "g") == doors(url, "l") == []
    copied = doors(url, "u")
    assert len(copied) == MANY
    assert {row[1] for row in copied} == {f"U{n}" for n in range(1, MANY + 1)}
    assert ("line", "U7", "u7@example.com", True) in copied
    (used,) = rows(url, "SELECT last_used_at FROM user_identities WHERE provider = 'email'")
    assert used["last_used_at"].isoformat() == "2026-01-02T03:04:05+00:00"


def test_what_the_release_before_writes_has_its_door(url: str) -> None:
    sign_up = (
        "INSERT INTO users (provider, provider_user_id, nickname, role)"
        " VALUES ('google', 'G1', 'new', 'user')"
    )
    rows(url, sign_up)
    assert doors(url, "new") == [("google", "G1", None, False)]
    upgrade = (
        "UPDATE users SET provider = 'email', email = 'g@example.com', password_hash = 'hash',"
        " role = 'user' WHERE nickname = 'g'"
    )
    rows(url, upgrade)
    assert doors(url, "g") == [("email", None, None, False)]
    rows(url, "UPDATE users SET provider_user_id = NULL WHERE nickname = 'new'")
    assert doors(url, "new") == []


def test_the_fill_can_be_run_again(url: str) -> None:
    before = len(doors(url, "u"))
    config = migrations.alembic_config(url)
    command.downgrade(config, "0025")
    command.upgrade(config, "0026")
    assert len(doors(url, "u")) == before
