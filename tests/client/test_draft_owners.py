"""Whose drafts they are: no user sees or sends another's, and a sign-out takes them along."""

import json
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from linky_client import FileStore, SignedOutError, UnreachableError

from tests.client.scripted_server import keep_tokens, problem, scripted, signed_in_store
from tests.client.users import PASSWORD, Place, User, form_of
from tests.support import photos
from tests.support.proxy import Cut

POSTS = "POST /api/v1/posts"


def posts_of(place: Place, user: User) -> int:
    return place.count("posts", "author_id = $1", user.me.id)


def another_signs_in(user: User, other: User) -> None:
    """The server has ended the session, and another takes the phone."""
    user.store.delete("tokens")
    user.client.session.sign_in(other.form.email, PASSWORD)


def test_a_draft_is_neither_shown_to_nor_sent_by_the_next_user(
    place: Place, join: Callable[..., User]
) -> None:
    user, other, lounge = join(), join(), place.lounge()
    place.proxy.cut(POSTS, *[Cut.AFTER] * 4)
    with pytest.raises(UnreachableError):
        user.client.drafts.new_post(form_of(lounge)).send()
    another_signs_in(user, other)
    assert user.client.drafts.all() == []
    user.client.start()
    assert posts_of(place, other) == 0

    another_signs_in(user, user)
    assert len(user.client.drafts.all()) == 1
    user.client.start()
    assert user.client.drafts.all() == []
    assert posts_of(place, user) == 1


def test_a_draft_in_hand_is_not_sent_as_the_next_user(
    place: Place, join: Callable[..., User], tmp_path: Path
) -> None:
    user, other, lounge = join(), join(), place.lounge()
    file = tmp_path / "a.jpg"
    file.write_bytes(photos.jpeg())
    draft = user.client.drafts.new_post(form_of(lounge))
    with_picture = user.client.drafts.new_post(form_of(lounge))
    picture = with_picture.add_picture(file)
    another_signs_in(user, other)
    with pytest.raises(SignedOutError):
        draft.send()
    with pytest.raises(SignedOutError):
        with_picture.upload(picture.id)
    assert posts_of(place, other) == 0
    assert place.count("images", "owner_id = $1", other.me.id) == 0
    assert not draft.may_have_been_sent


def test_no_call_goes_on_as_the_next_user() -> None:
    """Between two attempts of a call another user signs in."""
    store, sent = signed_in_store(), list[str]()

    def script(request: httpx.Request) -> httpx.Response:
        sent.append(request.headers["Authorization"])
        keep_tokens(store, 2, "another")
        return problem(503, "overloaded")

    with scripted(script, store=store) as client, pytest.raises(SignedOutError):
        client.posts.like_post("p")
    assert sent == ["Bearer access-1"]


def test_a_sign_out_takes_the_users_drafts_along(
    place: Place, join: Callable[..., User], tmp_path: Path
) -> None:
    store = FileStore(tmp_path / "drafts")
    user, other = join(draft_store=store), join(draft_store=store)
    user.client.drafts.new_post(form_of("l"))
    other.client.drafts.new_post(form_of("l"))
    store.write("draft/torn", "{")
    user.client.session.sign_out()
    left = [json.loads(store.read(key) or "")["user_id"] for key in store.keys("draft/")]
    assert left == [other.me.id]


def test_a_sign_out_meanwhile_leaves_nothing_of_a_draft_that_is_being_sent() -> None:
    store = signed_in_store()

    def script(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/posts"):
            client.session.sign_out()
            return problem(503, "overloaded")
        return httpx.Response(204)

    with scripted(script, store=store) as client:
        draft = client.drafts.new_post(form_of("l"))
        with pytest.raises(SignedOutError):
            draft.send()
        assert store.keys("") == []


def test_without_a_user_there_is_no_draft(place: Place) -> None:
    client = place.client()
    with pytest.raises(SignedOutError):
        client.drafts.new_post(form_of("l"))
    assert client.drafts.all() == []
