"""Pictures of a hidden post cannot be fetched at their old URLs, and come back with the post."""

from uuid import uuid4

import pytest

from app.account.jobs import JOBS as ACCOUNT_JOBS
from app.image.jobs import JOBS
from app.integrations.storage.base import Storage
from app.integrations.storage.keys import hidden_key
from tests.image.published_pictures import publish
from tests.support.api import expect
from tests.support.console import Browser, signed_in
from tests.support.jobs import run_jobs
from tests.support.leaving import leave
from tests.support.moderating import report
from tests.support.sql import sql
from tests.support.storage import keys_in
from tests.support.world import World, picture

WHY = {"reason": "規約違反"}


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
    monkeypatch.setattr("app.image.service.placing.OWNED_BATCH", 2)
    leaver = await store_world.member()
    for _ in range(5):
        await store_world.image(leaver)
    assert len(await keys_in(storage)) == 10
    await leave(leaver)
    await run_jobs(store_world, JOBS)
    assert await keys_in(storage) == set()
