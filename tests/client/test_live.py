"""The client follows a real server: as it happens, after a cut, and for another user not at all."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from linky_client import (
    AsyncLinky,
    AsyncLive,
    FileCopyStore,
    Follower,
    Linky,
    MalformedAnswerError,
    MemoryCopyStore,
    MemoryStore,
    Problem,
    SignedOut,
    UnreachableError,
    Waiting,
    models,
)
from linky_client.live_events import EventReader

from tests.client.users import IMPATIENT, Place, User
from tests.support.waiting import HANG_SECONDS

type Join = Callable[[], User]


def write_post(user: User, place: Place) -> str:
    form = models.PostCreate(lounge_id=place.lounge(), title="題", body="本文")
    return user.client.posts.create_post(form).id


def write_comment(user: User, post_id: str, body: str) -> str:
    form = models.CommentCreate(body=body)
    return user.client.comments.create_comment(post_id, form).id


def words(live: AsyncLive | Follower, post_id: str) -> list[str]:
    return [one.body for one in live.copy.comments_of(post_id)]


@asynccontextmanager
async def phone(place: Place, user: User, path: Path | None = None) -> AsyncIterator[AsyncLive]:
    """A device of a user, which follows from the start. Its waits are short."""
    url = place.server.url
    async with AsyncLinky(url, store=user.store, policy=IMPATIENT) as linky:
        store = FileCopyStore(path) if path else MemoryCopyStore()
        live = AsyncLive(linky, store, waiting=Waiting(longest=0.1))
        live.start()
        try:
            yield live
        finally:
            await live.stop()
            live.close()


async def until(live: AsyncLive, holds: Callable[[], bool]) -> None:
    """Wait until the copy shows something."""
    changed = asyncio.Event()
    unlisten = live.copy.listen(changed.set)
    try:
        async with asyncio.timeout(HANG_SECONDS):
            while not holds():
                await changed.wait()
                changed.clear()
    finally:
        unlisten()


def test_what_others_write_shows_while_the_app_is_open(place: Place, join: Join) -> None:
    author, reader = join(), join()
    post_id = write_post(author, place)
    write_comment(author, post_id, "前から")

    async def run() -> None:
        async with phone(place, reader) as live:
            live.follow_post(post_id)
            await until(live, lambda: words(live, post_id) == ["前から"] and live.is_live)
            comment_id = await asyncio.to_thread(write_comment, author, post_id, "今")
            await until(live, lambda: words(live, post_id) == ["前から", "今"])
            await asyncio.to_thread(author.client.comments.delete_comment, comment_id)
            await until(live, lambda: words(live, post_id) == ["前から"])

    asyncio.run(run())


def test_the_copy_shows_without_a_network_and_then_catches_up(
    place: Place, join: Join, tmp_path: Path
) -> None:
    author, reader = join(), join()
    post_id = write_post(author, place)
    write_comment(author, post_id, "前から")
    path = tmp_path / "copy"
    copy = reader.client.open_copy(FileCopyStore(path))
    copy.follow_post(post_id)
    copy.catch_up()
    copy.close()
    edited = write_comment(author, post_id, "留守の間に")
    author.client.comments.update_comment(edited, models.CommentUpdate(body="直した"))

    place.proxy.is_down = True
    again = reader.client.open_copy(FileCopyStore(path))
    assert words(again, post_id) == ["前から"]
    with pytest.raises(UnreachableError):
        again.catch_up()
    assert words(again, post_id) == ["前から"]

    place.proxy.is_down = False
    place.proxy.reset()
    again.catch_up()
    assert words(again, post_id) == ["前から", "直した"]
    assert place.proxy.count("GET /api/v1/changes") == 1
    assert place.proxy.count("GET /api/v1/posts") == 0, "what is told is not loaded"
    again.close()


def test_an_own_comment_goes_with_the_post_of_a_blocked_author_and_comes_back(
    place: Place, join: Join
) -> None:
    author, reader = join(), join()
    post_id = write_post(author, place)
    own = write_comment(reader, post_id, "私の")

    async def run() -> None:
        async with phone(place, reader) as live:
            live.follow_post(post_id)
            await until(live, lambda: words(live, post_id) == ["私の"] and live.is_live)
            await asyncio.to_thread(reader.client.users.block_user, author.me.id)
            await until(live, lambda: live.copy.post(post_id) is None)
            assert words(live, post_id) == []
            # The own comment is still told, since its writer may change it.
            form = models.CommentUpdate(body="直した")
            await asyncio.to_thread(reader.client.comments.update_comment, own, form)
            await asyncio.to_thread(reader.client.users.unblock_user, author.me.id)
            await until(live, lambda: words(live, post_id) == ["直した"])

    asyncio.run(run())
    fresh = reader.client.open_copy(MemoryCopyStore())
    fresh.follow_post(post_id)
    reader.client.users.block_user(author.me.id)
    fresh.catch_up()
    assert words(fresh, post_id) == []
    fresh.close()


def test_signing_out_empties_the_copy_at_once(place: Place, join: Join, tmp_path: Path) -> None:
    author, reader = join(), join()
    post_id = write_post(author, place)
    write_comment(author, post_id, "秘密の言葉")
    path = tmp_path / "copy"
    copy = reader.client.open_copy(FileCopyStore(path))
    copy.follow_post(post_id)
    copy.catch_up()
    assert "秘密の言葉" in path.read_text()
    place.proxy.is_down = True  # Also without a network.
    reader.client.session.sign_out()
    assert words(copy, post_id) == []
    assert not path.exists()
    copy.catch_up()  # There is no user to ask for.
    copy.close()


def test_another_user_begins_with_an_empty_copy(place: Place, join: Join, tmp_path: Path) -> None:
    author, reader, other = join(), join(), join()
    post_id = write_post(author, place)
    write_comment(author, post_id, "秘密の言葉")
    path = tmp_path / "copy"
    copy = reader.client.open_copy(FileCopyStore(path))
    copy.follow_post(post_id)
    copy.catch_up()
    reader.client.session.sign_in(other.form.email, other.form.password)
    assert copy.copy.user_id == other.me.id
    assert words(copy, post_id) == []
    assert "秘密の言葉" not in path.read_text()
    copy.close()


def test_what_was_asked_for_before_the_sign_out_does_not_come_in_after_it(
    place: Place, join: Join
) -> None:
    author, reader = join(), join()
    post_id = write_post(author, place)

    async def run() -> None:
        async with phone(place, reader) as live:
            await until(live, lambda: live.copy.unread is not None)
            read = live._read

            async def slow(*what: object) -> object:
                answer = await read(*what)  # type: ignore[arg-type]
                await live._session.sign_out()
                return answer

            live._read = slow  # type: ignore[method-assign, assignment]
            live.follow_post(post_id)
            await until(live, lambda: isinstance(live._session.state, SignedOut))
            await asyncio.sleep(0)
            assert live.copy.post(post_id) is None
            assert live.copy.topics == []

    asyncio.run(run())


def test_an_expired_token_is_renewed_and_the_stream_goes_on(place: Place, join: Join) -> None:
    author, reader = join(), join()
    post_id = write_post(author, place)
    reader.expire()

    async def run() -> None:
        async with phone(place, reader) as live:
            live.follow_post(post_id)
            await until(live, lambda: live.is_live and live.copy.post(post_id) is not None)
            await asyncio.to_thread(write_comment, author, post_id, "今")
            await until(live, lambda: words(live, post_id) == ["今"])

    asyncio.run(run())
    assert not reader.was_signed_out()


def test_a_session_that_ended_elsewhere_empties_the_copy(place: Place, join: Join) -> None:
    author, reader = join(), join()
    post_id = write_post(author, place)
    other = Linky(place.server.url, store=MemoryStore())
    other.session.sign_in(reader.form.email, reader.form.password)

    async def run() -> None:
        async with phone(place, reader) as live:
            live.follow_post(post_id)
            await until(live, lambda: live.is_live and live.copy.post(post_id) is not None)
            await asyncio.to_thread(other.auth.end_other_sessions)
            await until(live, lambda: live.copy.user_id is None)
            assert live.copy.post(post_id) is None

    asyncio.run(run())
    other.close()


def test_a_draft_that_was_sent_offline_keeps_its_key_and_shows_once(
    place: Place, join: Join
) -> None:
    author, reader = join(), join()
    post_id = write_post(author, place)
    copy = reader.client.open_copy(MemoryCopyStore())
    copy.follow_post(post_id)
    copy.catch_up()
    place.proxy.is_down = True
    draft = reader.client.drafts.new_comment(post_id, models.CommentCreate(body="圏外から"))
    with pytest.raises(UnreachableError):
        draft.send()
    place.proxy.is_down = False
    made = reader.client.drafts.all()[0].send()
    assert isinstance(made, models.Comment)
    copy.copy.show("comment", made.to_json())
    assert words(copy, post_id) == ["圏外から"]
    copy.catch_up()
    assert words(copy, post_id) == ["圏外から"]
    copy.close()


# The parts that neither wait nor send.


def event(name: str, data: object, **fields: object) -> bytes:
    lines = [f"{key.removesuffix('_')}: {value}" for key, value in fields.items()]
    lines += [f"event: {name}", f"data: {json.dumps(data)}"]
    return ("\n".join(lines) + "\n\n").encode()


def test_an_event_counts_once_it_is_whole_wherever_the_bytes_are_cut() -> None:
    data = event("hello", {"名": "猫"}, retry=1500, id="e.7") + b": a comment\n\n"
    data += event("beat", {}, id="e.8").replace(b"\n", b"\r\n")
    for size in (1, 2, 7, len(data)):
        reader, found = EventReader(), []
        for start in range(0, len(data), size):
            found += reader.feed(data[start : start + size])
        assert [(one.name, str(one.cursor)) for one in found] == [("hello", "e.7"), ("beat", "e.8")]
        assert found[0].retry == 1.5
        assert found[0].data == {"名": "猫"}


@pytest.mark.parametrize(
    "rubbish", [b"data: {\n\n", b"data: []\n\n", b"id: x\ndata: {}\n\n", b"\xff\n\n"]
)
def test_an_event_that_is_none_is_an_error_of_its_own(rubbish: bytes) -> None:
    with pytest.raises(MalformedAnswerError):
        EventReader().feed(rubbish)


def test_waits_double_up_to_a_minute_and_begin_again_after_hello() -> None:
    waiting = Waiting(dice=lambda: 0.5)
    (hello,) = EventReader().feed(event("hello", {}, retry=4000))
    waiting.heard(hello)
    assert [round(waiting.after(None, "deploy")) for _ in range(6)] == [4, 8, 16, 32, 60, 60]
    waiting.heard(hello)
    assert round(waiting.after(None, "")) == 4


def test_waits_for_lists_that_fail_double_too_until_they_are_loaded() -> None:
    waiting, error = Waiting(dice=lambda: 0.5), UnreachableError("cut", may_have_arrived=True)
    assert [round(waiting.after_load(error)) for _ in range(6)] == [3, 6, 12, 24, 48, 60]
    waiting.loaded()
    assert round(waiting.after_load(error)) == 3
    assert waiting.after_load(Problem(503, {}, retry_after=200)) == 201


def test_waits_heed_retry_after_and_are_spread() -> None:
    busy = Problem(503, {"code": "overloaded"}, retry_after=20)
    assert Waiting(dice=lambda: 0.0).after(busy, "") == 20
    assert Waiting(dice=lambda: 1.0).after(busy, "") == 22
    waits = {Waiting(dice=lambda: part).after(None, "") for part in (0.0, 0.5, 1.0)}  # noqa: B023
    assert len(waits) == 3


def test_without_room_for_a_stream_the_app_asks_every_half_minute() -> None:
    waiting = Waiting(dice=lambda: 0.5)
    full = Problem(503, {"code": "live_full"}, retry_after=5)
    for problem, reason in ((full, ""), (None, "replaced")):
        assert waiting.has_no_room(problem, reason)
        assert round(waiting.after(problem, reason)) == 30
    assert not waiting.has_no_room(None, "deploy")
