"""What PgBouncer costs is a ratio of pairs: a busy machine does not change it."""

import pytest

from bench.pooled import DIRECT, POOLED, Cost, Costs, lines_of, ratio_of

BUSY = (1.0, 3.0, 1.5)
"""In each round the machine takes so many times as long for the same work."""

COSTS: Costs = {
    "one post": {
        DIRECT: [Cost(200 * busy, 100 * busy) for busy in BUSY],
        POOLED: [Cost(210 * busy, 90 * busy, 60 * busy) for busy in BUSY],
    }
}


def test_the_ratio_is_that_of_the_same_round() -> None:
    assert ratio_of(COSTS["one post"]) == pytest.approx(360 / 300)


def test_the_table_has_each_part_and_the_ratio() -> None:
    head, line, overall = lines_of(COSTS)
    assert "PgBouncer" in head
    assert line.split() == ["one", "post", "300", "150", "315", "135", "90", "1.20"]
    assert "1.20 times" in overall
