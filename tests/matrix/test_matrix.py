"""Each route with an id, for each state of its thing, by each caller: what the rules say."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.matrix.calls import GATES, leaks, refused_at_the_gate, send
from tests.matrix.routes import ROUTES, Access
from tests.matrix.stage import Stage
from tests.matrix.things import Caller, Thing
from tests.support.api import outcome


async def test_a_route_without_ids_is_open_to_whom_it_says(stage: Stage) -> None:
    """What an open route answers is not looked at: other tests do that."""
    wrong = []
    for name, route in ROUTES.items():
        for caller in () if route.rules else (stage.anonymous, *stage.readers):
            wanted = refused_at_the_gate(name, route, caller)
            seen = outcome(await send(stage, name, caller, stage.ids_for(caller)))
            if seen != wanted and (wanted or seen in GATES):
                wrong.append(f"{name} by {caller}: {seen}, not {wanted or 'open'}")
    assert not wrong, "\n".join(wrong)


async def test_authors_must_accept_the_terms(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    runtime = stage.world.runtime
    newer = runtime.settings.model_copy(update={"terms_version": "2026-04"})
    monkeypatch.setattr(runtime, "settings", newer)
    refusing = set()
    for name in ROUTES:
        answer = await send(stage, name, stage.reader, stage.ids_for(stage.reader))
        if outcome(answer) == "terms_required":
            refusing.add(name)
    assert refusing == {name for name in ROUTES if ROUTES[name].access == Access.AUTHOR}


@dataclass(frozen=True)
class Case:
    """A call, and the answer that the route's gate or rule wants."""

    route: str
    parameter: str
    thing: Thing
    caller: Caller
    wanted: str

    def __str__(self) -> str:
        return f"{self.route} with the {self.thing} as {self.parameter} by {self.caller}"


def cases(stage: Stage) -> Iterator[Case]:
    for name, route in ROUTES.items():
        for parameter, rule in route.rules.items():
            things = stage.of(*rule.kinds)
            for thing in things:
                for caller in stage.callers_of(thing):
                    gate = refused_at_the_gate(name, route, caller)
                    # A shut gate is tried with two things: one that is there, and one that is not.
                    if gate is None or thing in (things[0], things[-1]):
                        wanted = gate or rule.answer(caller, thing)
                        yield Case(name, parameter, thing, caller, wanted)


async def test_a_thing_answers_each_caller_as_its_rule_says(stage: Stage) -> None:
    """No answer has a word of a thing that the caller does not see."""
    wrong = []
    for case in cases(stage):
        ids = stage.ids_for(case.caller, case.thing) | {case.parameter: case.thing.id}
        answer = await send(stage, case.route, case.caller, ids, case.parameter)
        if outcome(answer) != case.wanted:
            wrong.append(f"{case}: {outcome(answer)}, not {case.wanted}")
        leaked = leaks(stage, case.route, case.caller, answer)
        wrong += [f"{case}: shows the {secret}" for secret in leaked]
    assert not wrong, "\n".join(wrong)
