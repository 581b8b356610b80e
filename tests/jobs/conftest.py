"""An empty database for tests of the worker."""

from collections.abc import Iterator

import pytest

from tests.support.database import EMPTY, fresh_database
from tests.support.world import token


@pytest.fixture
def database_url(server_url: str) -> Iterator[str]:
    """The SQLAlchemy URL of a database without tables, which is dropped afterwards."""
    with fresh_database(server_url, f"empty_{token()}", EMPTY) as url:
        yield url
