"""Moderators see e-mail addresses masked, can't search by them, and see no IP addresses."""

import pytest

from app.admin.models import AT_TERMINAL
from app.user.policy import masked
from app.user.repository import finding
from tests.support.api import Api, expect
from tests.support.console import shown, signed_in
from tests.support.lists import walk
from tests.support.sql import sql
from tests.support.world import World

WHY = {"reason": "確認のため"}
MAIL, MASKED = "taro.yamada@mail.example.co.jp", "t…@m….jp"


@pytest.mark.parametrize(
    ("email", "wanted"),
    [
        ("alice@example.com", "a…@e….com"),
        ("alice@dev.example.jp", "a…@d….jp"),
        ("a@b.jp", "a…@b….jp"),
        ("a@b.c", "a…@b….c"),
        ("root@localhost", "r…@l…"),
        ("太郎@日本語.jp", "太…@日….jp"),
        ("taro@日本語.みんな", "t…@日….みんな"),
        ("taro@xn--wgv71a119e.jp", "t…@x….jp"),
        ('"a@b"@example.jp', '"…@e….jp'),
        ("+tag@example.jp", "+…@e….jp"),
    ],
)
def test_a_mask_keeps_first_letters_and_the_last_label(email: str, wanted: str) -> None:
    assert masked(email) == wanted


async def test_a_moderator_sees_addresses_masked(world: World) -> None:
    admin, moderator = await world.admin(), await world.moderator()
    member, guest = await world.member("太郎", email=MAIL), await world.guest()
    path = f"/admin/users/{member.id}"
    for reader, wanted in ((admin, MAIL), (moderator, MASKED)):
        assert expect(await reader.get(path), 200)["email"] == wanted
        listed = {user["id"]: user["email"] for user in await reader.items("/admin/users")}
        assert (listed[member.id], listed[guest.id]) == (wanted, None)
        suspended = expect(await reader.patch(path, json={"status": "suspended", **WHY}), 200)
        assert suspended["email"] == wanted
        expect(await reader.patch(path, json={"status": "active"}), 200)
    # One's own address is in one's own account.
    assert expect(await moderator.get("/users/me"), 200)["email"] == moderator.email
    pages = (f"/users/{member.id}", "/users", "/users?q=太郎", "/find?q=太郎")
    for reader, wanted in ((admin, MAIL), (moderator, MASKED)):
        browser = await signed_in(world, reader)
        for page in pages:
            seen = shown(await browser.get(page))
            assert wanted in seen
            assert (MAIL in seen) is (reader is admin), page


async def test_a_moderator_finds_nobody_by_an_address(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    admin, moderator = await world.admin(), await world.moderator()
    member = await world.member("太郎", email=MAIL)
    namesake = await world.member("yamada 花子", email="hanako@example.com")

    async def found(reader: Api, words: str) -> set[str]:
        return {user["id"] for user in await reader.items("/admin/users", q=words)}

    # By the index, and by walking through all users.
    for most in (finding.MOST_BY_INDEX, -1):
        monkeypatch.setattr(finding, "MOST_BY_INDEX", most)
        finding._search.cache_clear()
        for words in (MAIL, "@", "mail.example", "太郎 mail", "taro.y", MAIL[:-1]):
            assert await found(moderator, words) == set(), words
        assert await found(admin, MAIL) == {member.id}
        assert await found(admin, "yamada") == {member.id, namesake.id}
        assert await found(moderator, "yamada") == {namesake.id}
        assert await found(moderator, "ＹＡＭＡＤＡ") == {namesake.id}
        assert await found(moderator, "太郎") == {member.id}
        assert await found(moderator, member.id) == {member.id}
    finding._search.cache_clear()
    browser = await signed_in(world, moderator)
    for page in (f"/users?q={MAIL}", f"/find?q={MAIL}", "/users?q=mail.example"):
        assert member.id not in shown(await browser.get(page)), page
    assert "メール" not in shown(await browser.get("/find"))


async def test_the_length_of_a_page_does_not_tell_whose_address_it_is(world: World) -> None:
    """A search that stopped at a match which is then left out would have a cursor."""
    moderator = await world.moderator()
    for number in range(3):
        await world.member(f"人{number}", email=f"known{number}@example.com")
    for words in ("known", "unknown", "known1@example.com"):
        params = {"q": words, "limit": "1"}
        page = expect(await moderator.get("/admin/users", params=params), 200)
        assert page == {"items": [], "next_cursor": None}


async def test_a_cursor_of_an_admins_search_is_not_a_moderators(world: World) -> None:
    admin, moderator = await world.admin(), await world.moderator()
    for number in range(3):
        await world.member(f"人{number}", email=f"known{number}@example.com")
    params = {"q": "人", "limit": "1"}
    page = expect(await admin.get("/admin/users", params=params), 200)
    params["cursor"] = page["next_cursor"]
    expect(await admin.get("/admin/users", params=params), 200)
    expect(await moderator.get("/admin/users", params=params), 422, "invalid_cursor")
    assert len(await walk(moderator, "/admin/users", q="人")) == 3


ADDRESS = "203.0.113.77"


async def test_a_moderator_sees_no_ip_addresses(world: World) -> None:
    admin, moderator, member = await world.admin(), await world.moderator(), await world.member()
    path = f"/admin/users/{member.id}"
    expect(await admin.patch(path, json={"status": "suspended", **WHY}), 200)
    expect(await moderator.patch(path, json={"status": "active"}), 200)
    await sql(world, "ALTER TABLE audit_log DISABLE TRIGGER USER")
    await sql(world, f"UPDATE audit_log SET address = '{ADDRESS}'")
    terminal = f"""
        INSERT INTO audit_log
            (actor_id, action, target_type, target_id, reason, before, after, address)
        SELECT '{AT_TERMINAL}', action, target_type, target_id, '', before, after, 'operator@host'
        FROM audit_log LIMIT 1
    """
    await sql(world, terminal)
    wanted = {admin: ADDRESS, moderator: ""}
    for reader, address in wanted.items():
        log = await reader.items("/admin/audit-log")
        assert [entry["address"] for entry in log] == ["operator@host", address, address]
        assert log[0]["actor"]["nickname"] == "operator@host"
        browser = await signed_in(world, reader)
        for page in ("/audit", f"/users/{member.id}", f"/audit?target={member.id}&type=user"):
            seen = shown(await browser.get(page))
            assert (ADDRESS in seen) is (reader is admin), page
            assert "operator@host" in seen
    browser = await signed_in(world, moderator)
    form = {"token": await browser.token("/settings")}
    shown(await browser.http.post("/admin/audit/export", data=form), 403)
