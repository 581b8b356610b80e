"""Lounge requests in any order of acts: each answer and each status is that of a plain model."""

import unicodedata
from dataclasses import dataclass, field
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from app.core.pool import Connection
from tests.support.api import OK, Api, outcome
from tests.support.chance import tried
from tests.support.rolled_back import undone
from tests.support.world import World

NAMES = ("カフェ", "ｶﾌｪ", "cafe", "ＣＡＦＥ", "山", "海", "川", "空", "森")
"""Some are one name in two spellings. They are more than one user may ask for at once."""

WHO = st.integers(0, 1)
"""One of two members, or of two admins."""

ASKING = st.tuples(st.just("ask"), WHO, st.sampled_from(NAMES))
OPENING = st.tuples(st.just("open"), WHO, st.sampled_from(NAMES))
DECIDING = st.tuples(st.sampled_from(("withdraw", "approve", "reject")), WHO, st.integers(0, 9))


@dataclass
class Asked:
    owner: int
    name: str
    id: str
    status: str = "pending"


@dataclass
class Model:
    """The requests and the lounges. Each act tells what the server must answer."""

    requests: list[Asked] = field(default_factory=list)
    lounges: set[str] = field(default_factory=set)

    @property
    def pending(self) -> list[Asked]:
        return [request for request in self.requests if request.status == "pending"]

    def ask(self, owner: int, name: str) -> str:
        if sum(request.owner == owner for request in self.pending) == 5:
            return "too_many_pending"
        taken = self.lounges | {folded(request.name) for request in self.pending}
        return "lounge_name_taken" if folded(name) in taken else OK

    def open(self, name: str) -> str:
        if folded(name) in self.lounges:
            return "lounge_name_taken"
        self.lounges.add(folded(name))
        return OK

    def withdraw(self, owner: int, request: Asked) -> str:
        if request.owner != owner:
            return "lounge_request_not_found"
        return self._decide(request, "withdrawn")

    def approve(self, request: Asked) -> str:
        if request.status == "pending" and self.open(request.name) != OK:
            return "lounge_name_taken"
        return self._decide(request, "approved")

    def reject(self, request: Asked) -> str:
        return self._decide(request, "rejected")

    def _decide(self, request: Asked, status: str) -> str:
        if request.status != "pending":
            return "already_decided"
        request.status = status
        return OK


def folded(name: str) -> str:
    return unicodedata.normalize("NFKC", name).casefold()


@dataclass
class People:
    members: list[Api]
    admins: list[Api]


async def ask(people: People, model: Model, who: int, name: str) -> None:
    form = {"name": name, "description": "話す場所"}
    answer = await people.members[who].post("/lounge-requests", json=form)
    assert outcome(answer) == model.ask(who, name)
    if answer.is_success:
        model.requests.append(Asked(who, name, answer.json()["id"]))


async def open_lounge(people: People, model: Model, who: int, name: str) -> None:
    form = {"name": name, "description": "話す場所"}
    answer = await people.admins[who].post("/admin/lounges", json=form)
    assert outcome(answer) == model.open(name)


async def decide(people: People, model: Model, act: str, who: int, which: int) -> None:
    if not model.requests:
        return
    request = model.requests[which % len(model.requests)]
    path = f"/lounge-requests/{request.id}"
    if act == "withdraw":
        answer, wanted = await people.members[who].delete(path), model.withdraw(who, request)
    elif act == "approve":
        answer, wanted = (
            await people.admins[who].post(f"/admin{path}/approve"),
            model.approve(request),
        )
    else:
        form = {"reason": "理由"}
        answer = await people.admins[who].post(f"/admin{path}/reject", json=form)
        wanted = model.reject(request)
    assert outcome(answer) == wanted


async def compare(people: People, model: Model) -> None:
    """The lists show the model's statuses, and each decision of an admin was told once."""
    for who, member in enumerate(people.members):
        own = [request for request in model.requests if request.owner == who]
        listed = await member.items("/lounge-requests")
        assert [(item["id"], item["status"]) for item in listed] == [
            (request.id, request.status) for request in reversed(own)
        ]
        told = [note["lounge_request_id"] for note in await member.items("/notifications")]
        decided = [request.id for request in own if request.status in ("approved", "rejected")]
        assert sorted(told) == sorted(decided)
    lounges = await people.members[0].items("/lounges")
    assert {folded(lounge["name"]) for lounge in lounges} == model.lounges


@tried(15)
@given(steps=st.lists(ASKING | ASKING | OPENING | DECIDING | DECIDING, max_size=25))
async def test_requests_are_answered_as_the_model_says(
    world: World, connection: Connection, steps: list[tuple[str, int, Any]]
) -> None:
    async with undone(connection):
        members = [await world.member(), await world.member()]
        people = People(members, [await world.admin(), await world.admin()])
        model = Model()
        for act, who, what in steps:
            if act == "ask":
                await ask(people, model, who, what)
            elif act == "open":
                await open_lounge(people, model, who, what)
            else:
                await decide(people, model, act, who, what)
        await compare(people, model)
