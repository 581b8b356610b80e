"""Links that come at once, and links and sign-ins while an account ends."""

import asyncio
from uuid import UUID

import pytest
from sqlalchemy import text

from app.user.service.users import UserService
from tests.support.api import expect
from tests.support.auth import nonce, sign_in
from tests.support.methods import METHODS, code_of, link, methods_of, social
from tests.support.races import start, until_settled
from tests.support.sql import count
from tests.support.world import PASSWORD, World

pytestmark = pytest.mark.usefixtures("idp")

LATE = 4102444800
LEFT = "UPDATE users SET left_at = now() WHERE id = CAST(:id AS uuid)"


@pytest.fixture
def world(committed_world: World) -> World:
    return committed_world


async def test_of_fifty_links_of_one_identity_one_wins(world: World) -> None:
    people = [await world.member() for _ in range(10)]
    answers = await asyncio.gather(
        *(link(world, people[i % 10], "line", "U1", exp=LATE) for i in range(50))
    )
    codes = sorted(answer.status_code for answer in answers)
    assert codes == [201] + [409] * 49
    assert await count(world, "user_identities", "subject = 'U1'") == 1
    winner = next(answer for answer in answers if answer.status_code == 201)
    assert winner.json()["provider"] == "line"


async def test_a_link_and_a_first_sign_in_at_once_make_one_owner(world: World) -> None:
    for i in range(6):
        member = await world.member()
        linked, signed_in = await asyncio.gather(
            link(world, member, "line", f"U{i}", exp=LATE),
            sign_in(world, "line", sub=f"U{i}", exp=LATE),
        )
        assert (linked.status_code, signed_in.status_code) in ((201, 200), (409, 201))
        owner = signed_in.json()["user"]["id"]
        assert (owner == member.id) == (linked.status_code == 201)


async def test_two_methods_closed_at_once_leave_one(world: World) -> None:
    for i in range(5):
        owner = await social(world, "line", f"U{i}", exp=LATE)
        expect(await link(world, owner, "google", f"G{i}", exp=LATE), 201)
        answers = await asyncio.gather(
            owner.delete(f"{METHODS}/line"), owner.delete(f"{METHODS}/google")
        )
        codes = sorted(answer.status_code for answer in answers)
        assert codes == [204, 409]
        assert len(await methods_of(owner)) == 1


async def test_one_code_is_spent_once(world: World) -> None:
    member, spent = await world.member(), await code_of(world, "U1")
    answers = await asyncio.gather(
        *(world.anonymous().post("/auth/oauth/exchange", json=spent) for _ in range(3)),
        *(member.post(f"{METHODS}/exchange", json=spent) for _ in range(3)),
    )
    assert sorted(answer.status_code for answer in answers) == [201] + [401] * 5
    assert await count(world, "user_identities", "subject = 'U1'") == 1


@pytest.mark.parametrize("way", ["provider", "code", "email", "upgrade"])
async def test_a_link_during_leaving_is_refused(world: World, way: str) -> None:
    leaver = await (world.guest() if way == "upgrade" else social(world, "google", "G1"))
    fresh = await nonce(world)
    token = {"id_token": world.idp.token("line", nonce=fresh, sub="U1", exp=LATE), "nonce": fresh}
    path, body = {
        "provider": (f"{METHODS}/line", token),
        "code": (f"{METHODS}/exchange", await code_of(world, "U1")),
        "email": (f"{METHODS}/email", {"email": "late@example.com", "password": PASSWORD}),
        "upgrade": ("/auth/guest/upgrade/line", token),
    }[way]
    async with world.runtime.writing() as ctx:
        await UserService(ctx).exclusive(UUID(leaver.id))
        call = start(leaver.post(path, json=body))
        await until_settled(world, call)
        assert not call.done()
        await ctx.db.execute(text(LEFT), id=leaver.id)
    expect(await call, 401, "session_revoked")
    assert await count(world, "user_identities", "subject = 'U1' OR provider = 'email'") == 0


CLOSED = """
    DELETE FROM user_identities WHERE provider = 'line' AND user_id = CAST(:id AS uuid)
"""
GIVEN_AWAY = """
    UPDATE user_identities SET user_id = CAST(:other AS uuid)
    WHERE provider = 'line' AND user_id = CAST(:id AS uuid)
"""


@pytest.mark.parametrize("change", [CLOSED, GIVEN_AWAY, LEFT], ids=["closed", "given away", "left"])
@pytest.mark.parametrize("way", ["token", "code"])
async def test_a_sign_in_by_a_method_that_is_being_closed_enters_no_account_of_its_owner(
    world: World, way: str, change: str
) -> None:
    owner, other = await world.member(), await world.member()
    expect(await link(world, owner, "line", "U1", exp=LATE), 201)
    spent = await code_of(world, "U1")
    ids = {"id": owner.id, "other": other.id}
    async with world.runtime.writing() as ctx:
        await UserService(ctx).exclusive(UUID(owner.id))
        if way == "token":
            call = start(sign_in(world, "line", sub="U1", exp=LATE))
        else:
            call = start(world.anonymous().post("/auth/oauth/exchange", json=spent))
        await until_settled(world, call)
        assert not call.done()
        given = {name: value for name, value in ids.items() if f":{name}" in change}
        await ctx.db.execute(text(change), **given)
    answer = await call
    entered = expect(answer, 200 if change == GIVEN_AWAY else 201)["user"]["id"]
    assert entered not in ({owner.id} if change == GIVEN_AWAY else {owner.id, other.id})
