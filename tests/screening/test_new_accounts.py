"""What an account may write in its first day, counted by the limiter that all servers share."""

from uuid import uuid4

import pytest

from app.core.rate_limit import RateLimiter
from tests.support.api import Api, expect
from tests.support.moderating import watch_new_accounts
from tests.support.world import World

MOST = 20


@pytest.fixture
async def path(world: World) -> str:
    """Where to comment, on a server that counts."""
    post = await world.post(await world.member())
    watch_new_accounts(world)
    world.runtime.limiter = RateLimiter(enabled=True)
    return f"/posts/{post['id']}/comments"


async def use_up(member: Api, path: str) -> None:
    for left in reversed(range(MOST)):
        written = await member.post(path, json={"body": "こんにちは"})
        expect(written, 201)
        assert f'"comment";r={left}' in written.headers["RateLimit"]
        assert f'"comment";q={MOST};w=3600' in written.headers["RateLimit-Policy"]


async def test_a_new_account_comments_twenty_times_an_hour(world: World, path: str) -> None:
    member, other = await world.member(), await world.member()
    await use_up(member, path)
    refused = await member.post(path, json={"body": "もう一つ"})
    expect(refused, 429, "rate_limited")
    assert 0 < int(refused.headers["Retry-After"]) <= 3600
    assert '"comment";r=0' in refused.headers["RateLimit"]
    assert len(expect(await member.get(path, params={"limit": 100}), 200)["items"]) == MOST
    expect(await other.post(path, json={"body": "こんにちは"}), 201)


async def test_after_its_first_day_it_is_not_counted(world: World, path: str) -> None:
    member = await world.member()
    await use_up(member, path)
    world.clock.advance(hours=25)
    await world.sign_in(member)
    for _ in range(3):
        written = await member.post(path, json={"body": "こんにちは"})
        expect(written, 201)
        assert "comment" not in written.headers["RateLimit"]


async def test_only_what_is_written_counts(world: World, path: str) -> None:
    member = await world.member()
    key = {"Idempotency-Key": str(uuid4())}
    for _ in range(3):
        expect(await member.post(path, json={"body": "一度だけ"}, headers=key), 201)
        linked = await member.post(path, json={"body": "https://example.com"})
        expect(linked, 403, "new_account_link")
        nowhere = await member.post(f"/posts/{uuid4()}/comments", json={"body": "どこへ"})
        expect(nowhere, 404)
    written = await member.post(path, json={"body": "こんにちは"})
    assert f'"comment";r={MOST - 2}' in written.headers["RateLimit"]


async def test_zero_hours_turn_it_off(world: World, path: str) -> None:
    member = await world.member()
    world.configure(new_account_hours=0)
    written = await member.post(path, json={"body": "https://example.com"})
    expect(written, 201)
    assert "comment" not in written.headers["RateLimit"]
