"""The sign-in methods of accounts move to a table of their own, while the previous release writes
accounts.
"""

import asyncio
from collections.abc import Callable, Iterator

import asyncpg
import pytest
from alembic import command
from sqlalchemy import make_url

from app.core import migrations
from tests.support.database import EMPTY, fresh_database
from tests.support.sql import execute, rows
from tests.support.world import token

pytestmark = pytest.mark.usefixtures("migrations_loaded_once")

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
_IDENTITIES = """
SELECT i.provider, i.subject, i.email, i.email_verified
FROM user_identities i JOIN users u ON u.id = i.user_id
WHERE u.nickname = $1
"""


_UNPROVED = """
INSERT INTO users (provider, email, email_verified_at, password_hash, nickname, role)
VALUES ('email', 'm@example.com', NULL, 'hash', 'member', 'user'),
       ('email', 'v@example.com', now(), 'hash', 'verified', 'user'),
       ('email', 'a@example.com', NULL, 'hash', 'admin', 'admin');
INSERT INTO user_identities (user_id, provider, subject) SELECT id, 'google', nickname FROM users;
INSERT INTO users (provider, email, password_hash, nickname, role)
VALUES ('email', 'o@example.com', 'hash', 'only by e-mail', 'user')
"""


@pytest.fixture(scope="module")
def filled(server_url: str) -> Iterator[str]:
    """A database of the previous release, with accounts, after both migrations."""
    with fresh_database(server_url, f"filled_{token()}", EMPTY) as url:
        config = migrations.alembic_config(url)
        command.upgrade(config, "0024")
        asyncio.run(execute(url, _BEFORE))
        command.upgrade(config, "0026")
        yield url


@pytest.fixture
def url(copy_of: Callable[[str], str], filled: str) -> str:
    return copy_of(filled)


def test_an_unproved_address_beside_another_method_has_a_day_unless_it_is_an_admins(
    server_url: str,
) -> None:
    with fresh_database(server_url, f"lapses_{token()}", EMPTY) as url:
        config = migrations.alembic_config(url)
        command.upgrade(config, "0043")
        asyncio.run(execute(url, _UNPROVED))
        command.upgrade(config, "0044")
        lapsing = rows(url, "SELECT nickname FROM users WHERE email_lapses_at IS NOT NULL")
        assert [row["nickname"] for row in lapsing] == ["member"]


def methods(url: str, nickname: str) -> list[tuple[object, ...]]:
    return [tuple(row) for row in rows(url, _IDENTITIES, nickname)]


def test_every_account_but_guests_and_leavers_has_its_method(url: str) -> None:
    assert methods(url, "e") == [("email", None, None, False)]
    assert methods(url, "g") == methods(url, "l") == []
    copied = methods(url, "u")
    assert len(copied) == MANY
    assert {row[1] for row in copied} == {f"U{n}" for n in range(1, MANY + 1)}
    assert ("line", "U7", "u7@example.com", True) in copied
    (used,) = rows(url, "SELECT last_used_at FROM user_identities WHERE provider = 'email'")
    assert used["last_used_at"].isoformat() == "2026-01-02T03:04:05+00:00"


def test_what_the_release_before_writes_has_its_method(url: str) -> None:
    sign_up = (
        "INSERT INTO users (provider, provider_user_id, nickname, role)"
        " VALUES ('google', 'G1', 'new', 'user')"
    )
    rows(url, sign_up)
    assert methods(url, "new") == [("google", "G1", None, False)]
    upgrade = (
        "UPDATE users SET provider = 'email', email = 'g@example.com', password_hash = 'hash',"
        " role = 'user' WHERE nickname = 'g'"
    )
    rows(url, upgrade)
    assert methods(url, "g") == [("email", None, None, False)]
    rows(url, "UPDATE users SET provider_user_id = NULL WHERE nickname = 'new'")
    assert methods(url, "new") == []


def test_the_fill_can_be_run_again(url: str) -> None:
    before = len(methods(url, "u"))
    config = migrations.alembic_config(url)
    command.downgrade(config, "0025")
    command.upgrade(config, "0026")
    assert len(methods(url, "u")) == before


# Which addresses are taken (0038)

_ACCOUNTS = """
INSERT INTO users (provider, email, password_hash, nickname, role, left_at) VALUES
    ('email', 'Taken@example.com', 'hash', 'a', 'user', NULL),
    ('email', 'mails@example.com', NULL, 'b', 'user', NULL),
    ('email', 'left@example.com', 'hash', 'c', 'user', now())
"""
_SIGN_UP = (
    "INSERT INTO users (provider, email, password_hash, nickname, role)"
    " VALUES ('email', $1, 'hash', 'new', 'user')"
)
_LOOK_UP = "SELECT id FROM users WHERE provider = 'email' AND lower(email) = lower('x')"
FREE = ("mails@example.com", "left@example.com")


@pytest.fixture(scope="module")
def old(server_url: str) -> Iterator[str]:
    """A database with accounts of each kind, before the migration."""
    with fresh_database(server_url, f"old_{token()}", EMPTY) as url:
        command.upgrade(migrations.alembic_config(url), "0037")
        asyncio.run(execute(url, _ACCOUNTS))
        yield url


@pytest.fixture
def addresses(copy_of: Callable[[str], str], old: str) -> str:
    return copy_of(old)


def test_only_an_address_by_which_an_account_signs_in_is_taken(addresses: str) -> None:
    for email in FREE:
        with pytest.raises(asyncpg.UniqueViolationError):
            rows(addresses, _SIGN_UP, email)
    command.upgrade(migrations.alembic_config(addresses), "0038")
    for email in FREE:
        rows(addresses, _SIGN_UP, email)
    # The previous release knows a taken address by this name.
    with pytest.raises(asyncpg.UniqueViolationError, match='"users_email_key"'):
        rows(addresses, _SIGN_UP, "taken@example.com")


def test_the_release_before_finds_accounts_along_an_index(addresses: str) -> None:
    command.upgrade(migrations.alembic_config(addresses), "0038")
    database = make_url(addresses).database
    rows(addresses, f"ALTER DATABASE {database} SET enable_seqscan = off")
    plan = "\n".join(row[0] for row in rows(addresses, f"EXPLAIN {_LOOK_UP}"))
    assert "users_email_idx" in plan


def test_the_schema_from_before_comes_back_with_addresses_in_common(addresses: str) -> None:
    config = migrations.alembic_config(addresses)
    command.upgrade(config, "0038")
    for email in FREE:
        rows(addresses, _SIGN_UP, email)
    command.downgrade(config, "0037")
    for email in (*FREE, "taken@example.com"):
        with pytest.raises(asyncpg.UniqueViolationError):
            rows(addresses, _SIGN_UP, email)
    command.upgrade(config, "0038")
