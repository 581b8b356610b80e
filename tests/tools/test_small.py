"""What `make bench-small` says about its measurements."""

import os
from dataclasses import replace

from bench.small.__main__ import MEBIBYTE, Small, figures
from bench.small.load import Loaded
from bench.small.processes import Start, memory_of

STARTS = [Start(2.0, 1.0), Start(9.0, 1.2), Start(2.5, 1.1)]
SMALL = Small(
    STARTS,
    (100 * MEBIBYTE, 70 * MEBIBYTE),
    (110 * MEBIBYTE, 75 * MEBIBYTE),
    Loaded(1000, 20, 450 * MEBIBYTE),
    (150 * MEBIBYTE, 75 * MEBIBYTE),
    None,
    "a machine",
)


def test_the_memory_of_a_process_is_read() -> None:
    assert 10 * MEBIBYTE < memory_of(os.getpid()) < 10_000 * MEBIBYTE


def test_the_document_has_medians_and_goals() -> None:
    text = "\n".join(figures(SMALL))
    assert "| start on one core, s (CPU) | 2.5 (1.1) | 3 |" in text
    assert "| at rest after some requests, MiB | 185 (110 + 75) | 250 |" in text
    assert "| at most under full load, MiB | 450 (20 uploads) | 500 |" in text
    assert "1 GiB" not in text


def test_a_missed_goal_is_noticed() -> None:
    assert not SMALL.missed()
    assert replace(SMALL, at_rest=(200 * MEBIBYTE, 51 * MEBIBYTE)).missed()
    assert replace(SMALL, loaded=Loaded(1, 1, 501 * MEBIBYTE)).missed()
    assert replace(SMALL, starts=[Start(4.0, 3.1)]).missed()
