"""The lint finds migrations that block requests or break the previous release."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.core import migrations
from app.core.migrations import Revision
from tools import check, releases
from tools.migration_lint import (
    Migration,
    behind_a_contract,
    complaints,
    find_misplaced,
    gone_too_early,
    new_since,
)

SLOW_INDEX = "CREATE INDEX posts_title_idx ON posts (title);"
GONE_COLUMN = "ALTER TABLE posts DROP COLUMN title;"
GOOD = "CREATE INDEX CONCURRENTLY IF NOT EXISTS posts_title_idx ON posts (title);"

SLOW = 'op.create_index("posts_title_idx", "posts", ["title"])'
CREATED_TABLE = 'op.create_table("things", sa.Column("id", sa.Uuid(), primary_key=True))'

REVISION = '''"""A migration of a test."""
import sqlalchemy as sa
from alembic import op

revision = "9999"
down_revision = "{head}"
{more}

def upgrade() -> None:
    op.create_index("posts_title_idx", "posts", ["title"])
'''


def rules(*sql: str) -> list[str]:
    violations = complaints([Migration("9999_test", text, {}) for text in sql])
    return [line.split(": ")[1] for line in violations]


def test_a_migration_that_locks_or_breaks_a_table_in_use_is_found() -> None:
    assert "require-concurrent-index-creation" in rules(SLOW_INDEX)
    assert "ban-drop-column" in rules(GONE_COLUMN)
    assert rules(GOOD) == []


def test_a_migration_may_ignore_a_rule_with_a_reason() -> None:
    excused = Migration("9999_test", GONE_COLUMN, {"ban-drop-column": "no code reads it", "x": ""})
    assert [line for line in complaints([excused]) if "ban-drop-column" in line] == []


@pytest.mark.parametrize("excused", [False, True])
def test_a_new_migration_is_linted_and_a_released_one_is_not(tmp_path: Path, excused: bool) -> None:
    released = {each.revision for each in migrations.newest_first()}
    more = "squawk_ignores = {'require-concurrent-index-creation': 'small'}" if excused else ""
    text = REVISION.format(head=migrations.head(), more=more)
    (tmp_path / "9999_test.py").write_text(text, encoding="utf-8")
    config = migrations.alembic_config()
    config.set_main_option("path_separator", "newline")
    both = f"{migrations.ROOT / 'migrations' / 'versions'}\n{tmp_path}"
    config.set_main_option("version_locations", both)
    linted = new_since(released, config)
    assert [migration.name for migration in linted] == ["9999_test"]
    assert "CREATE INDEX posts_title_idx" in linted[0].sql
    violations = [line for line in complaints(linted) if "require-concurrent" in line]
    assert len(violations) == (0 if excused else 1)


def test_each_migration_has_all_the_tries_for_its_locks() -> None:
    patience = migrations.Patience(3)
    assert [patience.seconds_after("0030") for _ in range(3)] == [0.5, 1.0, None]
    assert [patience.seconds_after("0031") for _ in range(2)] == [0.5, 1.0]
    assert [patience.seconds_after("0032") for _ in range(3)] == [0.5, 1.0, None]


def newest_first(*names: str) -> list[Revision]:
    """Made-up revisions from the newest to the oldest. A contract's name begins with `c`."""
    befores = (*names[1:], None)
    return [
        Revision(name, before, contracts=name.startswith("c"))
        for name, before in zip(names, befores, strict=True)
    ]


@pytest.mark.parametrize(
    ("names", "released", "misplaced"),
    [
        (("c2", "c1", "3", "2", "1"), (), []),
        (("3", "c1", "2", "1"), (), ["3 comes after the contract c1"]),
        (("4", "c2", "3", "c1", "1"), ("c1", "1"), ["4 comes after the contract c2"]),
        (("4", "3", "c1", "1"), ("c1", "1"), []),
    ],
)
def test_a_migration_behind_a_contract_of_the_next_release_is_found(
    names: tuple[str, ...], released: tuple[str, ...], misplaced: list[str]
) -> None:
    assert behind_a_contract(newest_first(*names), released) == misplaced


def test_what_only_an_older_release_needed_waits_until_a_release_without_it_is_recorded() -> None:
    """So 0.4.0 may remove it, and 0.3.0 may not: 0.2's servers still run beside that."""
    left = {*migrations.KEPT, "posts"} - {"daily_counts", "linky_has_muted"}
    assert gone_too_early(left, "0.2.2") == ["daily_counts", "linky_has_muted"]
    assert gone_too_early(left, "0.3.0") == gone_too_early(left, "0.10.0") == []
    assert gone_too_early(migrations.KEPT, "0.2.2") == []


def test_the_contracts_that_wait_may_run_with_the_release_that_follows_the_last() -> None:
    """They come last, so `linky migrate` leaves them and `--contract` runs them.

    Those that the last release had wait no more: a later migration may follow them.
    """
    waiting = [each for each in unreleased() if each.contracts]
    assert unreleased()[: len(waiting)] == waiting
    assert find_misplaced() == []
    assert all(migrations.is_enough(each.revision) for each in waiting)


def unreleased() -> list[Revision]:
    """The revisions that the last release did not have, the newest first."""
    released = releases.released_revisions()
    return [each for each in migrations.newest_first() if each.revision not in released]


@pytest.fixture
def just_released(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder of migrations as the last release had them, which the checks read instead."""
    newer = {each.revision for each in unreleased()}
    ours = shutil.copytree(
        migrations.ROOT / "migrations",
        tmp_path / "migrations",
        ignore=lambda _, names: [name for name in names if name.partition("_")[0] in newer],
    )
    cached = (migrations.newest_first, migrations.needed, migrations._older)
    monkeypatch.setattr(migrations, "ROOT", tmp_path)
    for each in cached:
        each.cache_clear()
    yield ours / "versions"
    for each in cached:
        each.cache_clear()


def add_migration(versions: Path, revision: str, **constants: object) -> None:
    lines = [f"{name} = {value!r}" for name, value in constants.items()]
    text = REVISION.format(head=migrations.head(), more="\n".join(lines))
    text = text.replace('"9999"', f'"{revision}"').replace(SLOW, CREATED_TABLE)
    (versions / f"{revision}_test.py").write_text(text, encoding="utf-8")
    migrations.newest_first.cache_clear()
    migrations.needed.cache_clear()


def test_the_first_migration_after_a_release_passes_the_checks(just_released: Path) -> None:
    """Also where the newest migration of the release is a contract, as in 0.2.1."""
    last = migrations.head()
    add_migration(just_released, "9998")
    assert [each.revision for each in unreleased()] == ["9998"]
    check.migrations_are_one_line()
    check.migrations_may_run_in_use()
    check.contracts_come_last()
    test_the_contracts_that_wait_may_run_with_the_release_that_follows_the_last()
    assert migrations.needed() == "9998"
    assert not migrations.is_enough(last)


def test_a_migration_behind_a_new_contract_fails_the_checks(just_released: Path) -> None:
    add_migration(just_released, "9998", contracts=True)
    check.contracts_come_last()
    add_migration(just_released, "9999")
    with pytest.raises(check.CheckFailed, match="9999 comes after the contract 9998"):
        check.contracts_come_last()
