"""`apply(changes) == fetch()`, whatever people do and in whatever order they do it.

After each act a reader applies what `GET /changes` tells, by the rules of docs/clients.md, and
compares what is then shown with lists that are loaded again.
"""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from app.api import JOBS
from app.core.pool import Connection
from app.lounge.service import LoungeService
from tests.support.api import Api, expect
from tests.support.chance import tried
from tests.support.changes import Follower
from tests.support.jobs import run_jobs
from tests.support.live_copy import Copy, Item
from tests.support.rolled_back import undone
from tests.support.world import World, token

READERS = 2
OTHERS = 2
"""They act, too. Only they are suspended, and leave."""

MOST_ACTS = 14
KINDS = (
    *("publish", "comment", "comment", "reply", "reply", "like", "watch", "edit", "delete", "hide"),
    *("restore", "block", "unblock", "mute", "unmute", "favourite", "rename", "close", "read"),
    *("read all", "announce", "leave", "suspend", "lift", "jobs"),
)
ACTS = st.tuples(st.sampled_from(KINDS), st.integers(0, 3), st.integers(0, 11))
REASON = {"reason": "規約に反しました"}


class Reader:
    """A copy that follows the lounge and the first posts, and what it was told."""

    def __init__(self, api: Api, lounge_id: str, followed: list[str]) -> None:
        self._topics = (f"lounge:{lounge_id}", *(f"post:{post_id}" for post_id in followed))
        self._follower = Follower(api, *self._topics)
        self.copy, self._fresh = (Copy(api, lounge_id) for _ in range(2))
        self.copy.followed = self._fresh.followed = followed

    async def start(self) -> "Reader":
        await self._follower.start()
        await self.copy.fetch()
        return self

    async def compare(self) -> None:
        told = await self._follower.look()
        for change in told:
            await self.copy.apply(change)
        await self._fresh.fetch()
        assert self.copy.shown == self._fresh.shown, told


class Community:
    """People in one lounge. What a rule refuses is an act, too: it must change nothing."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._comments: list[Item] = []

    async def start(self) -> "Community":
        world = self._world
        self._admin = await world.admin()
        words = {"words": ["禁句"]}
        expect(await self._admin.put("/admin/banned-words", json=words), 200)
        self._people = [await world.member() for _ in range(READERS + OTHERS)]
        self._lounge_id = (await world.lounge())["id"]
        lounge = {"id": self._lounge_id}
        # A reader's own, and one of each who may leave.
        self._posts = [await world.post(person, lounge) for person in self._people[1:]]
        followed = [post["id"] for post in self._posts]
        self.readers = [
            await Reader(person, self._lounge_id, followed).start()
            for person in self._people[:READERS]
        ]
        return self

    async def act(self, kind: str, who: int, number: int) -> None:
        acts: dict[str, Callable[[Api, int], Awaitable[Any]]] = {
            "publish": self._publish,
            "comment": self._comment,
            "reply": self._reply,
            "edit": self._edit,
            "delete": self._delete,
            "read": self._read,
            "leave": self._leave,
            "announce": self._announce,
            "close": self._close,
            "jobs": lambda _, __: run_jobs(self._world, JOBS),
            "like": lambda person, n: person.call(_on(n), f"{self._post(n)}/like"),
            "mute": lambda person, n: person.put(f"{self._post(n)}/mute"),
            "unmute": lambda person, n: person.delete(f"{self._post(n)}/mute"),
            "block": lambda person, n: person.put(f"/users/{self._other(n).id}/block"),
            "unblock": lambda person, n: person.delete(f"/users/{self._other(n).id}/block"),
            "watch": lambda person, n: person.call(_on(n), f"{self._post(n)}/watch"),
            "favourite": lambda person, n: person.call(_on(n), f"{self._lounge}/favorite"),
            "read all": lambda person, _: person.post("/notifications/read", json={"all": True}),
            "hide": lambda _, n: self._admin.post(f"/admin{self._thing(n)}/hide", json=REASON),
            "restore": lambda _, n: self._admin.post(
                f"/admin{self._thing(n)}/restore", json=REASON
            ),
            "rename": lambda _, n: self._admin.patch(
                f"/admin{self._lounge}", json={"name": f"部屋 {token()}", "description": f"{n}"}
            ),
            "suspend": lambda _, n: self._set_status(
                n, status="suspended", hide_content=n % 3 > 0, **REASON
            ),
            "lift": lambda _, n: self._set_status(n, status="active"),
        }
        await acts[kind](self._people[who], number)

    @property
    def _lounge(self) -> str:
        return f"/lounges/{self._lounge_id}"

    def _post(self, number: int) -> str:
        return f"/posts/{self._posts[number % len(self._posts)]['id']}"

    def _thing(self, number: int) -> str:
        """A post, or more often a comment."""
        if number % 3 == 0 or not self._comments:
            return self._post(number)
        return f"/comments/{self._comments[number % len(self._comments)]['id']}"

    def _other(self, number: int) -> Api:
        return self._people[number % len(self._people)]

    def _words(self, number: int) -> dict[str, str]:
        return {"body": f"{'禁句' if number % 4 == 3 else '言葉'} {token()}"}

    async def _publish(self, person: Api, number: int) -> None:
        form = {"lounge_id": self._lounge_id, "title": f"題 {token()}", **self._words(number)}
        written = await person.post("/posts", json=form)
        if written.status_code == 201:
            self._posts.append(written.json())

    async def _comment(self, person: Api, number: int, parent: Item | None = None) -> None:
        form = self._words(number) | ({"parent_id": parent["id"]} if parent else {})
        path = f"/posts/{parent['post_id']}" if parent else self._post(number)
        written = await person.post(f"{path}/comments", json=form)
        if written.status_code == 201:
            self._comments.append(written.json())

    async def _reply(self, person: Api, number: int) -> None:
        tops = [comment for comment in self._comments if comment["parent_id"] is None]
        await self._comment(person, number, tops[number % len(tops)] if tops else None)

    async def _edit(self, _: Api, number: int) -> None:
        for person in self._people:
            await person.patch(self._thing(number), json=self._words(number + 1))

    async def _delete(self, _: Api, number: int) -> None:
        for person in self._people:
            await person.delete(self._thing(number))

    async def _read(self, person: Api, number: int) -> None:
        listed = await person.get("/notifications")
        ids = [item["id"] for item in listed.json().get("items", [])][: number % 3 + 1]
        await person.post("/notifications/read", json={"ids": ids})

    async def _announce(self, _: Api, number: int) -> None:
        made = expect(await self._admin.get("/admin/announcements"), 200)["items"]
        if made and number % 2:
            await self._admin.delete(f"/admin/announcements/{made[0]['id']}")
        else:
            form = {"title_ja": f"お知らせ {token()}", "body_ja": "本文"}
            expect(await self._admin.post("/admin/announcements", json=form), 201)

    async def _close(self, _: Api, number: int) -> None:
        """Close the lounge, or more often open it again: in a closed one little happens."""
        if number % 3 == 0:
            expect(await self._admin.delete(f"/admin{self._lounge}"), 204)
            return
        async with self._world.runtime.writing() as ctx:
            await ctx.service(LoungeService).reopen(UUID(self._lounge_id))

    async def _leave(self, _: Api, number: int) -> None:
        leaver = self._people[READERS + number % OTHERS]
        await leaver.call("DELETE", "/users/me", json={"password": leaver.password})

    async def _set_status(self, number: int, **status: Any) -> None:
        person = self._people[READERS + number % OTHERS]
        await self._admin.patch(f"/admin/users/{person.id}", json=status)


def _on(number: int) -> str:
    return "PUT" if number % 3 else "DELETE"


@tried(3)
@given(acts=st.lists(ACTS, min_size=4, max_size=MOST_ACTS))
async def test_who_applies_the_changes_shows_what_the_lists_show(
    world: World, connection: Connection, acts: list[tuple[str, int, int]]
) -> None:
    async with undone(connection):
        community = await Community(world).start()
        for number, act in enumerate(acts):
            await community.act(*act)
            # In turns, so that each has something to catch up with.
            await community.readers[number % READERS].compare()
        for reader in community.readers:
            await reader.compare()
