"""The client follows a server: as it happens, after a cut, and for another user not at all."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import suppress

import httpx
import pytest
from linky_client import (
    Cursor,
    Linky,
    MalformedAnswerError,
    Problem,
    RetryPolicy,
    ServerEvent,
    SignedOutError,
    Waiting,
    models,
    problems,
)
from linky_client.live_events import EventReader

from tests.client.scripted_server import keep_tokens, problem, scripted, signed_in_store
from tests.client.users import IMPATIENT, Join, Place, User
from tests.support.waiting import HANG_SECONDS

pytestmark = pytest.mark.anyio


def quick() -> Waiting:
    return Waiting(longest=0.0, polling=0.0)


def phone(place: Place, user: User) -> Linky:
    """A client of the user that goes past the proxy, which passes no streams on."""
    client = Linky(place.server.url, store=user.store, policy=IMPATIENT)
    client.session.listen(user.states.append)
    place.opened.append(client)
    return client


async def write_post(user: User, place: Place) -> str:
    form = models.PostCreate(lounge_id=await place.lounge(), title="題", body="本文")
    return (await user.client.posts.create_post(form)).id


async def write_comment(user: User, post_id: str, body: str) -> str:
    form = models.CommentCreate(body=body)
    return (await user.client.comments.create_comment(post_id, form)).id


async def until(
    events: AsyncIterator[ServerEvent], holds: Callable[[ServerEvent], object]
) -> ServerEvent:
    """Read events until one is as wanted."""
    async with asyncio.timeout(HANG_SECONDS):
        while not holds(event := await anext(events)):
            pass
    return event


def words(event: ServerEvent) -> list[object]:
    """The bodies of the comments that an event tells of."""
    return [one.put["body"] for one in event.changes if one.put and one.kind.value == "comment"]


def is_hello(event: ServerEvent) -> bool:
    return event.name == "hello"


async def test_what_others_write_is_told_while_a_stream_is_open(place: Place, join: Join) -> None:
    author, reader = await join(), await join()
    post_id = await write_post(author, place)
    events = phone(place, reader).follow(f"post:{post_id}", waiting=quick())
    hello = await until(events, is_hello)
    assert hello.data["topics"] == ["me", f"post:{post_id}"]
    comment_id = await write_comment(author, post_id, "今")
    assert words(await until(events, words)) == ["今"]
    await author.client.comments.delete_comment(comment_id)
    gone = await until(events, lambda event: [one for one in event.changes if one.gone])
    assert comment_id in [one.id for one in gone.changes]


async def test_a_stream_that_gave_way_to_another_asks_for_what_it_missed(
    place: Place, join: Join
) -> None:
    author, reader = await join(), await join()
    post_id = await write_post(author, place)
    events = phone(place, reader).follow(f"post:{post_id}", waiting=quick())
    await until(events, is_hello)
    await until(phone(place, reader).follow(), is_hello)
    await write_comment(author, post_id, "留守の間に")
    assert words(await until(events, words)) == ["留守の間に"]


async def test_what_changed_since_a_cursor_is_told_first(place: Place, join: Join) -> None:
    author, reader = await join(), await join()
    post_id = await write_post(author, place)
    hello = await until(phone(place, reader).follow(f"post:{post_id}"), is_hello)
    await write_comment(author, post_id, "留守の間に")
    events = phone(place, reader).follow(f"post:{post_id}", since=hello.cursor)
    assert words(await until(events, words)) == ["留守の間に"]


async def test_an_expired_token_is_renewed_and_the_stream_opens(place: Place, join: Join) -> None:
    user = await join()
    user.expire()
    await until(phone(place, user).follow(), is_hello)
    assert not user.was_signed_out()


async def test_a_session_that_ended_elsewhere_ends_the_events(place: Place, join: Join) -> None:
    user = await join()
    other = place.client()
    await other.session.sign_in(user.form.email, user.form.password)
    events = phone(place, user).follow(waiting=quick())
    await until(events, is_hello)
    await other.auth.end_other_sessions()
    with pytest.raises(problems.SessionRevokedProblem):
        await until(events, lambda _: False)
    assert user.was_signed_out()


async def test_a_topic_that_is_none_is_refused(place: Place, join: Join) -> None:
    user = await join()
    with pytest.raises(problems.InvalidTopicProblem):
        await until(phone(place, user).follow("weather:tokyo"), is_hello)


def event(name: str, data: object, **fields: object) -> bytes:
    lines = [f"{key}: {value}" for key, value in fields.items()]
    lines += [f"event: {name}", f"data: {json.dumps(data)}"]
    return ("\n".join(lines) + "\n\n").encode()


def stream(*events: bytes) -> httpx.Response:
    return httpx.Response(200, content=b"".join(events))


BYE = event("bye", {"reason": "deploy"})


class Streams:
    """A server whose streams are written down. Each one ends at once."""

    def __init__(self, *streams: httpx.Response) -> None:
        self.streams = list(streams)
        self.told: list[dict[str, object]] = []
        self.since: list[str | None] = []
        """With which cursors it was asked."""

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/changes"):
            self.since.append(request.url.params.get("since"))
            return httpx.Response(200, json=self.told.pop(0))
        self.since.append(request.headers.get("Last-Event-ID"))
        return self.streams.pop(0) if self.streams else problem(403, "account_suspended")

    async def events(self, since: Cursor | None = None) -> list[tuple[str, str]]:
        """The names and cursors of what comes, until the server has no more."""
        found: list[tuple[str, str]] = []
        policy = RetryPolicy(attempts=1)
        async with scripted(self, store=signed_in_store(), policy=policy) as client:
            with suppress(problems.AccountSuspendedProblem):
                async for one in client.follow(since=since, waiting=quick()):
                    found += [(one.name, str(one.cursor))]
        return found


async def test_a_new_stream_goes_on_from_the_last_cursor() -> None:
    changes = event("changes", {"as_of": "e.8", "changes": []}, id="e.8")
    server = Streams(
        stream(event("hello", {}, id="e.7"), BYE),
        stream(event("hello", {}, id="e.9"), changes, event("beat", {}, id="e.9")),
        stream(event("reset", {"reason": "too_old", "topics": ["me"]}, id="e.12")),
    )
    assert await server.events() == [
        *(("hello", "e.7"), ("hello", "e.9"), ("changes", "e.8"), ("beat", "e.9")),
        ("reset", "e.12"),
    ]
    assert server.since == [None, "e.7", "e.9", "e.12"]


async def test_a_cursor_that_the_server_knows_no_longer_resets_all_after_the_next_hello() -> None:
    """Not before: what happens between the lists and the stream would be lost."""
    server = Streams(problem(422, "invalid_cursor"), stream(event("hello", {}, id="f.1"), BYE))
    assert await server.events(Cursor("e", 7)) == [("hello", "f.1"), ("reset", "f.1")]
    assert server.since == ["e.7", None, "f.1"]


async def test_without_room_for_a_stream_the_changes_are_asked_for() -> None:
    server = Streams(problem(503, "live_full"), problem(503, "live_full"))
    now: dict[str, object] = {"cursor": "e.7", "as_of": "e.7", "changes": [], "reset": None}
    some = {"reason": "too_much", "topics": ["me"]}
    whole = {"reason": "too_old", "topics": None}
    server.told = [
        {**now, "more": True},
        {**now, "cursor": "e.8", "reset": some, "more": False},
        {**now, "cursor": "e.9", "reset": whole, "more": False},
    ]
    assert await server.events() == [
        *(("hello", "e.7"), ("reset", "e.7"), ("changes", "e.8"), ("reset", "e.9")),
    ]
    assert server.since == [None, None, "e.7", "e.8", "e.8", "e.9"]


async def test_rubbish_and_a_proxys_page_are_tried_again() -> None:
    page = httpx.Response(403, text="<h1>Forbidden</h1>")
    server = Streams(page, stream(b"data: {\n\n"), stream(event("hello", {}, id="e.7")))
    assert await server.events() == [("hello", "e.7")]


async def test_nothing_is_told_to_the_next_user() -> None:
    store = signed_in_store()
    server = Streams(stream(event("hello", {}, id="e.7"), event("beat", {}, id="e.8")))
    async with scripted(server, store=store) as client:
        events = client.follow(waiting=quick())
        await until(events, is_hello)
        keep_tokens(store, 2, "another")
        with pytest.raises(SignedOutError):
            await until(events, lambda _: True)


# The parts that neither wait nor send.


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


def test_waits_heed_retry_after_and_are_spread() -> None:
    busy = Problem(503, {"code": "overloaded"}, retry_after=20)
    assert Waiting(dice=lambda: 0.0).after(busy, "") == 20
    assert Waiting(dice=lambda: 1.0).after(busy, "") == 22
    waits = {Waiting(dice=lambda: part).after(None, "") for part in (0.0, 0.5, 1.0)}  # noqa: B023
    assert len(waits) == 3


def test_without_room_for_a_stream_the_app_asks_every_half_minute() -> None:
    waiting = Waiting(dice=lambda: 0.5)
    full = Problem(503, {"code": "live_full"}, retry_after=5)
    for refusal, reason in ((full, ""), (None, "replaced")):
        assert waiting.has_no_room(refusal, reason)
        assert round(waiting.after(refusal, reason)) == 30
    assert not waiting.has_no_room(None, "deploy")
