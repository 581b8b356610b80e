"""Who takes part in a story, what there is to act on, and what each call was answered."""

import re
from dataclasses import dataclass, field
from random import Random
from typing import Any, Literal

from tests.states.engine import Watch
from tests.states.facts import Facts
from tests.states.worker import Worker
from tests.support.api import Api
from tests.support.world import World

type Role = Literal["member", "guest", "admin"]

HOT = 3
"""Most acts aim at the newest few things, so that they meet in the same rows."""

_IDS = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}")
_SHOWN = 160


@dataclass(eq=False)
class Person:
    """Somebody who acts. What may be refused depends on what happens to them in this round."""

    name: str
    role: Role
    api: Api
    has_left: bool = False
    is_signed_out: bool = False
    """Until they sign in again, which who is suspended can't."""

    was_guest: bool = False
    tokens_may_die: bool = False
    may_be_suspended: bool = False
    images: list[str] = field(default_factory=list)
    device: str = ""

    @property
    def id(self) -> str:
        return self.api.id

    def refusals(self) -> set[str]:
        """What any write of this person may be answered now, whatever it is."""
        return {
            *({"401 session_revoked"} if self.tokens_may_die else ()),
            *({"403 account_suspended"} if self.may_be_suspended else ()),
            *({"403 guest_not_allowed"} if self.was_guest else ()),
        }


@dataclass(frozen=True)
class Thing:
    """A post or a comment that somebody wrote."""

    id: str
    author: Person
    post_id: str = ""
    parent_id: str | None = None


@dataclass
class Scene:
    """All that the acts of one story share."""

    world: World
    watch: Watch
    worker: Worker
    admin: Person
    lounges: list[str]
    people: list[Person] = field(default_factory=list)
    spotlight: Person | None = None
    """Whom a round is about: they act more than the others, and on their things others act more."""

    posts: list[Thing] = field(default_factory=list)
    comments: list[Thing] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    erased: list[str] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)
    arrived: int = 0
    ever_moderated: set[str] = field(default_factory=set)
    ever_muted: set[tuple[str, str]] = field(default_factory=set)
    ever_blocked: set[tuple[str, str]] = field(default_factory=set)

    def present(self, role: Role | None = None) -> list[Person]:
        """Those who have not left."""
        return [one for one in self.people if not one.has_left and role in (None, one.role)]

    async def call(self, who: Person, method: str, path: str, allowed: set[str], **how: Any) -> Any:
        """One request. The JSON that it was answered; None after a refusal.

        What is neither in `allowed` nor among the person's refusals is a problem.
        """
        allowed = allowed | who.refusals()
        try:
            response = await who.api.call(method, path, **how)
        except AssertionError as unexpected:
            # Not in the OpenAPI document, or a 500.
            self._note(who, method, path, how, f"UNEXPECTED {unexpected}")
            self.problems.append(f"{who.name} {method} {path}: {unexpected}")
            return None
        body = response.json() if response.content else {}
        outcome = str(response.status_code)
        if response.status_code >= 400:
            outcome += f" {body.get('code')}"
        self._note(who, method, path, how, outcome)
        if outcome not in allowed | who.refusals():
            self.problems.append(f"{who.name} {method} {path} was answered {outcome}")
        return body if response.is_success else None

    def _note(self, who: Person, method: str, path: str, how: dict[str, Any], outcome: str) -> None:
        sent = str(how.get("json", ""))[:_SHOWN]
        self.answers.append(f"{who.name} {method} {path} {sent} -> {outcome}")

    def name(self, thing_id: str, name: str) -> None:
        """What a thing is called in the report of a failure."""
        self.names.setdefault(thing_id, f"<{name} {thing_id[-4:]}>")

    def readable(self, line: str) -> str:
        """A line of a report with names in the place of ids."""
        return _IDS.sub(lambda match: self.names.get(match[0], match[0]), line)

    def rows_in(self, lines: list[str], facts: Facts) -> list[str]:
        """The rows that lines name, by their ids; people aside."""
        people = {one.id for one in [*self.people, self.admin]}
        ids = dict.fromkeys(found for line in lines for found in _IDS.findall(line))
        return [row for one in ids if one not in people and (row := facts.find(one))]

    def begin_round(self) -> None:
        self.answers.clear()
        self.worker.failures.clear()
        for one in self.people:
            one.was_guest = one.role == "guest"
            one.tokens_may_die = one.is_signed_out

    def catch_up(self, facts: Facts) -> None:
        """Acts go on to hit what is hidden or held, and not what is deleted or closed."""
        living = {
            row["id"]
            for row in (*facts.rows("posts"), *facts.rows("comments"))
            if row["deleted_at"] is None
        }
        self.posts = [post for post in self.posts if post.id in living]
        self.comments = [one for one in self.comments if one.id in living and one.post_id in living]
        self.people = self.present()
        for one in self.people:
            one.may_be_suspended = facts.users[one.id]["status"] == "suspended"
        self.lounges = [one for one in self.lounges if facts.lounges[one]["closed_at"] is None]

    def pick(self, chance: Random, things: list[Thing]) -> Thing | None:
        """Mostly one of the newest, and often one of those whom the round is about."""
        if chance.random() < 0.4:
            things = [one for one in things if one.author is self.spotlight] or things
        if not things:
            return None
        return chance.choice(things[-HOT:] if chance.random() < 0.8 else things)
