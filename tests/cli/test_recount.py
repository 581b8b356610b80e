"""`linky recount` lists wrong counts and corrects them. With `--check` it only lists them."""

from tests.support.command_line import Linky
from tests.support.sql import rows

LOUNGE = "01890000-0000-7000-8000-00000000000a"
WRONG = f"""
INSERT INTO lounges (id, name, name_key, search_vector, description, favorite_count)
VALUES ('{LOUNGE}', '部屋', '部屋', ''::tsvector, '説明', 3)
"""


def test_recount_lists_wrong_counts_and_corrects_them(linky: Linky, own_database: str) -> None:
    rows(own_database, WRONG)
    line = f"lounges.favorite_count of {LOUNGE}: 3, counted 0"
    for arguments, status, last in (
        (("--check",), 1, "1 wrong."),
        ((), 0, "1 corrected."),
        ((), 0, "All counts are correct."),
        (("--check",), 0, "All counts are correct."),
    ):
        result = linky("recount", *arguments, LINKY_DATABASE_URL=own_database)
        assert (result.returncode, result.stdout.splitlines()[-1]) == (status, last), result.stderr
        assert (line in result.stdout) == (last[0] == "1")
