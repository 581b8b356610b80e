"""Users of a community that moves: who is in `users.jsonl`, and what becomes of their accounts."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.command_line import Linky
from tests.support.foreign_users import BCRYPT
from tests.support.small_community import add_lounge, add_post, add_user, insert
from tests.support.sql import rows

SUSPENDED = {"status": "'suspended'", "suspension_reason": "'理由'", "suspension_id": "uuidv7()"}


@pytest.fixture
def moved(linky: Linky, own_database: str, other_database: str, tmp_path: Path) -> Any:
    """Exports the one database and imports it into the other."""

    def call() -> None:
        folder = str(tmp_path / "export")
        for act, url in (("export", own_database), ("import", other_database)):
            data = str(tmp_path / act)
            done = linky(act, "community", folder, LINKY_DATABASE_URL=url, LINKY_DATA_DIR=data)
            assert done.returncode == 0, done.stderr

    return call


def users_of(folder: Path) -> dict[str, dict[str, Any]]:
    lines = (folder / "users.jsonl").read_text(encoding="utf-8").splitlines()
    return {row["nickname"]: row for row in map(json.loads, lines)}


def test_the_file_of_users_has_those_who_may_sign_in_elsewhere(
    linky: Linky, own_database: str, tmp_path: Path
) -> None:
    """A suspension ends with its installation, so who is suspended must not come back by a file."""
    provider = {"provider": "'line'", "email": "NULL", "password_hash": "NULL"}
    add_user(own_database, "admin", role="'admin'")
    add_user(own_database, "member")
    add_user(own_database, "unverified", email_verified_at="NULL")
    add_user(own_database, "moderator", role="'moderator'")
    add_user(own_database, "by-line", **provider, provider_user_id="'U1'")
    add_user(own_database, "unreadable", password_hash="'$firebase-scrypt$broken'")
    add_user(own_database, "suspended", **SUSPENDED)
    add_user(own_database, "till-friday", **SUSPENDED, suspended_until="now() + interval '3 days'")
    upgraded = {"created_at": "'2020-01-01T00:00:00Z'", "joined_at": "'2024-05-01T00:00:00Z'"}
    add_user(own_database, "once-a-guest", **upgraded)
    add_user(own_database, "long-here", created_at="'2020-01-01T00:00:00Z'")
    without = provider | {"password_hash": f"'{BCRYPT}'", "provider_user_id": "'U2'"}
    add_user(own_database, "a-password-for-no-address", **without)
    nobody = add_user(own_database, "without-a-way-in", **provider, provider_user_id="'U3'")
    rows(own_database, f"DELETE FROM user_identities WHERE user_id = '{nobody}'")
    guest = {"provider": "'guest'", "email": "NULL", "password_hash": "NULL"}
    add_user(own_database, "guest", **guest, role="'guest'")
    linky("export", "community", str(tmp_path / "export"), LINKY_DATABASE_URL=own_database)
    users = users_of(tmp_path / "export")
    assert set(users) == {
        *("admin", "member", "unverified", "moderator", "by-line", "unreadable"),
        *("once-a-guest", "long-here", "a-password-for-no-address"),
    }
    assert users["member"]["password"] == {"bcrypt": BCRYPT}
    assert users["member"]["doors"] == []
    assert [users[name]["email_verified"] for name in ("member", "unverified")] == [True, False]
    assert users["by-line"]["doors"] == [{"provider": "line", "subject": "U1"}]
    assert not {"email", "password"} & set(users["by-line"])
    assert "password" not in users["unreadable"]
    assert "password" not in users["a-password-for-no-address"]
    assert users["once-a-guest"]["created_at"] == "2024-05-01T00:00:00Z"
    assert users["long-here"]["created_at"] == "2020-01-01T00:00:00Z"
    # The tables have them all, for another Linky.
    file = tmp_path / "export" / "tables" / "users.jsonl"
    assert len(file.read_text(encoding="utf-8").splitlines()) == 13


def test_a_second_step_stays_behind_with_its_secret(
    moved: Any, own_database: str, other_database: str
) -> None:
    """Else they would be asked for a code that nothing there can check, admins above all."""
    both = [
        add_user(own_database, "admin", role="'admin'", mfa_since="now()"),
        add_user(own_database, "member"),
    ]
    for user in both[:1]:
        insert(
            own_database, "auth_totp", returning="user_id", user_id=f"'{user}'", key_id="'one'",
            sealed="'x'", last_step="1",
        )  # fmt: skip
    moved()
    there = rows(other_database, "SELECT id::text, mfa_since FROM users ORDER BY id")
    assert [tuple(row) for row in there] == [(user, None) for user in both]
    assert rows(other_database, "SELECT FROM auth_totp") == []
    assert rows(own_database, "SELECT FROM users WHERE mfa_since IS NOT NULL")


def test_what_was_being_hidden_or_shown_is_settled_there(
    moved: Any, own_database: str, other_database: str
) -> None:
    """The jobs stay behind, and each of them was one batch of many."""
    lounge = add_lounge(own_database)
    hides = {**SUSPENDED, "suspension_hides": "true"}
    hidden = {"moderation": "'hidden'", "hidden_with_author": "true"}
    people = {
        "hidden before": add_user(own_database, "a", **hides),
        "shown before": add_user(own_database, "b"),
        "comments shown before": add_user(own_database, "c"),
        "suspended, and visible": add_user(own_database, "d", **SUSPENDED),
        "never suspended": add_user(own_database, "e"),
        "hidden by a moderator": add_user(own_database, "f"),
        "deleted since": add_user(own_database, "g"),
    }
    add_post(own_database, lounge, people["hidden before"])
    add_post(own_database, lounge, people["shown before"])
    add_post(own_database, lounge, people["suspended, and visible"])
    post = add_post(own_database, lounge, people["never suspended"])
    add_post(own_database, lounge, people["shown before"], **hidden)
    add_post(own_database, lounge, people["hidden by a moderator"], moderation="'hidden'")
    add_post(own_database, lounge, people["deleted since"], **hidden, deleted_at="now()")
    for author in ("comments shown before", "deleted since"):
        deleted = {"deleted_at": "now()"} if author == "deleted since" else {}
        insert(
            own_database, "comments", post_id=f"'{post}'", author_id=f"'{people[author]}'",
            body="'返事'", **hidden, **deleted,
        )  # fmt: skip
    moved()
    jobs = rows(
        other_database,
        "SELECT convert_from(payload, 'UTF8')::jsonb ->> 'user_id' AS user_id, priority, status,"
        " execute_after <= now() AS is_due FROM pgqueuer"
        " WHERE entrypoint = 'sanction.settle_content'",
    )
    assert {(row["priority"], row["status"], row["is_due"]) for row in jobs} == {
        (1, "queued", True)
    }
    settled = ("hidden before", "shown before", "comments shown before")
    assert sorted(row["user_id"] for row in jobs) == sorted(people[name] for name in settled)
