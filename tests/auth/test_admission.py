"""Password hashes and searches wait in bounded queues.

A full queue refuses requests immediately, and a waiting request holds no database connection.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest

from app.api import JOBS
from app.core.admission import Admission, Admissions, Bounds
from tests.support.api import PREFIX, expect
from tests.support.auth import NEW, form, token_of
from tests.support.console import Browser, shown
from tests.support.jobs import run_jobs
from tests.support.world import PASSWORD, World

BUSY = "アクセスが集中している"
FULL = Bounds(slots=1, slots_each=1, line=0, most_each=1, patience=5, retry_after=3)
ONE_WAITS = Bounds(slots=1, slots_each=1, line=1, most_each=2, patience=60, retry_after=3)


@asynccontextmanager
async def no_slot_for_a_hash(world: World, bounds: Bounds = FULL) -> AsyncIterator[Admission]:
    """Another caller holds the only slot for a hash."""
    hasher = world.runtime.passwords
    before, hasher._admission = hasher._admission, Admission("hash", bounds)
    try:
        async with hasher._admission.slot("another caller"):
            yield hasher._admission
    finally:
        hasher._admission = before


async def test_every_route_with_a_password_is_503_while_the_queue_is_full(world: World) -> None:
    member, leaver, guest = await world.member(), await world.member(), await world.guest()
    anonymous, forgetful = world.anonymous(), await world.member()
    await anonymous.post("/auth/password/forgot", json={"email": forgetful.email})
    await run_jobs(world, JOBS)
    mailed = token_of(world.mailer, "reset-password")
    change = {"current_password": PASSWORD, "new_password": NEW}
    calls = [
        (anonymous, "POST", "/auth/register", form()),
        (anonymous, "POST", "/auth/login", {"email": member.email, "password": PASSWORD}),
        (guest, "POST", "/auth/guest/upgrade", form()),
        (member, "POST", "/auth/proof", {"password": PASSWORD}),
        (member, "POST", "/auth/password/change", change),
        (anonymous, "POST", "/auth/password/reset", {"token": mailed, "new_password": NEW}),
        (leaver, "DELETE", "/users/me", {"password": PASSWORD}),
    ]
    async with no_slot_for_a_hash(world):
        unknown = {"email": "unknown@example.com", "password": PASSWORD}
        for api, method, path, body in [*calls, (anonymous, "POST", "/auth/login", unknown)]:
            refused = await api.call(method, path, json=body)
            expect(refused, 503, "overloaded")
            assert refused.headers["retry-after"] == "3"
            assert BUSY in refused.json()["detail"]
    for api, method, path, body in calls:
        answer = await api.call(method, path, json=body)
        assert answer.is_success, (path, answer.text)


async def test_the_browser_pages_explain_that_the_queue_is_full(world: World) -> None:
    admin, browser = await world.admin(), Browser(world)
    await world.anonymous().post("/auth/password/forgot", json={"email": admin.email})
    await run_jobs(world, JOBS)
    fields = {"token": token_of(world.mailer, "reset-password"), "new_password": NEW}
    async with no_slot_for_a_hash(world):
        page = await browser.sign_in(admin.email, admin.password)
        assert BUSY in shown(page, 503)
        assert page.headers["retry-after"] == "3"
        page = await world.http.post("/account/reset-password", data=fields)
        assert BUSY in shown(page, 503)
        assert page.headers["retry-after"] == "3"
    assert BUSY not in shown(await world.http.post("/account/reset-password", data=fields))


async def test_requests_that_wait_for_a_hash_or_a_search_hold_no_connection(
    committed_world: World,
) -> None:
    world, member = committed_world, await committed_world.member()
    pool, anonymous = world.runtime.pools.transactions, world.anonymous()
    searches = Admission("search", ONE_WAITS)
    world.runtime.admissions = Admissions(searches=searches)
    login = {"email": member.email, "password": PASSWORD}
    async with no_slot_for_a_hash(world, ONE_WAITS) as hashes, searches.slot("another caller"):
        waiting = [
            asyncio.create_task(anonymous.post("/auth/login", json=login)),
            asyncio.create_task(member.get("/posts", params={"q": "猫"})),
        ]
        async with asyncio.timeout(30):
            while not (hashes._lines and searches._lines):
                await asyncio.sleep(0.01)
        expect(await anonymous.post("/auth/login", json=login), 503, "overloaded")
        refused = await member.get("/lounges", params={"q": "猫"})
        expect(refused, 503, "overloaded")
        assert refused.headers["retry-after"] == "3"
        assert pool.used == 0
        expect(await member.get("/posts"), 200)
    for answer in await asyncio.gather(*waiting):
        expect(answer, 200)


class RecordingAdmission(Admission):
    """Records which caller takes each slot."""

    def __init__(self, name: str, seen: list[str]) -> None:
        super().__init__(name, FULL)
        self._seen = seen

    @asynccontextmanager
    async def slot(self, caller: str) -> AsyncIterator[None]:
        self._seen.append(caller)
        yield


CALLERS = [
    (("192.0.2.9", 4711), "192.0.2.9"),
    (("2001:db8::1:2:3:4", 4711), "2001:db8::/64"),
    (None, "unknown"),
]


@pytest.mark.parametrize(("client", "caller"), CALLERS)
async def test_an_anonymous_caller_is_identified_by_address(
    world: World, client: tuple[str, int] | None, caller: str
) -> None:
    member, seen = await world.member(), list[str]()
    world.runtime.passwords._admission = RecordingAdmission("hash", seen)
    transport = httpx.ASGITransport(world.app, client=client)  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as http:
        login = {"email": member.email, "password": PASSWORD}
        assert (await http.post(f"{PREFIX}/auth/login", json=login)).status_code == 200
    assert seen == [caller]


async def test_a_search_is_queued_by_the_signed_in_user(world: World) -> None:
    member, admin, browser = await world.member(), await world.admin(), Browser(world)
    seen = list[str]()
    world.runtime.admissions = Admissions(searches=RecordingAdmission("search", seen))
    forged = world.anonymous()
    forged.access = "no token of ours"
    asked = {"q": "猫"}
    for path in ("/posts", "/lounges", "/admin/users"):
        expect(await world.anonymous().get(path, params=asked), 401, "not_authenticated")
        expect(await forged.get(path, params=asked), 401, "token_invalid")
    for page in ("/users", "/lounges"):
        assert (await browser.get(page + "?q=cat")).status_code == 303
    assert seen == []
    expect(await member.get("/posts", params=asked), 200)
    expect(await member.get("/lounges", params=asked), 200)
    expect(await admin.get("/admin/users", params=asked), 200)
    await browser.sign_in(admin.email, admin.password)
    for page in ("/users", "/lounges"):
        assert (await browser.get(page + "?q=cat")).status_code == 200
    assert seen == [str(member.id)] * 2 + [str(admin.id)] * 3
    expect(await member.get("/posts"), 200)
    assert len(seen) == 5
