"""Lounge requests over HTTP: permissions, taken names, limits and withdrawal."""

from typing import Any

import pytest

from tests.support.api import expect
from tests.support.moderating import ask
from tests.support.sql import count
from tests.support.world import World

FIELDS = {
    *("id", "name", "description", "reason", "status", "reject_reason", "lounge_id"),
    *("requester", "created_at", "decided_at"),
}
FORM = {"name": "園芸", "description": "花と野菜の話"}


async def test_a_request_has_every_field_that_a_client_shows(world: World) -> None:
    member = await world.member("花子")
    answer = await member.post("/lounge-requests", json={**FORM, "reason": "  庭がある \n"})
    request = expect(answer, 201)
    assert set(request) >= FIELDS
    assert answer.headers["location"] == f"/api/v1/lounge-requests/{request['id']}"
    assert (request["name"], request["status"], request["reason"]) == (
        "園芸",
        "pending",
        "庭がある",
    )
    assert request["requester"]["nickname"] == "花子"
    assert (request["lounge_id"], request["reject_reason"], request["decided_at"]) == (None,) * 3
    assert request["similar_lounges"] == []
    answer = await member.get(f"/lounge-requests/{request['id']}")
    assert expect(answer, 200) == {k: v for k, v in request.items() if k != "similar_lounges"}
    tag = {"If-None-Match": answer.headers["etag"]}
    expect(await member.get(f"/lounge-requests/{request['id']}", headers=tag), 304)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": " "}, "body.name"),
        ({"name": "あ" * 51}, "body.name"),
        ({"description": ""}, "body.description"),
        ({"description": "あ" * 501}, "body.description"),
        ({"reason": "あ" * 501}, "body.reason"),
        ({"status": "approved"}, "body.status"),
    ],
)
async def test_a_refusal_names_the_invalid_field(
    world: World, change: dict[str, Any], field: str
) -> None:
    member = await world.member()
    refused = expect(
        await member.post("/lounge-requests", json=FORM | change), 422, "validation_failed"
    )
    assert [error["field"] for error in refused["errors"]] == [field]
    assert await count(world, "lounge_requests") == 0
    longest = {"name": "あ" * 50, "description": "あ" * 500, "reason": "あ" * 500}
    expect(await member.post("/lounge-requests", json=longest), 201)


@pytest.mark.parametrize(
    ("taken", "asked"),
    [("カメラ", "ｶﾒﾗ"), ("Python", "ＰＹＴＨＯＮ"), ("straße", "STRASSE"), ("本 棚", "本　棚")],
)
async def test_a_taken_name_is_refused_in_every_spelling(
    world: World, taken: str, asked: str
) -> None:
    """Both a lounge and another user's pending request take a name."""
    await world.lounge(taken)
    member, other = await world.member(), await world.member()
    form = FORM | {"name": asked}
    expect(await member.post("/lounge-requests", json=form), 409, "lounge_name_taken")
    pending = await ask(other, f"{taken}2")
    form = FORM | {"name": f"{asked}２"}
    expect(await member.post("/lounge-requests", json=form), 409, "lounge_name_taken")
    expect(await other.delete(f"/lounge-requests/{pending['id']}"), 204)
    expect(await member.post("/lounge-requests", json=form), 201)


async def test_the_answer_lists_lounges_with_similar_names(world: World) -> None:
    near = await world.lounge("東京カフェめぐり")
    await world.lounge("釣り仲間")
    member = await world.member()
    request = await ask(member, "カフェめぐり")
    assert request["similar_lounges"] == [near]
    assert (await ask(member, "将棋"))["similar_lounges"] == []


async def test_a_closed_lounge_is_not_recommended_and_keeps_its_name(world: World) -> None:
    near, closed = await world.lounge("東京カフェめぐり"), await world.lounge("京都カフェめぐり")
    member, admin = await world.member(), await world.admin()
    path = f"/admin/lounges/{closed['id']}"
    assert closed in (await ask(member, "カフェめぐり"))["similar_lounges"]
    expect(await admin.delete(path), 204)
    assert (await ask(member, "カフェめぐる"))["similar_lounges"] == [near]
    form = FORM | {"name": closed["name"]}
    expect(await member.post("/lounge-requests", json=form), 409, "lounge_name_taken")


async def test_a_sixth_pending_request_is_refused_until_another_is_decided(world: World) -> None:
    member, admin = await world.member(), await world.admin()
    requests = [await ask(member) for _ in range(5)]
    expect(await member.post("/lounge-requests", json=FORM), 409, "too_many_pending")
    expect(await member.delete(f"/lounge-requests/{requests[0]['id']}"), 204)
    sixth = await ask(member)
    expect(await member.post("/lounge-requests", json=FORM), 409, "too_many_pending")
    expect(await admin.post(f"/admin/lounge-requests/{sixth['id']}/approve"), 200)
    expect(await member.post("/lounge-requests", json=FORM), 201)


async def test_the_list_has_only_the_callers_requests_newest_first(world: World) -> None:
    member, other = await world.member(), await world.member()
    made = [(await ask(member))["id"] for _ in range(3)]
    await ask(other)
    assert await member.ids("/lounge-requests") == made[::-1]


async def test_a_retry_with_the_same_key_creates_no_second_request(world: World) -> None:
    member = await world.member()
    first = await member.post("/lounge-requests", json=FORM, key="k1")
    again = await member.post("/lounge-requests", json=FORM, key="k1")
    assert first.content == again.content
    assert again.headers["idempotency-replayed"] == "true"
    assert await count(world, "lounge_requests") == 1


async def test_a_retried_approval_gets_the_first_answer_again(world: World) -> None:
    """Also with a body that says nothing."""
    member, admin = await world.member(), await world.admin()
    for content in (b"", b" ", b"\n{}\n"):
        key, headers = f"key-{len(content)}", {"Content-Type": "application/json"}
        path = f"/admin/lounge-requests/{(await ask(member))['id']}/approve"
        first = await admin.post(path, content=content, headers=headers, key=key)
        again = await admin.post(path, content=content, headers=headers, key=key)
        assert expect(first, 200)["status"] == "approved"
        assert (again.status_code, again.content) == (200, first.content)
        assert again.headers["idempotency-replayed"] == "true"
        expect(await admin.post(path), 409, "already_decided")
