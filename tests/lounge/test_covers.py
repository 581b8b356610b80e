"""Covers of lounges: what admins show with them, and what becomes of the picture before."""

from typing import Any

from app.image.jobs import JOBS, sweep_store
from tests.support.api import UNKNOWN_ID, Api, expect
from tests.support.jobs import run_jobs
from tests.support.sql import sql
from tests.support.storage import stored
from tests.support.world import World, picture


def path_of(lounge: dict[str, Any]) -> str:
    return f"/admin/lounges/{lounge['id']}/cover"


async def upload(admin: Api, lounge: dict[str, Any], data: bytes | None = None) -> Any:
    return await admin.put(path_of(lounge), files={"file": data or picture(60, 40)})


async def test_an_admin_shows_another_picture_or_none(world: World) -> None:
    admin, reader = await world.admin(), await world.guest()
    lounge = await world.lounge()
    plain = await reader.get(f"/lounges/{lounge['id']}")
    assert expect(plain, 200)["cover_url"] is None

    shown = expect(await upload(admin, lounge), 200)
    first = shown["cover_url"]
    assert "/covers/" in first
    read = await reader.get(
        f"/lounges/{lounge['id']}", headers={"If-None-Match": plain.headers["etag"]}
    )
    assert expect(read, 200)["cover_url"] == first
    assert [item["cover_url"] for item in await reader.items("/lounges")] == [first]
    assert (await world.http.get(first)).headers["content-type"] == "image/webp"

    second = expect(await upload(admin, lounge), 200)["cover_url"]
    assert second != first  # Addresses never change their content.
    await run_jobs(world, JOBS)
    assert (await world.http.get(first)).status_code == 404
    assert (await world.http.get(second)).status_code == 200

    for _ in range(2):  # Without a picture it does nothing.
        assert expect(await admin.delete(path_of(lounge)), 200)["cover_url"] is None
    await run_jobs(world, JOBS)
    assert stored(world) == []

    entries = await admin.items("/admin/audit-log")
    assert [(e["action"], e["before"], e["after"]) for e in reversed(entries)] == [
        ("lounge.cover_changed", {"cover": before}, {"cover": after})
        for before, after in ((False, True), (True, True), (True, False), (False, False))
    ]


async def test_what_is_no_picture_is_refused_and_nothing_is_stored(world: World) -> None:
    admin, lounge = await world.admin(), await world.lounge()
    path = path_of(lounge)
    expect(await upload(admin, lounge, b"GIF89a" + b"x" * 100), 415, "unsupported_image")
    expect(await upload(admin, lounge, picture()[:200]), 422, "invalid_image")
    expect(await admin.put(path, files={"other": picture()}), 422, "validation_failed")
    expect(await admin.put(path, json={"file": "x"}), 415, "unsupported_media_type")
    for unknown in (UNKNOWN_ID, "x"):
        lost = {"id": unknown}
        expect(await upload(admin, lost), 404)
        expect(await admin.delete(path_of(lost)), 404)
    assert stored(world) == []
    assert await admin.items("/admin/audit-log") == []


async def test_the_sweep_keeps_covers_and_removes_what_no_lounge_shows(world: World) -> None:
    admin, lounge, other = await world.admin(), await world.lounge(), await world.lounge()
    kept = expect(await upload(admin, lounge), 200)["cover_url"]
    lost = expect(await upload(admin, other), 200)["cover_url"]
    await sql(
        world, "UPDATE lounges SET cover_key = NULL WHERE id = CAST(:id AS uuid)", id=other["id"]
    )
    # An object is an orphan only after a day.
    world.clock.advance(days=2)
    async with world.runtime.writing() as ctx:
        await sweep_store(ctx)
    assert (await world.http.get(kept)).status_code == 200
    assert (await world.http.get(lost)).status_code == 404
