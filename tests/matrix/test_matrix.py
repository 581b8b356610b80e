"""Each route with an id, for each state of its thing, by each caller: what the rules say."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from fastapi import FastAPI

from tests.matrix.calls import GATES, leaks, refused_at_the_gate, send
from tests.matrix.routes import ROUTES, Access
from tests.matrix.stage import Stage
from tests.matrix.things import Caller, Thing
from tests.support.api import PREFIX, outcome
from tests.support.routes import json_schema, operations

pytestmark = pytest.mark.anyio

NO_IDS = {"provider", "size"}
"""Parameters of paths that name no thing."""


async def test_the_matrix_knows_every_route(app: FastAPI) -> None:
    routes = {f"{method} {path.removeprefix(PREFIX)}" for method, path, _ in operations(app)}
    assert routes - set(ROUTES) == set(), "add the route to tests/matrix/routes.py"
    assert set(ROUTES) - routes == set(), "these routes are gone"


def ids_of(app: FastAPI, operation: dict[str, Any]) -> Iterator[str]:
    """The parameters of a route that name a thing: in the path, the query and the body."""
    for parameter in operation.get("parameters", ()):
        if parameter["in"] == "path" or names_a_thing(parameter["name"], parameter["schema"]):
            yield parameter["name"]
    schema = json_schema(app, operation) or {}
    for name, field in schema.get("properties", {}).items():
        if names_a_thing(name, field):
            yield name


def names_a_thing(name: str, schema: dict[str, Any]) -> bool:
    is_id = name in ("id", "ids") or name.endswith(("_id", "_ids"))
    return is_id or "'format': 'uuid'" in str(schema)


async def test_every_id_has_a_rule(app: FastAPI) -> None:
    for method, path, operation in operations(app):
        name = f"{method} {path.removeprefix(PREFIX)}"
        ids = set(ids_of(app, operation)) - NO_IDS
        assert set(ROUTES[name].rules) == ids, f"{name}: see tests/matrix/rules.py"


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
