"""Pictures of a hidden post can't be fetched by their old addresses, and come back with it."""

import asyncio
import random
from collections.abc import Awaitable, Callable
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
from tests.support.sql import sql
from tests.support.storage import HookedStorage, keys_in
from tests.support.world import World, picture, token

pytestmark = [pytest.mark.anyio, pytest.mark.xdist_group("s3")]

WHY = {"reason": "規約違反"}
ROUNDS = 15


class Shown:
    """A post with two pictures: the addresses of all four objects, and what they hold."""

    def __init__(self, world: World, author: Api, post: dict[str, Any], bytes_: list[bytes]):
        self.world, self.author, self.post, self.bytes = world, author, post, bytes_
        self.urls = [image[n] for image in post["images"] for n in ("url", "thumbnail_url")]
        self.keys = [str(find_picture_key(url)) for url in self.urls]

    async def fetch(self) -> list[bytes | int]:
        """By anybody: the bytes, or the status of a refusal."""
        answers = [await self.world.http.get(url) for url in self.urls]
        return [a.content if a.status_code == 200 else a.status_code for a in answers]


async def publish(world: World, author: Api | None = None) -> Shown:
    author = author or await world.member()
    images = [await world.image(author) for _ in range(2)]
    post = await world.post(author, image_ids=[image["id"] for image in images])
    shown = Shown(world, author, post, [])
    shown.bytes = [one for one in await shown.fetch() if isinstance(one, bytes)]
    assert len(shown.bytes) == 4
    return shown


@pytest.fixture
def there(world: World, storage: Storage) -> World:
    world.runtime.storage = storage
    return world


async def place(world: World, keys: list[str]) -> None:
    """One run of the job, in a transaction of its own."""
    async with world.runtime.unit_of_work() as ctx:
        await ImageService(ctx).place_objects(keys)


async def test_after_a_hide_only_admins_get_the_pictures_and_a_restore_brings_them_back(
    there: World, storage: Storage
) -> None:
    admin, shown = await there.admin(), await publish(there)
    other = await publish(there)
    etags = [(await there.http.get(url)).headers["etag"] for url in shown.urls]
    expect(await admin.post(f"/admin/posts/{shown.post['id']}/hide", json=WHY), 204)
    await run_jobs(there, JOBS)
    assert await shown.fetch() == [404] * 4
    # Nor does a cache hear that what it has is still good.
    for url, etag in zip(shown.urls, etags, strict=True):
        asked = await there.http.get(url, headers={"If-None-Match": etag})
        assert asked.status_code == 404
    assert await other.fetch() == other.bytes
    assert await keys_in(storage) == {*map(hidden_key, shown.keys), *other.keys}
    for url in [f"http://test/media/{hidden_key(key)}" for key in shown.keys]:
        assert (await there.http.get(url)).status_code == 404

    for url, data in zip(shown.urls, shown.bytes, strict=True):
        got = await admin.get("/admin/pictures", params={"url": url})
        assert (got.status_code, got.content) == (200, data)
        assert got.headers["cache-control"] == "private, no-store"
        expect(await shown.author.get("/admin/pictures", params={"url": url}), 403, "admin_only")
        expect(await there.anonymous().get("/admin/pictures", params={"url": url}), 401)

    expect(await admin.post(f"/admin/posts/{shown.post['id']}/restore", json=WHY), 204)
    await run_jobs(there, JOBS)
    assert await shown.fetch() == shown.bytes
    again = expect(await shown.author.get(f"/posts/{shown.post['id']}"), 200)
    assert again["images"] == shown.post["images"]
    for url, etag in zip(shown.urls, etags, strict=True):
        asked = await there.http.get(url, headers={"If-None-Match": etag})
        assert asked.status_code == 304


@pytest.mark.parametrize("url", ["", "x", "http://test/media/images/../../jwt-secret", "images/"])
async def test_an_admin_gets_nothing_but_pictures(world: World, url: str) -> None:
    admin = await world.admin()
    expect(await admin.get("/admin/pictures", params={"url": url}), 404, "not_found")
    gone = f"http://test/media/images/{uuid4()}/full.webp"
    expect(await admin.get("/admin/pictures", params={"url": gone}), 404, "not_found")


async def test_the_console_shows_hidden_pictures_to_admins_alone(there: World) -> None:
    admin, shown = await there.admin(), await publish(there)
    await report(await there.member(), "post", shown.post["id"])
    await there.hide_post(shown.post)
    await run_jobs(there, JOBS)
    browser = await signed_in(there, admin)
    page = (await browser.get("/reports")).text
    for key, data in zip(shown.keys[::2], shown.bytes[::2], strict=True):
        assert f'src="/admin/pictures/{key}"' in page
        assert (await browser.get(f"/pictures/{key}")).content == data
        assert (await Browser(there).get(f"/pictures/{key}")).status_code == 303
    assert (await browser.get("/pictures/images/../../jwt-secret")).status_code == 404


async def test_the_job_of_a_hide_goes_before_all_that_wait(there: World) -> None:
    shown, reader = await publish(there), await there.member()
    await there.comment(reader, shown.post)
    await there.hide_post(shown.post)
    (first, *_) = await sql(there, "SELECT entrypoint FROM pgqueuer ORDER BY priority DESC, id")
    assert first["entrypoint"] == "image.place_objects"


async def test_hiding_twice_and_restoring_what_was_held_moves_nothing(
    there: World, storage: Storage
) -> None:
    shown = await publish(there)
    await there.hide_post(shown.post)
    await run_jobs(there, JOBS)
    await there.hide_post(shown.post)
    assert await run_jobs(there, JOBS) == 0
    await there.restore_post(shown.post)
    await run_jobs(there, JOBS)
    await sql(there, "UPDATE posts SET moderation = 'held'")
    await there.restore_post(shown.post)
    assert await run_jobs(there, JOBS) == 0
    assert await shown.fetch() == shown.bytes


# Whatever dies, and whatever comes between


@pytest.mark.parametrize("step", ["before copy", "after copy", "before delete", "after delete"])
@pytest.mark.parametrize("number", [1, 3])
async def test_a_job_that_dies_while_hiding_goes_on_where_it_stopped(
    there: World, storage: Storage, step: str, number: int
) -> None:
    shown = await publish(there)
    await there.hide_post(shown.post)
    there.runtime.storage = HookedStorage(storage, dying_at(step, number))
    with pytest.raises(StorageError):
        await run_jobs(there, JOBS)
    there.runtime.storage = storage
    await run_jobs(there, JOBS)
    assert await shown.fetch() == [404] * 4
    assert await keys_in(storage) == {*map(hidden_key, shown.keys)}
    await there.restore_post(shown.post)
    await run_jobs(there, JOBS)
    assert await shown.fetch() == shown.bytes


@pytest.mark.parametrize("step", ["before exists", "after exists", "before copy", "after copy"])
async def test_a_job_that_dies_while_restoring_goes_on_where_it_stopped(
    there: World, storage: Storage, step: str
) -> None:
    shown = await publish(there)
    await there.hide_post(shown.post)
    await run_jobs(there, JOBS)
    await there.restore_post(shown.post)
    there.runtime.storage = HookedStorage(storage, dying_at(step, 2))
    with pytest.raises(StorageError):
        await run_jobs(there, JOBS)
    there.runtime.storage = storage
    await run_jobs(there, JOBS)
    assert await shown.fetch() == shown.bytes


def dying_at(step: str, number: int) -> Callable[[str], Awaitable[None]]:
    seen = 0

    async def die(reached: str) -> None:
        nonlocal seen
        seen += reached == step
        if seen == number and reached == step:
            raise StorageError("injected")

    return die


@pytest.mark.parametrize(
    "step", ["before copy", "after copy", "before delete", "after delete", "before exists"]
)
@pytest.mark.parametrize("last", ["hidden", "visible"])
async def test_a_job_that_is_overtaken_at_any_step_ends_where_the_database_says(
    committed_world: World, storage: Storage, step: str, last: str
) -> None:
    """One job stands still while the post is changed again, and that change's own job is done."""
    world = committed_world
    world.runtime.storage = storage
    shown = await publish(world)
    before, after = (world.hide_post, world.restore_post)
    if last == "hidden":
        await world.hide_post(shown.post)
        await place(world, shown.keys)
        before, after = after, before
    await before(shown.post)
    reached, go_on = asyncio.Event(), asyncio.Event()

    async def stand_still(at: str) -> None:
        if at == step:
            reached.set()
            await go_on.wait()

    world.runtime.storage = HookedStorage(storage, stand_still)
    slow = asyncio.create_task(place(world, shown.keys))
    waiting = asyncio.create_task(reached.wait())
    await asyncio.wait([slow, waiting], return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    world.runtime.storage = storage
    await after(shown.post)
    await place(world, shown.keys)
    go_on.set()
    await slow
    assert await shown.fetch() == ([404] * 4 if last == "hidden" else shown.bytes)


async def test_hides_and_restores_at_random_lose_no_picture_and_leave_none_behind(
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
        await place(world, shown.keys)

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
        await until_a_lock_is_waited_for(world)
    expect(await edit, 404, "post_not_found")
    await run_jobs(world, JOBS)
    assert await shown.fetch() == [404] * 4


async def until_a_lock_is_waited_for(world: World) -> None:
    waits = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
    for _ in range(500):
        async with world.runtime.reads() as session:
            if await session.scalar(waits):
                return
        await asyncio.sleep(0.01)
    raise AssertionError("no statement waits for a lock")


# Deleting, leaving


async def test_the_author_sees_no_hidden_post_and_a_deleted_one_leaves_no_copy(
    there: World, storage: Storage
) -> None:
    shown = await publish(there)
    path = f"/posts/{shown.post['id']}"
    await there.hide_post(shown.post)
    await run_jobs(there, JOBS)
    expect(await shown.author.get(path), 404, "post_not_found")
    expect(await shown.author.delete(path), 404, "post_not_found")
    await there.restore_post(shown.post)
    await run_jobs(there, JOBS)
    # Its hidden copies are there still: they go with the post.
    assert len(await keys_in(storage)) == 8
    expect(await shown.author.delete(path), 204)
    await run_jobs(there, JOBS)
    assert await keys_in(storage) == set()


@pytest.mark.parametrize("hidden_at_first", [False, True])
async def test_a_picture_deleted_while_it_is_moved_leaves_nothing(
    committed_world: World, storage: Storage, hidden_at_first: bool
) -> None:
    world = committed_world
    world.runtime.storage = storage
    shown = await publish(world)
    await world.hide_post(shown.post)
    if hidden_at_first:
        await place(world, shown.keys)
        await world.restore_post(shown.post)
    reached, go_on = asyncio.Event(), asyncio.Event()

    async def stand_still(at: str) -> None:
        if at == "before copy":
            reached.set()
            await go_on.wait()

    world.runtime.storage = HookedStorage(storage, stand_still)
    moving = asyncio.create_task(place(world, shown.keys))
    await reached.wait()
    world.runtime.storage = storage
    await sql(world, "DELETE FROM images")
    go_on.set()
    await moving
    assert await keys_in(storage) == set()


@pytest.mark.parametrize("hidden", [False, True])
async def test_of_one_who_leaves_no_picture_waits_for_the_erasing_job(
    there: World, storage: Storage, hidden: bool
) -> None:
    leaver = await there.member()
    shown = await publish(there, leaver)
    other = await publish(there)
    await there.image(leaver)
    avatar = expect(await leaver.upload(picture(), "/users/me/avatar", "PUT"), 200)["avatar_url"]
    if hidden:
        await there.hide_post(shown.post)
        await run_jobs(there, JOBS)
    await leave(leaver)
    # The erasing job has not begun.
    await run_jobs(there, JOBS)
    assert await shown.fetch() == [404] * 4
    assert (await there.http.get(avatar)).status_code == 404
    assert await keys_in(storage) == set(other.keys)
    await run_jobs(there, [*ACCOUNT_JOBS, *JOBS])
    assert await other.fetch() == other.bytes
    assert await keys_in(storage) == set(other.keys)


async def test_who_stored_much_is_taken_away_in_parts(
    there: World, storage: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.image.service.SWEEP_BATCH", 2)
    leaver = await there.member()
    for _ in range(5):
        await there.image(leaver)
    assert len(await keys_in(storage)) == 10
    await leave(leaver)
    await run_jobs(there, JOBS)
    assert await keys_in(storage) == set()


# What was there before, the sweep, backups


async def test_posts_hidden_by_an_older_release_are_found_by_the_hour(there: World) -> None:
    shown, restored = await publish(there), await publish(there)
    await there.hide_post(restored.post)
    await run_jobs(there, JOBS)
    ids = {"hidden": shown.post["id"], "restored": restored.post["id"]}
    await sql(
        there,
        "UPDATE posts SET moderation = 'hidden' WHERE id = :hidden",
        hidden=ids["hidden"],
    )
    await sql(there, "UPDATE posts SET moderation = 'visible' WHERE id = :id", id=ids["restored"])
    async with there.runtime.unit_of_work() as ctx:
        await settle_pictures(ctx)
    await run_jobs(there, JOBS)
    assert await shown.fetch() == [404] * 4
    assert await restored.fetch() == restored.bytes
    async with there.runtime.unit_of_work() as ctx:
        await settle_pictures(ctx)
    assert await run_jobs(there, JOBS) == 0


async def test_the_sweep_keeps_hidden_pictures_and_moves_what_lies_in_the_wrong_place(
    there: World, storage: Storage, clock: FakeClock
) -> None:
    hidden, restored, wrongly_public, lost = [await publish(there) for _ in range(4)]
    await there.hide_post(hidden.post)
    await there.hide_post(restored.post)
    await run_jobs(there, JOBS)
    await there.restore_post(restored.post)
    await run_jobs(there, JOBS)
    await there.hide_post(wrongly_public.post)
    await sql(there, "DELETE FROM pgqueuer")  # As after a restored backup, or `linky jobs drop`.
    for key in lost.keys:
        await storage.copy(key, hidden_key(key))
    await storage.delete(lost.keys)
    orphan = hidden_key(f"images/{uuid4()}/full.webp")
    await storage.put(orphan, b"bytes", "image/webp")
    clock.advance(hours=25)
    for _ in range(2):
        async with there.runtime.unit_of_work() as ctx:
            await sweep_store(ctx)
        assert await hidden.fetch() == [404] * 4
        assert await wrongly_public.fetch() == [404] * 4
        assert await restored.fetch() == restored.bytes
        assert await lost.fetch() == lost.bytes
        assert orphan not in await keys_in(storage)
    for one in (hidden, wrongly_public):
        await there.restore_post(one.post)
    await run_jobs(there, JOBS)
    assert await hidden.fetch() == hidden.bytes
    assert await wrongly_public.fetch() == wrongly_public.bytes


@pytest.mark.parametrize("at_backup", ["visible", "hidden", "restored"])
async def test_a_backup_knows_a_picture_at_either_place(
    committed_world: World, storage: Storage, clock: FakeClock, tmp_path: Any, at_backup: str
) -> None:
    world = committed_world
    world.runtime.storage = storage
    shown = await publish(world)
    if at_backup != "visible":
        await world.hide_post(shown.post)
        await place(world, shown.keys)
    if at_backup == "restored":
        await world.restore_post(shown.post)
        await place(world, shown.keys)
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
    for act in (world.hide_post, world.restore_post):
        async with (
            backup.open_backup(folder, None, identities, tmp_path / "workshop") as one,
            backup.scratch_database(url) as again,
        ):
            await backup.restore(one, again)
            findings = await backup.check_restored(
                one, again, storage, live_url=url, sample=50, migrate=False
            )
            assert [one.words for one in findings if not one.is_right] == []
        await act(shown.post)
        await place(world, shown.keys)
    await storage.delete([*shown.keys[:1], hidden_key(shown.keys[0])])
    async with (
        backup.open_backup(folder, None, identities, tmp_path / "workshop") as one,
        backup.scratch_database(url) as again,
    ):
        await backup.restore(one, again)
        findings = await backup.check_restored(
            one, again, storage, live_url=url, sample=50, migrate=False
        )
        (lost,) = [one.words for one in findings if not one.is_right]
        assert lost == f"1 objects are lost: {shown.keys[0]}"


async def test_a_key_is_found_in_an_address_whatever_served_it() -> None:
    name = f"images/{token()}/full.webp"
    for base in ("", "http://test/media/", "https://cdn.example/", "https://a.example/hidden/"):
        assert find_picture_key(base + name) == name
    for address in (f"x{name}", f"{name}?x=1", "https://a.example/images/../b.webp", "b.webp"):
        assert find_picture_key(address) is None
