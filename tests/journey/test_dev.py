"""`linky dev`, as the developer of an app uses it: sign-in, tokens, faults and the inbox."""

import secrets
import time
from typing import Any

import httpx
import pytest

from app.web.problems import CONTENT_TYPE
from tests.support.fake_providers import dev, signed_in
from tests.support.person import Person
from tests.support.server import Server
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
