"""`/users/{id}`: public profiles and blocks."""

import asyncio

import pytest

from app.user.service import blocks
from tests.support.api import OK, expect, outcome
from tests.support.sql import count, sql
from tests.support.world import World, picture

PROFILE = {"id", "nickname", "bio", "avatar_url", "post_count", "created_at"}


async def test_a_profile_has_only_public_fields_for_every_caller(world: World) -> None:
    member = await world.member("作者", terms_version="1")
    expect(await member.patch("/users/me", json={"bio": "自己紹介"}), 200)
    post = await world.post(member)
    path, seen = f"/users/{member.id}", []
    for caller in (await world.member(), await world.guest(), await world.admin(), member):
        response = await caller.get(path)
        seen.append(expect(response, 200))
        assert set(seen[-1]) == PROFILE
        assert "private" in response.headers["cache-control"]
        assert member.email not in response.text
    assert all(profile == seen[0] for profile in seen)
    assert (seen[0]["id"], seen[0]["nickname"]) == (member.id, "作者")
    assert (seen[0]["bio"], seen[0]["avatar_url"], seen[0]["post_count"]) == ("自己紹介", None, 1)
    expect(await world.anonymous().get(path), 401, "not_authenticated")
    expect(await member.delete(f"/posts/{post['id']}"), 204)
    assert expect(await member.get(path), 200)["post_count"] == 0


async def test_a_user_who_has_left_is_not_found(world: World) -> None:
    member, other = await world.member(), await world.member()
    expect(await member.put(f"/users/{other.id}/block"), 204)
    assert await member.ids("/users/me/blocks") == [other.id]
    await sql(world, "UPDATE users SET left_at = now() WHERE id = CAST(:id AS uuid)", id=other.id)
    expect(await member.get(f"/users/{other.id}"), 404, "user_not_found")
    expect(await member.put(f"/users/{other.id}/block"), 404, "user_not_found")
    assert await member.items("/users/me/blocks") == []
    expect(await member.delete(f"/users/{other.id}/block"), 204)


async def test_while_all_of_a_suspended_user_is_hidden_so_are_bio_and_picture(world: World) -> None:
    user, reader, admin = await world.member("利用者"), await world.member(), await world.admin()
    expect(await user.patch("/users/me", json={"bio": "自己紹介"}), 200)
    expect(await user.upload(picture(), "/users/me/avatar", "PUT"), 200)
    before = expect(await reader.get(f"/users/{user.id}"), 200)
    assert before["bio"]
    assert before["avatar_url"]
    for hides in (False, True):
        form = {"status": "suspended", "reason": "理由", "hide_content": hides}
        expect(await admin.patch(f"/admin/users/{user.id}", json=form), 200)
        hidden = {"bio": "", "avatar_url": None} if hides else {}
        assert expect(await reader.get(f"/users/{user.id}"), 200) == before | hidden
        form = {"status": "active", "reason": "理由"}
        expect(await admin.patch(f"/admin/users/{user.id}", json=form), 200)
        assert expect(await reader.get(f"/users/{user.id}"), 200) == before


# Blocks


async def test_blocking_and_unblocking_twice_has_no_further_effect(world: World) -> None:
    member, other = await world.member(), await world.member("他人")
    path = f"/users/{other.id}/block"
    expect(await member.delete(path), 204)
    for _ in range(2):
        expect(await member.put(path), 204)
    assert await count(world, "user_blocks") == 1
    (author,) = await member.items("/users/me/blocks")
    assert author == {"id": other.id, "nickname": "他人", "avatar_url": None}
    for _ in range(2):
        expect(await member.delete(path), 204)
    assert await count(world, "user_blocks") == 0
    assert await member.items("/users/me/blocks") == []


async def test_one_block_too_many_is_refused_until_another_ends(
    committed_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert blocks.MAX_BLOCKS == 5_000
    monkeypatch.setattr(blocks, "MAX_BLOCKS", 2)
    member, *others = [await committed_world.member() for _ in range(4)]
    first, *more = [f"/users/{other.id}/block" for other in others]
    expect(await member.put(first), 204)
    # At the same time each would count the other's as not there.
    answers = await asyncio.gather(*(member.put(path) for path in more))
    assert sorted(map(outcome, answers)) == [OK, "too_many_blocks"]
    assert await count(committed_world, "user_blocks") == 2
    expect(await member.put(first), 204)
    expect(await member.delete(first), 204)
    expect(await member.put(more[0]), 204)
    expect(await member.put(more[1]), 204)
    refused = await member.put(first, headers={"Accept-Language": "en"})
    assert "5,000" in expect(refused, 409, "too_many_blocks")["detail"]


async def test_a_block_belongs_to_the_blocker_only(world: World) -> None:
    member, other, third = [await world.member() for _ in range(3)]
    expect(await member.put(f"/users/{other.id}/block"), 204)
    assert await other.items("/users/me/blocks") == await third.items("/users/me/blocks") == []
    expect(await other.get(f"/users/{member.id}"), 200)
    expect(await other.delete(f"/users/{member.id}/block"), 204)
    expect(await third.delete(f"/users/{other.id}/block"), 204)
    assert await member.ids("/users/me/blocks") == [other.id]
    expect(await other.put(f"/users/{member.id}/block"), 204)
    assert await other.ids("/users/me/blocks") == [member.id]
    assert await count(world, "user_blocks") == 2


async def test_blocking_oneself_is_refused(world: World) -> None:
    for caller in (await world.member(), await world.guest()):
        refused = await caller.put(f"/users/{caller.id}/block")
        expect(refused, 422, "cannot_block_self")
        expect(await caller.delete(f"/users/{caller.id}/block"), 204)
        assert await caller.items("/users/me/blocks") == []
    assert await count(world, "user_blocks") == 0
