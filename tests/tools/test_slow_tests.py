"""Which tests are slow, and that `make test-whole` runs them in place of `make test`."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests import levels
from tests.costs import chosen
from tests.support import contract
from tests.support.races import until_waiting


async def waits_for_a_lock(world: Any) -> None:
    async def inner() -> None:
        await until_waiting(world)

    await inner()


async def test_of_a_race(world: Any) -> None:
    await waits_for_a_lock(world)


test_of_a_race.__test__ = False  # type: ignore[attr-defined]


def listed(tmp_path: Path, *lines: str) -> Path:
    (tmp_path / "post").mkdir()
    (tmp_path / "post" / "test_likes.py").write_text("async def test_a(): ...\n")
    file = tmp_path / "slow.txt"
    file.write_text("\n".join(["# A comment", "", *lines]))
    return file


def item(name: str, *slow: str, function: Any = None) -> Any:
    config = SimpleNamespace(stash={levels._SLOW: frozenset(slow)})
    return SimpleNamespace(
        nodeid=f"tests/{name}", config=config, function=function,
        get_closest_marker=lambda _: None,
    )  # fmt: skip


def test_the_list_names_tests_that_exist(tmp_path: Path) -> None:
    assert levels.slow_tests(tmp_path / "none.txt") == frozenset()
    good = listed(tmp_path, "post/test_likes.py::test_a")
    assert levels.slow_tests(good) == {"post/test_likes.py::test_a"}
    for gone in ("post/test_likes.py::test_b", "post/test_gone.py::test_a"):
        good.write_text(gone)
        with pytest.raises(pytest.UsageError, match=r"slow.txt names .*, which is gone: remove"):
            levels.slow_tests(good)


def test_a_slow_test_is_whole_with_all_its_cases() -> None:
    name = "post/test_likes.py::test_a"
    assert levels.level_of(item(name)) == levels.IN_PROCESS
    assert levels.level_of(item(f"{name}[1]", name)) == levels.WHOLE
    assert levels.level_of(item("tools/test_b.py::test_b", "tools/test_b.py::test_b")) == "tools"


@pytest.mark.parametrize(
    "name", ["states/test_states.py::test_a", "matrix/test_rules.py::test_a", "test_paging.py::a"]
)
def test_states_matrix_and_what_looks_at_all_lists_are_never_slow(name: str) -> None:
    with pytest.raises(pytest.UsageError, match="which is never slow"):
        levels.level_of(item(name, name))


def test_a_race_is_never_slow() -> None:
    name = "post/test_likes.py::test_a"
    with pytest.raises(pytest.UsageError, match="which is never slow"):
        levels.level_of(item(name, name, function=test_of_a_race))
    assert not levels.is_race(test_a_slow_test_is_whole_with_all_its_cases)


def test_a_test_is_chosen_by_its_cost() -> None:
    seconds = {"a": 0.21, "b": 0.19, "c": 0.16, "d": 0.14, "e": 5.0}
    assert chosen(seconds, listed={"c", "d"}, kept={"e"}, notes={}) == ["a", "c"]


def test_a_test_that_alone_sees_a_code_is_not_chosen() -> None:
    lost = ("create_post", "lounge_not_found")
    assert lost in set(contract.promised())
    seconds = {"a": 0.3, "b": 0.4, "c": 0.5, "d": 0.1}
    assert chosen(seconds, set(), (), {"a": {lost}, "b": {lost}}) == ["b", "c"]
    assert chosen(seconds, set(), (), {"a": {lost}, "d": {lost}}) == ["a", "b", "c"]
