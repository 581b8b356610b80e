"""A process that counts in a Valkey server."""

from collections.abc import AsyncIterator
from secrets import token_bytes

import pytest

from tests.support.shared_limits import Process, process
from tests.support.valkey import ValkeyServer


@pytest.fixture
async def broken(own_valkey: ValkeyServer) -> AsyncIterator[Process]:
    """A process on a server that the test may break."""
    async with process(own_valkey.address, token_bytes()) as made:
        yield made
