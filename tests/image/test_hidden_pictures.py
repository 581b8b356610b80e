"""Pictures of a hidden post cannot be fetched at their old URLs, and come back with the post."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from app.account.jobs import JOBS as ACCOUNT_JOBS
from app.image.jobs import JOBS, sweep_store
from app.image.service import ImageService
from app.integrations.storage import Storage, StorageError, find_picture_key, hidden_key
from app.operations import backup
from app.operations.backup import Folder
from app.post.jobs import settle_pictures
from app.post.service import PostModerationService
from tests.support.api import Api, expect
from tests.support.console import Browser, signed_in
from tests.support.fakes import FakeClock
from tests.support.jobs import run_jobs
from tests.support.leaving import leave
from tests.support.moderating import report
from tests.support.races import until_waiting
from tests.support.sql import sql
from tests.support.storage import HookedStorage, keys_in
from tests.support.world import World, picture, token

pytestmark = [pytest.mark.anyio, pytest.mark.xdist_group("s3")]

WHY = {"reason": "規約違反"}
ROUNDS = 15


class PublishedPost:
    """A post with two pictures: the URLs, keys and contents of its four objects."""

    def __init__(self, world: World, author: Api, post: dict[str, Any], bytes_: list[bytes]):
        self.world, self.author, self.post, self.bytes = world, author, post, bytes_
        self.urls = [image[n] for image in post["images"] for n in ("url", "thumbnail_url")]
        self.keys = [str(find_picture_key(url)) for url in self.urls]

    async def fetch(self) -> list[bytes | int]:
        """Fetch the objects without signing in: the bytes, or the status of a refusal."""
        answers = [await self.world.http.get(url) for url in self.urls]
        return [a.content if a.status_code == 200 else a.status_code for a in answers]


async def publish(world: World, author: Api | None = None) -> PublishedPost:
    author = author or await world.member()
    images = [await world.image(author) for _ in range(2)]
    post = await world.post(author, image_ids=[image["id"] for image in images])
    shown = PublishedPost(world, author, post, [])
    shown.bytes = [answer for answer in await shown.fetch() if isinstance(answer, bytes)]
    assert len(shown.bytes) == 4
    return shown


@pytest.fixture
def store_world(world: World, storage: Storage) -> World:
    world.runtime.storage = storage
    return world


async def run_place_job(world: World, keys: list[str]) -> None:
    """Run the job once, in a transaction of its own."""
    async with world.runtime.unit_of_work() as ctx:
        await ImageService(ctx).place_objects(keys)


async def test_after_a_hide_only_admins_get_the_pictures_and_a_restore_brings_them_back(
    store_world: World, storage: Storage
) -> None:
    admin, shown = await store_world.admin(), await publish(store_world)
    other = await publish(store_world)
    etags = [(await store_world.http.get(url)).headers["etag"] for url in shown.urls]
    expect(await admin.post(f"/admin/posts/{shown.post['id']}/hide", json=WHY), 204)
    await run_jobs(store_world, JOBS)
    assert await shown.fetch() == [404] * 4
    # A cache that revalidates its copy must not get a 304.
    for url, etag in zip(shown.urls, etags, strict=True):
        asked = await store_world.http.get(url, headers={"If-None-Match": etag})
        assert asked.status_code == 404
    assert await other.fetch() == other.bytes
    assert await keys_in(storage) == {*map(hidden_key, shown.keys), *other.keys}
    for url in [f"http://test/media/{hidden_key(key)}" for key in shown.keys]:
        assert (await store_world.http.get(url)).status_code == 404

    for url, data in zip(shown.urls, shown.bytes, strict=True):
        got = await admin.get("/admin/pictures", params={"url": url})
        assert (got.status_code, got.content) == (200, data)
        assert got.headers["cache-control"] == "private, no-store"
        expect(await shown.author.get("/admin/pictures", params={"url": url}), 403, "admin_only")
        expect(await store_world.anonymous().get("/admin/pictures", params={"url": url}), 401)

    expect(await admin.post(f"/admin/posts/{shown.post['id']}/restore", json=WHY), 204)
    await run_jobs(store_world, JOBS)
    assert await shown.fetch() == shown.bytes
    again = expect(await shown.author.get(f"/posts/{shown.post['id']}"), 200)
    assert again["images"] == shown.post["images"]
    for url, etag in zip(shown.urls, etags, strict=True):
        asked = await store_world.http.get(url, headers={"If-None-Match": etag})
        assert asked.status_code == 304


@pytest.mark.parametrize("url", ["", "x", "http://test/media/images/../../jwt-secret", "images/"])
async def test_the_admin_route_serves_only_pictures(world: World, url: str) -> None:
    admin = await world.admin()
    expect(await admin.get("/admin/pictures", params={"url": url}), 404, "not_found")
    missing = f"http://test/media/images/{uuid4()}/full.webp"
    expect(await admin.get("/admin/pictures", params={"url": missing}), 404, "not_found")


async def test_only_admins_see_hidden_pictures_in_the_console(store_world: World) -> None:
    admin, shown = await store_world.admin(), await publish(store_world)
    await report(await store_world.member(), "post", shown.post["id"])
    await store_world.hide_post(shown.post)
    await run_jobs(store_world, JOBS)
    browser = await signed_in(store_world, admin)
    page = (await browser.get("/reports")).text
    for key in shown.keys[1::2]:
        assert f'src="/admin/pictures/{key}"' in page
    for key, data in zip(shown.keys[::2], shown.bytes[::2], strict=True):
        assert f'href="/admin/pictures/{key}"' in page
        assert (await browser.get(f"/pictures/{key}")).content == data
        assert (await Browser(store_world).get(f"/pictures/{key}")).status_code == 303
    assert (await browser.get("/pictures/images/../../jwt-secret")).status_code == 404


async def test_the_job_that_hides_pictures_runs_before_waiting_jobs(store_world: World) -> None:
    shown, reader = await publish(store_world), await store_world.member()
    await store_world.comment(reader, shown.post)
    await store_world.hide_post(shown.post)
    (first, *_) = await sql(
        store_world, "SELECT entrypoint FROM pgqueuer ORDER BY priority DESC, id"
    )
    assert first["entrypoint"] == "image.place_objects"


async def test_hiding_twice_or_restoring_a_held_post_moves_no_picture(
    store_world: World, storage: Storage
) -> None:
    shown = await publish(store_world)
    await store_world.hide_post(shown.post)
    await run_jobs(store_world, JOBS)
    await store_world.hide_post(shown.post)
    assert await run_jobs(store_world, JOBS) == 0
    await store_world.restore_post(shown.post)
    await run_jobs(store_world, JOBS)
    await sql(store_world, "UPDATE posts SET moderation = 'held'")
    await store_world.restore_post(shown.post)
    assert await run_jobs(store_world, JOBS) == 0
    assert await shown.fetch() == shown.bytes


# Failures and races


@pytest.mark.parametrize("step", ["before copy", "after copy", "before delete", "after delete"])
@pytest.mark.parametrize("number", [1, 3])
async def test_a_job_that_fails_while_hiding_resumes(
    store_world: World, storage: Storage, step: str, number: int
) -> None:
    shown = await publish(store_world)
    await store_world.hide_post(shown.post)
    store_world.runtime.storage = HookedStorage(storage, failing_at(step, number))
    with pytest.raises(StorageError):
        await run_jobs(store_world, JOBS)
    store_world.runtime.storage = storage
    await run_jobs(store_world, JOBS)
    assert await shown.fetch() == [404] * 4
    assert await keys_in(storage) == {*map(hidden_key, shown.keys)}
    await store_world.restore_post(shown.post)
    await run_jobs(store_world, JOBS)
    assert await shown.fetch() == shown.bytes


@pytest.mark.parametrize("step", ["before exists", "after exists", "before copy", "after copy"])
async def test_a_job_that_fails_while_restoring_resumes(
    store_world: World, storage: Storage, step: str
) -> None:
    shown = await publish(store_world)
    await store_world.hide_post(shown.post)
    await run_jobs(store_world, JOBS)
    await store_world.restore_post(shown.post)
    store_world.runtime.storage = HookedStorage(storage, failing_at(step, 2))
    with pytest.raises(StorageError):
        await run_jobs(store_world, JOBS)
    store_world.runtime.storage = storage
    await run_jobs(store_world, JOBS)
    assert await shown.fetch() == shown.bytes


def failing_at(step: str, number: int) -> Callable[[str], Awaitable[None]]:
    seen = 0

    async def fail(reached: str) -> None:
        nonlocal seen
        seen += reached == step
        if seen == number and reached == step:
            raise StorageError("injected")

    return fail


@pytest.mark.parametrize(
    "step", ["before copy", "after copy", "before delete", "after delete", "before exists"]
)
@pytest.mark.parametrize("last", ["hidden", "visible"])
async def test_a_job_that_is_overtaken_at_any_step_ends_as_the_database_says(
    committed_world: World, storage: Storage, step: str, last: str
) -> None:
    """One job pauses while the post changes again and the job of that change runs."""
    world = committed_world
    world.runtime.storage = storage
    shown = await publish(world)
    before, after = (world.hide_post, world.restore_post)
    if last == "hidden":
        await world.hide_post(shown.post)
        await run_place_job(world, shown.keys)
        before, after = after, before
    await before(shown.post)
    reached, resume = asyncio.Event(), asyncio.Event()

    async def pause(at: str) -> None:
        if at == step:
            reached.set()
            await resume.wait()

    world.runtime.storage = HookedStorage(storage, pause)
    slow = asyncio.create_task(run_place_job(world, shown.keys))
    waiting = asyncio.create_task(reached.wait())
    await asyncio.wait([slow, waiting], return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    world.runtime.storage = storage
    await after(shown.post)
    await run_place_job(world, shown.keys)
    resume.set()
    await slow
    assert await shown.fetch() == ([404] * 4 if last == "hidden" else shown.bytes)


async def test_random_hides_and_restores_lose_no_picture_and_expose_none(
    committed_world: World, storage: Storage
) -> None:
    world = committed_world
    shown = await publish(world)

    async def be_slow(_: str) -> None:
        await asyncio.sleep(random.random() / 200)

    world.runtime.storage = HookedStorage(storage, be_slow)
    for key, data in zip(shown.keys, shown.bytes, strict=True):
        await storage.put(key, data, "image/webp")

    async def change(act: Callable[[dict[str, Any]], Awaitable[None]]) -> None:
        await act(shown.post)
        await run_place_job(world, shown.keys)

    for _ in range(ROUNDS):
        acts = [world.hide_post, world.restore_post, world.hide_post, world.restore_post]
        random.shuffle(acts)
        await asyncio.gather(*(change(act) for act in acts))
        async with world.runtime.sessions() as session:
            state = await session.scalar(text("SELECT moderation FROM posts"))
        assert await shown.fetch() == ([404] * 4 if state == "hidden" else shown.bytes)


async def test_an_edit_that_a_hide_overtakes_is_refused(committed_world: World) -> None:
    world = committed_world
    shown = await publish(world)
    path = f"/posts/{shown.post['id']}"
    async with world.runtime.unit_of_work() as ctx:
        await PostModerationService(ctx).hide(UUID(shown.post["id"]))
        edit = asyncio.create_task(shown.author.patch(path, json={"image_ids": []}))
        await until_waiting(world)
    expect(await edit, 404, "post_not_found")
    await run_jobs(world, JOBS)
    assert await shown.fetch() == [404] * 4


# Deleting, leaving


async def test_an_author_cannot_reach_a_hidden_post_and_a_deleted_post_leaves_no_copy(
    store_world: World, storage: Storage
) -> None:
    shown = await publish(store_world)
    path = f"/posts/{shown.post['id']}"
    await store_world.hide_post(shown.post)
    await run_jobs(store_world, JOBS)
    expect(await shown.author.get(path), 404, "post_not_found")
    expect(await shown.author.delete(path), 404, "post_not_found")
    await store_world.restore_post(shown.post)
    await run_jobs(store_world, JOBS)
    # The hidden copies still exist. They are deleted with the post.
    assert len(await keys_in(storage)) == 8
    expect(await shown.author.delete(path), 204)
    await run_jobs(store_world, JOBS)
    assert await keys_in(storage) == set()


@pytest.mark.parametrize("hidden_at_first", [False, True])
async def test_a_picture_deleted_while_it_is_moved_leaves_no_object(
    committed_world: World, storage: Storage, hidden_at_first: bool
) -> None:
    world = committed_world
    world.runtime.storage = storage
    shown = await publish(world)
    await world.hide_post(shown.post)
    if hidden_at_first:
        await run_place_job(world, shown.keys)
        await world.restore_post(shown.post)
    reached, resume = asyncio.Event(), asyncio.Event()

    async def pause(at: str) -> None:
        if at == "before copy":
            reached.set()
            await resume.wait()

    world.runtime.storage = HookedStorage(storage, pause)
    moving = asyncio.create_task(run_place_job(world, shown.keys))
    await reached.wait()
    world.runtime.storage = storage
    await sql(world, "DELETE FROM images")
    resume.set()
    await moving
    assert await keys_in(storage) == set()


@pytest.mark.parametrize("hidden", [False, True])
async def test_a_leavers_pictures_are_deleted_before_the_erasing_job(
    store_world: World, storage: Storage, hidden: bool
) -> None:
    leaver = await store_world.member()
    shown = await publish(store_world, leaver)
    other = await publish(store_world)
    await store_world.image(leaver)
    avatar = expect(await leaver.upload(picture(), "/users/me/avatar", "PUT"), 200)["avatar_url"]
    if hidden:
        await store_world.hide_post(shown.post)
        await run_jobs(store_world, JOBS)
    await leave(leaver)
    # The erasing job has not begun.
    await run_jobs(store_world, JOBS)
    assert await shown.fetch() == [404] * 4
    assert (await store_world.http.get(avatar)).status_code == 404
    assert await keys_in(storage) == set(other.keys)
    await run_jobs(store_world, [*ACCOUNT_JOBS, *JOBS])
    assert await other.fetch() == other.bytes
    assert await keys_in(storage) == set(other.keys)


async def test_a_leavers_pictures_are_deleted_in_batches(
    store_world: World, storage: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.image.service.SWEEP_BATCH", 2)
    leaver = await store_world.member()
    for _ in range(5):
        await store_world.image(leaver)
    assert len(await keys_in(storage)) == 10
    await leave(leaver)
    await run_jobs(store_world, JOBS)
    assert await keys_in(storage) == set()


# Older releases, the sweep, backups


async def test_the_hourly_task_finds_posts_hidden_by_an_older_release(store_world: World) -> None:
    shown, restored = await publish(store_world), await publish(store_world)
    await store_world.hide_post(restored.post)
    await run_jobs(store_world, JOBS)
    ids = {"hidden": shown.post["id"], "restored": restored.post["id"]}
    await sql(
        store_world,
        "UPDATE posts SET moderation = 'hidden' WHERE id = :hidden",
        hidden=ids["hidden"],
    )
    await sql(
        store_world, "UPDATE posts SET moderation = 'visible' WHERE id = :id", id=ids["restored"]
    )
    async with store_world.runtime.unit_of_work() as ctx:
        await settle_pictures(ctx)
    await run_jobs(store_world, JOBS)
    assert await shown.fetch() == [404] * 4
    assert await restored.fetch() == restored.bytes
    async with store_world.runtime.unit_of_work() as ctx:
        await settle_pictures(ctx)
    assert await run_jobs(store_world, JOBS) == 0


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
        async with store_world.runtime.unit_of_work() as ctx:
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
    url = world.runtime.engine.url.render_as_string(hide_password=False)
    key, folder = tmp_path / "key", Folder(tmp_path / "backups")
    recipients = backup.read_recipients([backup.write_new_identity(key)])
    await backup.make_backup(
        url,
        storage,
        folder,
        recipients,
        work_folder=tmp_path / "workshop",
        now=clock(),
        version="9.8.7",
    )
    identities = backup.read_identities(key)

    def opened() -> AbstractAsyncContextManager[backup.OpenedBackup]:
        return backup.open_backup(folder, None, identities, tmp_path / "workshop")

    async with backup.scratch_database(url) as restored:
        # Once: what a check writes to the restored database ends with its connection.
        async with opened() as files:
            await backup.restore(files, restored)

        async def wrong() -> list[str]:
            async with opened() as files:
                findings = await backup.check_restored(
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
