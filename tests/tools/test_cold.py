"""What `make bench-cold` knows of the API, and what it says about its measurements."""

import json
from typing import Any

from bench.cold.cases import CASES
from bench.cold.operations import HOT, LEFT_OUT, NAMED
from bench.cold.report import AFTER, BEFORE, Results, lines_of, spread
from bench.cold.trees import API
from tools import ROOT

READ, WRITTEN = "GET /meta", "POST /auth/nonce"


def operations() -> set[str]:
    paths: dict[str, dict[str, Any]] = json.loads((ROOT / "openapi.json").read_text())["paths"]
    return {
        f"{method.upper()} {path.removeprefix(API)}"
        for path, methods in paths.items()
        for method in methods
    }


def test_each_operation_is_measured_here_or_elsewhere_or_left_out_with_a_reason() -> None:
    known = [*CASES, *HOT, *LEFT_OUT]
    assert sorted(known) == sorted(set(known)), "an operation stands in two lists"
    assert set(known) == operations(), (
        "add it to bench/cold/cases.py or operations.py, or remove it there"
    )
    assert set(NAMED) <= set(CASES)


def test_the_report_compares_medians_and_sums_what_both_answered() -> None:
    results = Results()
    for tree, micros in ((BEFORE, 400.0), (AFTER, 100.0)):
        results.add(READ, tree, [micros, micros * 9, micros])
    results.add(WRITTEN, BEFORE, [50.0, 50.0])
    results.refused[WRITTEN, AFTER] = "404"
    _, read, written, _, total, named = map(str.split, lines_of(results, [READ, WRITTEN], [READ]))
    assert named == read
    assert (read[2], read[-1]) == ("400", "0.25")
    assert written[2] == "50"
    assert written[-2:] == ["-", "-"]
    assert total == ["the", "sum", "of", "1", "400", "100", "0.25"]


def test_the_spread_is_half_the_distance_between_the_quartiles() -> None:
    assert spread([100.0]) == 0.0
    assert spread([90.0, 100.0, 110.0]) == 0.1
