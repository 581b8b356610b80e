"""What the runbook says about a database: its log, and which backup is restored into it."""

import re

import pytest

from app.operations.backup import made_at
from tests.support.stack import ROOT, properties

RUNBOOKS = ("runbook.md", "runbook.ja.md")


def code_of(name: str) -> str:
    text = (ROOT / "docs" / name).read_text(encoding="utf-8")
    return text.replace("\\\n", " ")


@pytest.mark.parametrize("name", RUNBOOKS)
def test_a_database_by_hand_logs_no_values_of_rows(name: str) -> None:
    set_by_hand = dict(re.findall(r"ALTER SYSTEM SET (\w+) = '?(\w+)'?", code_of(name)))
    of_the_stack = properties("DatabaseParameters")["Parameters"]
    hiding = {
        key: str(value)
        for key, value in of_the_stack.items()
        if key.startswith(("log_parameter_max", "log_error_verb"))
    }
    assert hiding
    assert set_by_hand == hiding


@pytest.mark.parametrize("name", RUNBOOKS)
def test_a_restore_that_fills_a_database_names_its_backup(name: str) -> None:
    calls = re.findall(r"^ *(?:\./dev|sudo) linky restore (\S+)(.*)$", code_of(name), re.MULTILINE)
    filling = [first for first, rest in calls if "--list" not in first and "--verify" not in first]
    assert filling
    for backup in filling:
        assert f"linky-{made_at(backup):%Y%m%dT%H%M%SZ}" == backup
