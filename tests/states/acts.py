"""What people do: each act is one or a few requests, with every answer that it may get.

An act chooses its targets before its first request, by a chance of its own. So a seed repeats the
choice of acts, even though they meet in another order.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from random import Random
from typing import Any, Literal

from tests.states.scene import Person, Scene, Thing

type Who = Literal["member", "guest", "anyone", "admin"]

POST_GONE = {"404 post_not_found"}
COMMENT_GONE = {"404 comment_not_found", "404 post_not_found"}
SEARCHED = ("抹茶", "散歩")
BANNED = "禁句"


@dataclass(frozen=True)
class Turn:
    """One act of one person."""

    scene: Scene
    who: Person
    chance: Random

    async def call(self, method: str, path: str, allowed: set[str], **how: Any) -> Any:
        return await self.scene.call(self.who, method, path, allowed, **how)

    def post(self) -> Thing | None:
        return self.scene.pick(self.chance, self.scene.posts)

    def own_post(self) -> Thing | None:
        return self.scene.pick(
            self.chance, [one for one in self.scene.posts if one.author is self.who]
        )

    def comment(self) -> Thing | None:
        return self.scene.pick(self.chance, self.scene.comments)

    def own_comment(self) -> Thing | None:
        return self.scene.pick(
            self.chance, [one for one in self.scene.comments if one.author is self.who]
        )

    def somebody_else(self) -> Person | None:
        others = [one for one in self.scene.present() if one is not self.who]
        return self.chance.choice(others) if others else None

    def lounge(self) -> str:
        hot = self.chance.random() < 0.8
        return self.chance.choice(self.scene.lounges[-3:] if hot else self.scene.lounges)

    def words(self) -> str:
        """Some text; at times with a banned word, so that a moderator must see it first."""
        word = BANNED if self.chance.random() < 0.15 else self.chance.choice(SEARCHED)
        return f"{word} {self.chance.randrange(10_000)}"


@dataclass(frozen=True)
class Act:
    """A kind of act: who does it, and how often beside the others."""

    name: str
    who: Who
    weight: float
    do: Callable[[Turn], Awaitable[None]]

    def may(self, person: Person) -> bool:
        if self.who == "anyone":
            return person.role != "admin"
        return person.role == self.who


ACTS: dict[str, Act] = {}


def act(who: Who, weight: float) -> Callable[[Callable[[Turn], Awaitable[None]]], Act]:
    """Register a function as a kind of act."""

    def register(do: Callable[[Turn], Awaitable[None]]) -> Act:
        made = Act(do.__name__, who, weight, do)
        ACTS[made.name] = made
        return made

    return register
