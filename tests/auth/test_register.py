"""`POST /auth/register`: what is accepted, refused and stored."""

import json
from typing import Any

import pytest

from tests.support.api import expect
from tests.support.auth import ME, PAIR, dump, form
from tests.support.sql import count
from tests.support.world import World


async def test_a_new_member_gets_an_account_and_working_tokens(world: World) -> None:
    sent = form(email="  Hanako.Yamada@Example.COM ", nickname=" 花子 ", terms_version="2026-01")
    response = await world.anonymous().post("/auth/register", json=sent)
    body = expect(response, 201)
    assert response.headers["cache-control"] == "no-store"
    me, tokens = body["user"], body["tokens"]
    assert set(me) >= ME
    assert set(tokens) >= PAIR
    assert (me["email"], me["email_verified"]) == ("Hanako.Yamada@example.com", False)
    assert (me["nickname"], me["bio"], me["avatar_url"]) == ("花子", "", None)
    assert (me["role"], me["is_guest"], me["provider"]) == ("user", False, "email")
    assert (me["locale"], me["terms_version"]) == ("ja", "2026-01")
    assert me["created_at"].endswith("Z")
    assert (tokens["token_type"], tokens["expires_in"]) == ("bearer", 1800)
    assert tokens["refresh_expires_in"] == 7 * 24 * 3600
    api = world.anonymous().take(body)
    assert expect(await api.get("/users/me"), 200) == me


async def test_a_bearer_token_is_ignored(world: World) -> None:
    member = await world.member()
    body = expect(await member.post("/auth/register", json=form()), 201)
    assert body["user"]["id"] != member.id
    broken = {"Authorization": "Bearer nonsense"}
    expect(await member.post("/auth/register", json=form(), headers=broken), 201)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("taro@example.com", "taro@example.com"),
        ("taro@example.com", "TARO@EXAMPLE.com"),
        ("Taro@Example.com", " taro@example.COM\n"),
        ("δοκιμή-σ@example.com", "ΔΟΚΙΜΉ-Σ@example.com"),
    ],
)
async def test_an_address_is_taken_in_any_case(world: World, first: str, second: str) -> None:
    anonymous = world.anonymous()
    expect(await anonymous.post("/auth/register", json=form(email=first)), 201)
    expect(await anonymous.post("/auth/register", json=form(email=second)), 409, "email_taken")
    assert await count(world, "users") == await count(world, "user_sessions") == 1
    other = "another-" + second.strip()
    expect(await anonymous.post("/auth/register", json=form(email=other)), 201)


async def test_an_idempotency_key_is_ignored_because_the_answer_contains_tokens(
    world: World,
) -> None:
    sent, anonymous = form(), world.anonymous()
    expect(await anonymous.post("/auth/register", json=sent, key="k"), 201)
    again = await anonymous.post("/auth/register", json=sent, key="k")
    expect(again, 409, "email_taken")
    assert "idempotency-replayed" not in again.headers


BAD: list[tuple[dict[str, Any], str, str]] = [
    ({"email": ""}, "body.email", "string_too_short"),
    ({"email": "no-at-sign"}, "body.email", "email"),
    ({"email": "@example.com"}, "body.email", "email"),
    ({"email": "a@"}, "body.email", "string_too_short"),
    ({"email": "a@b@example.com"}, "body.email", "email"),
    ({"email": "a b@example.com"}, "body.email", "email"),
    ({"email": "花子 <a@example.com>"}, "body.email", "email"),
    ({"email": "a@[127.0.0.1]"}, "body.email", "email"),
    ({"email": "a..b@example.com"}, "body.email", "email"),
    ({"email": "=?utf-8?q?=76ictim?=@example.com"}, "body.email", "email"),
    ({"email": "a=?utf-8?b?DQpCY2M6IHg=?=@example.com"}, "body.email", "email"),
    ({"email": "a\n@example.com"}, "body.email", "forbidden_character"),
    ({"email": "a" * 250 + "@example.com"}, "body.email", "string_too_long"),
    ({"nickname": ""}, "body.nickname", "string_too_short"),
    ({"nickname": " \u3000 "}, "body.nickname", "string_too_short"),
    ({"nickname": "\u200b\u200d\u3164"}, "body.nickname", "string_too_short"),
    ({"nickname": "あ" * 31}, "body.nickname", "string_too_long"),
    ({"nickname": "一\n二"}, "body.nickname", "forbidden_character"),
    ({"nickname": "一\t二"}, "body.nickname", "forbidden_character"),
    ({"nickname": "一\u0085二"}, "body.nickname", "forbidden_character"),
    ({"terms_version": ""}, "body.terms_version", "string_too_short"),
    ({"terms_version": "1" * 51}, "body.terms_version", "string_too_long"),
]


async def test_each_field_has_its_rule_and_a_refusal_writes_nothing(world: World) -> None:
    anonymous, sent = world.anonymous(), form()
    for bad, field, code in BAD:
        response = await _send(world, sent | bad)
        body = expect(response, 422, "validation_failed")
        assert [(e["field"], e["code"]) for e in body["errors"]] == [(field, code)], bad
    for missing in ("email", "password", "nickname"):
        part = {name: value for name, value in sent.items() if name != missing}
        body = expect(await anonymous.post("/auth/register", json=part), 422, "validation_failed")
        assert [(e["field"], e["code"]) for e in body["errors"]] == [(f"body.{missing}", "missing")]
    assert await count(world, "users") == await count(world, "user_sessions") == 0
    expect(await anonymous.post("/auth/register", json=sent | {"terms_version": None}), 201)


async def _send(world: World, body: Any) -> Any:
    content = json.dumps(body).encode()  # escapes lone surrogates, as a client might
    how = {"content": content, "headers": {"Content-Type": "application/json"}}
    return await world.anonymous().post("/auth/register", **how)


# Passwords

FAMILY = "👨\u200d👩\u200d👧\u200d👦"

IROHA = "色は匂へど散りぬるを我が世誰ぞ常ならむ有為の奥山今日越えて浅き夢見じ"

GOOD_PASSWORDS = [
    (IROHA[:25], IROHA[:24] + "い"),
    ("さくらさくらのやまも", "さくらさくらのやまに"),
    (FAMILY + "と🏠と🐈🌊", FAMILY.replace("\u200d", "") + "と🏠と🐈🌊"),
    ("🍣🍺🍙🍡" * 31 + "🌊🐈🗻🎏", "🍣🍺🍙🍡" * 31 + "🌊🐈🗻🌸"),
    ("x" * 116 + "-oto-kikuchi", "x" * 116 + "-oto-kikuchI"),
    ("кириллица и пробел", "кириллица и  пробел"),
    ("كلمة-السر-الطويلة", "كلمة-السر-الطويله"),
    ("รหัสผ่านของฉัน", "รหัสผ่านของฉ้น"),
    ("  edges are kept  ", "edges are kept"),
    ("tab\tand\nnewline", "tab and newline"),
    ("Ｗｉｄｅ-letters-9", "Wide-letters-9"),
    ("<script>'\"; --%00", "<script>'\"; --%01"),
]


async def test_a_password_of_any_script_is_accepted_and_every_byte_counts(world: World) -> None:
    anonymous = world.anonymous()
    for password, other in GOOD_PASSWORDS:
        sent = form(password=password)
        expect(await anonymous.post("/auth/register", json=sent), 201)
        login = {"email": sent["email"], "password": other}
        expect(await anonymous.post("/auth/login", json=login), 401, "invalid_credentials")
        login["password"] = password
        expect(await anonymous.post("/auth/login", json=login), 200)
    kept = await dump(world)
    assert not [password for password, _ in GOOD_PASSWORDS if password in kept]


@pytest.mark.parametrize("length", [8, 128])
async def test_composed_and_decomposed_passwords_are_equal_and_have_the_composed_length(
    world: World, length: int
) -> None:
    ending, anonymous = "ねこのしっぽぞ", world.anonymous()
    for first, then in (("か\u3099", "が"), ("が", "か\u3099")):
        sent = form(password=first * (length - 7) + ending)
        expect(await anonymous.post("/auth/register", json=sent), 201)
        login = {"email": sent["email"], "password": then * (length - 7) + ending}
        expect(await anonymous.post("/auth/login", json=login), 200)
        login["password"] = "か" * (length - 7) + ending
        expect(await anonymous.post("/auth/login", json=login), 401, "invalid_credentials")


WEAK = [
    ("", "string_too_short"),
    ("kU8-xQz", "string_too_short"),
    ("か\u3099" * 7, "string_too_short"),
    (FAMILY, "string_too_short"),
    ("x" * 129, "string_too_long"),
    ("🍣" * 129, "string_too_long"),
    ("が" * 129, "string_too_long"),
    ("kawa" * 50_000, "string_too_long"),
    ("password", "common"),
    ("hanako.yamada@example.com", "common"),
    ("HANAKO.YAMADA@EXAMPLE.COM", "common"),
    ("hanako.yamada", "common"),
    ("ﾔﾏﾀﾞﾊﾅｺ1990", "common"),
]


async def test_a_weak_password_is_refused_and_writes_nothing(world: World) -> None:
    anonymous = world.anonymous()
    sent = form(email="hanako.yamada@example.com", nickname="ヤマダハナコ1990")
    for password, code in WEAK:
        weak = sent | {"password": password}
        body = expect(await anonymous.post("/auth/register", json=weak), 422, "password_too_weak")
        field_errors = [(e["field"], e["code"]) for e in body["errors"]]
        assert field_errors == [("body.password", code)], password[:20]
    assert await count(world, "users") == 0
    strong = sent | {"password": "kawa-no-nagare"}
    expect(await anonymous.post("/auth/register", json=strong), 201)
