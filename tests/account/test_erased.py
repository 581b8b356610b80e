"""After an account is erased nothing tells of it: not a row of any table, not a byte in the store.

Whoever leaves here has done all that one can do. What they said and are called is looked for in
every column of every table, as text, as hexadecimal and by its hash.
"""

import hashlib
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from app.api import JOBS
from app.core.config import Settings
from tests.account.test_leaving import leave
from tests.auth.helpers import sign_in
from tests.post.helpers import run_jobs, sql, stored
from tests.support.api import Api, expect
from tests.support.provider import Picture, Providers
from tests.support.world import World, picture, token

pytestmark = pytest.mark.anyio

KEPT = {
    "reports": "The reporter's words stay until 180 days after the decision; their id does not.",
    "report_cases": "A copy of what was reported stays as long.",
    "report_copies": "So do its later versions.",
    "audit_log": "What admins did is on record.",
    "connection_records": "The law may ask for 180 days (ADR 0015): ids, addresses and times.",
    "pgqueuer_log": "Which jobs ran, for a week: numbers and kinds.",
}


@pytest.fixture
def settings(settings: Settings, idp: Providers, tmp_path: Path) -> Settings:
    update = {**idp.settings(tmp_path), "rate_limits": "on"}
    return settings.model_copy(update=update)


async def found_in(world: World, words: list[str]) -> dict[str, list[str]]:
    """By table, the words that one of its columns has."""
    forms = {form: word for word in words for form in _forms(word)}
    found: dict[str, list[str]] = {}
    async with world.runtime.reads() as session:
        columns = await session.execute(
            text(
                "SELECT c.table_name, c.column_name, c.data_type FROM information_schema.columns c "
                "JOIN information_schema.tables t USING (table_schema, table_name) "
                "WHERE c.table_schema = 'public' AND t.table_type = 'BASE TABLE'"
            )
        )
        for table, column, kind in columns.all():
            shown = f"encode(\"{column}\", 'hex')" if kind == "bytea" else f'"{column}"::text'
            values = await session.scalar(
                text(f"SELECT coalesce(string_agg({shown}, chr(10)), '') FROM \"{table}\"")
            )
            here = {word for form, word in forms.items() if form in str(values)}
            if here:
                found[table] = sorted(here | set(found.get(table, ())))
    return found


def _forms(word: str) -> tuple[str, ...]:
    return word, word.encode().hex(), hashlib.sha256(word.encode()).hexdigest()


async def live_fully(world: World, api: Api, mark: str) -> None:
    """Do all that leaves something behind; `mark` is in every word that is said."""
    other, lounge = await world.member(), await world.lounge()
    admin = await world.admin()
    expect(await api.patch("/users/me", json={"nickname": f"名{mark}", "bio": f"紹介{mark}"}), 200)
    expect(await api.upload(picture(), "/users/me/avatar", "PUT"), 200)
    image = await world.image(api)
    await world.image(api)
    own = await world.post(
        api, lounge, title=f"題{mark}", body=f"文{mark}", image_ids=[image["id"]]
    )
    theirs = await world.post(other, lounge)
    answered = await world.comment(api, theirs, f"言葉{mark}")
    await world.comment(other, theirs, parent=answered)
    await world.comment(api, theirs, f"独り言{mark}")
    await world.comment(other, own)
    keyed = {"lounge_id": lounge["id"], "title": f"鍵{mark}", "body": "本文"}
    expect(await api.post("/posts", json=keyed, key=f"key-{mark}"), 201)
    report = {"target_type": "post", "target_id": theirs["id"], "reason": "spam"}
    expect(await api.post("/reports", json={**report, "detail": f"通報{mark}"}), 201)
    of_them = {"target_type": "user", "target_id": api.id, "reason": "spam", "detail": ""}
    expect(await other.post("/reports", json=of_them), 201)
    for path in (f"/posts/{theirs['id']}/like", f"/posts/{theirs['id']}/mute"):
        expect(await api.put(path), 204)
    expect(await api.put(f"/lounges/{lounge['id']}/favorite"), 204)
    expect(await api.get(f"/lounges/{lounge['id']}"), 200)
    expect(await api.put(f"/users/{other.id}/block"), 204)
    expect(await other.put(f"/users/{api.id}/block"), 204)
    device = {"kind": "fid", "value": f"value-{mark}", "platform": "ios"}
    expect(await api.put(f"/notifications/devices/install-{mark}", json=device), 204)
    expect(await api.patch("/notifications/settings", json={"reply": False}), 200)
    request = {"name": f"部屋{mark}", "description": f"説明{mark}", "reason": f"理由{mark}"}
    expect(await api.post("/lounge-requests", json=request), 201)
    expect(await admin.post(f"/admin/posts/{own['id']}/hide", json={"reason": "試験"}), 204)


async def die_once(world: World, api: Api) -> None:
    """A job about this user that has died, as one does whose mail was refused for a day."""
    await sql(
        world,
        "INSERT INTO pgqueuer (priority, entrypoint, payload, status) "
        "VALUES (0, 'auth.mail_token', convert_to(:payload, 'UTF8'), 'failed')",
        payload=f'{{"user_id": "{api.id}", "purpose": "verify_email"}}',
    )


async def erased(world: World, api: Api, words: list[str], **how: Any) -> None:
    before = await found_in(world, words)
    expected = {"users", "posts", "comments", "images", "user_sessions", "user_devices"}
    assert expected | {"lounge_requests", "notifications", "pgqueuer"} <= set(before)
    before_objects = stored(world)
    assert len(before_objects) >= 5
    await leave(api, **how)
    await run_jobs(world, JOBS)
    left = await found_in(world, words)
    assert {table: words for table, words in left.items() if table not in KEPT} == {}
    assert stored(world) == []
    assert api.id not in left.get("pgqueuer_log", [])


async def test_of_an_e_mail_account_that_did_everything_nothing_is_left(world: World) -> None:
    mark = token()
    leaver = await world.member()
    await live_fully(world, leaver, mark)
    await die_once(world, leaver)
    wrong = {"email": leaver.email, "password": "not-the-password"}
    expect(await world.anonymous().post("/auth/login", json=wrong), 401)
    expect(await world.anonymous().post("/auth/password/forgot", json={"email": leaver.email}), 202)
    await run_jobs(world, [job for job in JOBS if job.name.startswith("auth.")])
    await erased(world, leaver, [mark, leaver.id, leaver.email])


@pytest.mark.parametrize("provider", ["line", "google", "apple"])
async def test_of_a_social_account_that_did_everything_nothing_is_left(
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
    made = expect(await sign_in(world, idp, provider, **claims), 201)
    leaver = world.anonymous().take(made)
    await live_fully(world, leaver, mark)
    await die_once(world, leaver)
    words = [mark, leaver.id, f"sub-{mark}", f"{mark}@example.com", address]
    await erased(world, leaver, words, password=None)


async def test_of_a_guest_nothing_is_left(world: World) -> None:
    mark, guest = token(), await world.guest()
    member, lounge = await world.member(), await world.lounge()
    post = await world.post(member, lounge)
    expect(await guest.put(f"/lounges/{lounge['id']}/favorite"), 204)
    expect(await guest.get(f"/lounges/{lounge['id']}"), 200)
    report = {"target_type": "post", "target_id": post["id"], "reason": "spam"}
    expect(await guest.post("/reports", json={**report, "detail": ""}), 201)
    expect(await guest.put(f"/posts/{post['id']}/mute"), 204)
    expect(await guest.put(f"/users/{member.id}/block"), 204)
    device = {"kind": "fid", "value": f"value-{mark}", "platform": "ios"}
    expect(await guest.put(f"/notifications/devices/install-{mark}", json=device), 204)
    words = [mark, guest.id]
    before = await found_in(world, words)
    assert {"users", "user_sessions", "user_devices", "lounge_favorites", "post_mutes"} <= set(
        before
    )
    await leave(guest, password=None)
    await run_jobs(world, JOBS)
    assert set(await found_in(world, words)) <= {"connection_records"}
    expect(
        await world.anonymous().post("/auth/refresh", json={"refresh_token": guest.refresh_token}),
        401,
    )
