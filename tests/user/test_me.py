"""`/users/me`: reading and changing the caller's account."""

import json
from typing import Any

import httpx

from tests.support.api import Api, expect
from tests.support.auth import ME
from tests.support.sql import sql
from tests.support.world import World, picture


def require_terms(world: World, version: str) -> None:
    world.configure(terms_version=version)


async def me(api: Api) -> dict[str, Any]:
    return dict(expect(await api.get("/users/me"), 200))


async def send(api: Api, body: object) -> httpx.Response:
    content = json.dumps(body).encode()  # escapes lone surrogates, as a client might
    return await api.patch(
        "/users/me", content=content, headers={"Content-Type": "application/json"}
    )


async def test_a_look_and_a_change_give_the_same(world: World) -> None:
    """A look is a row of its own, a change is made of the user's row."""
    painter = await world.member()
    expect(await painter.upload(picture(), "/users/me/avatar", "PUT"), 200)
    for caller in (painter, await world.guest(), await world.admin()):
        changed = await send(caller, {"locale": "en"})
        assert (await caller.get("/users/me")).content == changed.content


async def test_me_is_the_caller_without_secrets(world: World) -> None:
    callers = [await world.member("会員"), await world.guest(), await world.admin()]
    for caller in callers:
        response = await caller.get("/users/me")
        body = expect(response, 200)
        assert set(body) >= ME
        assert body["id"] == caller.id
        assert body["email"] == (caller.email or None)
        assert body["created_at"].endswith("Z")
        assert "private" in response.headers["cache-control"]
        assert not {"password_hash", "password", "status", "provider_user_id"} & set(body)
    assert [(await me(caller))["role"] for caller in callers] == ["user", "guest", "admin"]


async def test_a_change_touches_only_the_fields_sent(world: World) -> None:
    member, other = await world.member("前の名"), await world.member("他人")
    before = await me(member)
    for change in (
        {"nickname": "後の名"},
        {"bio": "一行目\n二行目"},
        {"locale": "en"},
        {"terms_version": "2026-07"},
        {"nickname": "また別の名", "bio": "三", "locale": "ja"},
    ):
        before |= change
        assert expect(await member.patch("/users/me", json=change), 200) == before
        assert await me(member) == before
    assert await me(other) == other.user


async def test_null_keeps_a_field_and_an_empty_bio_clears_it(world: World) -> None:
    member = await world.member(terms_version="1")
    expect(await member.patch("/users/me", json={"bio": "自己紹介", "locale": "en"}), 200)
    before = await me(member)
    nothing = dict.fromkeys(("nickname", "bio", "locale", "terms_version"))
    for change in ({}, nothing, {"bio": None}):
        assert expect(await member.patch("/users/me", json=change), 200) == before
    mixed = nothing | {"nickname": "名だけ"}
    before |= {"nickname": "名だけ"}
    assert expect(await member.patch("/users/me", json=mixed), 200) == before
    for empty in ("", " \n\u3000"):
        expect(await member.patch("/users/me", json={"bio": "自己紹介"}), 200)
        cleared = expect(await member.patch("/users/me", json={"bio": empty}), 200)
        assert cleared == before | {"bio": ""} == await me(member)


FAMILY = "👨\u200d👩\u200d👧\u200d👦"

KEPT = [
    ("nickname", "  花子\u3000", "花子"),
    ("nickname", "か\u3099き\u3099", "がぎ"),
    ("nickname", "が" * 30, "が" * 30),
    ("nickname", "か\u3099" * 30, "が" * 30),
    ("nickname", "𠮷" * 30, "𠮷" * 30),
    ("nickname", "🍣" * 30, "🍣" * 30),
    ("nickname", FAMILY * 4, FAMILY * 4),
    ("nickname", "x", "x"),
    ("nickname", "花子\n", "花子"),
    ("nickname", "<b>' OR 1=1 --", "<b>' OR 1=1 --"),
    ("bio", "  一\r\n二\t三\n ", "一\n二\t三"),
    ("bio", "か\u3099" * 500, "が" * 500),
    ("bio", "🍣" * 500, "🍣" * 500),
    ("bio", "\u200b", ""),
]


async def test_text_is_stored_as_written_in_normal_form(world: World) -> None:
    member = await world.member()
    for name, sent, kept in KEPT:
        assert expect(await send(member, {name: sent}), 200)[name] == kept
        assert (await me(member))[name] == kept
        assert expect(await member.get(f"/users/{member.id}"), 200)[name] == kept


BAD: list[tuple[dict[str, Any], str, str]] = [
    ({"nickname": ""}, "body.nickname", "string_too_short"),
    ({"nickname": " \u3000\n"}, "body.nickname", "string_too_short"),
    ({"nickname": "\u200b\u200c\u200d\u2060\ufeff"}, "body.nickname", "string_too_short"),
    ({"nickname": "\u3164\u2800"}, "body.nickname", "string_too_short"),
    ({"nickname": "あ" * 31}, "body.nickname", "string_too_long"),
    ({"nickname": "𠮷" * 31}, "body.nickname", "string_too_long"),
    ({"nickname": "一\n二"}, "body.nickname", "forbidden_character"),
    ({"nickname": "一\t二"}, "body.nickname", "forbidden_character"),
    ({"bio": "あ" * 501}, "body.bio", "string_too_long"),
    ({"bio": "一\r二"}, "body.bio", "forbidden_character"),
    ({"locale": "fr"}, "body.locale", "enum"),
    ({"locale": "JA"}, "body.locale", "enum"),
    ({"locale": ""}, "body.locale", "enum"),
    ({"terms_version": ""}, "body.terms_version", "string_too_short"),
    ({"terms_version": "x" * 51}, "body.terms_version", "string_too_long"),
    ({"role": "admin"}, "body.role", "extra_forbidden"),
    ({"email": "a@example.com"}, "body.email", "extra_forbidden"),
]


async def test_an_invalid_change_is_refused_as_a_whole(world: World) -> None:
    member = await world.member()
    before = await me(member)
    for bad, field, code in BAD:
        # A valid change in the same request is not stored either.
        good = {"bio": "よい"} if "bio" not in bad else {"nickname": "よい"}
        body = expect(await send(member, good | bad), 422, "validation_failed")
        assert [(e["field"], e["code"]) for e in body["errors"]] == [(field, code)], bad
    no_objects: list[object] = [[], None, "x", 1]
    for no_object in no_objects:
        expect(await send(member, no_object), 422, "validation_failed")
    assert await me(member) == before
    expect(await send(member, {"bio": "よい", "nickname": "よい"}), 200)


async def test_a_guest_can_change_nothing_but_the_locale(world: World) -> None:
    guest, member = await world.guest(), await world.member()
    before = await me(guest)
    for change in ({"nickname": "名"}, {"bio": "自己紹介"}, {"terms_version": "1"}):
        sent = change | {"locale": "en"}
        expect(await guest.patch("/users/me", json=sent), 403, "guest_not_allowed")
        assert await me(guest) == before
        expect(await member.patch("/users/me", json=sent), 200)
    nothing = {"nickname": None, "bio": None, "locale": "en"}
    assert expect(await guest.patch("/users/me", json=nothing), 200) == before | {"locale": "en"}


# Terms


async def test_missing_terms_are_told_before_anything_else_that_is_wrong(world: World) -> None:
    member = await world.member()
    require_terms(world, "2")
    stale = {"If-Match": '"stale"'}
    for change, headers in (({"nickname": "運営"}, {}), ({"bio": "紹介"}, stale)):
        refused = await member.patch("/users/me", json=change, headers=headers)
        expect(refused, 403, "terms_required")
    expect(await member.upload(b"no picture", "/users/me/avatar", "PUT"), 403, "terms_required")
    accepting = {"terms_version": "2"}
    reserved = await member.patch("/users/me", json=accepting | {"nickname": "運営"})
    expect(reserved, 422, "nickname_reserved")
    late = await member.patch("/users/me", json=accepting | {"bio": "紹介"}, headers=stale)
    expect(late, 412, "precondition_failed")
    assert (await me(member))["terms_version"] is None


async def test_private_changes_need_no_terms(world: World) -> None:
    member, other = await world.member(), await world.member()
    expect(await member.upload(picture(), "/users/me/avatar", "PUT"), 200)
    require_terms(world, "2")
    expect(await member.upload(picture(), "/users/me/avatar", "PUT"), 403, "terms_required")
    expect(await member.patch("/users/me", json={"locale": "en"}), 200)
    expect(await member.put(f"/users/{other.id}/block"), 204)
    expect(await member.delete(f"/users/{other.id}/block"), 204)
    expect(await member.delete("/users/me/avatar"), 200)
    expect(await member.get(f"/users/{other.id}"), 200)
    expect(await member.delete("/auth/sessions"), 204)


async def test_terms_can_be_accepted_in_the_request_that_needs_them(world: World) -> None:
    require_terms(world, "2")
    member = await world.member()
    expect(await member.patch("/users/me", json={"bio": "紹介"}), 403, "terms_required")
    accepting = {"terms_version": "2", "bio": "紹介"}
    assert expect(await member.patch("/users/me", json=accepting), 200)["bio"] == "紹介"
    (row,) = await sql(world, "SELECT terms_version, bio FROM users")
    assert (row["terms_version"], row["bio"]) == ("2", "紹介")
    late = await world.member(terms_version="2")
    expect(await late.patch("/users/me", json={"bio": "紹介"}), 200)
