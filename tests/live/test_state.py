"""`apply(changes) == fetch()`: who applied what they were told shows what their lists show.

People act at random. After each act a reader applies what `GET /changes` says, by the rules of the
guide, and then compares everything with lists that are loaded again.
"""

import random
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from tests.support.api import Api, expect
from tests.support.chance import seeds
from tests.support.changes import Follower
from tests.support.live_copy import Copy, Item
from tests.support.world import World, token

STEPS = 45


class Play:
    """People who act on one lounge at random."""

    def __init__(self, world: World, seed: int) -> None:
        self.world = world
        self.dice = random.Random(seed)
        self.posts: list[Item] = []
        self.comments: list[Item] = []

    async def start(self) -> "Play":
        self.admin = await self.world.admin()
        words = {"words": ["禁句"]}
        expect(await self.admin.put("/admin/banned-words", json=words), 200)
        self.people = [await self.world.member() for _ in range(3)]
        self.lounge = await self.world.lounge()
        for person in self.people:
            self.posts.append(await self.world.post(person, self.lounge))
        return self

    async def act(self) -> str:
        """Do something; returns what was done. Refusals are acts, too."""
        acts: list[Callable[[Api], Awaitable[Any]]] = [
            *(self.comment, self.comment, self.reply, self.reply, self.edit, self.delete),
            *(self.moderate, self.moderate, self.block, self.mute, self.read, self.like),
        ]
        act = self.dice.choice(acts)
        return f"{act.__name__}: {await act(self.dice.choice(self.people))}"

    def _words(self) -> dict[str, str]:
        return {"body": f"{self.dice.choice(('言葉', '言葉', '禁句'))} {token()}"}

    async def comment(self, person: Api, parent: Item | None = None) -> int:
        post = self.dice.choice(self.posts)
        form = self._words() | ({"parent_id": parent["id"]} if parent else {})
        post_id = parent["post_id"] if parent else post["id"]
        response = await person.post(f"/posts/{post_id}/comments", json=form)
        if response.status_code == 201:
            self.comments.append(response.json())
        return response.status_code

    async def reply(self, person: Api) -> int:
        tops = [comment for comment in self.comments if comment["parent_id"] is None]
        return await self.comment(person, self.dice.choice(tops) if tops else None)

    def _thing(self) -> str:
        kind = self.dice.choice(("posts", "comments", "comments"))
        things = (self.posts if kind == "posts" else self.comments) or self.posts
        thing = self.dice.choice(things)
        return f"/{'posts' if thing in self.posts else 'comments'}/{thing['id']}"

    async def edit(self, _: Api) -> list[int]:
        path, words = self._thing(), self._words()
        return [(await each.patch(path, json=words)).status_code for each in self.people]

    async def delete(self, _: Api) -> list[int]:
        path = self._thing()
        if path.startswith("/posts") and self.dice.random() < 0.8:
            return []
        return [(await each.delete(path)).status_code for each in self.people]

    async def moderate(self, _: Api) -> int:
        act = self.dice.choice(("hide", "restore", "restore"))
        path = f"/admin{self._thing()}/{act}"
        return (await self.admin.post(path, json={"reason": "規約"})).status_code

    async def block(self, person: Api) -> int:
        other = self.dice.choice(self.people)
        method = self.dice.choice(("PUT", "DELETE", "DELETE"))
        return (await person.call(method, f"/users/{other.id}/block")).status_code

    async def mute(self, person: Api) -> int:
        method = self.dice.choice(("PUT", "DELETE", "DELETE"))
        path = f"/posts/{self.dice.choice(self.posts)['id']}/mute"
        return (await person.call(method, path)).status_code

    async def like(self, person: Api) -> int:
        path = f"/posts/{self.dice.choice(self.posts)['id']}/like"
        return (await person.put(path)).status_code

    async def read(self, person: Api) -> int:
        ids = await person.ids("/notifications")
        form = {"all": True} if self.dice.random() < 0.3 else {"ids": ids[:2]}
        return (await person.post("/notifications/read", json=form)).status_code


# Under this seed a reader mutes a post before they take what was told of its comments.
MUTED_MEANWHILE = 2630291740


@pytest.mark.parametrize("seed", seeds(1, 50, [MUTED_MEANWHILE]))
async def test_who_applies_the_changes_shows_what_the_lists_show(world: World, seed: int) -> None:
    play = await Play(world, seed).start()
    lounge_id = play.lounge["id"]
    followed = [post["id"] for post in play.posts]
    names = (f"lounge:{lounge_id}", *(f"post:{post_id}" for post_id in followed))
    copies = [Copy(person, lounge_id) for person in play.people]
    followers = [await Follower(person, *names).start() for person in play.people]
    for copy in copies:
        copy.followed = followed
        await copy.fetch()
    done: list[str] = []
    for step in range(STEPS):
        done.append(await play.act())
        reader = step % len(copies)  # Each looks at every third act, and so catches up.
        copy, follower = copies[reader], followers[reader]
        for change in await follower.look():
            await copy.apply(change)
        fresh = Copy(copy.api, lounge_id)
        fresh.followed = followed
        await fresh.fetch()
        assert copy.shown == fresh.shown, f"step {step}: {done[-6:]}"
