"""The kinds of actions: each is one or a few requests with all answers that they may get.

An action chooses its targets before its first request, with its own random numbers. So a seed
repeats the choice of actions, even if they interleave differently.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from random import Random
from typing import Any, Literal

from tests.states.console import Act
from tests.states.state import Content, Person, State

type ActorRole = Literal["member", "guest", "anyone", "admin"]

POST_GONE = {"404 post_not_found"}
COMMENT_GONE = {"404 comment_not_found", "404 post_not_found"}
SEARCHED = ("抹茶", "散歩")
BANNED = "禁句"


@dataclass(frozen=True)
class Step:
    """One action of one person."""

    state: State
    person: Person
    chance: Random
    action: str
    """The name of the action, as `ACTIONS` has it."""

    async def call(self, method: str, path: str, allowed: set[str], **how: Any) -> Any:
        body = await self.state.call(self.person, method, path, allowed, **how)
        if body is not None and method != "GET":
            self.done()
        return body

    async def submit(self, path: str, refused: set[str], fields: dict[str, Any]) -> Act | None:
        """Send a form of the console. Returns the act, or None after a refusal."""
        act = await self.state.submit(path, refused, fields)
        if act is not None:
            self.done()
        return act

    def done(self) -> None:
        """Note that this step changed something, or had nothing left to change."""
        self.state.reached.add(self.action)

    def admin_changes(self, action: str, target_id: str, *, least: int = 1) -> None:
        """Note an entry that the log must have: `least` is 0 if it depends on the moment."""
        self.state.log.expect(action, target_id, least)

    def post(self) -> Content | None:
        return self.state.pick(self.chance, self.state.posts)

    def own_post(self) -> Content | None:
        return self.state.pick(
            self.chance, [post for post in self.state.posts if post.author is self.person]
        )

    def comment(self) -> Content | None:
        return self.state.pick(self.chance, self.state.comments)

    def own_comment(self) -> Content | None:
        return self.state.pick(
            self.chance,
            [comment for comment in self.state.comments if comment.author is self.person],
        )

    def to_restore(self, contents: list[Content]) -> Content | None:
        """Mostly something that is hidden or held."""
        hidden = [item for item in contents if item.id in self.state.out_of_sight]
        is_hidden = hidden and self.chance.random() < 0.6
        return self.chance.choice(hidden) if is_hidden else self.state.pick(self.chance, contents)

    def other_person(self) -> Person | None:
        others = [person for person in self.state.present() if person is not self.person]
        return self.chance.choice(others) if others else None

    def lounge(self) -> str:
        hot = self.chance.random() < 0.8
        return self.chance.choice(self.state.lounges[-3:] if hot else self.state.lounges)

    def words(self) -> str:
        """A text. Some have a banned word, so that a moderator must release them first."""
        word = BANNED if self.chance.random() < 0.15 else self.chance.choice(SEARCHED)
        return f"{word} {self.chance.randrange(10_000)}"


@dataclass(frozen=True)
class Action:
    """A kind of action: which role does it, and how often relative to the others."""

    name: str
    role: ActorRole
    weight: float
    do: Callable[[Step], Awaitable[None]]

    async def play(self, state: State, person: Person, chance: Random) -> None:
        await self.do(Step(state, person, chance, self.name))

    def may(self, person: Person) -> bool:
        if self.role == "anyone":
            return person.role != "admin"
        return person.role == self.role


ACTIONS: dict[str, Action] = {}


def action(role: ActorRole, weight: float) -> Callable[[Callable[[Step], Awaitable[None]]], Action]:
    """Register a function as a kind of action."""

    def register(do: Callable[[Step], Awaitable[None]]) -> Action:
        made = Action(do.__name__, role, weight, do)
        ACTIONS[made.name] = made
        return made

    return register
