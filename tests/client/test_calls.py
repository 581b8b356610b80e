"""Calls, lists, the device, and the small rules: open enums, ETags, retries, logs, routes."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Any

import httpx
import pytest
from linky_client import (
    CallOptions,
    Linky,
    LinkyError,
    MalformedAnswerError,
    MemoryStore,
    Paged,
    RetryPolicy,
    UnknownProblem,
    UnreachableError,
    Upload,
    enums,
    models,
    problems,
)
from linky_client.generated.problems import PROBLEMS

from tests.client.users import PASSWORD, Join, Place, User
from tests.support import photos

pytestmark = pytest.mark.anyio


async def posts_of(user: User, lounge: str, count: int) -> list[str]:
    form = models.PostCreate(lounge_id=lounge, title="題", body="本文")
    return [(await user.client.posts.create_post(form)).id for _ in range(count)]


async def test_a_list_refreshes_grows_and_merges(place: Place, join: Join) -> None:
    user, lounge = await join(), await place.lounge()
    posts = user.client.posts
    ids = (await posts_of(user, lounge, 5))[::-1]
    paged: Paged[models.Post] = Paged(
        lambda cursor: posts.list_lounge_posts(lounge, limit=2, cursor=cursor), lambda post: post.id
    )

    def shown() -> list[str]:
        return [post.id for post in paged.items]

    await paged.refresh()
    await paged.load_more()
    assert shown() == ids[:4]
    assert len(paged.items) < len(ids)

    # One is new, one is gone, one was edited: the list keeps its place.
    (new,) = await posts_of(user, lounge, 1)
    await posts.delete_post(ids[0])
    await posts.update_post(ids[1], models.PostUpdate(title="新しい題"))
    await paged.refresh()
    assert shown() == [new, *ids[1:4]]
    assert paged.items[1].title == "新しい題"

    await paged.load_more()
    assert shown() == [new, *ids[1:]]
    assert paged.is_complete

    paged.put(replace(paged.items[0], title="手元の題"))
    assert paged.items[0].title == "手元の題"
    paged.remove(ids[2])
    assert shown() == [new, ids[1], *ids[3:]]

    # So many are new that nothing meets: the list begins again.
    newest = (await posts_of(user, lounge, 3))[::-1]
    await paged.refresh()
    assert shown() == newest[:2]
    await paged.load_more()
    assert shown() == [*newest, new]


async def test_a_list_that_grows_at_its_end_is_followed(place: Place, join: Join) -> None:
    """Comments are listed oldest first: the new ones come after the last page."""
    user, lounge = await join(), await place.lounge()
    (post,) = await posts_of(user, lounge, 1)
    comments = user.client.comments

    async def write() -> str:
        return (await comments.create_comment(post, models.CommentCreate(body="言葉"))).id

    ids = [await write(), await write(), await write()]
    paged: Paged[models.Comment] = Paged(
        lambda cursor: comments.list_comments(post, limit=2, cursor=cursor), lambda one: one.id
    )
    await paged.refresh()
    await paged.load_more()
    assert paged.is_complete
    ids.append(await write())
    await paged.load_more()
    assert [one.id for one in paged.items] == ids


async def test_what_was_read_is_not_sent_again(place: Place, join: Join) -> None:
    user = await join()
    await user.client.users.get_me()
    user.log.clear()
    assert (await user.client.users.get_me()).id == user.me.id
    assert [event.status for event in user.log] == [304]
    await user.client.users.update_me(models.MeUpdate(bio="よろしく"))
    assert (await user.client.users.get_me()).bio == "よろしく"
    assert user.client.transport.etag_of("/api/v1/users/me")


async def test_a_change_answers_the_tag_for_the_next_one(place: Place, join: Join) -> None:
    user, lounge = await join(), await place.lounge()
    (post_id,) = await posts_of(user, lounge, 1)
    client, path = user.client, f"/api/v1/posts/{post_id}"
    await client.posts.get_post(post_id)
    tag = None
    for title in ("二", "三", "四"):
        tag = client.transport.etag_of(path)
        await client.posts.update_post(post_id, models.PostUpdate(title=title), if_match=tag)
    user.log.clear()
    assert (await client.posts.get_post(post_id)).title == "四"
    assert [event.status for event in user.log] == [304]
    with pytest.raises(problems.PreconditionFailedProblem):
        await client.posts.update_post(post_id, models.PostUpdate(title="五"), if_match=tag)


async def test_a_change_of_the_avatar_answers_the_tag_for_the_next_edit(
    place: Place, join: Join
) -> None:
    user, path = await join(), "/api/v1/users/me"
    users, transport = user.client.users, user.client.transport
    await users.get_me()
    changes: tuple[Callable[[], Awaitable[models.Me]], ...] = (
        lambda: users.change_avatar(Upload(photos.jpeg())),
        users.remove_avatar,
    )
    for bio, change in zip(("一", "二"), changes, strict=True):
        before = transport.etag_of(path)
        await change()
        assert transport.etag_of(path) != before
        await users.update_me(models.MeUpdate(bio=bio), if_match=transport.etag_of(path))
    user.log.clear()
    assert (await users.get_me()).bio == "二"
    assert [event.status for event in user.log] == [304]


async def test_nothing_secret_is_logged(place: Place, join: Join) -> None:
    user = await join()
    await user.client.posts.list_posts(q="秘密の言葉")
    text = repr(user.log)
    assert "秘密" not in text
    assert PASSWORD not in text
    assert all(str(value) not in text for value in user.tokens().values() if len(str(value)) > 10)
    assert all(event.request_id for event in user.log)


async def test_everything_of_a_user_can_be_read_and_written_as_json(
    place: Place, join: Join
) -> None:
    user, lounge = await join(), await place.lounge()
    (post_id,) = await posts_of(user, lounge, 1)
    post = await user.client.posts.get_post(post_id)
    assert models.Post.parse(post.to_json()) == post
    meta = await user.client.meta.get_meta()
    assert models.Meta.parse(meta.to_json()) == meta
    assert await user.client.users.export_me()


class Answers:
    """A server of answers that were written down before."""

    def __init__(self, *answers: httpx.Response | Exception) -> None:
        self.answers = list(answers)
        self.requests: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


def client_of(answers: Answers) -> Linky:
    http = httpx.AsyncClient(transport=httpx.MockTransport(answers))
    policy = RetryPolicy(dice=lambda: 0.0)
    return Linky("http://linky.test", http=http, policy=policy, store=MemoryStore())


def sign_in(client: Linky) -> None:
    client.session._store.write(
        "tokens", '{"access_token": "a", "refresh_token": "r", "expires_in": 1, "user_id": "u"}'
    )


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    found: list[float] = []

    async def wait(seconds: float) -> None:
        found.append(seconds)

    monkeypatch.setattr("linky_client.transport.sleep", wait)
    return found


def problem(status: int, code: str, **headers: str) -> httpx.Response:
    body = {"type": "about:blank", "status": status, "code": code, "title": "題", "detail": "訳"}
    return httpx.Response(status, json=body, headers=headers)


META: Mapping[str, Any] = {"nonce": "n", "expires_in": 600}


def nonce() -> httpx.Response:
    return httpx.Response(201, json=META)


def counted() -> httpx.Response:
    return httpx.Response(200, json={"count": 1, "more": False})


@pytest.mark.parametrize(
    ("answers", "waited"),
    [
        ([problem(503, "overloaded", **{"Retry-After": "3"}), nonce()], [3.0]),
        ([httpx.ConnectError("refused"), nonce()], [0.25]),
        ([httpx.ConnectError("refused"), httpx.ConnectError("refused"), nonce()], [0.25, 0.5]),
    ],
    ids=["overloaded", "not reached", "not reached twice"],
)
async def test_what_was_not_done_is_sent_again(
    waits: list[float], answers: list[httpx.Response | Exception], waited: list[float]
) -> None:
    async with client_of(Answers(*answers)) as client:
        assert (await client.auth.create_nonce()).nonce == "n"
    assert waits == waited


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (
            problem(503, "service_unavailable", **{"Retry-After": "1"}),
            problems.ServiceUnavailableProblem,
        ),
        (problem(429, "rate_limited", **{"Retry-After": "1"}), problems.RateLimitedProblem),
        (httpx.ReadError("cut"), UnreachableError),
        (httpx.Response(502, text="<html>"), UnknownProblem),
        (problem(418, "a_new_code"), UnknownProblem),
        (httpx.Response(201, text="<html>"), MalformedAnswerError),
        (httpx.Response(201, json={"nonce": "n"}), MalformedAnswerError),
    ],
    ids=["unavailable", "limited", "cut", "a proxy's page", "a new code", "no JSON", "a gap"],
)
async def test_a_call_without_a_key_that_may_have_been_done_is_not_sent_again(
    waits: list[float], answer: httpx.Response | Exception, error: type[Exception]
) -> None:
    answers = Answers(answer)
    async with client_of(answers) as client:
        with pytest.raises(error):
            await client.auth.create_nonce()
    assert len(answers.requests) == 1
    assert waits == []


@pytest.mark.parametrize(
    "answer",
    [httpx.ReadTimeout("slow"), httpx.DecodingError("gzip"), problem(503, "overloaded")],
    ids=["too slow", "rubbish", "overloaded"],
)
async def test_an_export_is_asked_for_once_and_waits_for_long(
    waits: list[float], answer: httpx.Response | Exception
) -> None:
    answers = Answers(answer)
    async with client_of(answers) as client:
        sign_in(client)
        with pytest.raises(LinkyError):
            await client.users.export_me()
    (request,) = answers.requests
    assert request.extensions["timeout"]["read"] == 600
    assert waits == []


async def test_a_picture_may_be_silent_for_longer_once_all_of_it_is_out(waits: list[float]) -> None:
    """As long as the server gives it. What is chosen for a call holds for both."""
    answers = Answers(*[problem(422, "unsupported_image") for _ in range(2)])
    async with client_of(answers) as client:
        sign_in(client)
        for options in (CallOptions(), CallOptions(timeout=50)):
            with pytest.raises(problems.UnsupportedImageProblem):
                await client.images.upload_image(Upload(b"picture"), options=options)
    usual, chosen = (request.extensions["timeout"] for request in answers.requests)
    assert (usual["write"], usual["read"]) == (120, 260)
    assert (chosen["write"], chosen["read"]) == (50, 50)
    assert waits == []


@pytest.mark.parametrize("silence", [httpx.ConnectError("refused"), httpx.ReadError("cut")])
async def test_a_delete_finds_nothing_only_after_one_that_may_have_arrived(
    waits: list[float], silence: Exception
) -> None:
    answers = Answers(silence, problem(404, "post_not_found"))
    async with client_of(answers) as client:
        sign_in(client)
        if isinstance(silence, httpx.ReadError):
            await client.posts.delete_post("p")
        else:
            with pytest.raises(problems.PostNotFoundProblem):
                await client.posts.delete_post("p")
    assert len(waits) == 1


async def test_a_long_wait_is_the_users_to_decide_about(waits: list[float]) -> None:
    answers = Answers(problem(503, "overloaded", **{"Retry-After": "600"}))
    async with client_of(answers) as client:
        with pytest.raises(problems.OverloadedProblem) as raised:
            await client.auth.create_nonce()
    assert raised.value.retry_after == 600
    assert waits == []


async def test_a_key_stays_the_same_in_all_attempts(waits: list[float]) -> None:
    answers = Answers(
        httpx.ReadError("cut"), problem(409, "idempotency_in_progress"), httpx.ReadError("cut"),
        httpx.Response(200, json={"id": 1}),
    )  # fmt: skip
    async with client_of(answers) as client:
        sign_in(client)
        with pytest.raises(MalformedAnswerError):  # The answer stands for any.
            await client.posts.create_post(models.PostCreate(lounge_id="l", title="t", body="b"))
    keys = {request.headers["Idempotency-Key"] for request in answers.requests}
    assert len(answers.requests) == 4
    assert len(keys) == 1


def test_an_unknown_value_of_an_enum_is_kept() -> None:
    kind = enums.NotificationType.parse("a_kind_of_tomorrow")
    assert not kind.is_known
    assert kind.to_json() == "a_kind_of_tomorrow"
    assert enums.NotificationType.parse("reply") == enums.NotificationType.REPLY
    assert enums.NotificationType.REPLY.is_known


def test_each_code_of_the_document_has_its_class() -> None:
    assert PROBLEMS["guest_not_allowed"] is problems.GuestNotAllowedProblem
    assert all(code == kind.CODE for code, kind in PROBLEMS.items())


async def test_the_token_of_app_check_goes_with_each_call_if_there_is_one() -> None:
    seen: list[str | None] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request.headers.get("X-Firebase-AppCheck"))
        return httpx.Response(500, json={"code": "internal_error", "status": 500})

    tokens: list[str | None] = ["app-1", None]

    def get_token() -> str | None:
        return tokens.pop(0)

    once = RetryPolicy(attempts=1)
    async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as http:
        linky = Linky("http://linky.test", http=http, app_check=get_token, policy=once)
        for _ in range(3):
            with pytest.raises(LinkyError):
                await linky.auth.enter_as_guest()
    assert seen == ["app-1", None, None]
