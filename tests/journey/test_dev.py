"""`linky dev`, as the developer of an app uses it: sign-in, tokens, faults and the inbox."""

import asyncio
import json
import secrets
import time
from functools import partial
from typing import Any

import httpx
import pytest

from app.core.clock import utc_now
from app.core.config import Settings
from app.integrations.app_check import AppCheck, AppCheckFailed
from app.web.problems import CONTENT_TYPE
from tests.support.command_line import linky_here
from tests.support.person import Person
from tests.support.server import Server
from tests.support.stand_ins import InBrowser, dev, signed_in
from tests.support.waiting import wait_until


def by_sdk(server: Server, provider: str, status: int, **chosen: str) -> Person:
    """Sign in as an app's test does: a nonce, an ID token for it, and the sign-in."""
    person = Person(server.url)
    nonce = person.call("POST", "/auth/nonce", 201)["nonce"]
    given = dev(server, "POST", f"/{provider}/id-token", json={"nonce": nonce, **chosen}).json()
    names = ("id_token", "authorization_code")
    body = {"nonce": nonce} | {name: given[name] for name in names if given[name]}
    return person.take(person.call("POST", f"/auth/oauth/{provider}", status, json=body))


@pytest.mark.parametrize("provider", ["line", "google", "apple"])
def test_an_app_signs_in_at_a_stand_in_with_an_id_token(server: Server, provider: str) -> None:
    email = f"{secrets.token_hex(4)}@example.net"
    made_up = by_sdk(server, provider, 201, name="山本 あおい", email=email)
    me = made_up.call("GET", "/users/me", 200)
    assert me["provider"] == provider
    assert me["nickname"] == ("山本 あおい" if provider != "apple" else me["nickname"])
    people = dev(server, "GET", "/people").json()["items"]
    (key,) = (person["key"] for person in people if person["email"] == email)
    assert by_sdk(server, provider, 200, person=key).id == made_up.id
    silent = by_sdk(server, provider, 201, person="silent").call("GET", "/users/me", 200)
    assert silent["needs_nickname"]
    assert silent["email"] is None
    if provider == "line":
        picture = by_sdk(server, provider, 201, person="minato")
        wait_until("a picture", lambda: picture.call("GET", "/users/me", 200)["avatar_url"])


def test_the_stand_in_of_line_hears_who_has_left(server: Server) -> None:
    name = f"退会 {secrets.token_hex(3)}"
    given = dev(server, "POST", "/line/id-token", json={"name": name}).json()
    leaver = by_sdk(server, "line", 201, person=given["person"])
    body = {"line_access_token": given["access_token"]}
    left = leaver.call("DELETE", "/users/me", 202, json=body)
    assert left["unlink_at_provider"] is False

    def is_noted() -> bool:
        noted = dev(server, "GET", "/line/unlinked").json()["items"]
        return given["subject"] in [each["subject"] for each in noted]

    wait_until("LINE's word", is_noted)


def test_the_stand_in_of_app_check_gives_good_tokens_and_bad_ones(server: Server) -> None:
    tokens = dev(server, "GET", "/app-check/tokens").json()
    (key,) = dev(server, "GET", "/app-check/keys").json()["keys"]
    settings = Settings(
        _env_file=None,  # type: ignore[call-arg]
        app_check="enforce",
        app_check_project="123456789012",
        app_check_jwks_url=f"{server.url}/dev/app-check/keys",
    )
    check = AppCheck(settings, utc_now)
    asyncio.run(check.check(tokens.pop("good")))
    assert key["kty"] == "RSA"
    assert len(tokens) == 4

    async def ensure_refused() -> None:
        fresh = AppCheck(settings, utc_now)
        for name, token in tokens.items():
            with pytest.raises(AppCheckFailed):
                await fresh.check(token)
            assert name.startswith(("expired", "of_"))

    asyncio.run(ensure_refused())


def test_a_stand_in_gives_nothing_for_what_is_not_right(server: Server) -> None:
    person = Person(server.url)
    nonce = person.call("POST", "/auth/nonce", 201)["nonce"]
    token = dev(server, "POST", "/line/id-token", json={"nonce": "another"}).json()["id_token"]
    body = {"id_token": token, "nonce": nonce}
    assert person.code("POST", "/auth/oauth/line", 401, json=body) == "invalid_id_token"
    assert person.code("POST", "/auth/oauth/google", 401, json=body) == "invalid_id_token"
    for path, form in (("line", {"person": "x"}), ("line", {"client_id": "x"}), ("x", {})):
        assert dev(server, "POST", f"/{path}/id-token", json=form).status_code == 404
    form = {"grant_type": "authorization_code", "code": "x", "client_id": "x"}
    assert dev(server, "POST", "/google/token", data=form).json() == {"error": "invalid_client"}
    elsewhere = {"Sec-Fetch-Site": "cross-site"}
    for path in ("/line/id-token", "/sign-in", "/accounts", "/faults"):
        assert dev(server, "POST", path, json={}, headers=elsewhere).status_code == 403
    assert dev(server, "GET", "", headers=elsewhere).status_code == 200


@pytest.mark.parametrize("provider", ["line", "google", "apple"])
def test_a_browser_goes_through_a_stand_in_to_the_app(server: Server, provider: str) -> None:
    browser = InBrowser(server, provider)
    answer = browser.choose(person="hinata")
    assert answer["state"] == "the app's"
    user = browser.exchange(answer["code"])["user"]
    assert (user["provider"], user["nickname"]) == (provider, "高橋 ひなた")

    assert "error" in InBrowser(server, provider).choose(person="-")
    wrong = InBrowser(server, provider)
    for field, value in (("client_id", "x"), ("redirect_uri", "http://x/"), ("response_type", "")):
        query = {**wrong.asked, field: value}
        refused = dev(server, "GET", f"/{provider}/authorize", params=query)
        assert refused.status_code == 400
        assert field in refused.text
    unknown = {**wrong.asked, "person": "no one"}
    assert dev(server, "POST", f"/{provider}/authorize", data=unknown).status_code == 404


def test_tokens_of_any_age(server: Server) -> None:
    late = signed_in(server, "member", access_token_expires_in=-1)
    assert late.code("GET", "/users/me", 401) == "token_expired"
    late.rotate()
    assert late.call("GET", "/users/me", 200)["role"] == "user"
    assert signed_in(server, "admin").call("GET", "/users/me", 200)["role"] == "admin"
    assert signed_in(server, "guest").call("GET", "/users/me", 200)["is_guest"]
    assert signed_in(server, late.id).id == late.id

    def refreshed(**times: int) -> str:
        person = signed_in(server, "hanako@example.com", **times)
        body = {"refresh_token": person.refresh_token}
        answer = person.send("POST", "/auth/refresh", json=body)
        return str(answer.json().get("code", answer.status_code))

    assert refreshed(refresh_token_expires_in=60) == "200"
    assert refreshed(refresh_token_expires_in=-1) == "invalid_refresh_token"
    assert refreshed(refresh_token_used_ago=1) == "200"
    assert refreshed(refresh_token_used_ago=60) == "refresh_token_reused"
    for who in ("no@example.com", "01a21057-2863-7f34-8090-0fe07f73c18d", "x"):
        assert dev(server, "POST", "/sign-in", json={"as": who}).status_code == 404


def test_one_who_is_suspended_signs_in_and_reads(server: Server) -> None:
    # Not one of the demo: all tests use those.
    someone = by_sdk(server, "line", 201, name="止める人")
    suspend = {"status": "suspended", "reason": "試験"}
    signed_in(server, "admin").call("PATCH", f"/admin/users/{someone.id}", 200, json=suspend)
    suspended = signed_in(server, someone.id)
    assert suspended.call("GET", "/users/me", 200)["id"] == someone.id
    assert suspended.code("PATCH", "/users/me", 403, json={"bio": "…"}) == "account_suspended"


def test_all_access_tokens_of_now_expire_and_new_ones_do_not(server: Server, taro: Person) -> None:
    assert dev(server, "POST", "/expire-access-tokens").status_code == 204
    for fault in ("none", "slow=1ms"):
        answer = taro.code("GET", "/users/me", 401, headers=faulty(fault))
        assert answer == "token_expired"
    assert taro.call("GET", "/meta", 200)
    taro.rotate()  # With the expired token in its header, which a refresh ignores.
    assert taro.call("GET", "/users/me", 200)


def faulty(fault: str) -> dict[str, str]:
    return {"Linky-Fault": fault}


def is_cut(person: Person, method: str, path: str, **how: Any) -> bool:
    try:
        person.send(method, path, **how)
    except httpx.TransportError:
        return True
    return False


def test_a_request_asks_for_a_fault(server: Server, taro: Person) -> None:
    for fault, status, code in (
        ("503", 503, "service_unavailable"),
        ("429", 429, "rate_limited"),
        ("500", 500, "internal_error"),
        ("expired-token", 401, "token_expired"),
        ("slow=1ms, 503", 503, "service_unavailable"),
        ("sometimes", 400, "invalid_fault"),
    ):
        answer = taro.send("GET", "/users/me", headers=faulty(fault))
        assert (answer.status_code, answer.json()["code"]) == (status, code)
        assert answer.headers["content-type"] == CONTENT_TYPE
        assert ("retry-after" in answer.headers) == (status in (429, 503))
        assert answer.json()["request_id"] == answer.headers["x-request-id"]
    begun = time.monotonic()
    taro.call("GET", "/users/me", 200, headers=faulty("slow=250ms"))
    assert time.monotonic() - begun >= 0.25
    assert Person(server.url).send("GET", "/meta", headers=faulty("expired-token")).is_success


def test_a_lost_answer_was_still_carried_out_and_offline_was_not(taro: Person) -> None:
    form = {"name": "川", "description": "川の話", "reason": ""}
    for name, fault, is_made in (
        ("川を歩く", "lost-answer", True),
        ("海を歩く", "cut-answer", True),
        ("空を歩く", "offline", False),
    ):
        key = {"Idempotency-Key": secrets.token_hex(8)}
        sent, path = {**form, "name": name}, "/lounge-requests"
        assert is_cut(taro, "POST", path, json=sent, headers=key | faulty(fault)), fault
        again = taro.send("POST", path, json=sent, headers=key)
        assert again.status_code == 201, again.text
        assert ("idempotency-replayed" in again.headers) == is_made
        names = [row["name"] for row in taro.items("/lounge-requests")]
        assert names.count(name) == 1


def test_a_whole_app_is_put_under_a_fault(server: Server, taro: Person) -> None:
    hanako = signed_in(server, "hanako@example.com")
    form = {"fault": "slow=1ms, 503", "user_id": taro.id, "only_writes": True, "times": 2}
    state = dev(server, "PUT", "/fault", json=form).json()
    assert state == {
        "fault": "slow=0.001s, 503", "user_id": taro.id, "only_writes": True, "times_left": 2,
    }  # fmt: skip
    bio = {"json": {"bio": "こんにちは"}}
    assert taro.call("GET", "/users/me", 200)
    assert hanako.call("PATCH", "/users/me", 200, **bio)
    assert taro.call("PATCH", "/users/me", 200, **bio, headers=faulty("none"))
    assert taro.code("PATCH", "/users/me", 503, **bio) == "service_unavailable"
    assert dev(server, "GET", "/fault").json()["times_left"] == 1
    assert dev(server, "DELETE", "/fault").status_code == 204
    assert taro.call("PATCH", "/users/me", 200, **bio)
    assert dev(server, "GET", "/fault").json()["fault"] is None
    assert dev(server, "PUT", "/fault", json={"fault": "404"}).status_code == 422
    page = dev(server, "POST", "/faults", data={"end": "503", "who": taro.id, "times": "1"})
    assert page.status_code == 303
    assert "503" in dev(server, "GET", "/faults").text
    english = dev(server, "GET", "/faults", headers={"Accept-Language": "en"}).text
    assert "calls left: 1" in english
    assert "The next call<" in english
    assert taro.code("GET", "/users/me", 503) == "service_unavailable"
    assert taro.call("GET", "/users/me", 200)
    bad_fault = {"who": "x"}, {"times": "0"}, {"times": "9" * 9}
    assert {dev(server, "POST", "/faults", data=form).status_code for form in bad_fault} == {422}
    bad_account = {"who": ""}, {"who": "guest", "access": "soon"}, {"who": "guest", "refresh": "-"}
    answers = [dev(server, "POST", "/accounts", data=form) for form in bad_account]
    assert {answer.status_code for answer in answers} == {404}


def test_the_inbox_shows_each_mail_and_push_to_its_reader(server: Server, taro: Person) -> None:
    ken = Person(server.url, "けん太").register()
    mine = {"to": ken.email}

    def inbox(**query: str) -> list[dict[str, Any]]:
        return list(dev(server, "GET", "/inbox", params=query).json()["items"])

    (mail,) = wait_until("a mail", lambda: inbox(**mine))
    assert (mail["kind"], mail["user_id"], mail["name"]) == ("mail", ken.id, "けん太")
    assert any("/account/verify-email" in link for link in mail["links"])
    html = dev(server, "GET", f"/mails/{mail['id']}")
    assert mail["links"][0] in html.text
    assert "sandbox" in html.headers["content-security-policy"]
    assert dev(server, "GET", "/mails/none.eml").status_code == 404

    post = taro.publish(ken.items("/lounges")[0]["id"], "朝の川")
    ken.comment(post["id"], "きれいですね")

    # Taro acts in other tests, too, whose pushes may come late.
    def pushes() -> list[dict[str, Any]]:
        return [each for each in inbox(to=taro.id) if post["id"] in (each["url"] or "")]

    (push,) = wait_until("a push", pushes)
    assert (push["kind"], push["name"]) == ("push", taro.call("GET", "/users/me", 200)["nickname"])
    assert push["url"].startswith(f"{server.url}/p/{post['id']}/c/")
    comment_id = push["url"].rpartition("/")[2]
    assert (push["data"]["post_id"], push["data"]["comment_id"]) == (post["id"], comment_id)
    assert (push["channel"], push["platforms"]) == ("comments", ["web"])
    assert (mail["data"], mail["channel"], mail["platforms"]) == (None, None, [])
    assert {mail["id"], push["id"]}.isdisjoint(each["id"] for each in inbox(after=push["id"]))
    cards = dev(server, "GET", "/cards", params={"after": mail["id"]}).text
    assert push["id"] in cards
    assert f'"comment_id": "{comment_id}"' in cards

    # An announcement is one for all, and its push has a reader all the same.
    admin = signed_in(server, "admin")
    news = {"title_ja": "受信箱の試験", "body_ja": "届きましたか。", "push": True}
    admin.call("POST", "/admin/announcements", 201, json=news)
    wait_until("news", lambda: any(each["title"] == "受信箱の試験" for each in inbox(to=taro.id)))
    assert dev(server, "DELETE", "/inbox").status_code == 204
    assert {mail["id"], push["id"]}.isdisjoint(each["id"] for each in inbox())


def test_the_inbox_finds_a_push_by_its_readers_address(server: Server, taro: Person) -> None:
    """A user who came by LINE has no address here. The made-up person has one."""
    email = f"{secrets.token_hex(4)}@example.net"
    sora = by_sdk(server, "line", 201, name="空", email=email)
    assert sora.call("GET", "/users/me", 200)["email"] is None
    ken = Person(server.url, "けん太").register()

    def pushes(to: str) -> list[dict[str, Any]]:
        items = dev(server, "GET", "/inbox", params={"to": to}).json()["items"]
        return [each for each in items if each["kind"] == "push"]

    for reader, address in ((sora, email.upper()), (ken, ken.email)):
        phone = {"kind": "fcm_token", "value": secrets.token_hex(8), "platform": "ios"}
        reader.call("PUT", "/notifications/devices/my-phone", 204, json=phone)
        post = reader.publish(reader.items("/lounges")[0]["id"], "夕方の川")
        taro.comment(post["id"], "涼しそうですね")
        (push,) = wait_until("a push", partial(pushes, address))
        assert push["user_id"] == reader.id
        assert pushes(reader.id) == [push]
    assert pushes("nobody@example.net") == []


def test_doctor_beside_linky_dev_knows_its_stand_ins(server: Server) -> None:
    done = linky_here(["doctor", "--json"], server.environment)
    found = [each["words"] for each in json.loads(done.stdout) if each["name"] == "sign-in"]
    stand_ins = [f"{name}: the stand-in of `linky dev`" for name in ("LINE", "Google", "Apple")]
    assert sorted(found) == sorted(stand_ins)
