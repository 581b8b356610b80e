"""What `make bench-scale` says about its measurements."""

from bench.requests.measure import Sample
from bench.scale.measure import Measured, database, wall
from bench.scale.report import ScaleRun, Size, print_scale, scale_figures


def samples(cost: float) -> list[Sample]:
    """Two rounds of a list that takes `cost` microseconds in PostgreSQL and in all."""
    return [Sample(0, cost, 1e6 / cost, [cost / 1e6])] * 2


def run_of(**lists: Measured) -> ScaleRun:
    sizes = [Size("posts", 10, "posts", 2**20), Size("posts", 10, "posts_pkey", 2**21)]
    return ScaleRun((0.1, 10.0), 2, "abc", "18.6", 0.5, lists, sizes)


def test_the_ratio_is_that_of_the_pairs_within_a_round() -> None:
    one = Measured(samples(100), samples(120), samples(150), page=1000)
    assert round(one.growth(database), 2) == round(one.growth(wall), 2) == 1.2
    assert round(one.depth(wall), 2) == 1.25


def test_what_grows_too_much_is_named() -> None:
    run = run_of(
        flat=Measured(samples(100), samples(129)),
        grows=Measured(samples(100), samples(131)),
        deep=Measured(samples(100), samples(100), samples(121), page=1000),
    )
    assert run.missed() == ["grows", "deep, page 1,000"]


def test_the_document_has_ratios_and_sizes() -> None:
    one = Measured(samples(100), samples(200), samples(100), page=1000)
    text = "\n".join(scale_figures(run_of(feed=one)))
    assert "| | 100,000 posts | 10,000,000 posts | ratios | deep page | ratios |" in text
    assert "| feed | 0 + 100 ± 0% | 0 + 200 ± 0% | **2.00**, 2.00, 2.00 | 1,000: " in text
    assert "| posts | 10 | posts | 1 | 104858 |" in text
    assert "|  |  | posts_pkey | 2 | 209715 |" in text
    print_scale(run_of(feed=one))
