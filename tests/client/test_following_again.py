"""The copy where the server knows a cursor no longer: of the changes, or of a list."""

from collections.abc import Callable
from typing import cast

import pytest
from linky_client import Follower, MemoryCopyStore, SignedIn
from linky_client._sync.session import Session
from linky_client._sync.transport import Transport
from linky_client.generated.problems import InvalidCursorProblem
from linky_client.values import Answer, Call

from tests.client import things

PAGE = 2


class Wire:
    """In place of the transport: a server whose cursors can end to be known."""

    def __init__(self) -> None:
        self.comments = [things.comment(f"c{number}", f"{number}") for number in range(8)]
        self.epoch, self.key = "e0", "k0"
        self.asked: list[str] = []

    def read(self, call: Call) -> Answer:
        self.asked.append(call.path.rpartition("/")[2])
        if call.path.endswith("/changes"):
            self._refuse_unless(call.query["since"], self.epoch)
            now = f"{self.epoch}.7"
            told = {"cursor": now, "as_of": now, "changes": [], "more": False, "reset": None}
            return Answer(told, "")
        return Answer(self._found(call), f"{self.epoch}.7")

    def _found(self, call: Call) -> object:
        if call.path.endswith("/unread-count"):
            return {"count": 0, "more": False}
        if call.path.endswith("/notifications"):
            return {"items": [], "next_cursor": None}
        if not call.path.endswith("/comments"):
            return things.post("p1")
        cursor = call.query["cursor"]
        self._refuse_unless(cursor, self.key)
        start = 0 if cursor is None else int(str(cursor).partition(".")[2])
        end = start + PAGE
        next_cursor = f"{self.key}.{end}" if end < len(self.comments) else None
        return {"items": self.comments[start:end], "next_cursor": next_cursor}

    @staticmethod
    def _refuse_unless(cursor: object, known: str) -> None:
        if cursor is not None and not str(cursor).startswith(f"{known}."):
            raise InvalidCursorProblem(422, {"code": "invalid_cursor"})


class OneUser:
    state = SignedIn(things.ME, is_guest=False)

    def listen(self, listener: Callable[[object], None]) -> Callable[[], None]:
        listener(self.state)
        return lambda: None


@pytest.fixture
def wire() -> Wire:
    return Wire()


@pytest.fixture
def follower(wire: Wire) -> Follower:
    follower = Follower(cast("Transport", wire), cast("Session", OneUser()), MemoryCopyStore())
    follower.follow_post("p1")
    follower.catch_up()
    return follower


def shown(follower: Follower) -> str:
    return "".join(one.body for one in follower.copy.comments_of("p1"))


def test_a_screen_stays_followed_when_the_cursor_of_the_changes_is_refused(
    wire: Wire, follower: Follower
) -> None:
    follower.follow_post("p2")
    followed = {(one.kind, one.topic, one.root) for one in follower.copy.followed}
    wire.epoch = "e1"
    with pytest.raises(InvalidCursorProblem):
        follower.take_changes()
    assert shown(follower) == ""
    assert {(one.kind, one.topic, one.root) for one in follower.copy.followed} == followed
    follower.catch_up()
    assert shown(follower) == "01"


def test_a_list_whose_cursor_is_refused_is_loaded_from_its_beginning(
    wire: Wire, follower: Follower
) -> None:
    follower.load_more("comments", "post:p1")
    assert shown(follower) == "0123"
    wire.key = "k1"
    wire.asked.clear()
    follower.load_more("comments", "post:p1")
    assert shown(follower) == "012345"
    assert wire.asked == ["comments"] * 4, "the refused page, and three from the beginning"
