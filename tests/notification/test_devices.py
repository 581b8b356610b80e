"""A user's devices: one row per installation, and each address in one row only."""

import asyncio
import secrets
from typing import Any

import pytest
from sqlalchemy import text

from tests.support.api import Api, expect
from tests.support.beside import beside
from tests.support.notifications import register_device
from tests.support.races import holding, start, until_settled
from tests.support.world import World

_ROWS = text("""
    SELECT install_id, kind, value, platform, CAST(user_id AS text), CAST(session_id AS text)
    FROM user_devices ORDER BY install_id
""")


async def devices(world: World) -> list[Any]:
    """Install id, kind, value, platform, user and session of each row."""
    async with beside(world.runtime) as db:
        return [tuple(row) for row in await db.all(_ROWS)]


async def owners(world: World) -> dict[str, str]:
    """The user of each installation."""
    return {row[0]: row[4] for row in await devices(world)}


async def current_session(api: Api) -> str:
    (current,) = [session for session in await api.items("/auth/sessions") if session["current"]]
    return str(current["id"])


async def test_an_installation_has_one_row_with_its_last_registration(world: World) -> None:
    member = await world.member()
    session = await current_session(member)
    await register_device(member, "i-1", "token-1")
    assert await devices(world) == [("i-1", "fcm_token", "token-1", "ios", member.id, session)]
    await register_device(member, "i-1", "token-1")
    await register_device(member, "i-1", "token-2", platform="android")
    assert await devices(world) == [("i-1", "fcm_token", "token-2", "android", member.id, session)]
    await register_device(member, "i-1", "fid-1", kind="fid")
    assert await devices(world) == [("i-1", "fid", "fid-1", "ios", member.id, session)]
    await register_device(member, "i-2", "token-2", platform="web")
    assert await owners(world) == {"i-1": member.id, "i-2": member.id}


async def test_an_installation_belongs_to_the_user_who_registered_it_last(world: World) -> None:
    first, second = await world.member(), await world.guest()
    await register_device(first, "i-1", "token-1")
    await register_device(second, "i-1", "token-1")
    assert await owners(world) == {"i-1": second.id}
    await register_device(first, "i-1", "token-9")
    assert await owners(world) == {"i-1": first.id}


async def test_an_address_belongs_to_the_installation_that_registered_it_last(world: World) -> None:
    first, second = await world.member(), await world.member()
    await register_device(first, "i-1", "same")
    await register_device(first, "i-2", "other")
    await register_device(second, "i-3", "same")
    assert await owners(world) == {"i-2": first.id, "i-3": second.id}
    # The same text of another kind is another address.
    await register_device(first, "i-1", "same", kind="fid")
    assert await owners(world) == {"i-1": first.id, "i-2": first.id, "i-3": second.id}


@pytest.mark.parametrize(
    "value",
    [secrets.token_urlsafe(3072), "".join(map(chr, range(0x4E00, 0x4E00 + 4096)))],
    ids=["random letters", "different kanji"],
)
async def test_the_longest_address_fits_whatever_is_in_it(world: World, value: str) -> None:
    assert len(value) == 4096
    first, second = await world.member(), await world.member()
    await register_device(first, "i-1", value)
    await register_device(second, "i-2", value)
    assert [(row[0], row[2], row[4]) for row in await devices(world)] == [("i-2", value, second.id)]
    form = {"kind": "fid", "value": value + "a", "platform": "ios"}
    refused = await first.put("/notifications/devices/i-1", json=form)
    expect(refused, 422, "validation_failed")


async def test_only_its_user_can_remove_a_device(world: World) -> None:
    first, second = await world.member(), await world.member()
    await register_device(first, "i-1", "token-1")
    expect(await second.delete("/notifications/devices/i-1"), 204)
    assert await owners(world) == {"i-1": first.id}
    for _ in range(2):
        expect(await first.delete("/notifications/devices/i-1"), 204)
        assert await devices(world) == []


@pytest.mark.parametrize("install_id", ["i", "i" * 200, "a.b-c_d:e~!", "'--%25"])
async def test_an_install_id_may_have_any_visible_ascii(world: World, install_id: str) -> None:
    member = await world.member()
    form = {"kind": "fid", "value": "v", "platform": "ios"}
    expect(await member.put(f"/notifications/devices/{install_id}", json=form), 204)
    assert list(await owners(world)) == [install_id.replace("%25", "%")]
    expect(await member.delete(f"/notifications/devices/{install_id}"), 204)
    assert await devices(world) == []


async def test_concurrent_registrations_of_one_address_leave_one_row(
    committed_world: World,
) -> None:
    world = committed_world
    people = [await world.member() for _ in range(4)]
    for turn in range(3):
        await asyncio.gather(
            *[register_device(person, f"i-{turn}-{i}", "same") for i, person in enumerate(people)]
        )
        (row,) = await devices(world)
        assert row[2] == "same"


async def test_concurrent_registrations_of_one_installation_leave_one_row(
    committed_world: World,
) -> None:
    world = committed_world
    people = [await world.member() for _ in range(4)]
    for _ in range(3):
        await asyncio.gather(
            *[register_device(person, "i-1", f"v-{i}") for i, person in enumerate(people)]
        )
        (row,) = await devices(world)
        assert row[2] == f"v-{[person.id for person in people].index(row[4])}"


# Twenty devices per user


async def test_the_least_recently_seen_device_over_twenty_is_deleted(world: World) -> None:
    guest, other = await world.guest(), await world.member()
    await register_device(other, "other", "value of other")
    for number in range(20):
        world.clock.advance(seconds=1)
        await register_device(guest, f"i-{number:02}", f"value {number}")
    world.clock.advance(seconds=1)
    await register_device(guest, "i-00", "value 0")  # seen again, so i-01 is now the oldest
    assert len(await devices(world)) == 21
    world.clock.advance(seconds=1)
    await register_device(guest, "new", "value of new")
    expected = {f"i-{number:02}" for number in range(20) if number != 1} | {"new", "other"}
    assert set(await owners(world)) == expected
    for number in range(40):
        await register_device(guest, f"more-{number}", f"value of more {number}")
    own = [install for install, user in (await owners(world)).items() if user == guest.id]
    assert len(own) == 20
    assert "more-39" in own
    assert (await owners(world))["other"] == other.id


async def test_thirty_concurrent_registrations_leave_twenty_devices(committed_world: World) -> None:
    world = committed_world
    member = await world.member()
    await asyncio.gather(*(register_device(member, f"i-{n}", f"value {n}") for n in range(30)))
    assert len(await devices(world)) == 20


async def test_installations_that_swap_their_addresses_lock_in_one_order(
    committed_world: World,
) -> None:
    world = committed_world
    first, second = await world.member(), await world.member()
    await register_device(first, "i-1", "a")
    await register_device(second, "i-2", "b")
    row = "SELECT FROM user_devices WHERE value = :value FOR UPDATE NOWAIT"
    # As a registration of i-2 with "a" does, which locks the row of i-2 next.
    async with holding(world, row, value="a") as other:
        swapping = start(register_device(first, "i-1", "b"))
        await until_settled(world, swapping)
        await other.execute(text(row), value="b")
    await swapping
    await register_device(second, "i-2", "a")
    assert [row[:3] for row in await devices(world)] == [
        ("i-1", "fcm_token", "b"),
        ("i-2", "fcm_token", "a"),
    ]


async def test_a_registration_during_a_sign_out_leaves_no_device(committed_world: World) -> None:
    """The session is valid when the request passes authentication and ends before the write."""
    world = committed_world
    member = await world.member()
    session_id = await current_session(member)
    ending = "UPDATE user_sessions SET ended_at = now() WHERE id = CAST(:id AS uuid)"
    form = {"kind": "fcm_token", "value": "v", "platform": "ios"}
    async with holding(world, ending, id=session_id) as signing_out:
        registering = start(member.put("/notifications/devices/phone", json=form))
        await until_settled(world, registering)
        forget = "DELETE FROM user_devices WHERE session_id = CAST(:id AS uuid)"
        await signing_out.execute(text(forget), id=session_id)
    expect(await registering, 401, "session_revoked")
    assert await devices(world) == []
