"""The shared state of a simulation: its people, their posts and comments, and all answers."""

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import Random
from typing import Any, Literal

from app.notification.rows import Badge
from tests.states.console import Act, Console
from tests.states.facts import Facts
from tests.states.log_check import Log
from tests.states.watch import Watch
from tests.states.worker import Worker
from tests.support.api import Api
from tests.support.world import World

type Role = Literal["member", "guest", "admin"]

HOT = 3
"""Most actions choose one of the newest few targets, so that they meet in the same rows."""

_IDS = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}")
_SHOWN = 160
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(eq=False)
class Person:
    """A person who acts. Which refusals are allowed depends on what happens to them this round."""

    name: str
    role: Role
    api: Api
    has_left: bool = False
    is_signed_out: bool = False
    """Until the next sign-in, which a suspended person cannot do."""

    was_guest: bool = False
    tokens_may_die: bool = False
    may_be_suspended: bool = False
    images: list[str] = field(default_factory=list)
    device: str = ""
    has_many_unread: bool = False
    cursor: str | None = None
    told: Badge | None = None
    """The badge that an app knows which has all changes up to the cursor."""

    @property
    def id(self) -> str:
        return self.api.id

    def refusals(self, path: str) -> set[str]:
        """The refusals that any write of this person may get in this round."""
        # A sign-in that begins before its user leaves may end after it.
        signs_in = path == "/auth/login"
        dead = "401 invalid_credentials" if signs_in else "401 session_revoked"
        return {
            *({dead} if self.tokens_may_die else ()),
            *({"403 account_suspended"} if self.may_be_suspended else ()),
            *({"403 guest_not_allowed"} if self.was_guest else ()),
        }


@dataclass(frozen=True)
class Content:
    """A post or a comment."""

    id: str
    author: Person
    post_id: str = ""
    parent_id: str | None = None


@dataclass
class State:
    """The state that all actions of a simulation share."""

    world: World
    watch: Watch
    worker: Worker
    admin: Person
    console: Console
    lounges: list[str]
    people: list[Person] = field(default_factory=list)
    focus: Person | None = None
    """The focus of a round: acts more often than the others, and is acted on more often."""

    posts: list[Content] = field(default_factory=list)
    comments: list[Content] = field(default_factory=list)
    orphans: list[Content] = field(default_factory=list)
    """Comments below posts that their authors have deleted."""

    out_of_sight: set[str] = field(default_factory=set)
    """Posts and comments that were hidden or held after the last round."""

    undoable: list[Act] = field(default_factory=list)
    log: Log = field(default_factory=Log)
    reached: set[str] = field(default_factory=set)
    """The actions that changed something so far (`Step.done`), and what `reach.py` knows of."""

    suspended_until: datetime = LONG_AGO
    """When the last of the short suspensions is over."""

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
        """The people who have not left."""
        return [
            person for person in self.people if not person.has_left and role in (None, person.role)
        ]

    def expect_suspension(self, user_id: str | None) -> None:
        """This user may be suspended from now on."""
        for person in self.people:
            person.may_be_suspended |= person.id == user_id

    async def call(
        self, person: Person, method: str, path: str, allowed: set[str], **how: Any
    ) -> Any:
        """Send one request. Returns the JSON body, or None after a refusal.

        An answer that is neither in `allowed` nor among the person's refusals is a problem.
        """
        allowed = allowed | person.refusals(path)
        try:
            response = await person.api.call(method, path, **how)
        except AssertionError as unexpected:
            # A 500, or an answer that the OpenAPI document does not describe.
            self._note(person, method, path, how, f"UNEXPECTED {unexpected}")
            self.problems.append(f"{person.name} {method} {path}: {unexpected}")
            return None
        body = response.json() if response.content else {}
        outcome = str(response.status_code)
        if response.status_code >= 400:
            outcome += f" {body.get('code')}"
        self._note(person, method, path, how, outcome)
        if outcome not in allowed | person.refusals(path):
            self.problems.append(f"{person.name} {method} {path} was answered {outcome}")
        return body if response.is_success else None

    async def submit(self, path: str, refused: set[str], fields: dict[str, Any]) -> Act | None:
        """Send a form of the console. Returns the act, or None after one of the refusals."""
        outcome, act = await self.console.submit(path, fields)
        self._note(self.admin, "POST", f"/admin{path}", {"json": fields}, outcome)
        if act is None and outcome not in refused:
            self.problems.append(f"POST /admin{path} was answered {outcome}")
        return act

    def _note(
        self, person: Person, method: str, path: str, how: dict[str, Any], outcome: str
    ) -> None:
        sent = str(how.get("json", ""))[:_SHOWN]
        self.answers.append(f"{person.name} {method} {path} {sent} -> {outcome}")

    def name(self, row_id: str, name: str) -> None:
        """Give a row a name for the report of a failure."""
        self.names.setdefault(row_id, f"<{name} {row_id[-4:]}>")

    def readable(self, line: str) -> str:
        """A line of a report with names instead of ids."""
        return _IDS.sub(lambda match: self.names.get(match[0], match[0]), line)

    def rows_in(self, lines: list[str], facts: Facts) -> list[str]:
        """The rows whose ids the lines contain, except people."""
        people = {person.id for person in [*self.people, self.admin]}
        ids = dict.fromkeys(row_id for line in lines for row_id in _IDS.findall(line))
        return [row for row_id in ids if row_id not in people and (row := facts.find(row_id))]

    def begin_round(self) -> None:
        self.answers.clear()
        self.worker.failures.clear()
        for person in self.people:
            person.was_guest = person.role == "guest"
            person.tokens_may_die = person.is_signed_out

    def forget_deleted(self, facts: Facts) -> None:
        """Forget deleted and closed targets. Hidden and held ones stay targets."""
        rows = [*facts.rows("posts"), *facts.rows("comments")]
        living = {row["id"] for row in rows if row["deleted_at"] is None}
        self.out_of_sight = {row["id"] for row in rows if row["moderation"] != "visible"}
        known = [*self.comments, *self.orphans]
        self.orphans = [
            comment for comment in known if comment.id in living and comment.post_id not in living
        ]
        self.posts = [post for post in self.posts if post.id in living]
        self.comments = [
            comment
            for comment in self.comments
            if comment.id in living and comment.post_id in living
        ]
        self.people = self.present()
        for person in self.people:
            person.may_be_suspended = facts.users[person.id]["status"] == "suspended"
        self.lounges = [
            lounge_id for lounge_id in self.lounges if facts.lounges[lounge_id]["closed_at"] is None
        ]

    def pick(self, chance: Random, candidates: list[Content]) -> Content | None:
        """Choose mostly one of the newest, and often one by the person in focus."""
        if chance.random() < 0.4:
            candidates = [item for item in candidates if item.author is self.focus] or candidates
        if not candidates:
            return None
        return chance.choice(candidates[-HOT:] if chance.random() < 0.8 else candidates)
