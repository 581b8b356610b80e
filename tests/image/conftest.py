"""Both kinds of store: a folder, and a bucket on a real S3 server."""

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from app.integrations.storage.base import Storage
from app.integrations.storage.local import LocalStorage
from app.integrations.storage.s3 import S3Storage
from tests.support.s3 import ACCESS_KEY, SECRET_KEY, client, let_s3_be_slow, s3_server, weed
from tests.support.world import World

needs_s3 = pytest.mark.skipif(weed() is None, reason="there is no S3 server for this machine")


@pytest.fixture(scope="package")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with s3_server(tmp_path_factory.mktemp("s3")) as server:
        yield server.endpoint


@pytest.fixture(params=["local", pytest.param("s3", marks=needs_s3)])
def storage(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Storage:
    if request.param == "local":
        return LocalStorage(tmp_path / "storage", "http://test/media/")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", ACCESS_KEY)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET_KEY)
    let_s3_be_slow(monkeypatch)
    url = request.getfixturevalue("endpoint")
    bucket = f"pictures-{uuid4()}"
    client(url).create_bucket(Bucket=bucket)
    return S3Storage(bucket, "http://test/media/", url)


@pytest.fixture
def store_world(world: World, storage: Storage) -> World:
    """A world whose pictures are in that store."""
    world.runtime.storage = storage
    return world
