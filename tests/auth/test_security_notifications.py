"""What happens to an account is told to the account itself, whether it has an address or not."""

from typing import Any

from app.api import JOBS
from tests.support.api import Api, expect
from tests.support.auth import NEW, token_of
from tests.support.jobs import run_jobs
from tests.support.methods import METHODS, ask_for, change, code_of, link, social
from tests.support.notifications import register_device
from tests.support.provider import Providers
from tests.support.world import PASSWORD, World

NEW_LOGIN = {"email": "new@example.com", "password": PASSWORD}


async def told(api: Api) -> list[str]:
    """The titles of the `security` notifications, the newest first."""
    notes = await api.items("/notifications")
    return [note["title"] for note in notes if note["type"] == "security"]


async def test_each_change_of_the_methods_is_told_to_an_account_without_an_address(
    world: World, idp: Providers
) -> None:
    owner = await social(world, "line", "U1")
    expect(await link(world, owner, "google", "G1"), 201)
    spent = await code_of(world, "A1", "apple")
    expect(await owner.post(f"{METHODS}/exchange", json=spent), 201)
    expect(await owner.delete(f"{METHODS}/google"), 204)
    token = await ask_for(world, owner, "mails@example.com", None)
    expect(await change(world, token), 204)
    expect(await owner.post(f"{METHODS}/email", json=NEW_LOGIN), 201)
    assert await told(owner) == [
        "ログイン方法「メールアドレスとパスワード」が追加されました",
        "メールアドレスが変更されました",
        "メールアドレス変更の手続きがありました",
        "ログイン方法「Google」が解除されました",
        "ログイン方法「Apple」が追加されました",
        "ログイン方法「Google」が追加されました",
    ]
    (latest, *_) = await owner.items("/notifications")
    assert (latest["actor"], latest["url"], latest["read"]) == (None, None, False)
    assert "お心当たりがない場合" in latest["body"]


async def test_a_new_password_is_told_whichever_way_it_came(world: World) -> None:
    member = await world.register()
    await run_jobs(world, JOBS)
    form = {"current_password": PASSWORD, "new_password": NEW}
    expect(await member.post("/auth/password/change", json=form), 204)
    expect(await member.patch("/users/me", json={"locale": "en"}), 200)
    assert await told(member) == ["Your password was changed"]
    anonymous = world.anonymous()
    expect(await anonymous.post("/auth/password/forgot", json={"email": member.email}), 202)
    await run_jobs(world, JOBS)
    body = {"token": token_of(world.mailer, "reset-password"), "new_password": PASSWORD}
    expect(await anonymous.post("/auth/password/reset", json=body), 204)
    await world.sign_in(member)
    assert await told(member) == ["Your password was changed"] * 2


async def test_it_is_pushed_and_no_setting_stops_it(world: World, idp: Providers) -> None:
    owner = await social(world, "line", "U1")
    await register_device(owner, "phone-0001")
    off: dict[str, Any] = expect(await owner.get("/notifications/settings"), 200)
    assert "security" not in off
    off = dict.fromkeys(off, False)
    expect(await owner.patch("/notifications/settings", json=off), 200)
    expect(await owner.patch("/notifications/settings", json={"security": False}), 422)
    expect(await link(world, owner, "google", "G1"), 201)
    await run_jobs(world, JOBS)
    ((message, _),) = world.push.sent
    (note,) = await owner.items("/notifications")
    assert message.title == note["title"] == "ログイン方法「Google」が追加されました"
    assert message.body == note["body"]
    assert message.data == {"type": "security", "notification_id": note["id"]}


async def test_a_refused_change_tells_nothing(world: World, idp: Providers) -> None:
    owner = await social(world, "line", "U1")
    expect(await owner.delete(f"{METHODS}/line"), 409, "last_identity")
    world.clock.advance(minutes=11)
    expect(await link(world, owner, "google", "G1"), 403, "proof_required")
    assert await told(owner) == []
