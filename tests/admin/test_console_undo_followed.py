"""An act of the console that another one has followed can't be taken back."""

from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple

import pytest

from tests.support.api import Api, expect
from tests.support.console import Browser, leads_to, shown, signed_in, undo_on
from tests.support.moderating import ban, last_act
from tests.support.sql import sql
from tests.support.world import World

BANNED = "ばくだん"


class Scene(NamedTuple):
    """An admin in the console, another one, and what they act on."""

    world: World
    admin: Api
    other: Api
    browser: Browser
    member: Api
    lounge: dict[str, Any]
    post: dict[str, Any]


type Act = Callable[[Scene], Awaitable[str]]
"""Acts in the console; returns the page that offers to take it back."""

type Follow = Callable[[Scene], Awaitable[object]]


@pytest.fixture
async def scene(world: World) -> Scene:
    admin, other = await world.admin(), await world.admin()
    member = await world.member(is_verified=True)
    await ban(admin, BANNED)
    lounge = await world.lounge()
    held = await world.post(member, lounge, body=BANNED)
    return Scene(world, admin, other, await signed_in(world, admin), member, lounge, held)


async def suspend(scene: Scene) -> str:
    path = f"/users/{scene.member.id}"
    await scene.browser.post(f"{path}/suspend", reason="荒らし", days="good")
    return f"{path}?done=suspend"


async def give_role(scene: Scene) -> None:
    form = {"status": "active", "role": "admin"}
    expect(await scene.other.patch(f"/admin/users/{scene.member.id}", json=form), 200)


async def change_lounge(scene: Scene) -> str:
    path = f"/lounges/{scene.lounge['id']}/change"
    await scene.browser.post(path, name="温泉", description="別の話")
    return "/lounges?done=changed"


async def describe_lounge(scene: Scene) -> None:
    path = f"/admin/lounges/{scene.lounge['id']}"
    expect(await scene.other.patch(path, json={"description": "また別の話"}), 200)


async def close_lounge(scene: Scene) -> str:
    await scene.browser.post(f"/lounges/{scene.lounge['id']}/close")
    return "/lounges?done=closed"


async def reopen_lounge(scene: Scene) -> None:
    browser = await signed_in(scene.world, scene.other)
    done = await browser.post(f"/lounges/{scene.lounge['id']}/reopen")
    leads_to(done, "/admin/lounges?done=reopened")


async def ban_word(scene: Scene) -> str:
    await scene.browser.post("/words", words=f"{BANNED}\nどく", exceptions="")
    return "/words?done=saved"


async def ban_others(scene: Scene) -> None:
    await ban(scene.other, BANNED)


async def change_reason(scene: Scene) -> str:
    (first, *_) = await sql(scene.world, "SELECT id FROM canned_reasons ORDER BY id")
    await scene.browser.post(f"/reasons/{first['id']}/change", ja="別の文", en="other")
    return "/reasons?done=saved"


async def change_reasons(scene: Scene) -> None:
    await sql(scene.world, "UPDATE canned_reasons SET ja = 'また別の文'")


async def hide_post(scene: Scene) -> str:
    await scene.browser.post(f"/held/post/{scene.post['id']}/hide", reason="理由")
    return "/held?done=hidden"


async def show_post(scene: Scene) -> None:
    path = f"/admin/posts/{scene.post['id']}/restore"
    expect(await scene.other.post(path, json={"reason": "確認済み"}), 204)


@pytest.mark.parametrize(
    ("act", "follow"),
    [
        (suspend, give_role),
        (change_lounge, describe_lounge),
        (close_lounge, reopen_lounge),
        (ban_word, ban_others),
        (change_reason, change_reasons),
        (hide_post, show_post),
    ],
    ids=lambda each: each.__name__,
)
async def test_an_act_that_another_has_followed_is_not_taken_back(
    scene: Scene, act: Act, follow: Follow
) -> None:
    page = await act(scene)
    path = await undo_on(scene.browser, page)
    assert path
    await follow(scene)
    before = await last_act(scene.admin)
    shown(await scene.browser.post(path), 409)
    assert await last_act(scene.admin) == before
