"""The copy against a model of the server: random acts, lists that lag, and apps that end.

It has no network and no waiting, so it tries thousands of orders that the cuts (`tests/cuts`) meet
once. The model says what the server says (`app/live/policy.py`), also what it does not tell.
"""

import random
from collections.abc import Callable, Collection, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any, cast

import pytest
from linky_client import Follower, MemoryCopyStore, Problem, SignedIn, models
from linky_client._sync import follower
from linky_client._sync.session import Session
from linky_client._sync.transport import Transport
from linky_client.cursors import Cursor
from linky_client.generated.problems import CommentNotFoundProblem, PostNotFoundProblem
from linky_client.values import Answer, Call

from tests.client import things

BLOCKABLE = ("a", "b")
STEPS = 60
PAGE = 3


@dataclass
class State:
    """What there is, and whom the reader has blocked. The post is by `a`.

    Beside `a`, `b` and the reader there are `guests`, who may leave.
    """

    post: bool = True
    guests: list[str] = field(default_factory=lambda: ["g0", "g1", "g2", "g3"])
    comments: dict[str, dict[str, Any]] = field(default_factory=dict)
    hidden: set[str] = field(default_factory=set)
    blocked: set[str] = field(default_factory=set)

    def sees_post(self) -> bool:
        return self.post and "a" not in self.blocked

    def reads(self, id_: str) -> bool:
        return id_ not in self.hidden and self.author(id_) not in self.blocked

    def leave(self, guest: str) -> list[str]:
        """A guest leaves, and another comes. Returns the comments that stay, without words."""
        parents = {one["parent_id"] for one in self.comments.values()}
        theirs = [id_ for id_ in self.comments if self.author(id_) == guest]
        stay = [id_ for id_ in theirs if id_ in parents]
        for id_ in theirs:
            gone = self.comments.pop(id_)
            if id_ in stay:
                empty = {**things.author(""), "id": None}
                self.comments[id_] = {**gone, "author": empty, "body": "", "deleted": True}
        self.guests = [*(one for one in self.guests if one != guest), f"{guest}+"]
        return stay

    def author(self, id_: str) -> str:
        return str(self.comments[id_]["author"]["id"])

    def sees(self, id_: str) -> bool:
        parent = self.comments[id_]["parent_id"]
        if self.reads(id_) and self.author(id_) == things.ME and self.post:
            return True
        return self.reads(id_) and self.sees_post() and (parent is None or self.reads(parent))

    def conceals(self, id_: str) -> bool:
        parent = self.comments[id_]["parent_id"]
        of_blocked = self.author(id_) in self.blocked
        below_one = parent is not None and self.author(parent) in self.blocked
        return not self.sees_post() or of_blocked or below_one

    def listed(self, parent: str | None) -> list[dict[str, Any]]:
        ids = sorted(id_ for id_ in self.comments if self.comments[id_]["parent_id"] == parent)
        return [self.comments[id_] for id_ in ids if self.reads(id_)]


class World:
    """The server: its state as of each position, and its log."""

    def __init__(self, choose: random.Random) -> None:
        self.choose = choose
        self.now = State()
        self.before = [deepcopy(self.now)]
        self.log: list[tuple[str, str, str]] = []

    @property
    def top(self) -> int:
        return len(self.log)

    def note(self, topic: str, kind: str, id_: str) -> None:
        self.log.append((topic, kind, id_))
        self.before.append(deepcopy(self.now))

    def act(self) -> None:
        choose, now = self.choose, self.now
        roll, ids = choose.random(), sorted(now.comments)
        if roll < 0.3 or not ids:
            parents = [id_ for id_ in ids if now.comments[id_]["parent_id"] is None]
            parent = choose.choice(parents) if parents and choose.random() < 0.4 else None
            id_ = f"c{self.top:04}"
            author = choose.choice((things.ME, *BLOCKABLE, *now.guests))
            now.comments[id_] = things.comment(id_, f"言葉{self.top}", author, parent)
            self.note("post:p1", "comment", id_)
        elif roll < 0.5:
            id_ = choose.choice(ids)
            now.comments[id_] = {**now.comments[id_], "body": f"改{self.top}"}
            self.note("post:p1", "comment", id_)
        elif roll < 0.75:
            id_ = choose.choice(ids)
            now.hidden ^= {id_}
            self.note("post:p1", "comment", id_)
        elif roll < 0.82:
            now.post = not now.post
            self.note("post:p1", "post", "p1")
        elif roll < 0.87:
            self.leave()
        else:
            other = choose.choice(BLOCKABLE)
            now.blocked ^= {other}
            self.note("me", "sight", other)

    def leave(self) -> None:
        guest = self.choose.choice(self.now.guests)
        for id_ in sorted(self.now.leave(guest)):
            self.note("post:p1", "comment", id_)
        self.note("me", "left", guest)

    def told(self, since: int, to: int, topics: Collection[str]) -> list[dict[str, Any]]:
        """What a stream or `GET /changes` says of a stretch of the log, as it is now."""
        last = {entry: pos for pos, entry in enumerate(self.log) if since <= pos < to}
        entries = sorted(last, key=lambda entry: last[entry])
        return [one for entry in entries if entry[0] in topics for one in self._told(*entry)]

    def _told(self, topic: str, kind: str, id_: str) -> Iterator[dict[str, Any]]:
        about, now = {"topic": topic, "kind": kind, "id": id_}, self.now
        if kind == "left":
            yield {**about, "kind": "author", "gone": True}
        elif kind == "sight":
            if id_ in now.blocked:
                yield {**about, "kind": "author", "gone": True}
            yield {"topic": "me", "kind": "reload"}
        elif kind == "post":
            if now.sees_post():
                yield {**about, "put": things.post("p1", "a")}
            elif "a" not in now.blocked:
                yield {**about, "gone": True}
        elif id_ not in now.comments:
            yield {**about, "gone": True}
        elif now.sees(id_):
            yield {**about, "put": now.comments[id_]}
        elif not now.conceals(id_):
            yield {**about, "gone": True}


class Wire:
    """In place of the transport. While an answer is on its way, other things happen."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.meanwhile: Callable[[], None] = lambda: None
        self.lags = True

    def read(self, call: Call) -> Answer:
        world, choose = self.world, self.world.choose
        if call.path.endswith("/changes"):
            answer = self._changes(call.query)
            self.meanwhile()
            return answer
        as_of = choose.randint(max(0, world.top - 4), world.top) if self.lags else world.top
        state = world.before[choose.randint(as_of, world.top)]
        self.meanwhile()
        try:
            return Answer(self._found(call, state), f"e.{as_of}")
        except _Missing as missing:
            body = {"code": missing.problem.CODE, "as_of": f"e.{as_of}"}
            raise missing.problem(404, body) from None

    def _changes(self, query: Mapping[str, object]) -> Answer:
        world, top = self.world, self.world.top
        since = None if query["since"] is None else Cursor.parse(str(query["since"])).position
        to = top if since is None else min(top, since + world.choose.randint(1, 8))
        topics = ["me", *str(query["topics"] or "").split(",")]
        told = [] if since is None else world.told(since, to, topics)
        return Answer(
            {
                "cursor": f"e.{to}", "as_of": f"e.{top}", "changes": told, "more": to < top,
                "reset": None,
            },
            "",
        )  # fmt: skip

    def _found(self, call: Call, state: State) -> object:
        if call.path.endswith("/unread-count"):
            return {"count": 0, "more": False}
        if call.path.endswith("/notifications"):
            return {"items": [], "next_cursor": None}
        if call.path.endswith("/posts/p1"):
            self._refuse_unless(state.sees_post(), PostNotFoundProblem)
            return things.post("p1", "a")
        if "/comments/" in call.path:
            id_ = call.path.rpartition("/")[2]
            self._refuse_unless(id_ in state.comments and state.sees(id_), CommentNotFoundProblem)
            return state.comments[id_]
        self._refuse_unless(state.sees_post(), PostNotFoundProblem)
        parent = cast("str | None", call.query.get("parent_id"))
        if parent is not None:
            is_there = parent in state.comments and state.reads(parent)
            self._refuse_unless(is_there, CommentNotFoundProblem)
        after = str(call.query.get("cursor") or "")
        rest = [one for one in state.listed(parent) if one["id"] > after]
        page = rest[:PAGE]
        return {"items": page, "next_cursor": page[-1]["id"] if len(rest) > PAGE else None}

    @staticmethod
    def _refuse_unless(holds: bool, problem: type[Problem]) -> None:
        if not holds:
            raise _Missing(problem)


class _Missing(Exception):
    def __init__(self, problem: type[Problem]) -> None:
        self.problem = problem


class SignedInSession:
    state = SignedIn(things.ME, is_guest=False)

    def listen(self, listener: Callable[[Any], None]) -> Callable[[], None]:
        listener(self.state)
        return lambda: None


class Rewinding(MemoryCopyStore):
    """A store that can lose its last steps, as a file does whose end is torn."""

    def __init__(self) -> None:
        super().__init__()
        self.steps: list[dict[str, str]] = [{}]

    def apply(self, put: Mapping[str, str], delete: Collection[str]) -> None:
        super().apply(put, delete)
        self.steps = [*self.steps[-4:], self.read_all()]

    def lose(self, steps: int) -> None:
        self._values = dict(self.steps[max(0, len(self.steps) - 1 - steps)])


class App:
    """An app that acts, streams, loads and ends at random."""

    def __init__(self, seed: int) -> None:
        self.choose = random.Random(seed)
        self.world = World(self.choose)
        for _ in range(self.choose.randint(0, 30)):
            self.world.act()  # What the copy is never told of, but finds in lists.
        self.wire = Wire(self.world)
        self.store = Rewinding()
        self.wire.meanwhile = self.meanwhile
        self.drops = 0.0
        self.open()

    def open(self) -> None:
        transport, session = cast("Transport", self.wire), cast("Session", SignedInSession())
        self.follower = Follower(transport, session, self.store)
        self.follower.follow_post("p1")
        self.covered = ["me", "post:p1"]

    def meanwhile(self) -> None:
        if self.choose.random() < 0.3:
            self.world.act()
        if self.choose.random() < 0.1:
            self.world.leave()
        if self.choose.random() < 0.3:
            self.stream()

    def stream(self) -> None:
        """One event of a stream."""
        copy, world = self.follower.copy, self.world
        if copy.cursor is None or copy.cursor.position >= world.top:
            return
        told = world.told(copy.cursor.position, world.top, self.covered)
        kept = [one for one in told if self.choose.random() >= self.drops]
        changes = [models.Change.parse(one) for one in kept]
        top = Cursor("e", world.top)
        copy.apply(changes, top, top, self.covered)

    def step(self) -> None:
        roll, copy = self.choose.random(), self.follower.copy
        if roll < 0.4:
            self.world.act()
        elif roll < 0.65:
            self.stream()
        elif roll < 0.72:
            self.follower.take_changes()
        elif roll < 0.85:
            self.follower.load_due()
        elif roll < 0.91 and (shown := copy.comments_of("p1")):
            self.follower.follow_replies("p1", shown[0].id)
        elif roll < 0.95:
            self.follower.load_more("comments", "post:p1")
        elif roll < 0.97:  # A stream that was opened before the screen.
            self.covered = self.choose.choice((["me"], ["me", "post:p1"]))
        else:
            self.store.lose(self.choose.randint(0, 3))
            self.open()

    def settle(self) -> None:
        self.wire.meanwhile, self.wire.lags = lambda: None, False
        self.follower.take_changes()
        self.follower.load_due()
        copy = self.follower.copy
        comments = copy._lists["list/comments/post:p1/"]
        while copy.has_roots(comments) and not comments.is_complete:
            self.follower.load_more("comments", "post:p1")

    def differences(self) -> list[object]:
        """What is shown, where it is not what the lists would show."""
        copy, now = self.follower.copy, self.world.now
        top = [one["body"] for one in now.listed(None)] if now.sees_post() else []
        shown = [one.body for one in copy.comments_of("p1")]
        wrong: list[object] = [] if shown == top else [(shown, top)]
        wrong += [] if (copy.post("p1") is not None) == now.sees_post() else ["post"]
        for listing in [one for one in copy._lists.values() if one.kind == "replies"]:
            is_there = now.sees_post() and listing.root in now.comments
            is_there = is_there and now.reads(listing.root)
            fresh = [one["body"] for one in now.listed(listing.root)] if is_there else []
            while copy.has_roots(listing) and not listing.is_complete:
                self.follower.load_more("replies", listing.topic, listing.root)
            replies = [one.body for one in copy.replies_to("p1", listing.root)]
            wrong += [] if replies == fresh else [(listing.root, replies, fresh)]
        return wrong


@pytest.fixture(autouse=True)
def _fast(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(follower, "sleep", lambda _: None)


def outcome(seed: int, drops: float = 0.0) -> list[object]:
    app = App(seed)
    app.drops = drops
    for _ in range(app.choose.randint(5, STEPS)):
        app.step()
    app.settle()
    return app.differences()


@pytest.mark.parametrize("part", range(10))
def test_the_copy_shows_what_the_lists_would_show(part: int) -> None:
    for seed in range(part * 30, part * 30 + 30):
        assert outcome(seed) == [], f"seed {seed}"


def test_a_copy_that_drops_changes_does_not() -> None:
    """Otherwise the model would prove nothing."""
    assert any(outcome(seed, drops=0.5) for seed in range(60))
