"""`linky create-admin`, with and without a running server."""

import json

import pytest

from tests.support.command_line import Linky, refused
from tests.support.person import Person
from tests.support.server import Server
from tests.support.sql import rows

NEW_PASSWORD = "geheim-yama-no-ue-5521"


def test_create_admin_without_a_server_makes_a_new_account(linky: Linky, own_database: str) -> None:
    arguments = ("create-admin", "Boss@Example.com", "--password-stdin")
    made = linky(*arguments, stdin=f"{NEW_PASSWORD}\n", LINKY_DATABASE_URL=own_database)
    assert made.returncode == 0, made.stderr
    assert "is an admin now" in made.stdout
    assert NEW_PASSWORD not in made.stdout + made.stderr
    (admin,) = rows(own_database, "SELECT id, role, password_hash FROM users")
    assert admin["role"] == "admin"
    (entry,) = rows(own_database, "SELECT * FROM audit_log")
    assert (entry["action"], entry["target_id"]) == ("user.changed", admin["id"])
    assert (json.loads(entry["before"]), json.loads(entry["after"])["role"]) == ({}, "admin")
    assert entry["address"].startswith("terminal: ")
    assert admin["password_hash"].startswith("$bcrypt-sha256$")


def test_reset_mfa_says_whom_it_helped_and_whom_not(linky: Linky, own_database: str) -> None:
    at = {"LINKY_DATABASE_URL": own_database}
    stdin = f"{NEW_PASSWORD}\n"
    linky("create-admin", "boss@example.com", "--password-stdin", stdin=stdin, **at)
    refused(linky("reset-mfa", "boss@example.com", **at), "doesn't use two-factor")
    refused(linky("reset-mfa", "nobody@example.com", **at), "this account doesn't exist")
    (user,) = rows(own_database, "UPDATE users SET mfa_since = now() RETURNING id")
    done = linky("reset-mfa", str(user["id"]), **at)
    assert done.returncode == 0, done.stderr
    assert rows(own_database, "SELECT id FROM users WHERE mfa_since IS NOT NULL") == []
    entries = rows(own_database, "SELECT action, address FROM audit_log ORDER BY id DESC")
    assert entries[0]["action"] == "user.mfa_reset"
    assert entries[0]["address"].startswith("terminal: ")


def test_create_admin_beside_a_server_makes_a_new_account(linky: Linky, server: Server) -> None:
    admin = Person(server.url)
    admin.password = NEW_PASSWORD
    assert admin.code("POST", "/auth/login", 401, json=form(admin)) == "invalid_credentials"
    assert make_admin(linky, server, admin.email) == 0
    assert admin.sign_in().call("GET", "/users/me", 200)["role"] == "admin"


def test_create_admin_promotes_a_member_and_ends_their_sessions(
    linky: Linky, server: Server
) -> None:
    member = Person(server.url, "花子").register()
    other = Person(server.url, "健太").register()
    assert member.call("GET", "/users/me", 200)["role"] == "user"
    assert make_admin(linky, server, member.email) == 0

    rename = {"nickname": "はな"}
    assert member.code("PATCH", "/users/me", 401, json=rename) == "session_revoked"
    again = {"refresh_token": member.refresh_token}
    assert member.code("POST", "/auth/refresh", 401, json=again) == "invalid_refresh_token"
    assert member.code("POST", "/auth/login", 401, json=form(member)) == "invalid_credentials"
    promoted = Person(server.url)
    promoted.email, promoted.password = member.email, NEW_PASSWORD
    me = promoted.sign_in().call("GET", "/users/me", 200)
    assert (me["id"], me["role"], me["nickname"]) == (member.id, "admin", "花子")
    assert other.call("PATCH", "/users/me", 200, json=rename)["role"] == "user"


def test_create_admin_names_the_ways_to_sign_in_that_it_removed(
    linky: Linky, server: Server
) -> None:
    member, url = Person(server.url, "花子").register(), server.environment["LINKY_DATABASE_URL"]
    linked = (
        f"INSERT INTO user_identities (user_id, provider, subject) SELECT '{member.id}'::uuid, "
    )
    rows(url, f"{linked} 'google', 'G-1' RETURNING user_id")
    rows(url, f"{linked} 'line', 'L-1' RETURNING user_id")
    arguments = ("create-admin", member.email, "--password-stdin")
    made = linky(*arguments, stdin=NEW_PASSWORD, LINKY_DATABASE_URL=url)
    assert (made.returncode, "removed: google, line." in made.stdout) == (0, True)
    again = linky(*arguments, stdin=NEW_PASSWORD, LINKY_DATABASE_URL=url)
    assert (again.returncode, "removed" in again.stdout) == (0, False)


def test_create_admin_lifts_a_suspension(linky: Linky, server: Server) -> None:
    boss, member = Person(server.url), Person(server.url, "花子").register()
    assert make_admin(linky, server, boss.email) == 0
    boss.password = NEW_PASSWORD
    change = {"status": "suspended", "reason": "まちがい"}
    boss.sign_in().call("PATCH", f"/admin/users/{member.id}", 200, json=change)
    assert member.code("POST", "/auth/login", 403, json=form(member)) == "account_suspended"
    assert make_admin(linky, server, member.email) == 0
    member.password = NEW_PASSWORD
    assert member.sign_in().call("GET", "/users/me", 200)["role"] == "admin"
    entry = boss.items("/admin/audit-log", limit=1)[0]
    assert entry["before"] == {"role": "user", "status": "suspended"}
    assert entry["after"] == {"role": "admin", "status": "active"}
    assert entry["actor"]["nickname"].startswith("terminal: ")


def form(person: Person) -> dict[str, str]:
    return {"email": person.email, "password": person.password}


def make_admin(linky: Linky, server: Server, email: str) -> int:
    arguments = ("create-admin", email, "--password-stdin")
    url = server.environment["LINKY_DATABASE_URL"]
    return linky(*arguments, stdin=NEW_PASSWORD, LINKY_DATABASE_URL=url).returncode


@pytest.mark.parametrize(
    ("email", "password", "word"),
    [
        ("no-address", NEW_PASSWORD, "email address"),
        ("geheim@example.com", "geheim", "too weak"),
        ("boss@example.com", "", "too weak"),
        ("geheimnis@example.com", "geheimnis@example.com", "too weak"),
    ],
)
def test_a_bad_address_or_weak_password_is_refused_and_not_printed(
    linky: Linky, own_database: str, email: str, password: str, word: str
) -> None:
    arguments = ("create-admin", email, "--password-stdin")
    result = linky(*arguments, stdin=f"{password}\n", LINKY_DATABASE_URL=own_database)
    refused(result, word)
    assert rows(own_database, "SELECT id FROM users") == []
