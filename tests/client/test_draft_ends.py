"""Drafts that were thrown away stay away, and those that can't be sent can be mended."""

import json
from pathlib import Path

import httpx
import pytest
from linky_client import (
    Draft,
    DraftUnreadableError,
    FileStore,
    LinkyError,
    PictureUnreadableError,
    Store,
    UnreachableError,
    models,
)

from tests.client.scripted_server import keep_tokens, problem, scripted, signed_in_store
from tests.client.things import post
from tests.client.users import form_of


def make_posts(request: httpx.Request) -> httpx.Response:
    """Any post is made. All else is done without a word."""
    is_post = request.url.path.endswith("/posts")
    return httpx.Response(201, json=post("p")) if is_post else httpx.Response(204)


def cut(request: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("cut", request=request)


def close_editor(draft: Draft[models.Post]) -> None:
    """What an editor still does when it is closed."""
    draft.edit(form_of("l", "半分"))
    draft.add_picture(Path("a.jpg"))
    draft.save()


def sent_offline(store: Store, picture: Path) -> str:
    """Send a draft with a picture without a network; returns the picture's id."""
    picture.write_bytes(b"a picture")
    with scripted(cut, store=store) as client:
        draft = client.drafts.new_post(form_of("l"))
        added = draft.add_picture(picture)
        with pytest.raises(UnreachableError):
            draft.send()
        return added.id


def test_a_draft_that_went_with_a_sign_out_stores_nothing_any_more() -> None:
    store = signed_in_store()
    with scripted(make_posts, store=store) as client:
        draft = client.drafts.new_post(form_of("l"))
        client.session.sign_out()
        close_editor(draft)
        assert store.keys("") == []
        keep_tokens(store, 2)
        close_editor(draft)
        assert client.drafts.all() == []


def test_a_draft_that_was_discarded_stores_nothing_any_more() -> None:
    store = signed_in_store()
    with scripted(make_posts, store=store) as client:
        draft = client.drafts.new_post(form_of("l"))
        draft.discard()
        close_editor(draft)
        assert store.keys("draft/") == []


def test_what_a_sign_out_threw_away_is_not_sent_by_a_start_that_is_under_way() -> None:
    """The user has signed in again before the turn of the second draft came."""
    store, sent = signed_in_store(), list[str]()

    def script(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/posts") and not sent:
            client.session.sign_out()
            keep_tokens(store, 2)
        sent.append(request.url.path)
        return make_posts(request)

    with scripted(cut, store=store) as offline:
        for _ in range(2):
            with pytest.raises(UnreachableError):
                offline.drafts.new_post(form_of("l")).send()
    with scripted(script, store=store) as client:
        client.drafts.send_all()
        assert len([path for path in sent if path.endswith("/posts")]) == 1


def test_a_picture_that_is_gone_can_be_taken_out_of_what_was_sent(tmp_path: Path) -> None:
    store, file = signed_in_store(), tmp_path / "a.jpg"
    picture_id = sent_offline(store, file)
    file.unlink()
    with scripted(make_posts, store=store) as client:
        (draft,) = client.drafts.all()
        (error,) = client.drafts.send_all()
        assert isinstance(error, PictureUnreadableError)
        assert (error.draft_id, error.picture_id) == (draft.id, picture_id)
        draft.remove_picture(error.picture_id)
        assert client.drafts.send_all() == []
        assert client.drafts.all() == []


def test_a_picture_that_was_taken_out_first_and_is_gone_later_can_be_taken_out_too(
    tmp_path: Path,
) -> None:
    store, file = signed_in_store(), tmp_path / "a.jpg"
    picture_id = sent_offline(store, file)
    with scripted(make_posts, store=store) as client:
        (draft,) = client.drafts.all()
        draft.remove_picture(picture_id)
        file.unlink()
        with pytest.raises(PictureUnreadableError):
            draft.upload(picture_id)
        draft.remove_picture(picture_id)
        assert client.drafts.send_all() == []
        assert client.drafts.all() == []


@pytest.mark.parametrize("code", ["session_revoked", "token_expired"])
def test_a_draft_waits_for_its_user_however_the_session_ends(code: str) -> None:
    """By a 401 of the call itself, or of the refresh before it."""

    def script(request: httpx.Request) -> httpx.Response:
        is_refresh = request.url.path.endswith("/refresh")
        return problem(401, "invalid_refresh_token" if is_refresh else code)

    store = signed_in_store()
    with scripted(script, store=store) as client:
        draft = client.drafts.new_post(form_of("l"))
        with pytest.raises(LinkyError):
            draft.send()
        assert not draft.is_wanted
        keep_tokens(store, 2)
        assert client.drafts.all() == [draft]


def test_a_draft_of_a_newer_kind_is_an_error_of_its_own_user_only() -> None:
    store = signed_in_store()
    with scripted(make_posts, store=store) as client:
        key = f"draft/{client.drafts.new_post(form_of('l')).id}"
        store.write(key, json.dumps({**json.loads(store.read(key) or ""), "kind": "poll"}))
        (error,) = client.drafts.send_all()
        assert isinstance(error, DraftUnreadableError)
        keep_tokens(store, 2, "another")
        assert client.drafts.send_all() == []


def test_a_draft_that_is_no_text_is_unreadable_and_goes_with_the_sign_out(tmp_path: Path) -> None:
    drafts = FileStore(tmp_path)
    (tmp_path / "draft%2Ftorn.json").write_bytes(b"\xff\xfe")
    with scripted(make_posts, store=signed_in_store(), draft_store=drafts) as client:
        (error,) = client.drafts.send_all()
        assert isinstance(error, DraftUnreadableError)
        assert error.draft_id == "torn"
        client.session.sign_out()
        assert drafts.keys("") == []
