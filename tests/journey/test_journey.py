"""The core loop of Linky over real HTTP, with the process that `make run` starts."""

import re
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.operations import embedded
from tests.support import photos
from tests.support.person import Person
from tests.support.server import Server
from tests.support.sql import rows
from tests.support.waiting import HANG_SECONDS

LEEWAY_SECONDS = 30
WORD = "ずんだ餅" + secrets.token_hex(4)
"""Is in every text that the second person writes."""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    server = Server(tmp_path / "data")
    yield server
    server.clean_up()


def test_two_people_go_through_the_core_loop(server: Server) -> None:
    server.start()
    ensure_the_welcome_is_true(server)
    shares = re.findall(r"Creating the demo community: (\d+) %", server.output())
    assert shares[-1] == "100"
    hana, kenta = Person(server.url, "花子").register(), Person(server.url, "健太").register()
    old_token, device = steal_a_token(kenta)

    lounge = favour_a_lounge(hana)
    post = post_pictures(hana, lounge["id"])
    replies = talk(hana, kenta, post["id"])

    known = acknowledged_data(hana, lounge["id"], post["id"])
    server.kill()
    first_run = len(server.output())
    server.start()
    ensure_the_welcome_is_true(server, first_run)  # Also where the demo is there already.
    assert acknowledged_data(hana, lounge["id"], post["id"]) == known
    ensure_pictures_are_upright(post)
    ensure_a_retry_makes_no_second_post(hana, post)
    hana.rotate()

    read_notifications(hana, kenta, post, replies)
    block(hana, kenta, lounge["id"], post["id"])

    let_the_leeway_pass(server)
    ensure_the_theft_ends_only_that_session(kenta, device, old_token)


def ensure_the_welcome_is_true(server: Server, begin: int = 0) -> None:
    """Check the text in the terminal: the pages exist, and the demo's people can sign in."""
    server.wait_until("welcomed", lambda: "Stop with Ctrl-C" in server.output()[begin:])
    output = server.output()[begin:]
    ensure_the_welcome_is_last(output)
    # Alembic's own lines, of each migration, would push it hidden.
    assert "Migrating the database" in output
    assert "alembic" not in output
    assert f"{server.url}/admin" in output
    assert (
        httpx.get(f"{server.url}/admin", follow_redirects=True, timeout=HANG_SECONDS).status_code
        == 200
    )
    assert f"{server.url}/docs" in output
    assert httpx.get(f"{server.url}/docs", timeout=HANG_SECONDS).status_code == 200
    accounts = re.findall(r"^ +(admin|user) +(\S+@\S+) +(\S+)$", output, re.MULTILINE)
    assert {role for role, _, _ in accounts} == {"admin", "user"}, output
    for role, email, password in accounts:
        person = Person(server.url)
        person.email, person.password = email, password
        assert person.sign_in().call("GET", "/users/me", 200)["role"] == role


def ensure_the_welcome_is_last(output: str) -> None:
    """Nothing is logged after it, however many requests there are. What takes time is before it."""
    before, _, welcome = output.partition("\n  Linky ")
    assert before.splitlines()[0] == "  Starting Linky"
    assert "worker_ready" in before
    assert not re.search("api_started|application startup|Uvicorn running", before)
    assert "[info" not in welcome
    assert "job_done" not in output


def steal_a_token(person: Person) -> tuple[str, Person]:
    """Use an old refresh token of a second device within the leeway, where it still works.

    The leeway is for clients that lost the answer to a rotation.
    """
    device = person.on_another_device()
    old_token = device.rotate()
    assert device.refresh_token != old_token
    device.call("POST", "/auth/refresh", 200, json={"refresh_token": old_token})
    return old_token, device


def let_the_leeway_pass(server: Server) -> None:
    """Move the rotations so far back that the old token works no more, instead of waiting."""
    aged = f"UPDATE refresh_tokens SET rotated_at = rotated_at - interval '{LEEWAY_SECONDS + 1} s'"
    url = embedded.acquire(server.data_dir)
    try:
        rows(url, aged)
    finally:
        embedded.release(server.data_dir)


def ensure_the_theft_ends_only_that_session(person: Person, device: Person, old_token: str) -> None:
    """Reuse the old token after the leeway. It ends the stolen session, but no other session."""
    refresh, rename = "/auth/refresh", {"nickname": "泥棒"}
    device.call("PATCH", "/users/me", 200, json={"nickname": person.nickname})
    stolen_again = {"refresh_token": old_token}
    assert device.code("POST", refresh, 401, json=stolen_again) == "refresh_token_reused"
    rotated = {"refresh_token": device.refresh_token}
    assert device.code("POST", refresh, 401, json=rotated) == "invalid_refresh_token"
    assert device.code("PATCH", "/users/me", 401, json=rename) == "session_revoked"
    person.rotate()
    assert person.call("GET", "/users/me", 200)["nickname"] == person.nickname


def favour_a_lounge(person: Person) -> dict[str, Any]:
    lounge = person.items("/lounges", sort="popular")[0]
    assert not lounge["is_favorite"]
    person.call("PUT", f"/lounges/{lounge['id']}/favorite", 204)
    (favorite,) = person.items("/lounges/favorites")
    assert favorite["id"] == lounge["id"]
    assert favorite["favorite_count"] == lounge["favorite_count"] + 1
    return lounge


def post_pictures(person: Person, lounge_id: str) -> dict[str, Any]:
    taken = [photos.jpeg(), photos.png(), photos.webp(), photos.heic()]
    images = [person.upload(data) for data in taken]
    post = person.publish(
        lounge_id,
        "四枚の写真",
        image_ids=[image["id"] for image in images],
        headers={"Idempotency-Key": "the-post-with-pictures"},
    )
    assert post["images"] == images
    assert person.items(f"/lounges/{lounge_id}/posts")[0] == post
    ensure_pictures_are_upright(post)
    return post


def ensure_pictures_are_upright(post: dict[str, Any]) -> None:
    for image in post["images"]:
        assert (image["width"], image["height"]) == (photos.WIDTH, photos.HEIGHT)
        for url in (image["url"], image["thumbnail_url"]):
            served = httpx.get(url, timeout=HANG_SECONDS)
            assert served.status_code == 200
            assert served.headers["content-type"] == "image/webp"
            photos.ensure_upright_and_silent(served.content)


def ensure_a_retry_makes_no_second_post(person: Person, post: dict[str, Any]) -> None:
    """Retry as a phone that got no answer, because the server was killed."""
    form = {
        "lounge_id": post["lounge"]["id"],
        "title": post["title"],
        "body": post["body"],
        "image_ids": [image["id"] for image in post["images"]],
    }
    key = {"Idempotency-Key": "the-post-with-pictures"}
    retried = person.send("POST", "/posts", json=form, headers=key)
    assert retried.status_code == 201, retried.text
    assert retried.headers["idempotency-replayed"] == "true"
    assert retried.json()["id"] == post["id"]
    (own_post,) = person.items("/users/me/posts")
    assert own_post["id"] == post["id"]
    other = person.code("POST", "/posts", 422, json={**form, "title": "別"}, headers=key)
    assert other == "idempotency_key_reused"


def talk(author: Person, reader: Person, post_id: str) -> list[dict[str, Any]]:
    """The reader comments, and replies to the author's comment."""
    comment = reader.comment(post_id, f"きれいですね {WORD}")
    question = author.comment(post_id, "どこだと思いますか？")
    reply = reader.comment(post_id, f"海でしょう {WORD}", question["id"])
    return [comment, reply]


def acknowledged_data(person: Person, lounge_id: str, post_id: str) -> list[Any]:
    post = person.call("GET", f"/posts/{post_id}", 200)
    comments = person.items(f"/posts/{post_id}/comments")
    assert (post["comment_count"], len(comments)) == (3, 2)
    return [
        post,
        comments,
        [
            person.items(f"/posts/{post_id}/comments", parent_id=comment["id"])
            for comment in comments
        ],
        [httpx.get(image["url"], timeout=HANG_SECONDS).content for image in post["images"]],
        person.items("/notifications"),
        person.unread(),
        person.call("GET", "/users/me", 200),
        # This look is the last one that `has_new` knows of, so the list comes after it.
        person.call("GET", f"/lounges/{lounge_id}", 200) | {"has_new": None},
        person.items("/lounges/favorites"),
    ]


def read_notifications(
    author: Person, reader: Person, post: dict[str, Any], replies: list[dict[str, Any]]
) -> None:
    assert reader.unread() == 0
    notes = author.items("/notifications", unread="true")
    assert [note["type"] for note in notes] == ["reply", "comment"]
    assert [note["comment_id"] for note in notes] == [reply["id"] for reply in reversed(replies)]
    for note in notes:
        assert note["actor"]["nickname"] == reader.nickname
        assert note["post_id"] == post["id"]
        assert not note["read"]
    assert author.unread() == 2
    author.call("POST", "/notifications/read", 204, json={"ids": [notes[0]["id"]]})
    assert author.unread() == 1
    author.call("POST", "/notifications/read", 204, json={"all": True})
    assert author.unread() == 0
    assert all(note["read"] for note in author.items("/notifications"))


def block(blocker: Person, blocked: Person, lounge_id: str, post_id: str) -> None:
    """The blocker gets nothing of the blocked person any more, who does not notice the block."""
    blocked_post = blocked.publish(lounge_id, f"私の題 {WORD}", body=f"本文 {WORD}")
    assert WORD in all_words(blocker, lounge_id, post_id)
    blocker.call("PUT", f"/users/{blocked.id}/block", 204)
    blocked.comment(post_id, f"もう一度 {WORD}")
    seen = all_words(blocker, lounge_id, post_id)
    assert WORD not in seen
    assert blocked.id not in seen
    assert blocker.unread() == 0
    assert blocker.code("GET", f"/posts/{blocked_post['id']}", 404) == "post_not_found"
    assert blocked.call("GET", f"/posts/{post_id}", 200)["author"]["id"] == blocker.id


def all_words(person: Person, lounge_id: str, post_id: str) -> str:
    """The content of all lists that the app shows."""
    comments = person.items(f"/posts/{post_id}/comments")
    return repr(
        [
            comments,
            [
                person.items(f"/posts/{post_id}/comments", parent_id=comment["id"])
                for comment in comments
            ],
            person.items("/posts"),
            person.items("/posts", q=WORD),
            person.items(f"/lounges/{lounge_id}/posts"),
            person.items("/notifications"),
        ]
    )
