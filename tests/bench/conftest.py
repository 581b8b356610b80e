"""What the tests of the benchmarks share."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import make_url

from bench.requests import loading
from tests.support.database import PLAIN


@pytest.fixture(scope="module")
def tables_by_copy() -> Iterator[None]:
    """Lets a benchmark copy the migrated template. Migrating takes a process of three seconds.

    `test_search.py` does without: there a benchmark migrates its database as it does elsewhere.
    """

    async def copy(admin: Any, tree: Path, python: str, url: str) -> None:
        name = make_url(url).database
        await admin.execute(
            f"CREATE DATABASE {name} TEMPLATE {PLAIN} STRATEGY file_copy OWNER linky"
        )

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(loading, "_create", copy)
        yield
