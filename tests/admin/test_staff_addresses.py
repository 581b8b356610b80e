"""A staff role goes only to an account whose owner has proved an address, or signs in elsewhere."""

from typing import Any

import pytest

from tests.support.api import Api, expect
from tests.support.methods import link, social
from tests.support.provider import Providers
from tests.support.sql import count, sql
from tests.support.world import World

REFUSED = (409, "address_unverified")
UNVERIFIED = "UPDATE users SET email_verified_at = NULL WHERE id = CAST(:id AS uuid)"


async def change(admin: Api, user: Api, **changes: Any) -> Any:
    return await admin.patch(f"/admin/users/{user.id}", json=changes)


@pytest.mark.parametrize("role", ["moderator", "admin"])
async def test_an_unverified_address_gets_no_staff_role(world: World, role: str) -> None:
    admin, member = await world.admin(), await world.register()
    refused = await change(admin, member, role=role, status="suspended")
    expect(refused, *REFUSED)
    shown_now = expect(await admin.get(f"/admin/users/{member.id}"), 200)
    assert (shown_now["role"], shown_now["status"]) == ("user", "active")
    assert await count(world, "audit_log") == 0
    await sql(world, "UPDATE users SET email_verified_at = now() WHERE id = :id", id=member.id)
    assert expect(await change(admin, member, role=role), 200)["role"] == role


async def test_a_sign_in_by_a_provider_is_enough(world: World, idp: Providers) -> None:
    admin, member = await world.admin(), await world.register()
    expect(await change(admin, await social(world, "line", "U1"), role="admin"), 200)
    expect(await change(admin, member, role="moderator"), *REFUSED)
    expect(await link(world, member, "google", "G1"), 201)
    expect(await change(admin, member, role="moderator"), 200)


async def test_a_guest_is_still_asked_to_register(world: World) -> None:
    admin, guest = await world.admin(), await world.guest()
    expect(await change(admin, guest, role="moderator"), 409, "not_registered")


async def test_staff_of_an_earlier_release_get_no_further_role(world: World) -> None:
    """Before this rule they could get a role without a verified address."""
    admin, moderator, other = await world.admin(), await world.moderator(), await world.admin()
    for staff in (moderator, other):
        await sql(world, UNVERIFIED, id=staff.id)
    expect(await change(admin, moderator, role="admin"), *REFUSED)
    # What gives nothing more is not refused.
    expect(await change(admin, moderator, role="moderator"), 200)
    expect(await change(admin, moderator, status="suspended"), 200)
    expect(await change(admin, other, role="moderator"), 200)
    expect(await change(admin, other, role="user"), 200)
