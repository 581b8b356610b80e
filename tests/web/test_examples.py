"""Each example of the OpenAPI document is sent to the server, and its answer has the same shape."""

from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy.ext.asyncio import AsyncConnection

from tests.fuzz.bounds import undone
from tests.support.api import Api, expect
from tests.support.routes import Stage, json_schema, operations
from tests.support.world import World, picture

pytestmark = pytest.mark.anyio

type Json = dict[str, Any]

BROWSER = {"authorize_with_provider", "return_from_provider", "return_from_apple"}
"""They redirect a browser. `tests/auth` calls them with a provider."""

OUTSIDE = {
    "verify_email": "invalid_token",
    "reset_password": "invalid_token",
    "exchange_oauth_code": "invalid_code",
    "change_email": "invalid_token",
    "sign_in_with_provider": "provider_not_enabled",
    "upgrade_guest_with_provider": "provider_not_enabled",
    "link_identity": "provider_not_enabled",
    "link_identity_by_code": "invalid_code",
    "unlink_identity": "identity_not_found",
    "add_email_identity": "provider_already_linked",
    "pass_mfa": "wrong_code",
}
"""They need a secret from a mail, or a provider: this is the answer to an example without it."""

OPEN = {"snapshot", "before", "after", "rate_limits"}
"""Objects whose keys differ from one to the other."""

LISTS = ("items", "images", "similar_lounges")


class Script:
    """The people and things that the ids of the examples stand for."""

    def __init__(self, stage: Stage, world: World, image_id: str, case_id: str) -> None:
        self.stage = stage
        self.world = world
        self.image_id = image_id
        stage.ids |= {"report_id": case_id, "provider": "apple"}

    async def caller(self, name: str) -> Api:
        if name.startswith("upgrade_guest"):
            return await self.world.guest()
        return await self.world.member() if name == "leave" else self.stage.api

    def real(self, value: Any, caller: Api, field: str = "") -> Any:
        """An example with the ids and secrets of this test."""
        ids = {
            **self.stage.ids,
            "parent_id": self.stage.ids["comment_id"],
            "target_id": self.stage.ids["target_id"],
            "image_ids": self.image_id,
            "password": caller.password,
            "current_password": caller.password,
            "refresh_token": caller.refresh_token,
        }
        if isinstance(value, dict):
            return {key: self.real(inner, caller, key) for key, inner in value.items()}
        if isinstance(value, list):
            return [self.real(inner, caller, field) for inner in value]
        # A guest has no password.
        return None if value is None else ids.get(field) or value

    async def send(self, method: str, path: str, operation: Json) -> Any:
        name = operation["operationId"]
        caller = await self.caller(name)
        content = operation.get("requestBody", {}).get("content", {})
        how: Json = {"params": self.params(operation)}
        if "multipart/form-data" in content:
            how["files"] = {"file": ("photo.png", picture(), "image/png")}
        elif content:
            form = self.real(content["application/json"]["example"], caller)
            if name == "login":
                form["email"] = caller.email
            how["json"] = form
        return await caller.call(method, self.stage.path(path), **how)

    def params(self, operation: Json) -> Json:
        taken = [p for p in operation.get("parameters", ()) if p["in"] == "query"]
        needed = {p["name"]: self.picture_url for p in taken if p.get("required")}
        # The example of a comment shows its place, too.
        return needed | {p["name"]: "true" for p in taken if p["name"] == "context"}

    @property
    def picture_url(self) -> str:
        return self.world.runtime.settings.media_url + "images/none.webp"


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


@pytest.fixture
async def script(stage: Stage, world: World) -> Script:
    """Every list has something: a report, a notification, a favourite and so on."""
    api, ids = stage.api, stage.ids
    reader = await world.member()
    for method, path in [
        ("PUT", f"/lounges/{ids['lounge_id']}/favorite"),
        ("PUT", f"/posts/{ids['post_id']}/like"),
        ("PUT", f"/users/{reader.id}/block"),
    ]:
        expect(await api.call(method, path), 204)
    expect(await api.delete(f"/users/{reader.id}/block"), 204)
    other = await world.member()
    expect(await api.put(f"/users/{other.id}/block"), 204)
    expect(await api.get(f"/lounges/{ids['lounge_id']}"), 200)
    expect(await reader.post(f"/posts/{ids['post_id']}/comments", json={"body": "いいね"}), 201)
    form = {"target_type": "post", "target_id": ids["post_id"], "reason": "spam"}
    expect(await reader.post("/reports", json=form), 201)
    (case,) = await api.items("/admin/reports")
    expect(await api.put("/admin/banned-words", json={"words": ["禁止語"]}), 200)
    held = {"lounge_id": ids["lounge_id"], "title": "禁止語", "body": "本文"}
    expect(await other.post("/posts", json=held), 201)
    for _ in range(2):
        expect(await api.post(f"/admin/users/{api.id}/warn", json={"reason": "理由"}), 201)
    unread, appealed = (await api.items("/notifications"))[:2]
    form = {"notification_id": appealed["id"], "text": "誤解です"}
    appeal = expect(await api.post("/appeals", json=form), 201)
    form = {"title_ja": "題", "body_ja": "本文"}
    announced = expect(await api.post("/admin/announcements", json=form), 201)
    stage.ids |= {
        "notification_id": unread["id"],
        "appeal_id": appeal["id"],
        "announcement_id": announced["id"],
    }
    return Script(stage, world, (await world.image(api))["id"], case["id"])


async def test_each_example_is_accepted_and_answered_in_its_shape(
    app: FastAPI, script: Script, connection: AsyncConnection
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
        documented = operation["responses"][str(response.status_code)].get("content", {})
        if "example" in documented.get("application/json", {}):
            body = response.json()
            same_shape(documented["application/json"]["example"], body, name)
            compared += 1
            filled += any(body.get(key) for key in LISTS)
    assert compared > 40
    assert filled > 15


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


async def test_each_operation_has_a_summary_of_its_own(app: FastAPI) -> None:
    summaries = {
        operation["operationId"]: operation["summary"] for *_, operation in operations(app)
    }
    for name, summary in summaries.items():
        assert summary[:1].isupper(), (name, summary)
        assert len(summary) < 90, (name, summary)
        assert summary.lower() != name.replace("_", " "), (name, summary)
    assert len(set(summaries.values())) == len(summaries)


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
    app: FastAPI, script: Script, connection: AsyncConnection
) -> None:
    sent = 0
    for method, path, operation in operations(app):
        schema = json_schema(app, operation)
        name = operation["operationId"]
        if schema is None or name in BROWSER:
            continue
        media = operation["requestBody"]["content"]["application/json"]
        for kind, form in as_generators_send(media["example"], schema).items():
            if name in ("leave", "change_my_email"):
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
