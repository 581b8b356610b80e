"""A store that takes connections and says nothing holds up pictures alone."""

import asyncio

import pytest

from app.integrations.storage import s3
from app.integrations.storage.s3 import S3Storage
from app.web import entry
from tests.support.silent_server import silent_server
from tests.support.waiting import HANG_SECONDS, until
from tests.support.world import World
from tests.web.raw_http import RawClient

PICTURE = "/media/images/a.webp"


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """The store may be silent for as long as the test takes."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "a-key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "a-secret")
    monkeypatch.setattr(s3, "READ_SECONDS", HANG_SECONDS)
    monkeypatch.setattr(s3, "THREAD_SECONDS", HANG_SECONDS)
    return monkeypatch


async def test_pictures_that_hang_refuse_only_pictures(
    committed_world: World, port: int, patient: pytest.MonkeyPatch
) -> None:
    patient.setattr(entry.pictures, "most", 3)
    patient.setattr(entry.reads, "most", 3)
    member = await committed_world.member()
    bearer = {"Authorization": f"Bearer {member.access}"}
    clients = [await RawClient.connect(port) for _ in range(4)]
    with silent_server() as address:
        committed_world.runtime.storage = S3Storage("pictures", "", address)
        hanging = [asyncio.create_task(client.ask("GET", PICTURE)) for client in clients[:3]]
        await until(lambda: entry.pictures.count == 3)
        assert (await clients[3].ask("GET", PICTURE)).status == 503
        assert (await clients[3].ask("GET", "/api/v1/posts", bearer)).status == 200
    assert {(await task).status for task in hanging} == {503}
    for client in clients:
        await client.close()
    assert entry.pictures.count == 0
