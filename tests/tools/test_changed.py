"""Which tests `make test-changed` runs."""

import pytest

from tests.changed import ALWAYS, chosen_tests


@pytest.mark.parametrize(
    ("files", "beside"),
    [
        ([], set()),
        (["app/post/service/writing.py"], {"tests/post"}),
        (["app/post/router.py", "tests/lounge/test_lounges.py"], {"tests/post", "tests/lounge"}),
        (["tests/test_paging.py", "docs/testing.md", "README.md"], {"tests/test_paging.py"}),
        (["app/seed/of_no_test/new.py"], {"tests/seed"}),
    ],
)
def test_the_chosen_tests_changed_packages_are_chosen(files: list[str], beside: set[str]) -> None:
    assert set(chosen_tests(files)) == {*ALWAYS, *beside}


@pytest.mark.parametrize(
    "file",
    [
        "app/core/db.py", "app/user/models.py", "app/routers.py", "migrations/versions/0001_a.py",
        "tests/support/world.py", "tests/conftest.py", "tests/post/conftest.py", "uv.lock",
    ],
)  # fmt: skip
def test_all_of_level_1_runs_after_a_change_of_what_all_tests_use(file: str) -> None:
    assert chosen_tests(["app/post/router.py", file]) == []
