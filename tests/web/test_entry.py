"""Requests beyond the bounds are refused before any work, and the counts return to zero."""

import asyncio
import random
from collections import Counter
from collections.abc import Iterator

import orjson
import pytest
from structlog.testing import capture_logs

from app.core.in_progress import SLOT, InProgress, RequestSlot, not_counted
from app.core.metrics import WORK_REFUSED
from app.web import entry, http_protocol
from app.web.problems import CONTENT_TYPE
from tests.support.waiting import until
from tests.support.world import World
from tests.web.raw_http import RawClient

SHORT = 0.2
KINDS = (entry.reads, entry.writes, entry.pictures, entry.admins, entry.console, entry.sign_outs)


@pytest.fixture
def world(committed_world: World) -> World:
    return committed_world


@pytest.fixture(autouse=True)
def _nothing_is_left() -> Iterator[None]:
    yield
    assert [kind.count for kind in KINDS] == [0] * len(KINDS)


@pytest.fixture
def full(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if the server worked on as many reads and writes as it may."""
    for kind in (entry.reads, entry.writes):
        monkeypatch.setattr(kind, "most", 0)


@pytest.mark.usefixtures("full")
async def test_a_request_beyond_the_bound_is_refused_with_a_problem(
    world: World, port: int
) -> None:
    sent = await RawClient.connect(port)
    answer = await sent.ask("GET", "/api/v1/posts", {"X-Request-ID": "r-1"})
    assert (answer.status, answer.headers["content-type"]) == (503, CONTENT_TYPE)
    assert answer.headers["retry-after"] == "2"
    assert answer.headers["x-content-type-options"] == "nosniff"
    problem = orjson.loads(answer.body)
    assert problem["code"] == "overloaded"
    assert (problem["instance"], problem["request_id"]) == ("/api/v1/posts", "r-1")
    english = await sent.ask("GET", "/api/v1/posts", {"Accept-Language": "en"})
    assert orjson.loads(english.body)["title"] == "Server busy"
    head = await sent.ask("HEAD", "/api/v1/posts")
    assert (head.status, head.body) == (503, b"")
    await sent.close()


@pytest.mark.usefixtures("full")
async def test_a_refused_body_is_read_and_the_connection_goes_on(port: int) -> None:
    client = await RawClient.connect(port)
    for _ in range(3):
        assert (await client.ask("POST", "/api/v1/posts", body=b"x" * 200_000)).status == 503
    assert (await client.ask("GET", "/health/live")).status == 200
    await client.close()


@pytest.mark.usefixtures("full")
async def test_health_metrics_sign_out_and_admins_are_answered_under_overload(
    world: World, port: int
) -> None:
    member, admin = await world.member(), await world.admin()
    client = await RawClient.connect(port)
    for path in ("/health/live", "/metrics"):
        assert (await client.ask("GET", path)).status == 200
    assert (await client.ask("GET", "/health/ready")).status in (200, 503)  # There is no worker.
    bearer = {"Authorization": f"Bearer {admin.access}"}
    assert (await client.ask("GET", "/api/v1/admin/reports", bearer)).status == 200
    form = orjson.dumps({"refresh_token": member.refresh_token})
    json = {"Content-Type": "application/json"}
    assert (await client.ask("POST", "/api/v1/auth/logout", json, form)).status == 204
    await client.close()


@pytest.mark.usefixtures("full")
async def test_a_thousand_refused_requests_in_one_write_are_all_answered(port: int) -> None:
    client = await RawClient.connect(port)
    client.send(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n" * 1000)
    assert [(await client.answer()).status for _ in range(1000)] == [503] * 1000
    await client.close()


@pytest.mark.usefixtures("full")
async def test_a_client_that_reads_no_refusal_is_cut_off(port: int) -> None:
    client = await RawClient.connect(port, receives=4096)

    async def send_and_never_read() -> None:
        for _ in range(10_000):
            client.send(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n" * 100)
            await client.drain()

    with pytest.raises(ConnectionError):
        await send_and_never_read()
    await client.close()


def refusals() -> float:
    found = WORK_REFUSED.labels("reads").collect()
    return sum(
        sample.value for metric in found for sample in metric.samples if "_total" in sample.name
    )


@pytest.mark.usefixtures("full")
async def test_refusals_are_counted(port: int) -> None:
    client, before = await RawClient.connect(port), refusals()
    for _ in range(20):
        await client.ask("GET", "/api/v1/posts")
    assert refusals() == before + 20
    await client.close()


async def test_refusals_are_logged_at_once_and_then_once_a_second() -> None:
    kind = InProgress("reads of a test", 0)
    with capture_logs() as logged:
        for moment in (10.0, 10.1, 10.9, 11.0, 11.5, 13.0):
            kind.refused(moment)
    assert [(line["event"], line["work"]) for line in logged] == [("overloaded", kind.name)] * 3
    assert [line["refused"] for line in logged] == [1, 3, 2]


async def test_of_many_requests_at_once_some_are_refused_and_none_stays_counted(
    world: World, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    for kind in (entry.reads, entry.writes):
        monkeypatch.setattr(kind, "most", 4)
    member = await world.member()
    lounge = await world.lounge()
    post = await world.post(member, lounge, body="あ" * 9_000)
    bearer = {"Authorization": f"Bearer {member.access}"}
    chance = random.Random(7)

    async def act() -> list[int]:
        client = await RawClient.connect(port)
        statuses = []
        for _ in range(10):
            if chance.random() < 0.5:
                answer = await client.ask("GET", f"/api/v1/posts/{post['id']}", bearer)
            else:
                path, json = f"/api/v1/posts/{post['id']}/comments", {"Content-Type": "text/json"}
                answer = await client.ask(
                    "POST", path, bearer | json, b"x" * 70_000, pieces=chance.choice([1, 4])
                )
            statuses.append(answer.status)
        await client.close()
        return statuses

    seen = Counter(
        s for statuses in await asyncio.gather(*(act() for _ in range(30))) for s in statuses
    )
    assert seen[503] > 0
    assert seen[200] > 0
    assert set(seen) <= {200, 415, 422, 503}


async def test_a_request_is_not_counted_while_its_body_is_due(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(entry.writes, "most", 1)
    slow = [await RawClient.connect(port) for _ in range(5)]
    head = b"POST /api/v1/auth/refresh HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
    for client in slow:
        client.send(head + b"Content-Length: 30\r\n\r\n{")
    await until(lambda: entry.writes.count == 0)
    client = await RawClient.connect(port)
    json = {"Content-Type": "application/json"}
    assert (await client.ask("POST", "/api/v1/auth/refresh", json, b"{}")).status == 422
    for one in (*slow, client):
        await one.close()


async def test_a_body_that_does_not_arrive_is_408(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http_protocol, "BODY_SECONDS", SHORT)
    client = await RawClient.connect(port)
    client.send(b"POST /api/v1/auth/refresh HTTP/1.1\r\nHost: x\r\nContent-Length: 30\r\n\r\n{")
    answer = await client.answer()
    assert answer.status == 408
    assert orjson.loads(answer.body)["code"] == "request_timeout"
    assert answer.headers["connection"] == "close"
    assert await client.rest() == b""
    await client.close()


@pytest.mark.parametrize(
    ("sent", "keep_alive_seconds"),
    [(b"", 1), (b"GET /health/live HTT", 75), (b"GET / HTTP/1.1\r\nHost: x\r\n", 75)],
)
async def test_a_head_that_does_not_arrive_ends_the_connection(
    port: int, monkeypatch: pytest.MonkeyPatch, sent: bytes
) -> None:
    monkeypatch.setattr(http_protocol, "HEAD_SECONDS", SHORT)
    client = await RawClient.connect(port)
    client.send(sent)
    assert await client.rest() == b""
    await client.close()


@pytest.mark.parametrize("keep_alive_seconds", [1])
async def test_an_idle_connection_is_closed(port: int) -> None:
    client = await RawClient.connect(port)
    assert (await client.ask("GET", "/health/live")).status == 200
    assert await client.rest() == b""
    await client.close()


def test_a_place_that_is_absent_twice_counts_again_only_when_both_are_over() -> None:
    kind = InProgress("test", 2)
    place = RequestSlot(kind)
    assert kind.count == 1
    place.leave()
    place.leave()
    place.come_back()
    assert kind.count == 0
    place.come_back()
    assert kind.count == 1
    place.end()
    place.leave()
    place.come_back()
    assert kind.count == 0


async def test_work_with_slots_of_its_own_is_not_counted() -> None:
    kind = InProgress("test", 2)
    place = RequestSlot(kind)
    SLOT.set(place)
    with not_counted():
        assert kind.count == 0
    assert kind.count == 1
    place.end()


BOUNDS = {
    ("GET", "/api/v1/posts"): (entry.reads, 128),
    ("POST", "/api/v1/posts"): (entry.writes, 64),
    ("GET", "/media/images/a.webp"): (entry.pictures, 96),
    ("GET", "/api/v1/admin/reports"): (entry.admins, 64),
    ("GET", "/admin/reports"): (entry.console, 64),
    ("POST", "/api/v1/auth/logout"): (entry.sign_outs, 16),
}


async def test_one_admin_may_send_twenty_requests_at_once(world: World, port: int) -> None:
    admin = await world.admin()
    bearer = {"Authorization": f"Bearer {admin.access}"}

    async def ask(path: str) -> int:
        client = await RawClient.connect(port)
        answer = await client.ask("GET", path, bearer)
        await client.close()
        return answer.status

    paths = ["/api/v1/admin/reports", "/admin/sign-in"]
    statuses = await asyncio.gather(*(ask(path) for path in paths for _ in range(20)))
    assert statuses == [200] * 40


@pytest.mark.parametrize(
    "path",
    [
        *("/media/images/x/full.webp", "/api/v1/images/x/full", "/admin/pictures/images/x.webp"),
        "/api/v1/admin/pictures",
    ],
)
def test_all_that_waits_for_the_store_counts_as_a_picture(path: str) -> None:
    """A store that hangs keeps neither readers nor admins from working."""
    assert entry.kind_of({"type": "http", "method": "GET", "path": path}) is entry.pictures


@pytest.mark.parametrize(("method", "path"), BOUNDS)
async def test_each_kind_of_request_has_a_bound_of_its_own(
    port: int, method: str, path: str
) -> None:
    kind, most = BOUNDS[method, path]
    assert kind.most == most
    busy = [RequestSlot(kind) for _ in range(most - 1)]
    client = await RawClient.connect(port)
    assert (await client.ask(method, path)).status != 503
    busy.append(RequestSlot(kind))
    assert (await client.ask(method, path)).status == 503
    for other_method, other in BOUNDS.keys() - {(method, path)}:
        assert (await client.ask(other_method, other)).status != 503
    for place in busy:
        place.end()
    await client.close()
