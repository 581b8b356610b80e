"""Each example of the OpenAPI document is sent to the server, and its answer has the same shape."""

from typing import Any

from fastapi import FastAPI

from app.core.pool import Connection
from tests.support.api import expect
from tests.support.rolled_back import undone
from tests.support.routes import Stage, json_schema, operations
from tests.web.examples import BROWSER, OUTSIDE, Script

type Json = dict[str, Any]

OPEN = {"snapshot", "before", "after", "rate_limits"}
"""Objects whose keys differ from one to the other."""

LISTS = ("items", "images", "similar_lounges")


def same_shape(example: Any, real: Any, place: str = "") -> None:
    if example is None or real is None:
        return
    assert type(example) is type(real), (place, example, real)
    if isinstance(example, dict) and place.rpartition(".")[2] not in OPEN:
        assert set(example) == set(real), place
        for key, inner in example.items():
            same_shape(inner, real[key], f"{place}.{key}")
    elif isinstance(example, list):
        assert example, place
        for inner in real:
            same_shape(example[0], inner, place)


async def test_each_example_is_accepted_and_answered_in_its_shape(
    app: FastAPI, script: Script, connection: Connection
) -> None:
    compared = filled = 0
    for method, path, operation in operations(app):
        name = operation["operationId"]
        if name in BROWSER:
            continue
        async with undone(connection):
            response = await script.send(method, path, operation)
        if name in OUTSIDE:
            assert response.json()["code"] == OUTSIDE[name], response.text
            continue
        if name == "get_picture":  # It needs a picture of this server.
            expect(response, 404, "not_found")
            continue
        assert response.is_success, f"{name}: {response.status_code} {response.text}"
        if name == "export_me":  # Its rows are shown in part (tests/account/test_export.py).
            continue
        documented = operation["responses"][str(response.status_code)].get("content", {})
        if "example" in documented.get("application/json", {}):
            body = response.json()
            same_shape(documented["application/json"]["example"], body, name)
            compared += 1
            filled += any(body.get(key) for key in LISTS)
    assert compared > 40
    assert filled > 15


def flags_set(shown: Any) -> set[str]:
    """The viewer's flags that an example has set."""
    if isinstance(shown, list):
        return set().union(*map(flags_set, shown))
    if not isinstance(shown, dict):
        return set()
    own = {name for name in ("liked", "watching", "is_favorite") if shown.get(name)}
    return own.union(*map(flags_set, shown.values()))


async def test_only_the_list_of_what_has_a_flag_set_shows_it_as_set(app: FastAPI) -> None:
    shown = {
        operation["operationId"]: flags
        for _, _, operation in operations(app)
        for answer in operation["responses"].values()
        if (flags := flags_set(answer.get("content", {}).get("application/json", {})))
    }
    assert shown == {"list_my_likes": {"liked"}, "list_favorite_lounges": {"is_favorite"}}


async def test_each_problem_has_an_example_with_its_own_code_and_status(app: FastAPI) -> None:
    shown = app.openapi()["components"]["examples"]
    for _, _, operation in operations(app):
        for status, answer in operation["responses"].items():
            if status < "4":
                continue
            examples = answer["content"]["application/problem+json"]["examples"]
            assert list(examples) == answer["x-error-codes"]
            for code in examples:
                assert examples[code] == {"$ref": f"#/components/examples/{code}"}
                value = shown[code]["value"]
                assert (value["code"], str(value["status"])) == (code, status)
                assert ("errors" in value) == (status == "422")


async def test_each_property_and_parameter_is_described(app: FastAPI) -> None:
    schemas = app.openapi()["components"]["schemas"]
    fields = {
        f"{s}.{p}": x
        for s, schema in schemas.items()
        for p, x in schema.get("properties", {}).items()
    }
    parameters = {
        f"{operation['operationId']} {parameter['name']}": parameter
        for _, _, operation in operations(app)
        for parameter in operation.get("parameters", ())
    }
    assert len(fields) > 300
    undescribed = [
        name for name, part in {**fields, **parameters}.items() if not part.get("description")
    ]
    assert undescribed == []


def as_generators_send(form: Json, schema: Json) -> dict[str, Json]:
    """What a client sends of a form if the app sets only what is needed.

    dart-dio and Kotlin send defaults and leave out nulls, `dart` sends nulls, and older generators
    an empty list for a list that was not set.
    """
    required = {name: form[name] for name in schema.get("required", ())}
    optional = {name: part for name, part in schema["properties"].items() if name not in required}
    defaults = {name: part["default"] for name, part in optional.items() if "default" in part}
    lists: Json = {name: [] for name, part in optional.items() if "allOf" in part}
    return {
        "needed": required,
        "defaults": required | defaults,
        "nulls": required | dict.fromkeys(optional) | defaults,
        "all nulls": required | dict.fromkeys(optional),
        "empty lists": required | dict.fromkeys(optional) | lists,
    }


async def test_what_generated_clients_send_is_accepted(
    app: FastAPI, script: Script, connection: Connection
) -> None:
    sent = 0
    for method, path, operation in operations(app):
        schema = json_schema(app, operation)
        name = operation["operationId"]
        if schema is None or name in BROWSER:
            continue
        media = operation["requestBody"]["content"]["application/json"]
        for kind, form in as_generators_send(media["example"], schema).items():
            if name in ("leave", "change_my_email", "prove_session"):
                form["password"] = media["example"]["password"]  # The account has one.
            shown = {
                **operation,
                "requestBody": {"content": {"application/json": {"example": form}}},
            }
            async with undone(connection):
                response = await script.send(method, path, shown)
            sent += 1
            code = "" if response.is_success else response.json()["code"]
            assert code in ("", OUTSIDE.get(name)), (name, kind, form, response.text)
    assert sent > 100


async def test_a_generated_client_that_changes_a_title_keeps_the_pictures(
    app: FastAPI, stage: Stage
) -> None:
    schema = app.openapi()["components"]["schemas"]["PostUpdate"]
    forms = as_generators_send({}, schema)
    for kind in ("needed", "defaults", "nulls", "all nulls"):
        form = forms[kind] | {"title": f"題 {kind}"}
        changed = expect(await stage.api.patch(f"/posts/{stage.ids['post_id']}", json=form), 200)
        assert changed["title"] == f"題 {kind}"
        assert len(changed["images"]) == 1
