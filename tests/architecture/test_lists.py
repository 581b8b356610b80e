"""Lists of routes that tests keep, compared with the document.

A new route or list fails here, with the name of the file to edit.
"""

from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI

from tests.matrix.routes import NO_SESSION, ROUTES, WAITS_ELSEWHERE, Access
from tests.support.api import PREFIX
from tests.support.listings import LISTS, NOT_PAGED
from tests.support.routes import json_schema, lists_of, operations

NO_IDS = {"provider", "size"}
"""Parameters of paths that name no thing."""


def test_the_matrix_knows_every_route(documented_app: FastAPI) -> None:
    routes = {
        f"{method} {path.removeprefix(PREFIX)}" for method, path, _ in operations(documented_app)
    }
    assert routes - set(ROUTES) == set(), "add the route to ROUTES of tests/matrix/routes.py"
    assert set(ROUTES) - routes == set(), "these routes are gone from the document"


def test_every_id_has_a_rule(documented_app: FastAPI) -> None:
    for method, path, operation in operations(documented_app):
        name = f"{method} {path.removeprefix(PREFIX)}"
        if name not in ROUTES:
            continue  # The test above says so.
        ids = set(ids_of(documented_app, operation)) - NO_IDS
        assert set(ROUTES[name].rules) == ids, (
            f"{name} in tests/matrix/routes.py needs a rule of tests/matrix/rules.py for each id"
        )


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


def test_every_write_without_a_session_says_what_happens_while_its_user_leaves() -> None:
    public = {
        name
        for name, route in ROUTES.items()
        if route.access == Access.PUBLIC and not name.startswith("GET")
    }
    assert public - NO_SESSION.keys() == set(), "say it in NO_SESSION of tests/matrix/routes.py"
    assert NO_SESSION.keys() <= public
    assert WAITS_ELSEWHERE.keys() <= ROUTES.keys()


def test_every_list_is_read_page_by_page(documented_app: FastAPI) -> None:
    """So is the number of its statements tested, and that it refuses the cursors of others."""
    lists, read = lists_of(documented_app), {listed.path for listed in LISTS.values()}
    missing = lists - read - NOT_PAGED.keys()
    assert not missing, (
        f"add {sorted(missing)} to LISTS of tests/support/listings.py, with what adds and removes "
        "a row, or a reason to NOT_PAGED"
    )
    assert read | NOT_PAGED.keys() <= lists, "these lists are gone"
