"""`linky records` needs a reason and finds a post's records by its id or its URL."""

import json
from typing import Any

import pytest

from tests.support.command_line import Linky, refused
from tests.support.sql import rows

USER, POST = "01890000-0000-7000-8000-00000000000a", "01890000-0000-7000-8000-00000000000b"
FILL = f"""
INSERT INTO connection_records (user_id, act, subject_type, subject_id, address, port, created_at)
VALUES ('{USER}', 'signed_in', 'session', uuidv7(), NULL, NULL, '2026-11-01 00:00Z'),
       ('{USER}', 'created', 'post', '{POST}', '2001:db8::1', 50123, '2026-11-01 00:00:01.000002Z')
"""
REASON = ("--reason", "発信者情報開示命令")


def audit_entries(url: str) -> list[Any]:
    return rows(url, "SELECT target_id, reason, after, address FROM audit_log ORDER BY id")


def test_records_are_printed_as_a_table_or_json_and_the_search_is_audited(
    linky: Linky, own_database: str
) -> None:
    rows(own_database, FILL)
    link = f"https://linky.example/api/v1/posts/{POST.upper()}?from=push"
    table = linky("records", link, *REASON, LINKY_DATABASE_URL=own_database)
    assert table.returncode == 0, table.stderr
    heading, line = table.stdout.splitlines()
    assert heading.split()[:2] == ["time", "(UTC)"]
    assert line.split() == [
        *("2026-11-01T00:00:01.000002Z", "created", "post", "2001:db8::1", "50123"),
        *(USER, POST),
    ]
    arguments = ("records", POST, *REASON, "--all-of-author", "--json")
    records = json.loads(linky(*arguments, LINKY_DATABASE_URL=own_database).stdout)
    assert [record["act"] for record in records] == ["signed_in", "created"]
    assert (records[0]["address"], records[1]["port"]) == (None, 50123)
    first, second = audit_entries(own_database)
    assert (str(first["target_id"]), first["reason"]) == (POST, REASON[1])
    assert first["address"].startswith("terminal: ")
    assert json.loads(second["after"]) == {"found": 2, "all_of_author": True}


def test_a_search_without_a_reason_or_an_id_is_refused(linky: Linky, own_database: str) -> None:
    rows(own_database, FILL)
    refused(linky("records", POST, "--reason", " ", LINKY_DATABASE_URL=own_database), "--reason")
    refused(linky("records", "/posts/1", *REASON, LINKY_DATABASE_URL=own_database), "no ID")
    assert linky("records", POST, LINKY_DATABASE_URL=own_database).returncode == 2
    assert audit_entries(own_database) == []


@pytest.mark.parametrize("options", [("--json",), ()])
def test_all_records_are_shown_page_after_page(
    linky: Linky, own_database: str, monkeypatch: pytest.MonkeyPatch, options: tuple[str, ...]
) -> None:
    monkeypatch.setattr("app.connection_log.service.PAGE", 2)
    posts = [POST[:-2] + f"{n:02x}" for n in range(1, 6)]
    # A profile has its user's id, so this record is about the user and by the user.
    things = [(USER, "profile"), *((post, "post") for post in posts)]
    for thing, kind in things:
        rows(
            own_database,
            "INSERT INTO connection_records (user_id, act, subject_type, subject_id, port)"
            " VALUES ($1, 'changed', $2, $3, 50123)",
            *(USER, kind, thing),
        )
    found = linky(
        *("records", posts[-1], *REASON, "--all-of-author", *options),
        LINKY_DATABASE_URL=own_database,
    )
    assert found.returncode == 0, found.stderr
    if options:
        shown = [record["subject_id"] for record in json.loads(found.stdout)]
    else:
        heading, *lines = found.stdout.splitlines()
        assert heading.endswith("  id")
        shown = [line.split()[-1] for line in lines]
    assert shown == [thing for thing, _ in things]
    (entry,) = audit_entries(own_database)
    assert json.loads(entry["after"]) == {"found": 6, "all_of_author": True}


def test_a_search_that_finds_nothing_says_so(linky: Linky, own_database: str) -> None:
    database = {"LINKY_DATABASE_URL": own_database}
    assert json.loads(linky("records", POST, *REASON, "--json", **database).stdout) == []
    assert linky("records", POST, *REASON, **database).stdout.startswith("Nothing found. ")
    assert [json.loads(entry["after"])["found"] for entry in audit_entries(own_database)] == [0, 0]
