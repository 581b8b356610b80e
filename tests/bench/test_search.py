"""The measurement of searches on a thousand posts: it runs, and what it shows is right."""

import sys

import pytest

from bench.document import ROOT
from bench.search.community import SearchTargets, ensure_written, places_in
from bench.search.measure import Call, Searched, Sizes, columns_of, measure_all
from bench.search.report import Run, print_report
from bench.search.texts import RARE, Writer, nouns
from tests.support.sql import fetch

pytestmark = pytest.mark.anyio

TINY = 0.001


@pytest.fixture(scope="module")
async def database(server_url: str) -> str:
    return await ensure_written(server_url, ROOT, sys.executable, TINY)


@pytest.fixture(scope="module")
async def places(database: str) -> SearchTargets:
    return await places_in(database)


def test_the_same_seed_writes_the_same_posts() -> None:
    first, second = Writer(7), Writer(7)
    assert [first.post() for _ in range(5)] == [second.post() for _ in range(5)]
    words = nouns()
    assert {words[rank] for rank in RARE} == set(RARE.values())


async def test_each_post_has_its_words_for_searches(database: str) -> None:
    (row,) = await fetch(
        database,
        "SELECT count(*) AS posts, count(words.post_id) AS searched FROM posts"
        " LEFT JOIN post_search words ON words.post_id = posts.id",
    )
    assert (row["posts"], row["searched"]) == (1_000, 1_000)


async def test_each_term_is_measured_in_each_way_that_has_such_a_page(
    database: str, places: SearchTargets
) -> None:
    results = await measure_all(database, places, ["猫", "甲龍"])
    names = [column.name for column in columns_of(places)]
    # A thousand posts have no fiftieth page.
    first = [name for name in names if "page 50" not in name]
    assert set(results) == {(term, name) for term in ("猫", "甲龍") for name in first}
    assert all(searched.database > 0 for searched in results.values())


def test_the_report_shows_ratios_and_goals(capsys: pytest.CaptureFixture[str]) -> None:
    searched = Searched(
        [Call(1.0, 2.0, 3.0), Call(2.0, 3.0, 9.0), Call(1.5, 2.5, 4.0)], is_part=True
    )
    run = Run(
        "about",
        ["猫", "犬"],
        ["all posts"],
        {("猫", "all posts"): searched},
        Sizes(posts=10, text=1_000, words=1_100, key=40, index=860),
    )
    print_report(run)
    text = capsys.readouterr().out
    assert "| all posts | 1.5 | 2.5 | 4.0 | 9 |" in text
    assert "| `猫` | 1.5 / 4.0 **P** |" in text
    assert "| `犬` | - |" in text
    assert "| all of it | 200 | 2.00 |" in text
