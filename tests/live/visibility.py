"""Posts and comments in every state, and what each kind of viewer is shown of them."""

from typing import Any
from uuid import UUID

from app.live_log.changes import Kind, Logged
from tests.support.api import Api, expect
from tests.support.sql import sql
from tests.support.world import World, token

STATES = ("visible", "held", "hidden", "deleted", "leaving")


class Stage:
    """A post in each state, and on one post that all see a comment and a reply in each state."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.words: dict[str, str] = {}
        """By the id of a post or comment, its own word."""

        self.posts: dict[str, dict[str, Any]] = {}
        self.comments: dict[str, dict[str, Any]] = {}

    async def start(self) -> "Stage":
        world = self.world
        self.author, self.host, self.leaver = [await world.member() for _ in range(3)]
        self.lounge = await world.lounge()
        self.host_post = await world.post(self.host, self.lounge)
        viewers = {
            "author": self.author, "host": self.host, "other": await world.member(),
            "blocker": await world.member(), "muter": await world.member(),
            "admin": await world.admin(), "guest": await world.guest(),
        }  # fmt: skip
        self.viewers = viewers
        for state in STATES:
            await self._add(state)
        self.muted = await self._post("muted", self.author)
        for owner in (self.author, self.leaver):
            expect(await viewers["blocker"].put(f"/users/{owner.id}/block"), 204)
        for post in self.posts.values():
            expect(await viewers["muter"].put(f"/posts/{post['id']}/mute"), 204)
        return self

    async def _add(self, state: str) -> None:
        owner = self.leaver if state == "leaving" else self.author
        await self._post(state, owner)
        top = await self._comment(state, owner, None)
        await self._comment(f"{state} reply", owner, self.comments.get("visible", top))
        # A reply by someone else, below each.
        await self._comment(f"below {state}", self.host, top)

    async def _post(self, state: str, owner: Api) -> dict[str, Any]:
        word = token()
        post = await self.world.post(owner, self.lounge, body=f"本文 {word}")
        self.posts[state], self.words[post["id"]] = post, word
        return post

    async def _comment(self, state: str, owner: Api, parent: dict[str, Any] | None) -> Any:
        word = token()
        comment = await self.world.comment(owner, self.host_post, f"言葉 {word}", parent)
        self.comments[state], self.words[comment["id"]] = comment, word
        return comment

    async def settle(self) -> None:
        """Bring everything into its state, past the app: no text is lost on the way."""
        for table, things in (("posts", self.posts), ("comments", self.comments)):
            for state, thing in things.items():
                name = state.removesuffix(" reply")
                change = {
                    "held": "moderation = 'held'", "hidden": "moderation = 'hidden'",
                    "deleted": "deleted_at = now()",
                }.get(name)  # fmt: skip
                if change is not None:
                    await sql(
                        self.world, f"UPDATE {table} SET {change} WHERE id = :id", id=thing["id"]
                    )
        await sql(self.world, "INSERT INTO user_departures VALUES (:id)", id=self.leaver.id)

    def logged(self) -> list[Logged]:
        post, lounge = UUID(self.host_post["id"]), UUID(self.lounge["id"])
        things = [(lounge, Kind.POST, UUID(each["id"])) for each in self.posts.values()]
        things += [(post, Kind.COMMENT, UUID(each["id"])) for each in self.comments.values()]
        return [Logged(n, *thing, None) for n, thing in enumerate(things)]


async def seen_by_get(stage: Stage, api: Api) -> set[str]:
    """The ids of what GET shows. No answer may have a word of what it hides."""
    seen = set()
    for kind, things in (("posts", stage.posts), ("comments", stage.comments)):
        for thing in things.values():
            response = await api.get(f"/{kind}/{thing['id']}")
            assert response.status_code in (200, 404)
            if response.status_code == 200:
                seen.add(thing["id"])
            else:
                assert stage.words[thing["id"]] not in response.text
    return seen


def puts(changes: list[dict[str, Any]]) -> set[str]:
    """The ids of what is told with its content."""
    return {change["id"] for change in changes if "put" in change}


def short(changes: list[dict[str, Any]]) -> list[tuple[str, bool]]:
    """Of each change its id, and whether it has the content."""
    return [(str(change["id"]), "put" in change) for change in changes]


def ensure_no_word_leaks(stage: Stage, raw: str, seen: set[str]) -> None:
    for thing_id, word in stage.words.items():
        assert thing_id in seen or word not in raw
