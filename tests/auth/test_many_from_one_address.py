"""An evening at one address: a script that registers by e-mail, and phones that come by LINE."""

import pytest

from app.core.config import Settings
from app.core.rate_limit import RateLimiter
from app.core.rate_store import MemoryRateStore
from tests.support.api import expect
from tests.support.auth import form, nonce
from tests.support.doors import social
from tests.support.moderating import watch_new_accounts
from tests.support.provider import Providers
from tests.support.sql import count
from tests.support.world import World

HOUR = 3600


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"publish_needs": "verified_email"})


async def test_a_thousand_registrations_make_a_hundred_accounts_that_publish_nothing(
    world: World, idp: Providers
) -> None:
    post = await world.post(await social(world, "line", "author"))
    before = await count(world, "users")
    watch_new_accounts(world)
    seconds = [0.0]
    world.runtime.limiter = RateLimiter(enabled=True, store=MemoryRateStore(lambda: seconds[0]))
    comments, posts = f"/posts/{post['id']}/comments", post["lounge"]["id"]
    published = made = refused = signed_up = 0
    for number in range(1000):
        answer = await world.anonymous().post("/auth/register", json=form())
        assert answer.status_code in (201, 429), answer.text
        refused += answer.status_code == 429
        if answer.status_code == 201:
            made += 1
            bot = world.anonymous().take(answer.json())
            assert bot.user["may_publish"] == "email_unverified"
            expect(await bot.post(comments, json={"body": "買って"}), 403, "email_unverified")
            words = {"lounge_id": posts, "title": "買って", "body": "買って"}
            expect(await bot.post("/posts", json=words), 403, "email_unverified")
            like = await bot.put(f"/posts/{post['id']}/like")
            expect(like, 403, "email_unverified")
        if number % 5 == 0:
            fresh = await nonce(world)
            body = {"id_token": idp.token("line", nonce=fresh), "nonce": fresh}
            phone = expect(await world.anonymous().post("/auth/oauth/line", json=body), 201)
            member = world.anonymous().take(phone)
            signed_up += 1
            expect(await member.post(comments, json={"body": "こんばんは"}), 201)
            published += 1
        seconds[0] += 0.99 * HOUR / 1000
    assert (made, refused) == (100, 900)
    assert signed_up == published == 200
    assert await count(world, "users") == before + 300
    assert await count(world, "comments") == 200
    assert await count(world, "posts") == 1
