"""Runs of faults are added up, and the pages show what the summaries say."""

from pathlib import Path

import pytest

from app.core.words import Words
from tools import ROOT
from tools.documents import checks
from tools.reliability import page, summary
from tools.reliability.summary import Outcome, record

TITLE = Words("強制終了", "A kill")
NAME_OF_CHECK = "docs/reliability is what the tests recorded"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(summary, "FRESH", tmp_path)
    return tmp_path


def outcome(*, lost: int = 0, twice: int = 0, other_5xx: int = 0) -> Outcome:
    return Outcome(
        name="kill", title=TITLE, acknowledged=10, refused=1,
        lost=lost, twice=twice, other_5xx=other_5xx,
    )  # fmt: skip


def test_runs_of_a_scenario_are_added_up_and_what_was_lost_is_not_survived(folder: Path) -> None:
    record("faults", Outcome(name="kill", title=TITLE, acknowledged=5, recovery_seconds=1.26))
    record("faults", outcome(lost=2))
    record("faults", Outcome(name="a-hang", title=TITLE, recovered=False, recovery_seconds=0.5))
    (suite,) = summary.suites(folder)
    hang, kill = suite.scenarios
    assert (kill.runs, kill.survived, kill.acknowledged, kill.lost) == (2, 1, 15, 2)
    assert (kill.recovery_seconds, kill.refused, kill.title) == (1.3, 1, TITLE)
    assert (hang.runs, hang.survived) == (1, 0)


@pytest.mark.parametrize("bad", ["lost", "twice", "other_5xx"])
def test_a_run_with_a_bad_answer_or_write_is_not_survived(bad: str) -> None:
    assert outcome().survived
    assert not outcome(**{bad: 1}).survived


def test_both_pages_show_each_scenario(folder: Path) -> None:
    record("faults", Outcome(name="kill", title=TITLE, acknowledged=1234, note=Words("注", "N")))
    english, japanese = page.rendered(summary.suites(folder)).values()
    assert "| A kill | 1 / 1 | 1,234 | 0 | 0 | 0 | 0 | - |" in english
    assert "- A kill: N" in english
    assert "| 強制終了 | 1 / 1 | 1,234 | 0 | 0 | 0 | 0 | - |" in japanese


def test_a_page_that_differs_from_the_summaries_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = page.rendered(summary.suites())
    assert list(checks.CHECKS[NAME_OF_CHECK]()) == []
    old, new = page.PAGES["en"], ROOT / "docs" / "memo.md"
    monkeypatch.setattr(page, "PAGES", {"en": new})
    (complaint,) = checks.CHECKS[NAME_OF_CHECK]()
    assert "make reliability" in complaint
    assert old in texts
