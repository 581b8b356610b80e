"""The kinds of acts: each is one or a few requests with all answers that they may get.

An act chooses its targets before its first request, with its own random numbers. So a seed repeats
the choice of acts, even if they interleave differently.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from random import Random
from typing import Any, Literal

from tests.states.scene import Content, Person, Scene

type ActorRole = Literal["member", "guest", "anyone", "admin"]

POST_GONE = {"404 post_not_found"}
COMMENT_GONE = {"404 comment_not_found", "404 post_not_found"}
SEARCHED = ("抹茶", "散歩")
BANNED = "禁句"


@dataclass(frozen=True)
class Turn:
    """One act of one person."""

    scene: Scene
    person: Person
    chance: Random

    async def call(self, method: str, path: str, allowed: set[str], **how: Any) -> Any:
        return await self.scene.call(self.person, method, path, allowed, **how)

    def post(self) -> Content | None:
        return self.scene.pick(self.chance, self.scene.posts)

    def own_post(self) -> Content | None:
        return self.scene.pick(
            self.chance, [post for post in self.scene.posts if post.author is self.person]
        )

    def comment(self) -> Content | None:
        return self.scene.pick(self.chance, self.scene.comments)

    def own_comment(self) -> Content | None:
        return self.scene.pick(
            self.chance,
            [comment for comment in self.scene.comments if comment.author is self.person],
        )

    def somebody_else(self) -> Person | None:
        others = [person for person in self.scene.present() if person is not self.person]
        return self.chance.choice(others) if others else None

    def lounge(self) -> str:
        hot = self.chance.random() < 0.8
        return self.chance.choice(self.scene.lounges[-3:] if hot else self.scene.lounges)

    def words(self) -> str:
        """A text. Some have a banned word, so that a moderator must release them first."""
        word = BANNED if self.chance.random() < 0.15 else self.chance.choice(SEARCHED)
        return f"{word} {self.chance.randrange(10_000)}"


@dataclass(frozen=True)
class Act:
    """A kind of act: which role does it, and how often relative to the others."""

    name: str
    role: ActorRole
    weight: float
    do: Callable[[Turn], Awaitable[None]]

    def may(self, person: Person) -> bool:
        if self.role == "anyone":
            return person.role != "admin"
        return person.role == self.role


ACTS: dict[str, Act] = {}


def act(role: ActorRole, weight: float) -> Callable[[Callable[[Turn], Awaitable[None]]], Act]:
    """Register a function as a kind of act."""

    def register(do: Callable[[Turn], Awaitable[None]]) -> Act:
        made = Act(do.__name__, role, weight, do)
        ACTS[made.name] = made
        return made

    return register
