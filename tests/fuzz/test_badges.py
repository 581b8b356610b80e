"""The badges of many users, counted together: each is the one that its user is shown."""

from typing import Any
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from app.core.pool import Connection
from app.inbox.service.of_many import ManyReadersService
from tests.support.api import Api, expect
from tests.support.chance import tried
from tests.support.notifications import unread_count
from tests.support.rolled_back import undone
from tests.support.world import World

PEOPLE = 4
KINDS = (
    *("comment", "comment", "comment", "reply", "hide post", "hide comment", "delete"),
    *("mute", "block", "leave", "read some", "read all", "announce", "settings"),
)
ACTS = st.tuples(st.sampled_from(KINDS), st.integers(0, PEOPLE - 1), st.integers(0, 11))


class Community:
    """People with a post each, who are notified of what the others do."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.people: list[Api] = []
        self.left: set[str] = set()
        self._comments: list[dict[str, Any]] = []

    async def start(self) -> "Community":
        self._admin = await self._world.admin()
        self.people = [await self._world.member() for _ in range(PEOPLE)]
        lounge = await self._world.lounge()
        self._posts = [await self._world.post(person, lounge) for person in self.people]
        return self

    async def act(self, act: str, who: int, number: int) -> None:
        """Refusals are acts, too: what a leaver or a blocked person tries changes nothing."""
        person, post = self.people[who], self._posts[number % PEOPLE]
        if act == "comment":
            await self._comment(person, post)
        elif act == "reply" and self._comments:
            parent = self._comments[number % len(self._comments)]
            await self._comment(person, post, parent)
        elif act == "hide post":
            await self._admin.post(f"/admin/posts/{post['id']}/hide", json={"reason": "規約"})
        elif act in ("hide comment", "delete") and self._comments:
            path = f"/comments/{self._comments[number % len(self._comments)]['id']}"
            if act == "delete":
                await person.delete(path)
            else:
                await self._admin.post(f"/admin{path}/hide", json={"reason": "規約"})
        elif act == "mute":
            await person.put(f"/posts/{post['id']}/mute")
        elif act == "block":
            await person.put(f"/users/{self.people[number % PEOPLE].id}/block")
        elif act == "leave" and number == 0:
            form = {"password": person.password}
            left = await person.call("DELETE", "/users/me", json=form)
            self.left |= {person.id} if left.is_success else set()
        elif act == "read some":
            listed = await person.get("/notifications")
            ids = [item["id"] for item in listed.json().get("items", [])][: number % 3 + 1]
            await person.post("/notifications/read", json={"ids": ids})
        elif act == "read all":
            await person.post("/notifications/read", json={"all": True})
        elif act == "announce" and number < 4:
            form = {"title_ja": "お知らせ", "body_ja": "本文"}
            expect(await self._admin.post("/admin/announcements", json=form), 201)
        elif act == "settings":
            await person.patch("/notifications/settings", json={"comment": number % 2 == 0})

    async def _comment(
        self, person: Api, post: dict[str, Any], parent: dict[str, Any] | None = None
    ) -> None:
        form = {"body": "言葉"} | ({"parent_id": parent["id"]} if parent else {})
        post_id = (parent or {}).get("post_id", post["id"])
        written = await person.post(f"/posts/{post_id}/comments", json=form)
        if written.status_code == 201 and parent is None:
            self._comments.append(written.json())

    async def compare(self) -> None:
        there = [person for person in self.people if person.id not in self.left]
        async with self._world.runtime.reading() as ctx:
            service = ctx.service(ManyReadersService)
            counted = await service.count_unread([UUID(person.id) for person in there])
        assert {user_id: badge.unread for user_id, badge in counted.items()} == {
            UUID(person.id): await unread_count(person) for person in there
        }


@tried(12)
@given(acts=st.lists(ACTS, min_size=5, max_size=30))
async def test_badges_counted_together_are_those_that_users_see(
    world: World, connection: Connection, acts: list[tuple[str, int, int]]
) -> None:
    async with undone(connection):
        community = await Community(world).start()
        for act in acts:
            await community.act(*act)
        await community.compare()
