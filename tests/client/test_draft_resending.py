"""What is sent again by itself: what the user has sent, as it was then, unless it was refused."""

from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from linky_client import (
    Draft,
    DraftUnreadableError,
    Linky,
    PictureUnreadableError,
    Problem,
    UnreachableError,
    models,
    problems,
)

from tests.client.scripted_server import problem, scripted, signed_in_store
from tests.client.users import Place, User, form_of, titles
from tests.support import photos
from tests.support.proxy import Cut

POSTS = "POST /api/v1/posts"


def started_again(place: Place, user: User) -> Linky:
    """The app after it was ended: nothing is left but the store."""
    client = place.client(store=user.store)
    client.start()
    return client


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    file = tmp_path / "a.jpg"
    file.write_bytes(photos.jpeg())
    return file


def sent_offline(place: Place, user: User, picture: Path, lounge: str) -> Draft[models.Post]:
    """A draft with a picture, which the user has sent without a network."""
    draft = user.client.drafts.new_post(form_of(lounge))
    draft.add_picture(picture)
    place.proxy.is_down = True
    with pytest.raises(UnreachableError):
        draft.send()
    place.proxy.is_down = False
    assert draft.is_wanted
    assert not draft.may_have_been_sent
    return draft


def test_a_draft_with_a_picture_that_was_sent_offline_is_sent_at_the_next_start(
    place: Place, join: Callable[..., User], picture: Path
) -> None:
    user, lounge = join(), place.lounge()
    sent_offline(place, user, picture, lounge)
    again = started_again(place, user)
    assert titles(place, user) == ["題"]
    assert again.drafts.all() == []
    (post,) = user.client.posts.list_lounge_posts(lounge).items
    assert len(post.images) == 1


def test_an_edit_that_was_not_sent_stays_a_draft(place: Place, join: Callable[..., User]) -> None:
    """Coming back to the app posts what was sent, and not what is half written."""
    user, lounge = join(), place.lounge()
    draft = user.client.drafts.new_post(form_of(lounge))
    place.proxy.cut(POSTS, *[Cut.AFTER] * 4)
    with pytest.raises(UnreachableError):
        draft.send()
    draft.edit(form_of(lounge, "半分"))
    user.client.start()
    assert titles(place, user) == ["題"]
    (left,) = user.client.drafts.all()
    assert left.body["title"] == "半分"
    assert not left.is_wanted

    user.client.start()
    assert titles(place, user) == ["題"]
    left.send()
    assert titles(place, user) == ["半分"]
    assert user.client.drafts.all() == []


def test_what_was_wanted_is_sent_without_what_was_changed_since(
    place: Place, join: Callable[..., User], picture: Path
) -> None:
    user, lounge = join(), place.lounge()
    draft = sent_offline(place, user, picture, lounge)
    draft.edit(form_of(lounge, "半分"))
    draft.remove_picture(draft.pictures[0].id)
    again = started_again(place, user)
    assert titles(place, user) == ["題"]
    (left,) = again.drafts.all()
    assert (left.body["title"], left.pictures) == ("半分", ())
    made = left.send()
    assert isinstance(made, models.Post)
    assert (made.title, made.images) == ("半分", ())


def test_a_screen_and_the_start_have_the_same_draft_in_hand(
    place: Place, join: Callable[..., User], picture: Path
) -> None:
    """The start has sent what the screen still shows. Sent there again, it makes no second one."""
    user, lounge = join(), place.lounge()
    draft = sent_offline(place, user, picture, lounge)
    assert user.client.drafts.all() == [draft]
    user.client.start()
    assert not draft.is_wanted
    picture.unlink()
    assert draft.send().title == "題"
    assert titles(place, user) == ["題"]
    assert user.client.drafts.all() == []


@pytest.mark.parametrize(
    ("status", "code"),
    [(401, "session_revoked"), (403, "terms_required"), (429, "rate_limited"), (503, "overloaded")],
)
@pytest.mark.parametrize("was_lost", [False, True])
def test_a_draft_that_was_turned_away_waits_for_its_user(
    status: int, code: str, was_lost: bool
) -> None:
    """Unless an attempt before had no answer: then the same key has to find out."""
    sent: list[httpx.Request] = []

    def script(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        if was_lost and len(sent) == 1:
            raise httpx.ReadError("cut", request=request)
        return problem(status, code)

    with scripted(script, store=signed_in_store()) as client:
        draft = client.drafts.new_post(form_of("l"))
        with pytest.raises(Problem):
            draft.send()
        assert (draft.is_wanted, draft.may_have_been_sent) == (was_lost, was_lost)


def test_what_may_be_a_lost_commit_is_sent_again() -> None:
    with scripted(lambda _: problem(503, "service_unavailable"), store=signed_in_store()) as client:
        draft = client.drafts.new_post(form_of("l"))
        with pytest.raises(problems.ServiceUnavailableProblem):
            draft.send()
        assert draft.is_wanted
        assert draft.may_have_been_sent


def test_a_refusal_while_it_is_sent_by_itself_is_kept_for_later(
    place: Place, join: Callable[..., User], picture: Path
) -> None:
    """The user has sent it and was not told of the refusal. A rule that it breaks ends it."""
    user, lounge = join(), place.lounge()
    sent_offline(place, user, picture, lounge)
    place.sql("UPDATE users SET status = 'suspended' WHERE id = $1", user.me.id)
    (refused,) = user.client.drafts.send_all()
    assert isinstance(refused, problems.AccountSuspendedProblem)
    place.sql("UPDATE users SET status = 'active' WHERE id = $1", user.me.id)
    assert user.client.drafts.send_all() == []
    assert titles(place, user) == ["題"]

    sent_offline(place, user, picture, "00000000-0000-7000-8000-000000000000")
    assert isinstance(user.client.drafts.send_all()[0], problems.LoungeNotFoundProblem)
    assert user.client.drafts.send_all() == []
    assert len(user.client.drafts.all()) == 1


def test_a_draft_that_fails_keeps_no_other_one_waiting(
    place: Place, join: Callable[..., User], picture: Path
) -> None:
    user, lounge = join(), place.lounge()
    store = user.store
    store.write("draft/000-torn", "{")
    store.write("draft/000-old", '{"id": "000-old", "kind": "post"}')
    lost = sent_offline(place, user, picture, lounge)
    gone = picture.with_name("gone.jpg")
    picture.rename(gone)
    draft = user.client.drafts.new_post(form_of(lounge, "別の題"))
    place.proxy.cut(POSTS, *[Cut.BEFORE] * 4)
    with pytest.raises(UnreachableError):
        draft.send()

    user.client.start()
    assert titles(place, user) == ["別の題"]
    assert [one.id for one in user.client.drafts.all()] == [lost.id]
    errors = user.client.drafts.send_all()
    kinds = [type(error) for error in errors]
    assert kinds.count(DraftUnreadableError) == 2
    assert kinds.count(PictureUnreadableError) == 1

    gone.rename(picture)
    user.client.drafts.send_all()
    assert sorted(titles(place, user)) == ["別の題", "題"]
