"""`/users/me/avatar`: the user's profile picture."""

import io

from PIL import Image

from app.image.jobs import JOBS
from tests.support.api import Api, expect
from tests.support.jobs import run_jobs
from tests.support.storage import stored
from tests.support.world import World, picture

AVATAR = "/users/me/avatar"


async def put(api: Api, data: bytes) -> str:
    return str(expect(await api.upload(data, AVATAR, "PUT"), 200)["avatar_url"])


def key(world: World, url: str) -> str:
    return url.removeprefix(world.runtime.settings.media_url)


async def test_the_answer_of_a_change_has_the_tag_for_the_next_edit(world: World) -> None:
    member = await world.member()
    first = (await member.get("/users/me")).headers["etag"]
    for is_put in (True, False):
        call = member.upload(picture(), AVATAR, "PUT") if is_put else member.delete(AVATAR)
        changed = await call
        assert expect(changed, 200) == expect(await member.get("/users/me"), 200)
        tag = {"If-Match": changed.headers["etag"]}
        assert tag["If-Match"] == (await member.get("/users/me")).headers["etag"] != first
        expect(await member.patch("/users/me", json={"bio": "紹介"}, headers=tag), 200)
    bio = {"bio": "別の紹介"}
    stale = await member.patch("/users/me", json=bio, headers={"If-Match": first})
    expect(stale, 412, "precondition_failed")


async def test_an_avatar_is_shown_in_profiles_and_posts(world: World) -> None:
    member, reader = await world.member(), await world.member()
    url = await put(member, picture(800, 600))
    post = await world.post(member)
    assert expect(await reader.get(f"/users/{member.id}"), 200)["avatar_url"] == url
    assert expect(await reader.get(f"/posts/{post['id']}"), 200)["author"]["avatar_url"] == url
    assert expect(await reader.get("/users/me"), 200)["avatar_url"] is None
    served = await world.http.get(url)
    assert (served.status_code, served.headers["content-type"]) == (200, "image/webp")
    assert max(Image.open(io.BytesIO(served.content)).size) <= 400
    expect(await member.delete(AVATAR), 200)
    assert expect(await reader.get(f"/posts/{post['id']}"), 200)["author"]["avatar_url"] is None


async def test_a_replaced_avatar_has_a_new_url_and_a_job_deletes_the_old_file(world: World) -> None:
    member, other = await world.member(), await world.member()
    others = await put(other, picture())
    data = picture()
    first = await put(member, data)
    assert await run_jobs(world, JOBS) == 0
    second = await put(member, data)
    assert first != second
    kept = sorted(key(world, url) for url in (first, second, others))
    assert stored(world) == kept  # until the job has run
    assert await run_jobs(world, JOBS) == 1
    assert stored(world) == sorted(key(world, url) for url in (second, others))
    assert (await world.http.get(first)).status_code == 404
    assert (await world.http.get(second)).status_code == 200
    expect(await member.delete(AVATAR), 200)
    assert await run_jobs(world, JOBS) == 1
    assert stored(world) == [key(world, others)]
    expect(await member.delete(AVATAR), 200)
    assert await run_jobs(world, JOBS) == 0


async def test_an_invalid_picture_is_refused_and_the_avatar_stays(world: World) -> None:
    member = await world.member()
    url = await put(member, picture())
    before = stored(world)
    for data, status, code in (
        (b"hello", 415, "unsupported_image"),
        (b"", 415, "unsupported_image"),
        (picture(fmt="GIF"), 415, "unsupported_image"),
        (picture()[:150], 422, "invalid_image"),
    ):
        expect(await member.upload(data, AVATAR, "PUT"), status, code)
    expect(await member.put(AVATAR, json={"file": "x"}), 415, "unsupported_media_type")
    expect(await member.put(AVATAR, files={"photo": picture()}), 422, "validation_failed")
    twice = [("file", picture()), ("file", picture())]
    expect(await member.put(AVATAR, files=twice), 400, "bad_request")
    assert stored(world) == before
    assert expect(await member.get("/users/me"), 200)["avatar_url"] == url
    assert await run_jobs(world, JOBS) == 0
