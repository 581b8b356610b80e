"""Uploads fail closed: if any step fails, nothing is kept and no original is readable."""

import asyncio
import io
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from pathlib import Path
from typing import Any, NoReturn
from uuid import UUID, uuid4

import httpx
import pytest
from PIL import Image as PillowImage
from sqlalchemy import text
from structlog.testing import capture_logs

from app.core.db import Writing
from app.image.jobs import JOBS, sweep_store
from app.integrations.storage.base import Storage, StorageError, StoredObject
from app.web.problems import CONTENT_TYPE
from tests.support import photos
from tests.support.api import PREFIX, Api, expect
from tests.support.beside import beside
from tests.support.jobs import run_jobs
from tests.support.s3 import few_at_once
from tests.support.sql import count, sql
from tests.support.storage import keys_in
from tests.support.world import World, picture


class WatchedStorage:
    """A store that fails at a chosen step, and checks that no original is put into it."""

    def __init__(self, inner: Storage) -> None:
        self._inner = inner
        self.puts: list[str] = []
        self.fail_before_put = self.fail_after_put = 0
        self.deletes = True

    async def put(self, key: str, data: bytes, content_type: str) -> None:
        self.puts.append(key)
        assert photos.MARK.encode() not in data
        if len(self.puts) == self.fail_before_put:
            raise StorageError("injected")
        await self._inner.put(key, data, content_type)
        if len(self.puts) == self.fail_after_put:
            # The object is stored, but the answer is lost.
            raise StorageError("injected")

    async def read(self, key: str) -> bytes | None:
        return await self._inner.read(key)

    async def exists(self, key: str) -> bool:
        return await self._inner.exists(key)

    async def copy(self, source: str, target: str) -> bool:
        return await self._inner.copy(source, target)

    async def delete(self, keys: Iterable[str]) -> None:
        if not self.deletes:
            raise StorageError("injected")
        await self._inner.delete(keys)

    def list_objects(self, prefix: str, after: str = "") -> AsyncIterator[list[StoredObject]]:
        return self._inner.list_objects(prefix, after)

    def url(self, key: str) -> str:
        return self._inner.url(key)

    async def check(self) -> None:
        await self._inner.check()


@pytest.fixture
def watched(committed_world: World) -> WatchedStorage:
    watched = WatchedStorage(committed_world.runtime.storage)
    committed_world.runtime.storage = watched
    return watched


def raise_memory_error(*_: Any, **__: Any) -> NoReturn:
    raise MemoryError


def raise_no_space(*_: Any, **__: Any) -> NoReturn:
    raise OSError(28, "No space left on device")


# For each step: what makes it fail.

type Fault = Callable[[World, WatchedStorage, pytest.MonkeyPatch], Awaitable[None]]


async def decoding(_: World, __: WatchedStorage, patch: pytest.MonkeyPatch) -> None:
    patch.setattr(PillowImage.Image, "load", raise_memory_error)
    patch.setattr("PIL.ImageFile.ImageFile.load", raise_memory_error)


async def encoding(_: World, __: WatchedStorage, patch: pytest.MonkeyPatch) -> None:
    patch.setattr(PillowImage.Image, "save", raise_memory_error)


async def first_put(_: World, storage: WatchedStorage, __: pytest.MonkeyPatch) -> None:
    storage.fail_before_put = 1


async def first_answer(_: World, storage: WatchedStorage, __: pytest.MonkeyPatch) -> None:
    storage.fail_after_put = 1


async def second_put(_: World, storage: WatchedStorage, __: pytest.MonkeyPatch) -> None:
    storage.fail_before_put = 2


async def second_answer(_: World, storage: WatchedStorage, __: pytest.MonkeyPatch) -> None:
    storage.fail_after_put = 2


async def disk(_: World, __: WatchedStorage, patch: pytest.MonkeyPatch) -> None:
    patch.setattr(os, "fsync", raise_no_space)


async def insert(world: World, _: WatchedStorage, __: pytest.MonkeyPatch) -> None:
    await sql(world, "ALTER TABLE images ADD CONSTRAINT injected CHECK (false)")


async def commit(world: World, _: WatchedStorage, __: pytest.MonkeyPatch) -> None:
    await sql(
        world,
        "CREATE FUNCTION injected() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'injected'; END $$",
    )
    await sql(
        world,
        "CREATE CONSTRAINT TRIGGER injected AFTER INSERT ON images DEFERRABLE INITIALLY DEFERRED "
        "FOR EACH ROW EXECUTE FUNCTION injected()",
    )


@pytest.mark.parametrize(
    ("fault", "status", "puts"),
    [
        (decoding, 422, 0),
        (encoding, 500, 0),
        (first_put, 503, 1),
        (first_answer, 503, 1),
        (second_put, 503, 2),
        (second_answer, 503, 2),
        (disk, 503, 1),
        (insert, 500, 2),
        (commit, 500, 2),
        (None, 201, 2),
    ],
)
async def test_if_any_step_fails_nothing_is_kept_and_nothing_is_readable(
    committed_world: World,
    watched: WatchedStorage,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    fault: Fault | None,
    status: int,
    puts: int,
) -> None:
    person = await committed_world.member()
    photo = photos.jpeg()
    assert photos.MARK.encode() in photo
    with monkeypatch.context() as patch:
        if fault is not None:
            await fault(committed_world, watched, patch)
        answer = await upload(committed_world, person, photo)
    assert answer.status_code == status, answer.text
    assert len(watched.puts) == puts
    readable = [(await person.get(f"/media/{key}")).status_code for key in watched.puts]
    assert readable == ([200, 200] if fault is None else [404] * puts)
    assert len(await keys_in(watched)) == (2 if fault is None else 0)
    left = [path for path in (tmp_path / "storage").rglob("*") if path.is_file()]
    assert len(left) == (2 if fault is None else 0)
    assert not [path for path in left if photos.MARK.encode() in path.read_bytes()]
    async with beside(committed_world.runtime) as db:
        rows = await db.first(text("SELECT count(*) FROM images"))
    assert rows == (1 if fault is None else 0)
    if fault is not None:
        assert answer.headers["content-type"] == CONTENT_TYPE
        assert "injected" not in answer.text


async def upload(world: World, person: Api, photo: bytes) -> httpx.Response:
    """Upload without Api, because Api fails the test at a 500."""
    transport = httpx.ASGITransport(world.app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as http:
        return await http.post(
            f"{PREFIX}/images",
            headers={"Authorization": f"Bearer {person.access}"},
            files={"file": ("photo.jpg", photo, "image/jpeg")},
        )


@pytest.mark.parametrize("cut", [0.99, 0.5, 0.1])
async def test_a_truncated_photo_is_refused_and_no_part_of_it_is_kept(
    committed_world: World, watched: WatchedStorage, cut: float
) -> None:
    person = await committed_world.member()
    buffer = io.BytesIO()
    photos.scene().save(buffer, "JPEG", quality=95)
    photo = buffer.getvalue()
    expect(await person.upload(photo), 201)
    before = await keys_in(watched)
    expect(await person.upload(photo[: int(len(photo) * cut)]), 422, "invalid_image")
    assert await keys_in(watched) == before


async def test_a_failed_avatar_upload_keeps_the_old_avatar(
    committed_world: World, watched: WatchedStorage
) -> None:
    person = await committed_world.member()
    old = expect(await person.upload(picture(), "/users/me/avatar", "PUT"), 200)["avatar_url"]
    before = await keys_in(watched)
    watched.fail_after_put = 2
    expect(await person.upload(picture(), "/users/me/avatar", "PUT"), 503)
    assert await keys_in(watched) == before
    assert expect(await person.get("/users/me"), 200)["avatar_url"] == old
    assert (await person.http.get(old)).status_code == 200
    new = expect(await person.upload(picture(), "/users/me/avatar", "PUT"), 200)["avatar_url"]
    assert new != old


async def test_an_upload_that_is_cancelled_during_its_commit_keeps_its_row_and_its_objects(
    committed_world: World, watched: WatchedStorage, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = await committed_world.member()
    commit = Writing.commit

    async def commit_and_be_cancelled(db: Writing) -> None:
        await commit(db)
        raise asyncio.CancelledError

    with monkeypatch.context() as patch:
        patch.setattr(Writing, "commit", commit_and_be_cancelled)
        with pytest.raises(asyncio.CancelledError):
            await person.upload(picture())
    assert await count(committed_world, "images") == 1
    assert len(watched.puts) == 2
    assert await keys_in(watched) == set(watched.puts)


# The sweep


async def test_the_sweep_removes_old_objects_without_a_row(
    world: World, storage: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    few_at_once(monkeypatch)
    world.runtime.storage = storage
    person = await world.member()
    image = await world.image(person)
    expect(await person.upload(picture(), "/users/me/avatar", "PUT"), 200)
    named = await keys_in(storage)
    assert len(named) == 3
    unnamed = {f"images/{uuid4()}/full.webp", f"avatars/{uuid4()}.webp"}
    elsewhere = f"backups/{uuid4()}"
    for key in [*unnamed, elsewhere]:
        await storage.put(key, b"bytes", "image/webp")

    async def sweep() -> dict[str, Any]:
        with capture_logs() as logs:
            async with world.runtime.writing() as ctx:
                await sweep_store(ctx)
        (summary,) = [entry for entry in logs if entry["event"] == "store_swept"]
        return {"seen": summary["seen"], "removed": summary["removed"]}

    # A day has to pass: a request may be between its put and its commit.
    assert await sweep() == {"seen": 5, "removed": 0}
    world.clock.advance(hours=23.9)
    assert await sweep() == {"seen": 5, "removed": 0}
    assert await keys_in(storage) == named | unnamed
    world.clock.advance(hours=0.2)
    assert await sweep() == {"seen": 5, "removed": 2}
    assert await keys_in(storage) == named
    assert await storage.read(elsewhere) == b"bytes"
    assert await sweep() == {"seen": 3, "removed": 0}
    assert (await person.http.get(image["url"])).status_code == 200


async def test_the_sweep_goes_on_where_it_stopped(
    world: World, storage: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    few_at_once(monkeypatch)
    monkeypatch.setattr("app.image.service.placing.BATCHES_SWEPT", 1)
    watched = world.runtime.storage = WatchedStorage(storage)
    await world.image(await world.member())
    # The first batch has an orphan: ids that are all zeros come first.
    ids = [UUID(int=0), *(uuid4() for _ in range(3))]
    orphans = {
        f"{place}{each}/full.webp" for place in ("images/", "hidden/images/") for each in ids
    }
    for key in orphans:
        await storage.put(key, b"bytes", "image/webp")
    before = await keys_in(storage)
    world.clock.advance(hours=25)
    with capture_logs() as logs:
        async with world.runtime.writing() as ctx:
            await sweep_store(ctx)
        assert 0 < len(before - await keys_in(storage)) < len(orphans)
        # The worker is killed: the job that it had begun is rolled back, and runs again.
        watched.deletes = False
        with pytest.raises(StorageError):
            await run_jobs(world, JOBS)
        watched.deletes = True
        assert await run_jobs(world, JOBS) > 1
    assert await keys_in(storage) == before - orphans
    (summary,) = [entry for entry in logs if entry["event"] == "store_swept"]
    assert (summary["seen"], summary["removed"]) == (len(before), len(orphans))
