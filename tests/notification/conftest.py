"""Phones behind a fake FCM."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.notification.phones import Phones
from tests.support.fcm import FakeFcm, fake_fcm
from tests.support.world import World


@pytest.fixture
def google() -> Iterator[FakeFcm]:
    with fake_fcm() as fake:
        yield fake


@pytest.fixture
async def phones(
    committed_world: World, committed_url: str, google: FakeFcm, tmp_path: Path
) -> Phones:
    credentials = google.write_credentials(tmp_path / "key.json")
    phones = Phones(committed_world, committed_url, google, credentials)
    phones.restart()
    await phones.open()
    return phones
