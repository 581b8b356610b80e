"""Refresh tokens in any order of acts and waits: each answer is that of a plain model."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from app.core.pool import Connection
from tests.support.api import OK, Api, outcome
from tests.support.auth import another_session, refresh, write
from tests.support.chance import tried
from tests.support.fakes import FakeClock
from tests.support.rolled_back import undone
from tests.support.world import World

LEEWAY = timedelta(seconds=30)
ACCESS, WEEK = timedelta(minutes=30), timedelta(days=7)

SECONDS = (1, 29, 30, 31, 1799, 1800, 86_400, 604_799, 604_800)
"""Waits on both sides of each limit."""

WAITS = st.tuples(st.just("wait"), st.sampled_from(SECONDS))
ACTS = st.tuples(
    st.sampled_from(("refresh", "refresh", "refresh", "write", "log out", "end others", "sign in")),
    st.integers(0, 11),
)


@dataclass(eq=False)
class Session:
    is_open: bool = True


@dataclass(eq=False)
class Pair:
    """The tokens of one answer."""

    session: Session
    api: Api
    made_at: datetime
    rotated_at: datetime | None = None


@dataclass
class Model:
    """All pairs that were ever handed out. Each act tells what the server must answer."""

    pairs: list[Pair] = field(default_factory=list)

    def refresh(self, pair: Pair, now: datetime) -> str:
        if not pair.session.is_open or now >= pair.made_at + WEEK:
            return "invalid_refresh_token"
        pair.rotated_at = pair.rotated_at or now
        if now - pair.rotated_at <= LEEWAY:
            return OK
        pair.session.is_open = False
        return "refresh_token_reused"

    def write(self, pair: Pair, now: datetime) -> str:
        if now >= pair.made_at + ACCESS:
            return "token_expired"
        return OK if pair.session.is_open else "session_revoked"

    def end_others(self, pair: Pair, now: datetime) -> str:
        answer = self.write(pair, now)
        if answer == OK:
            for other in self.pairs:
                other.session.is_open = other.session is pair.session
        return answer

    def log_out(self, pair: Pair) -> str:
        """An ended session is not an error: the answer tells nothing of the token."""
        pair.session.is_open = False
        return OK


class Server:
    """One user with many pairs. Each act is compared with the model."""

    def __init__(self, world: World, clock: FakeClock, member: Api) -> None:
        self.world = world
        self.clock = clock
        self.member = member
        self.model = Model([Pair(Session(), member, clock())])

    async def act(self, act: str, number: int) -> None:
        if act == "wait":
            self.clock.advance(seconds=number)
            return
        pair = self.model.pairs[number % len(self.model.pairs)]
        if act == "sign in":
            device = await another_session(self.world, self.member)
            self.model.pairs.append(Pair(Session(), device, self.clock()))
        elif act == "refresh":
            await self._refresh(pair)
        elif act == "write":
            assert outcome(await write(pair.api)) == self.model.write(pair, self.clock())
        elif act == "end others":
            answer = await pair.api.delete("/auth/sessions")
            assert outcome(answer) == self.model.end_others(pair, self.clock())
        else:
            form = {"refresh_token": pair.api.refresh_token}
            answer = await self.world.anonymous().post("/auth/logout", json=form)
            assert outcome(answer) == self.model.log_out(pair)

    async def _refresh(self, pair: Pair) -> None:
        answer = await refresh(self.world, pair.api.refresh_token)
        assert outcome(answer) == self.model.refresh(pair, self.clock())
        if answer.is_success:
            api = pair.api.sibling().take(answer.json())
            self.model.pairs.append(Pair(pair.session, api, self.clock()))

    async def compare(self) -> None:
        """The list has the sessions that are open and have a token that still works."""
        device = await another_session(self.world, self.member)
        lasting = {
            pair.session
            for pair in self.model.pairs
            if pair.session.is_open and self.clock() < pair.made_at + WEEK
        }
        assert len(await device.items("/auth/sessions")) == len(lasting) + 1


@tried(25)
@given(acts=st.lists(ACTS | ACTS | WAITS, max_size=25))
async def test_tokens_are_answered_as_the_model_says(
    world: World, connection: Connection, acts: list[tuple[str, Any]]
) -> None:
    async with undone(connection):
        server = Server(world, world.clock, await world.member())
        for act, number in acts:
            await server.act(act, number)
        await server.compare()
