"""An upload that is refused leaves no object and no row. One that may be committed keeps both."""

import asyncio

import pytest
from structlog.testing import capture_logs

from app.core.db import Writing
from app.integrations.storage.base import StorageError
from app.integrations.storage.local import LocalStorage
from tests.support.api import expect
from tests.support.sql import count, sql
from tests.support.storage import stored
from tests.support.world import World, picture


class WatchedStorage(LocalStorage):
    """A real store that records the keys that it stores, and refuses keys with a given word."""

    def __init__(self, world: World) -> None:
        settings = world.runtime.settings
        super().__init__(settings.storage_dir, settings.media_url)
        self.keys: list[str] = []
        self.refuses = ""

    async def put(self, key: str, data: bytes, content_type: str) -> None:
        if self.refuses and self.refuses in key:
            raise StorageError("full")
        await super().put(key, data, content_type)
        self.keys.append(key)


@pytest.mark.parametrize("moment", ["at the insert", "at the commit"])
async def test_nothing_stays_in_the_store_when_the_database_fails(
    committed_world: World, moment: str
) -> None:
    world = committed_world
    member = await world.member()
    await sql(
        world,
        "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RAISE EXCEPTION 'no'; END $$",
    )
    kind = (
        "TRIGGER refuse BEFORE INSERT ON images"
        if moment == "at the insert"
        else "CONSTRAINT TRIGGER refuse AFTER INSERT ON images DEFERRABLE INITIALLY DEFERRED"
    )
    await sql(world, f"CREATE {kind} FOR EACH ROW EXECUTE FUNCTION refuse()")
    world.runtime.storage = storage = WatchedStorage(world)
    headers = {"Authorization": f"Bearer {member.access}", "Idempotency-Key": "k"}
    files = {"file": ("a.jpg", picture(), "image/jpeg")}
    with capture_logs() as logs:
        response = await world.http.post("/api/v1/images", files=files, headers=headers)
    assert (response.status_code, response.json()["code"]) == (500, "internal_error")
    assert "undo_failed" not in [entry["event"] for entry in logs]
    assert len(storage.keys) == 2
    assert stored(world) == []
    assert await count(world, "images") == await count(world, "idempotency_keys") == 0
    await sql(world, "DROP TRIGGER refuse ON images")
    response = await world.http.post("/api/v1/images", files=files, headers=headers)
    assert response.status_code == 201
    assert stored(world) == sorted(storage.keys[2:])


async def test_an_upload_that_is_cancelled_during_its_commit_keeps_its_row_and_its_objects(
    committed_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = committed_world
    member = await world.member()
    world.runtime.storage = storage = WatchedStorage(world)
    commit = Writing.commit

    async def commit_and_be_cancelled(db: Writing) -> None:
        await commit(db)
        raise asyncio.CancelledError

    with monkeypatch.context() as patch:
        patch.setattr(Writing, "commit", commit_and_be_cancelled)
        with pytest.raises(asyncio.CancelledError):
            await member.upload(picture())
    assert await count(world, "images") == 1
    assert len(storage.keys) == 2
    assert stored(world) == sorted(storage.keys)


async def test_an_unwritable_store_gives_503_and_no_row(world: World) -> None:
    member = await world.member()
    folder = world.runtime.settings.storage_dir
    folder.parent.mkdir(parents=True, exist_ok=True)
    folder.write_text("a file where the folder should be")
    response = await member.upload(picture(), key="k")
    expect(response, 503, "service_unavailable")
    assert await count(world, "images") == 0
    folder.unlink()
    expect(await member.upload(picture(), key="k"), 201)


async def test_if_only_one_of_two_sizes_can_be_stored_neither_is_kept(world: World) -> None:
    member = await world.member()
    world.runtime.storage = storage = WatchedStorage(world)
    storage.refuses = "thumbnail"
    expect(await member.upload(picture()), 503, "service_unavailable")
    assert len(storage.keys) == 1
    assert (stored(world), await count(world, "images")) == ([], 0)
    storage.refuses = ""
    expect(await member.upload(picture()), 201)
    assert len(stored(world)) == 2
