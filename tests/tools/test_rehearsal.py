"""The rehearsal of an upgrade: what it is asked for, and what it makes of what it saw."""

import datetime

import pytest
from typer.testing import CliRunner

from tests.rehearsal import __main__ as program
from tests.rehearsal.load import Ledger
from tests.rehearsal.locks import Look, Seen, distance, locks_of
from tests.rehearsal.report import lines, outcomes, wrong
from tests.rehearsal.stages import AGAIN, BACK, CONTRACT, UP, Found
from tests.rehearsal.versions import BEFORE_BACK, CanNotRehearse, chosen
from tests.rehearsal.witnesses import differing
from tests.support.outcomes import TableLock
from tools.releases import Release, releases

DAY = datetime.date(2026, 12, 1)
KNOWN = [Release(version, DAY, "0001", "c" * 40) for version in ("0.9.0", "0.10.0", "1.0.0")]
READ, WRITE = "ShareUpdateExclusiveLock", "AccessExclusiveLock"


def test_any_two_releases_in_their_order_are_chosen_and_the_tree() -> None:
    first, second, third = KNOWN
    assert chosen("0.9.0", "0.10.0", KNOWN) == (first, second)
    assert chosen("0.9.0", "1.0.0", KNOWN) == (first, third)
    assert chosen("1.0.0", "tree", KNOWN) == (third, None)


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ("", "tree", "no release ''"),
        ("0.8.0", "tree", "no release '0.8.0', but 0.9.0, 0.10.0, 1.0.0"),
        ("0.9.0", "2.0.0", "no release '2.0.0'"),
        ("tree", "1.0.0", "FROM must be a release"),
        ("0.10.0", "0.9.0", "0.9.0 is not later than 0.10.0"),
        ("0.9.0", "0.9.0", "not later"),
    ],
)
def test_what_is_no_upgrade_is_refused(before: str, after: str, words: str) -> None:
    with pytest.raises(CanNotRehearse, match=words):
        chosen(before, after, KNOWN)


@pytest.mark.parametrize("arguments", [[], ["0.0.0"], ["tree"], ["0.1.0", "0.1.0"]])
def test_the_command_refuses_in_one_line_before_it_starts_anything(arguments: list[str]) -> None:
    done = CliRunner().invoke(program.app, arguments)
    assert done.exit_code == 1
    assert done.stderr.startswith("FAILED: ")
    assert done.stderr.count("\n") == 1


def test_a_release_that_needs_a_command_before_the_way_back_is_one_of_the_record() -> None:
    assert set(BEFORE_BACK) <= {each.version for each in releases()}


def test_a_lock_is_held_from_the_look_before_it_to_the_look_after_it() -> None:
    looks = [
        Look(10.0, "1"),
        Look(10.1, "1", [Seen("posts", WRITE)]),
        Look(10.2, "1", [Seen("posts", WRITE), Seen("users", READ)]),
        Look(10.3, "1", [Seen("posts", WRITE, waited=0.25), Seen("users", READ)]),
        Look(10.7, "2", [Seen("users", READ)]),
    ]
    assert locks_of(looks, ["1", "2", "3"]) == [
        TableLock("2", "posts", WRITE, 300.0, 250.0),
        TableLock("2", "users", READ, 600.0, 0.0),
        TableLock("3", "users", READ, 400.0, 0.0),
    ]
    assert distance(looks) == 100.0
    assert locks_of(looks[:1], ["1", "2"]) == []


def test_of_two_locks_of_one_migration_the_longer_one_counts() -> None:
    held = [Seen("posts", WRITE)]
    looks = [Look(0, "1", held), Look(1, "1"), Look(2, "1", held), Look(5, "1")]
    assert locks_of(looks, ["1", "2"]) == [TableLock("2", "posts", WRITE, 4000.0, 0.0)]


def test_views_are_compared_as_far_as_both_reach_back() -> None:
    old, new = {"1": True, "3": False, "4": True}, {"3": False, "4": False, "5": True}
    assert set(differing(old, new)) == {"4", "5"}
    assert differing(old, {"3": False, "4": True}) == {}
    assert differing(old, {}) == old


def found() -> Found:
    ledger = Ledger()
    for name in ("start", UP, BACK, AGAIN, CONTRACT, "end"):
        ledger.begin(name)
        ledger.now.acknowledged = {f"{name}-1", f"{name}-2"}
    return Found(ledger, seconds={f"{UP}: linky migrate": 61.2}, gone=["posts.search_text"])


def kept(**other: int) -> dict[str, int]:
    names = ("start", UP, BACK, AGAIN, CONTRACT, "end")
    return {f"{name}-{n}": 1 for name in names for n in (1, 2)} | {
        name.replace("_", "-"): times for name, times in other.items()
    }


def test_what_went_well_is_survived_and_says_what_it_took() -> None:
    made = outcomes(found(), kept(), "0.9.0", "1.0.0", 5000)
    assert all(one.survived for one in made)
    assert [one.title.en for one in made][:2] == ["From 0.9.0 to 1.0.0", "Back to 0.9.0"]
    assert made[0].note is not None
    assert "`linky migrate` took 61 s." in made[0].note.en
    assert made[3].note is not None
    assert "Gone: `posts.search_text`." in made[3].note.en
    assert wrong(found(), made) == []


def test_what_was_lost_or_is_there_twice_is_of_the_stage_that_wrote_it_and_fails() -> None:
    made = outcomes(found(), kept(up_1=0, back_2=2), "0.9.0", "1.0.0", 5000)
    assert [(one.lost, one.twice) for one in made] == [(1, 0), (0, 1), (0, 0), (0, 0)]
    assert len(wrong(found(), made)) == 2


def test_a_failed_request_fails_the_rehearsal_in_any_stage() -> None:
    seen = found()
    for number in range(30):
        seen.ledger.stages[2].failures.append(f"GET /posts: 503 {number}")
    seen.problems.append("jobs were given up")
    made = outcomes(seen, kept(), "0.9.0", "1.0.0", 5000)
    assert [one.survived for one in made] == [True, False, True, True]
    printed = list(lines(seen, made))
    assert "FAILED: back: GET /posts: 503 0" in printed
    assert "FAILED: back: 30 in all" in printed
    assert "FAILED: jobs were given up" in printed
