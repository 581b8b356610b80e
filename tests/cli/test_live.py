"""`linky live reset` begins a new epoch."""

from tests.support.command_line import Linky
from tests.support.sql import rows


def test_reset_begins_a_new_epoch(linky: Linky, own_database: str) -> None:
    said = set()
    for _ in range(2):
        result = linky("live", "reset", LINKY_DATABASE_URL=own_database)
        assert result.returncode == 0, result.stderr
        said.add(result.stdout)
    assert len(said) == 2
    assert len(rows(own_database, "SELECT id FROM live_epoch")) == 1
