"""Providers of our own, started once a process and as new for each test."""

from collections.abc import Iterator

import pytest

from tests.support.fakes import FakeClock
from tests.support.provider import Providers, running_providers


@pytest.fixture(scope="session")
def provider_server() -> Iterator[Providers]:
    with running_providers() as providers:
        yield providers


@pytest.fixture
def idp(provider_server: Providers, clock: FakeClock) -> Iterator[Providers]:
    provider_server.reset(clock)
    yield provider_server
    provider_server.released.set()
