"""The sweep and backups find a picture in its public or its hidden place."""

from contextlib import AbstractAsyncContextManager
from typing import Any
from uuid import uuid4

import pytest

from app.image.jobs import JOBS, sweep_store
from app.integrations.storage.base import Storage
from app.integrations.storage.keys import find_picture_key, hidden_key
from app.operations.backup.checking import check_restored
from app.operations.backup.encryption import read_identities, read_recipients, write_new_identity
from app.operations.backup.making import make_backup
from app.operations.backup.places import Folder
from app.operations.backup.restoring import OpenedBackup, open_backup, restore, scratch_database
from tests.image.published_pictures import publish, run_place_job
from tests.support.fakes import FakeClock
from tests.support.jobs import run_jobs
from tests.support.sql import sql
from tests.support.storage import keys_in
from tests.support.world import World, token


async def test_the_sweep_keeps_hidden_pictures_and_moves_misplaced_pictures(
    store_world: World, storage: Storage, clock: FakeClock
) -> None:
    hidden, restored, wrongly_public, lost = [await publish(store_world) for _ in range(4)]
    await store_world.hide_post(hidden.post)
    await store_world.hide_post(restored.post)
    await run_jobs(store_world, JOBS)
    await store_world.restore_post(restored.post)
    await run_jobs(store_world, JOBS)
    await store_world.hide_post(wrongly_public.post)
    # As after a restored backup, or `linky jobs drop`.
    await sql(store_world, "DELETE FROM pgqueuer")
    for key in lost.keys:
        await storage.copy(key, hidden_key(key))
    await storage.delete(lost.keys)
    orphan = hidden_key(f"images/{uuid4()}/full.webp")
    await storage.put(orphan, b"bytes", "image/webp")
    clock.advance(hours=25)
    for _ in range(2):
        async with store_world.runtime.writing() as ctx:
            await sweep_store(ctx)
        assert await hidden.fetch() == [404] * 4
        assert await wrongly_public.fetch() == [404] * 4
        assert await restored.fetch() == restored.bytes
        assert await lost.fetch() == lost.bytes
        assert orphan not in await keys_in(storage)
    for published in (hidden, wrongly_public):
        await store_world.restore_post(published.post)
    await run_jobs(store_world, JOBS)
    assert await hidden.fetch() == hidden.bytes
    assert await wrongly_public.fetch() == wrongly_public.bytes


@pytest.mark.parametrize("at_backup", ["visible", "hidden", "restored"])
async def test_a_backup_finds_a_picture_in_either_place(
    committed_world: World, storage: Storage, clock: FakeClock, tmp_path: Any, at_backup: str
) -> None:
    world = committed_world
    world.runtime.storage = storage
    shown = await publish(world)
    if at_backup != "visible":
        await world.hide_post(shown.post)
        await run_place_job(world, shown.keys)
    if at_backup == "restored":
        await world.restore_post(shown.post)
        await run_place_job(world, shown.keys)
    url = world.runtime.database_url
    key, folder = tmp_path / "key", Folder(tmp_path / "backups")
    recipients = read_recipients([write_new_identity(key)])
    await make_backup(
        url,
        storage,
        folder,
        recipients,
        work_folder=tmp_path / "workshop",
        now=clock(),
        version="9.8.7",
    )
    identities = read_identities(key)

    def opened() -> AbstractAsyncContextManager[OpenedBackup]:
        return open_backup(folder, None, identities, tmp_path / "workshop")

    async with scratch_database(url) as restored:
        # Once: what a check writes to the restored database ends with its connection.
        async with opened() as files:
            await restore(files, restored)

        async def wrong() -> list[str]:
            async with opened() as files:
                findings = await check_restored(
                    files, restored, storage, live_url=url, sample=50, migrate=False
                )
            return [finding.words for finding in findings if not finding.is_right]

        for act in (world.hide_post, world.restore_post):
            assert await wrong() == []
            await act(shown.post)
            await run_place_job(world, shown.keys)
        await storage.delete([*shown.keys[:1], hidden_key(shown.keys[0])])
        assert await wrong() == [f"1 objects are lost: {shown.keys[0]}"]


async def test_a_picture_key_is_found_in_any_url() -> None:
    name = f"images/{token()}/full.webp"
    for base in ("", "http://test/media/", "https://cdn.example/", "https://a.example/hidden/"):
        assert find_picture_key(base + name) == name
    for address in (f"x{name}", f"{name}?x=1", "https://a.example/images/../b.webp", "b.webp"):
        assert find_picture_key(address) is None
