"""`If-Match` on posts, comments and the account: an edit never overwrites another one unseen."""

from typing import Any

import httpx
import pytest

from tests.support.api import Api, expect
from tests.support.races import holding, start, until_waiting
from tests.support.sql import sql
from tests.support.world import World


class Thing:
    """Something that its author edits: its address, and edits that each change one part."""

    def __init__(self, world: World, author: Api, path: str, edits: list[dict[str, Any]]) -> None:
        self.world, self.author, self.path, self.edits = world, author, path, edits

    async def tag(self) -> str:
        return str((await self.author.get(self.path)).headers["etag"])

    async def edit(self, tag: str | None, form: dict[str, Any] | None = None) -> httpx.Response:
        headers = {} if tag is None else {"If-Match": tag}
        return await self.author.patch(self.path, json=form or self.edits[0], headers=headers)


async def a_post(world: World) -> Thing:
    author = await world.member()
    image, other = await world.image(author), await world.image(author)
    post = await world.post(author, image_ids=[image["id"]])
    images = {"image_ids": [other["id"], image["id"]]}
    return Thing(world, author, f"/posts/{post['id']}", [{"title": "新"}, {"body": "新"}, images])


async def a_comment(world: World) -> Thing:
    author = await world.member()
    comment = await world.comment(author, await world.post(await world.member()))
    return Thing(world, author, f"/comments/{comment['id']}", [{"body": "新"}])


async def an_account(world: World) -> Thing:
    edits = [{"nickname": "新しい名"}, {"bio": "新"}, {"locale": "en"}]
    return Thing(world, await world.member(), "/users/me", edits)


THINGS = pytest.mark.parametrize("make", [a_post, a_comment, an_account])


@THINGS
async def test_each_edit_makes_the_tag_before_it_stale(world: World, make: Any) -> None:
    thing = await make(world)
    for form in thing.edits:
        before = await thing.tag()
        changed = await thing.edit(before, form)
        shown = expect(changed, 200)
        # The answer has the new tag, so the next edit needs no GET.
        assert changed.headers["etag"] == await thing.tag() != before
        problem = expect(await thing.edit(before, form), 412, "precondition_failed")
        assert problem["title"]
        assert expect(await thing.author.get(thing.path), 200) == shown
        expect(await thing.edit(None, form), 200)  # Without the header all is as before.


@THINGS
async def test_the_tag_has_two_parts_and_only_the_first_is_compared(
    world: World, make: Any
) -> None:
    thing = await make(world)
    tag = await thing.tag()
    edit, rest = tag.strip('"').split(".")
    assert tag == f'"{edit}.{rest}"'
    for stale in (
        f'"{"0" * len(edit)}.{rest}"',
        f'"{rest}.{edit}"',
        "x",
        "",
        '"',
        f"{edit}.{rest}",
    ):
        expect(await thing.edit(stale), 412, "precondition_failed")
    expect(await thing.edit(tag), 200)
    tag = await thing.tag()
    edit = tag.strip('"').split(".")[0]
    for good in (tag, f"W/{tag}", "*", f'"{edit}.other"', f'"a.b", {tag}', f'W/"a.b" ,W/{tag}'):
        expect(await thing.edit(good, thing.edits[0]), 200)  # The same again: the same state.


async def test_a_like_or_a_comment_in_between_is_no_conflict(world: World) -> None:
    thing, reader = await a_post(world), await world.member()
    before = await thing.tag()
    post_id = thing.path.rsplit("/", 1)[1]
    expect(await reader.put(f"{thing.path}/like"), 204)
    comment = await world.comment(reader, {"id": post_id})
    after = await thing.tag()
    assert after != before
    assert (await thing.author.get(thing.path, headers={"If-None-Match": before})).is_success
    expect(await thing.edit(before), 200)
    own = Thing(world, reader, f"/comments/{comment['id']}", [{"body": "新"}])
    tag = await own.tag()
    await world.comment(thing.author, {"id": post_id}, "返信", comment)
    assert await own.tag() != tag
    expect(await own.edit(tag), 200)


async def test_the_avatar_is_part_of_what_an_edit_could_overwrite(world: World) -> None:
    thing = await an_account(world)
    before = await thing.tag()
    await sql(
        world,
        "UPDATE users SET avatar_key = 'avatars/a.webp' WHERE id = CAST(:id AS uuid)",
        id=thing.author.id,
    )
    expect(await thing.edit(before), 412, "precondition_failed")
    # What an edit can't overwrite does not conflict.
    tag = await thing.tag()
    await sql(
        world,
        "UPDATE users SET email_verified_at = now() WHERE id = CAST(:id AS uuid)",
        id=thing.author.id,
    )
    assert await thing.tag() != tag
    expect(await thing.edit(tag), 200)


@pytest.mark.parametrize("make", [a_post, a_comment])
async def test_a_deletion_honours_it_too(world: World, make: Any) -> None:
    thing = await make(world)
    stale = await thing.tag()
    expect(await thing.edit(stale), 200)
    headers = {"If-Match": stale}
    expect(await thing.author.delete(thing.path, headers=headers), 412, "precondition_failed")
    assert (await thing.author.get(thing.path)).is_success
    headers = {"If-Match": await thing.tag()}
    expect(await thing.author.delete(thing.path, headers=headers), 204)
    expect(await thing.author.delete(thing.path, headers={"If-Match": "*"}), 404)


@pytest.mark.parametrize("make", [a_post, a_comment])
async def test_who_may_not_edit_learns_nothing_of_the_state(world: World, make: Any) -> None:
    thing, other = await make(world), await world.member()
    headers = {"If-Match": '"a.b"'}
    for call in (
        other.patch(thing.path, json=thing.edits[0], headers=headers),
        other.delete(thing.path, headers=headers),
    ):
        expect(await call, 403, "not_author")
    guest = await world.guest()
    refused = await guest.patch(thing.path, json=thing.edits[0], headers=headers)
    expect(refused, 403, "guest_not_allowed")


async def test_pictures_are_replaced_in_order_and_under_the_condition(world: World) -> None:
    author, other = await world.member(), await world.member()
    images = [(await world.image(author))["id"] for _ in range(3)]
    foreign = (await world.image(other))["id"]
    post = await world.post(author, image_ids=images[:2])
    path = f"/posts/{post['id']}/images"

    async def put(ids: Any, **headers: str) -> httpx.Response:
        return await author.put(path, json={"image_ids": ids}, headers=headers)

    shown = expect(await put([images[2], images[0]]), 200)
    assert [image["id"] for image in shown["images"]] == [images[2], images[0]]
    assert (shown["title"], shown["body"]) == (post["title"], post["body"])
    assert shown["updated_at"] > post["updated_at"]
    tag = (await author.get(f"/posts/{post['id']}")).headers["etag"]
    expect(await author.patch(f"/posts/{post['id']}", json={"title": "新"}), 200)
    expect(await put([], **{"If-Match": tag}), 412, "precondition_failed")
    expect(await put([foreign]), 422, "image_not_available")
    expect(await put([images[0], foreign]), 422, "image_not_available")
    for bad in ([images[0]] * 2, [*images] * 4, ["x"], "x", None, [1], [None]):
        expect(await put(bad), 422, "validation_failed")
    expect(await author.put(path, json={}), 422, "validation_failed")
    expect(await author.put(path, json={"image_ids": [], "title": "x"}), 422, "validation_failed")
    expect(await other.put(path, json={"image_ids": []}), 403, "not_author")
    still = expect(await author.get(f"/posts/{post['id']}"), 200)
    assert [image["id"] for image in still["images"]] == [images[2], images[0]]
    cleared = expect(await put([]), 200)
    assert cleared["images"] == []
    # What was taken out is free again.
    expect(await put(images), 200)


@pytest.mark.parametrize(
    ("make", "lock"),
    [
        (a_post, "UPDATE posts SET title = '別' WHERE id = CAST(:id AS uuid)"),
        (a_comment, "UPDATE comments SET body = '別' WHERE id = CAST(:id AS uuid)"),
        (an_account, "UPDATE users SET bio = '別' WHERE id = CAST(:id AS uuid)"),
    ],
)
async def test_an_edit_that_commits_while_another_one_waits_is_not_overwritten(
    committed_world: World, make: Any, lock: str
) -> None:
    thing = await make(committed_world)
    tag = await thing.tag()
    row_id = thing.author.id if thing.path == "/users/me" else thing.path.rsplit("/", 1)[1]
    async with holding(committed_world, lock, id=row_id) as other:
        edit = start(thing.edit(tag))
        await until_waiting(committed_world)
        await other.commit()
        expect(await edit, 412, "precondition_failed")
