"""boto3 blocks, so the store has a few threads. A store that hangs keeps all of them."""

import asyncio

import pytest

from app.integrations.storage import s3
from app.integrations.storage.base import StorageError
from app.integrations.storage.s3 import S3Storage
from tests.support.silent_server import silent_server
from tests.support.waiting import HANG_SECONDS

pytestmark = pytest.mark.anyio


async def test_a_call_that_gets_no_thread_is_a_temporary_error(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "a-key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "a-secret")
    monkeypatch.setattr(s3, "READ_SECONDS", HANG_SECONDS)
    monkeypatch.setattr(s3, "THREADS", 1)
    with silent_server() as address:
        storage = S3Storage("pictures", "", address)
        hanging = asyncio.create_task(storage.read("images/a.webp"))
        await asyncio.sleep(0)  # It takes the thread.
        monkeypatch.setattr(s3, "THREAD_SECONDS", 0.1)
        async with asyncio.timeout(HANG_SECONDS):
            with pytest.raises(StorageError, match="all threads"):
                await storage.read("images/b.webp")
        # What has begun is not given up: it ends by its own limits.
        assert not hanging.done()
    with pytest.raises(StorageError):
        await hanging
