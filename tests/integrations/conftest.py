"""A process that counts in a Valkey server."""

from collections.abc import AsyncIterator
from secrets import token_bytes

import pytest

from tests.support.shared_limits import Process, let_valkey_be_slow, process
from tests.support.valkey import ValkeyServer


@pytest.fixture
def slow_valkey(monkeypatch: pytest.MonkeyPatch) -> None:
    """For tests that expect an answer, or a failure that is not silence: the machine is busy."""
    let_valkey_be_slow(monkeypatch)


@pytest.fixture
async def broken(own_valkey: ValkeyServer) -> AsyncIterator[Process]:
    """A process on a server that the test may break."""
    async with process(own_valkey.address, token_bytes()) as made:
        yield made
