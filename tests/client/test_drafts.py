"""Drafts: crashes, edits after a lost answer, pictures one by one, keys that are too old."""

import asyncio
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from linky_client import (
    AsyncLinky,
    CallOptions,
    Cancellation,
    CancelledError,
    DraftTooOldError,
    FileStore,
    UnreachableError,
    enums,
    models,
    problems,
)

from tests.client.users import IMPATIENT, Place, User, form_of, titles
from tests.support import photos
from tests.support.proxy import Cut

POSTS = "POST /api/v1/posts"
IMAGES = "POST /api/v1/images"


def lose_the_answer(place: Place, user: User, lounge_id: str) -> None:
    """Send a draft whose answers are all lost."""
    place.proxy.cut(POSTS, *[Cut.AFTER] * 4)
    with pytest.raises(UnreachableError) as lost:
        user.client.drafts.new_post(form_of(lounge_id)).send()
    assert lost.value.may_have_arrived


def test_a_draft_survives_a_crash_and_makes_no_second_post(
    place: Place, join: Callable[..., User], tmp_path: Path
) -> None:
    drafts = tmp_path / "drafts"
    user, lounge = join(draft_store=FileStore(drafts)), place.lounge()
    lose_the_answer(place, user, lounge)

    # The process after the crash: nothing is left but the stores.
    again = place.client(store=user.store, draft_store=FileStore(drafts))
    (draft,) = again.drafts.all()
    assert draft.may_have_been_sent
    again.start()
    assert titles(place, user) == ["題"]
    assert again.drafts.all() == []


def test_an_edit_after_a_lost_answer_changes_the_post_that_was_made(
    place: Place, join: Callable[..., User]
) -> None:
    user, lounge = join(), place.lounge()
    lose_the_answer(place, user, lounge)
    (draft,) = user.client.drafts.all()
    draft.edit(form_of(lounge, "新しい題"))
    draft.send()
    assert titles(place, user) == ["新しい題"]
    assert user.client.drafts.all() == []


def test_an_edit_after_a_request_that_never_arrived_makes_one_post(
    place: Place, join: Callable[..., User]
) -> None:
    user, lounge = join(), place.lounge()
    place.proxy.cut(POSTS, *[Cut.BEFORE] * 4)
    draft = user.client.drafts.new_post(form_of(lounge))
    with pytest.raises(UnreachableError):
        draft.send()
    draft.edit(form_of(lounge, "新しい題"))
    draft.send()
    assert titles(place, user) == ["新しい題"]


def test_a_refusal_leaves_the_draft_and_its_key_free(
    place: Place, join: Callable[..., User]
) -> None:
    user, lounge = join(), place.lounge()
    draft = user.client.drafts.new_post(form_of(lounge, "題" * 200))
    with pytest.raises(problems.ValidationFailedProblem) as refused:
        draft.send()
    assert [one.field for one in refused.value.fields] == ["body.title"]
    assert not draft.may_have_been_sent
    draft.edit(form_of(lounge, "短い題"))
    draft.send()
    assert titles(place, user) == ["短い題"]


def test_pictures_are_uploaded_one_by_one(
    place: Place, join: Callable[..., User], tmp_path: Path
) -> None:
    """What was uploaded once is not sent again; each has its own progress, cut and retry."""
    user, lounge = join(), place.lounge()
    files = [tmp_path / "a.jpg", tmp_path / "b.jpg"]
    files[0].write_bytes(photos.jpeg())
    files[1].write_bytes(photos.noisy(600, 600))
    draft = user.client.drafts.new_post(form_of(lounge))
    first, second = [draft.add_picture(file) for file in files]

    progress: list[tuple[int, int]] = []
    draft.upload(first.id, CallOptions(progress=lambda sent, all_: progress.append((sent, all_))))
    size = files[0].stat().st_size
    assert progress[-1] == (size, size)

    cancellation = Cancellation()
    with pytest.raises(CancelledError):
        draft.upload(
            second.id,
            CallOptions(cancel=cancellation, progress=lambda *_: cancellation.cancel()),
        )
    place.proxy.cut(IMAGES, Cut.MIDDLE)
    post = draft.send()
    assert place.proxy.count(IMAGES) == 3, "the first, the lost answer, the second"
    assert len(post.images) == 2
    assert place.count("images", "owner_id = $1", user.me.id) == 2


def test_pictures_keep_their_order_and_can_be_taken_out(
    place: Place, join: Callable[..., User], tmp_path: Path
) -> None:
    user, lounge = join(), place.lounge()
    file = tmp_path / "a.jpg"
    file.write_bytes(photos.jpeg())
    draft = user.client.drafts.new_post(form_of(lounge))
    ids = [draft.add_picture(file).id for _ in range(3)]
    draft.remove_picture(ids[1])
    draft.reorder([ids[2], ids[0]])
    uploaded = [draft.upload(picture.id).image_id for picture in draft.pictures]
    post = draft.send()
    assert [image.id for image in post.images] == uploaded


def test_pictures_that_the_server_removed_are_uploaded_again(
    place: Place, join: Callable[..., User], tmp_path: Path
) -> None:
    user, lounge = join(), place.lounge()
    file = tmp_path / "a.jpg"
    file.write_bytes(photos.jpeg())
    draft = user.client.drafts.new_post(form_of(lounge))
    old = draft.upload(draft.add_picture(file).id)
    place.sql("DELETE FROM images WHERE id = $1", old.image_id)
    post = draft.send()
    assert len(post.images) == 1
    assert post.images[0].id != old.image_id


def test_a_draft_that_is_too_old_asks_first(
    place: Place, join: Callable[..., User], monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a day the server has forgotten the key. Only the user can say whether it was posted."""
    user, lounge = join(), place.lounge()
    lose_the_answer(place, user, lounge)
    (draft,) = user.client.drafts.all()
    real = time.time
    monkeypatch.setattr(time, "time", lambda: real() + 86400)
    with pytest.raises(DraftTooOldError):
        draft.send()
    draft.send(again=True)
    assert titles(place, user) == ["題", "題"]


def test_all_kinds_of_drafts_are_found_again(place: Place, join: Callable[..., User]) -> None:
    user, lounge = join(), place.lounge()
    drafts = user.client.drafts
    post = drafts.new_post(form_of(lounge)).send()
    drafts.new_comment(post.id, models.CommentCreate(body="言葉"))
    drafts.new_lounge_request(
        models.LoungeRequestCreate(name="新しい部屋", description="何の部屋か")
    )
    drafts.new_report(
        models.ReportCreate(
            target_type=enums.ReportTargetChoice.POST,
            target_id=post.id,
            reason=enums.ReportReasonChoice.SPAM,
        )
    )
    found = drafts.all()
    assert sorted(draft.kind for draft in found) == ["comment", "lounge_request", "report"]
    assert drafts.send_all() == [], "only what may have been sent is sent by itself"
    assert len(drafts.all()) == 3
    for draft in found:
        draft.send()
    assert drafts.all() == []


@pytest.mark.parametrize("cut", list(Cut))
def test_the_half_on_asyncio_makes_one_post_too(
    place: Place, join: Callable[..., User], tmp_path: Path, cut: Cut
) -> None:
    user, lounge = join(), place.lounge()
    file = tmp_path / "a.jpg"
    file.write_bytes(photos.jpeg())
    place.proxy.cut(IMAGES, cut)
    place.proxy.cut(POSTS, cut)

    async def run() -> models.Post:
        async with AsyncLinky(place.proxy.url, store=user.store, policy=IMPATIENT) as client:
            draft = client.drafts.new_post(form_of(lounge))
            draft.add_picture(file)
            return await draft.send()

    post = asyncio.run(run())
    assert place.proxy.all_were_cut()
    assert len(post.images) == 1
    assert titles(place, user) == ["題"]
    assert place.count("images", "owner_id = $1", user.me.id) == 1
