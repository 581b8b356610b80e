"""After an account is erased, no table and no stored object contains a trace of it.

The user has used every feature before leaving. The tests search every column of every table for
the user's words, names and ids: as text, in hexadecimal and as a hash.
"""

from typing import Any

import pytest

from app.api import JOBS
from app.core.settings.config import Settings
from tests.support.api import Api, expect
from tests.support.auth import parts, sign_in
from tests.support.jobs import add_job, run_jobs
from tests.support.leaving import KEPT, NOT_LIVED, found_in, leave, live_fully
from tests.support.owners import personal_tables
from tests.support.provider import Picture, Providers
from tests.support.storage import stored
from tests.support.world import World, picture, token


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"rate_limits": "on"})


async def add_failed_job(world: World, api: Api) -> None:
    """Add a failed job about this user, like a mail that was refused for a day."""
    payload = f'{{"user_id": "{api.id}", "purpose": "verify_email"}}'
    await add_job(world, "auth.mail_token", payload)


async def ensure_erased(world: World, api: Api, words: list[str], **how: Any) -> set[str]:
    """Returns the tables that had something of them."""
    words = [*words, parts(api.access)[1]["sid"]]
    before = await found_in(world, words)
    before_objects = stored(world)
    assert len(before_objects) >= 5
    await leave(api, **how)
    await run_jobs(world, JOBS)
    left = await found_in(world, words)
    traces = {table: words for table, words in left.items() if table not in KEPT}
    assert not traces, (
        f"{traces} stays of a person who is erased. Delete it in app/account/service/leaving.py, "
        "or give it a foreign key to users with ON DELETE CASCADE"
    )
    assert stored(world) == []
    assert api.id not in left.get("pgqueuer_log", [])
    return set(before)


async def test_nothing_is_left_of_an_email_account(world: World) -> None:
    mark = token()
    leaver = await world.register()
    await live_fully(world, leaver, mark)
    await add_failed_job(world, leaver)
    wrong = {"email": leaver.email, "password": "not-the-password"}
    expect(await world.anonymous().post("/auth/login", json=wrong), 401)
    expect(await world.anonymous().post("/auth/password/forgot", json={"email": leaver.email}), 202)
    await run_jobs(world, [job for job in JOBS if job.name.startswith("auth.")])
    before = await ensure_erased(world, leaver, [mark, leaver.id, leaver.email])
    empty = personal_tables() - before - NOT_LIVED.keys()
    assert not empty, (
        f"{sorted(empty)} may hold something of a user, and this one has nothing there. Let them "
        "do what writes a row in live_fully of tests/support/leaving.py, so that its end is tested"
    )
    assert "pgqueuer" in before
    assert before.isdisjoint(NOT_LIVED)


@pytest.mark.parametrize("provider", ["line", "google", "apple"])
async def test_nothing_is_left_of_a_social_account(
    world: World, idp: Providers, provider: str
) -> None:
    mark = token()
    address = idp.picture_url(provider, f"me-{mark}", Picture(picture()))
    claims = {
        "sub": f"sub-{mark}",
        "name": f"名前{mark}",
        "email": f"{mark}@example.com",
        "picture": address,
    }
    made = expect(await sign_in(world, provider, **claims), 201)
    leaver = world.anonymous().take(made)
    await live_fully(world, leaver, mark)
    await add_failed_job(world, leaver)
    words = [mark, leaver.id, f"sub-{mark}", f"{mark}@example.com", address]
    await ensure_erased(world, leaver, words, password=None)


async def test_nothing_is_left_of_a_guest(world: World) -> None:
    mark, guest = token(), await world.guest()
    member, lounge = await world.member(), await world.lounge()
    post = await world.post(member, lounge)
    expect(await guest.put(f"/lounges/{lounge['id']}/favorite"), 204)
    expect(await guest.get(f"/lounges/{lounge['id']}"), 200)
    report = {"target_type": "post", "target_id": post["id"], "reason": "spam"}
    expect(await guest.post("/reports", json={**report, "detail": ""}), 201)
    expect(await guest.put(f"/posts/{post['id']}/watch"), 204)
    expect(await guest.put(f"/posts/{post['id']}/mute"), 204)
    level = {"level": "all"}
    expect(await guest.put(f"/lounges/{lounge['id']}/notifications", json=level), 204)
    expect(await guest.put(f"/users/{member.id}/block"), 204)
    device = {"kind": "fid", "value": f"value-{mark}", "platform": "ios"}
    expect(await guest.put(f"/notifications/devices/install-{mark}", json=device), 204)
    words = [mark, guest.id]
    before = await found_in(world, words)
    of_guests = ("lounge_favorites", "lounge_subscriptions", "post_mutes", "post_watches")
    assert {"users", "user_sessions", "user_devices", *of_guests} <= set(before)
    await leave(guest, password=None)
    await run_jobs(world, JOBS)
    assert set(await found_in(world, words)) <= {"connection_records", "live_changes"}
    expect(
        await world.anonymous().post("/auth/refresh", json={"refresh_token": guest.refresh_token}),
        401,
    )
