"""The states of posts, comments and users: who sees them then, and what brings them there.

Muting and blocking is done by every caller but the owner, so that each of them has the same view.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import NamedTuple

from app.account.jobs import JOBS
from tests.matrix.things import (
    BY_ALL,
    BY_HOST,
    BY_NOBODY,
    BY_OWNER,
    BY_OWNER_AND_HOST,
    Caller,
    Eyes,
    Standing,
    Thing,
)
from tests.support.api import Api, expect
from tests.support.jobs import run_jobs
from tests.support.leaving import leave
from tests.support.world import World

BANNED = "禁句"


@dataclass(frozen=True)
class Scene:
    """A thing that shall come into a state, and those who will look at it."""

    world: World
    admin: Api
    thing: Thing
    readers: list[Caller]

    @property
    def owner(self) -> Caller:
        assert self.thing.owner is not None
        return self.thing.owner

    @property
    def path(self) -> str:
        return f"/{self.thing.kind}s/{self.thing.id}"


type Act = Callable[[Scene], Awaitable[None]]


class State(NamedTuple):
    seen_by: frozenset[Eyes]
    act: Act


async def nothing(_: Scene) -> None:
    """The thing stays as it was made."""


async def hold(scene: Scene) -> None:
    """The app holds a text with a banned word, after an edit too."""
    form = {"body": f"{BANNED} {scene.thing.ids['word']}"}
    expect(await scene.owner.api.patch(scene.path, json=form), 200)


async def hide(scene: Scene) -> None:
    answer = await scene.admin.post(f"/admin{scene.path}/hide", json={"reason": "規約"})
    expect(answer, 204)


async def delete(scene: Scene) -> None:
    expect(await scene.owner.api.delete(scene.path), 204)


async def mute(scene: Scene) -> None:
    for reader in scene.readers:
        expect(await reader.api.put(f"{scene.path}/mute"), 204)


async def block_owner(scene: Scene) -> None:
    for reader in scene.readers:
        expect(await reader.api.put(f"/users/{scene.owner.api.id}/block"), 204)


async def block_readers(scene: Scene) -> None:
    for reader in scene.readers:
        if reader is not scene.thing.host:  # The owner of a comment would lose sight of the post.
            expect(await scene.owner.api.put(f"/users/{reader.api.id}/block"), 204)


async def suspend_owner(scene: Scene) -> None:
    await suspend(scene.admin, scene.owner)


async def suspend(admin: Api, caller: Caller) -> None:
    form = {"status": "suspended", "reason": "規約"}
    expect(await admin.patch(f"/admin/users/{caller.api.id}", json=form), 200)
    caller.standing = Standing.SUSPENDED


async def owner_leaves(scene: Scene) -> None:
    """Out of sight at once, and not erased yet."""
    await leave(scene.owner.api)
    scene.owner.standing = Standing.ENDED


async def erase_owner(scene: Scene) -> None:
    await owner_leaves(scene)
    await run_jobs(scene.world, JOBS)


async def close_lounge(scene: Scene) -> None:
    expect(await scene.admin.delete(f"/admin/lounges/{scene.thing.ids['lounge_id']}"), 204)


BY_ITS_OWNER = {
    # Those who are erased come first: the job would erase the others who leave, too.
    "by an erased user": State(BY_NOBODY, erase_owner),
    "by a blocked user": State(BY_OWNER, block_owner),
    "by a user who blocks": State(BY_ALL, block_readers),
    "by a suspended user": State(BY_ALL, suspend_owner),
    "by a leaver": State(BY_NOBODY, owner_leaves),
}
"""States that the owner's account brings about."""

OF_ITSELF = {
    "visible": State(BY_ALL, nothing),
    "held": State(BY_OWNER, hold),
    "hidden": State(BY_NOBODY, hide),
    "deleted": State(BY_NOBODY, delete),
}

POSTS = {
    **OF_ITSELF,
    **BY_ITS_OWNER,
    "muted": State(BY_OWNER, mute),
    "in a closed lounge": State(BY_ALL, close_lounge),
}

OUT_OF_READERS_SIGHT = ("muted", "by a blocked user")
"""States that each reader brings about for themselves alone."""

COMMENTS = {**OF_ITSELF, **BY_ITS_OWNER, "deleted with a reply": State(BY_NOBODY, delete)}

COMMENTS_ON_POSTS = {
    "held": BY_HOST,
    "hidden": BY_NOBODY,
    "deleted": BY_NOBODY,
    "by an erased user": BY_NOBODY,
    "by a leaver": BY_NOBODY,
    # One's own words are never hidden from oneself.
    "by a blocked user": BY_OWNER_AND_HOST,
    "muted": BY_OWNER_AND_HOST,
    "in a closed lounge": BY_ALL,
}
"""Who sees a comment on a post in this state."""

WITH_A_REPLY = {
    "visible": BY_ALL,
    "deleted with a reply": BY_ALL,
    "hidden": BY_OWNER,
    "held": BY_OWNER_AND_HOST,
    "by a blocked user": BY_OWNER_AND_HOST,
}
"""Comments in these states have a reply, and who sees it: those who see the comment.

One's own reply is never hidden from oneself. The host of a reply is the comment's author.
"""

USERS = {
    "who was erased": State(BY_NOBODY, erase_owner),
    "who is there": State(BY_ALL, nothing),
    "who is blocked": State(BY_ALL, block_owner),
    "who blocks": State(BY_ALL, block_readers),
    "who is suspended": State(BY_ALL, suspend_owner),
    "who leaves": State(BY_NOBODY, owner_leaves),
}
