"""`apply(changes) == fetch()`: who applied what they were told shows what their lists show.

People act at random. After each act a reader applies what `GET /changes` says, by the rules of the
guide, and then compares everything with lists that are loaded again.
"""

import random
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from tests.live.test_changes import Follower
from tests.support.api import Api, expect
from tests.support.world import World, token

pytestmark = pytest.mark.anyio

STEPS = 45
NOT_TOLD = ("liked", "watching", "like_count", "comment_count")
"""Of posts in a lounge's list; the first two never."""

type Item = dict[str, Any]


class Copy:
    """A reader's offline copy of a lounge, its posts, their comments, and the notifications."""

    def __init__(self, api: Api, lounge_id: str) -> None:
        self.api = api
        self.lounge_id = lounge_id
        self.followed: list[str] = []
        self.posts: dict[str, Item] = {}
        self.comments: dict[str, Item] = {}
        self.notifications: dict[str, Item] = {}
        self.unread = 0

    async def fetch(self) -> None:
        """Load everything."""
        listed = await self.api.items(f"/lounges/{self.lounge_id}/posts")
        self.posts = {post["id"]: post for post in listed}
        self.comments = {}
        for post_id in self.followed:
            await self._fetch_comments(post_id)
        notifications = await self.api.items("/notifications")
        self.notifications = {each["id"]: each for each in notifications}
        counted = await self.api.get("/notifications/unread-count")
        self.unread = expect(counted, 200)["count"]

    async def _fetch_comments(self, post_id: str) -> None:
        response = await self.api.get(f"/posts/{post_id}/comments", params={"limit": 100})
        for comment in response.json().get("items", []):
            self.comments[comment["id"]] = comment
            await self._fetch_replies(comment)

    async def _fetch_replies(self, comment: Item) -> None:
        path = f"/posts/{comment['post_id']}/comments"
        for reply in await self.api.items(path, parent_id=comment["id"]):
            self.comments[reply["id"]] = reply

    async def apply(self, change: Item) -> None:
        kind = change["kind"]
        if kind == "badge":
            self.unread = change["unread"]
        elif kind == "reload":
            await self.fetch()
        elif kind == "author":
            self._drop_author(change["id"])
        elif kind == "notification":
            _apply(self.notifications, change)
        elif kind == "post":
            await self._apply_post(change)
        elif kind == "comment":
            await self._apply_comment(change)

    async def _apply_post(self, change: Item) -> None:
        was_there = change["id"] in self.posts
        _apply(self.posts, change)
        if "gone" in change:
            self.comments = {
                key: value
                for key, value in self.comments.items()
                if value["post_id"] != change["id"]
            }
        elif not was_there and change["id"] in self.followed:
            await self._fetch_comments(change["id"])

    async def _apply_comment(self, change: Item) -> None:
        was_there = change["id"] in self.comments
        if "put" in change and not self._has_place(change["put"]):
            return
        _apply(self.comments, change)
        if "gone" in change:
            self.comments = {
                key: value
                for key, value in self.comments.items()
                if value["parent_id"] != change["id"]
            }
        elif not was_there and change["put"]["parent_id"] is None:
            await self._fetch_replies(change["put"])

    def _has_place(self, comment: Item) -> bool:
        """One's own comment is told though its post is muted, or the comment above it hidden."""
        parent_id = comment["parent_id"]
        return comment["post_id"] in self.posts and (
            parent_id is None or parent_id in self.comments
        )

    def _drop_author(self, author_id: str) -> None:
        gone = {k for k, post in self.posts.items() if post["author"]["id"] == author_id}
        self.posts = {k: post for k, post in self.posts.items() if k not in gone}
        dropped = {
            k
            for k, comment in self.comments.items()
            if comment["author"]["id"] == author_id or comment["post_id"] in gone
        }
        self.comments = {
            k: comment
            for k, comment in self.comments.items()
            if k not in dropped and comment["parent_id"] not in dropped
        }
        self.notifications = {
            k: each
            for k, each in self.notifications.items()
            if not each["actor"] or each["actor"]["id"] != author_id
        }

    @property
    def shown(self) -> dict[str, Any]:
        """What the reader sees, without what is not told."""
        return {
            "posts": {
                key: {name: value for name, value in post.items() if name not in NOT_TOLD}
                for key, post in self.posts.items()
            },
            "comments": self.comments,
            "notifications": self.notifications,
            "unread": self.unread,
        }


def _apply(items: dict[str, Item], change: Item) -> None:
    if "gone" in change:
        items.pop(change["id"], None)
    else:
        items[change["id"]] = items.get(change["id"], {}) | change["put"]


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


async def test_who_applies_the_changes_shows_what_the_lists_show(world: World) -> None:
    seed = random.SystemRandom().randrange(10**6)
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
        assert copy.shown == fresh.shown, f"seed {seed}, step {step}: {done[-6:]}"
