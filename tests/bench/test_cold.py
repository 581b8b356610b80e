"""The benchmark of the cold operations: this tree answers each of them."""

import sys
from collections.abc import AsyncIterator

import pytest

from bench.cold.cases import CASES
from bench.cold.stage import Stage
from bench.cold.trees import Tree
from bench.document import ROOT
from bench.requests.loading import make_empty

pytestmark = pytest.mark.anyio


@pytest.fixture
async def stage(
    server_url: str, tables_by_copy: None, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Stage]:
    url = await make_empty(server_url, ROOT, sys.executable, "bench_cold_test")
    tree = Tree(ROOT, sys.executable, url, tmp_path_factory.mktemp("cold"))
    yield Stage(tree)
    tree.stop()


async def test_each_operation_is_answered_again_and_again(stage: Stage) -> None:
    for make in CASES.values():
        answers = stage.tree.ask(make(stage), make(stage))  # Raises Refused.
        assert all(answer.micros > 0 for answer in answers)
