"""A picture that waits for a review: no public address until an admin shows it."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest

from app.account.jobs import JOBS as ACCOUNT_JOBS
from app.image.jobs import JOBS
from app.image.rows import Sweep
from app.image.service.placing import StoredPictureService
from app.integrations.storage.base import Storage
from app.integrations.storage.keys import HIDDEN
from tests.support.api import PREFIX, Api, expect
from tests.support.changes import Follower
from tests.support.console import leads_to, signed_in, undo
from tests.support.fakes import FakeClock
from tests.support.hooks import Hook, running_hook, use_hooks
from tests.support.jobs import run_jobs
from tests.support.leaving import leave
from tests.support.mfa import set_up
from tests.support.sql import sql
from tests.support.storage import keys_in
from tests.support.stub_server import Response
from tests.support.world import World

WHY = {"reason": "確認済み"}
HOLD = Response(200, b'{"decision": "hold"}')


@pytest.fixture
def hook() -> Iterator[Hook]:
    with running_hook(HOLD) as hook:
        yield hook


@pytest.fixture
async def held(store_world: World, hook: Hook) -> "Held":
    use_hooks(store_world, picture_check_url=hook.url)
    author = await store_world.member()
    image = await store_world.image(author)
    post = await store_world.post(author, image_ids=[image["id"]])
    return Held(store_world, author, image, post)


class Held:
    """A post with a picture on hold."""

    def __init__(self, world: World, author: Api, image: dict[str, Any], post: dict[str, Any]):
        self.world, self.author, self.image, self.post = world, author, image, post

    async def fetch(self, api: Api, image: dict[str, Any] | None = None) -> list[int]:
        image = image or self.image
        return [(await get(api, image[name])).status_code for name in ("url", "thumbnail_url")]

    async def restore(self, admin: Api) -> dict[str, Any]:
        path = f"/admin/posts/{self.post['id']}/restore"
        expect(await admin.post(path, json=WHY), 204)
        await run_jobs(self.world, JOBS)
        (image,) = expect(await self.author.get(f"/posts/{self.post['id']}"), 200)["images"]
        return dict(image)


async def get(api: Api, url: str, **how: Any) -> Any:
    """Fetch an address of an answer."""
    path = urlsplit(url).path
    if path.startswith(PREFIX):
        return await api.get(path.removeprefix(PREFIX), **how)
    return await api.http.get(url)


async def test_only_the_owner_and_admins_get_a_picture_on_hold(
    held: Held, storage: Storage
) -> None:
    world, image = held.world, held.image
    assert image["url"] == f"http://test/api/v1/images/{image['id']}/full"
    assert image["thumbnail_url"] == f"http://test/api/v1/images/{image['id']}/thumbnail"
    assert all(key.startswith(HIDDEN) for key in await keys_in(storage))
    for api in (held.author, await world.admin()):
        for name in ("url", "thumbnail_url"):
            got = await get(api, image[name])
            assert (got.status_code, got.headers["content-type"]) == (200, "image/webp")
            assert got.headers["cache-control"] == "private, no-store"
    for other in (world.anonymous(), await world.guest(), await world.member()):
        for url in (image["url"], image["thumbnail_url"], image["url"].replace("full", "x")):
            expect(await get(other, url), 404, "not_found")
    # The row still has the key, which leads to no public address.
    (row,) = await sql(world, "SELECT key FROM images")
    assert (await world.http.get(f"http://test/media/{row['key']}")).status_code == 404


async def test_an_admin_without_the_second_step_and_an_ended_session_get_none(
    held: Held, clock: FakeClock
) -> None:
    admin = await held.world.admin()
    assert await held.fetch(admin) == [200, 200]
    await set_up(await signed_in(held.world, admin), clock)
    assert await held.fetch(admin) == [404, 404]
    form = {"refresh_token": held.author.refresh_token}
    expect(await held.author.post("/auth/logout", json=form), 204)
    expect(await get(held.author, held.image["url"]), 401, "session_revoked")
    held.author.access = "x"
    expect(await get(held.author, held.image["url"]), 401, "token_invalid")


async def test_an_expired_token_is_said_so_that_the_app_refreshes_it(
    held: Held, clock: FakeClock
) -> None:
    clock.advance(minutes=31)
    expect(await get(held.author, held.image["url"]), 401, "token_expired")


async def test_each_answer_that_shows_the_picture_has_its_private_address(held: Held) -> None:
    author, post_id = held.author, held.post["id"]
    assert held.post["images"] == [held.image]
    follower = await Follower(author, f"post:{post_id}").start()
    changed = await author.patch(f"/posts/{post_id}", json={"title": "別の題"})
    puts = [change["put"] for change in await follower.look()]
    assert puts
    for post in (
        expect(changed, 200),
        expect(await author.get(f"/posts/{post_id}"), 200),
        *await author.items("/posts"),
        *await author.items("/users/me/posts"),
        *puts,
    ):
        assert post["images"] == [held.image]
    export = expect(await author.get("/users/me/export"), 200)
    assert [image["url"] for image in export["images"]] == [held.image["url"]]


async def test_a_restore_gives_it_its_public_address_and_is_no_edit(held: Held) -> None:
    path = f"/posts/{held.post['id']}"
    tag = (await held.author.get(path)).headers["etag"]
    image = await held.restore(await held.world.admin())
    assert image["url"].startswith("http://test/media/images/")
    assert await held.fetch(held.world.anonymous(), image) == [200, 200]
    # An app that has the former address goes on showing it to its user.
    assert await held.fetch(held.author) == [200, 200]
    assert await held.fetch(held.world.anonymous()) == [404, 404]
    edit = {"json": {"title": "別の題"}, "headers": {"If-Match": tag}}
    expect(await held.author.patch(path, **edit), 200)


async def test_a_release_that_is_taken_back_takes_the_public_address_back(held: Held) -> None:
    browser = await signed_in(held.world, await held.world.admin())
    released = await browser.post(f"/held/post/{held.post['id']}/release")
    leads_to(released, "/admin/held?done=released")
    await run_jobs(held.world, JOBS)
    (image,) = expect(await held.author.get(f"/posts/{held.post['id']}"), 200)["images"]
    assert await held.fetch(held.world.anonymous(), image) == [200, 200]
    await undo(browser, "/held?done=released")
    await run_jobs(held.world, JOBS)
    assert await held.fetch(held.world.anonymous(), image) == [404, 404]
    (again,) = expect(await held.author.get(f"/posts/{held.post['id']}"), 200)["images"]
    assert again == held.image
    assert await held.fetch(held.author) == [200, 200]


async def test_hiding_takes_it_from_its_owner_too(held: Held) -> None:
    admin = await held.world.admin()
    expect(await admin.post(f"/admin/posts/{held.post['id']}/hide", json=WHY), 204)
    await run_jobs(held.world, JOBS)
    assert await held.fetch(held.author) == [404, 404]
    assert await held.fetch(admin) == [200, 200]
    image = await held.restore(admin)
    assert await held.fetch(held.world.anonymous(), image) == [200, 200]


async def test_a_deleted_post_and_a_leaver_leave_no_object_on_hold(
    held: Held, storage: Storage
) -> None:
    world = held.world
    expect(await held.author.delete(f"/posts/{held.post['id']}"), 204)
    await run_jobs(world, JOBS)
    assert await keys_in(storage) == set()
    expect(await get(await world.admin(), held.image["url"]), 404)
    await world.image(held.author)
    await leave(held.author)
    await run_jobs(world, [*JOBS, *ACCOUNT_JOBS])
    assert await keys_in(storage) == set()


async def test_one_that_an_older_release_published_is_hidden_by_the_sweep(
    held: Held, storage: Storage
) -> None:
    hidden = sorted(await keys_in(storage))
    for key in hidden:
        assert await storage.copy(key, key.removeprefix(HIDDEN))
        await storage.delete([key])
    async with held.world.runtime.writing() as ctx:
        await StoredPictureService(ctx).sweep_store(Sweep())
    assert sorted(await keys_in(storage)) == hidden
