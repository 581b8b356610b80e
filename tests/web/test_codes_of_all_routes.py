"""The codes that most routes have in common, asked of each route that lists them."""

from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import make_url

from app.core import rate_limit
from app.core.rate_limit import RateLimiter
from app.core.rate_store import Quota
from app.core.settings.config import Settings
from app.main import create_app
from app.runtime.runtime import Runtime
from tests.support.api import UNKNOWN_ID, Api, expect
from tests.support.fakes import FakeClock
from tests.support.routes import JSON, Stage, operations
from tests.support.sql import sql
from tests.support.transport import AppClient
from tests.support.world import World
from tests.web.examples import BROWSER, Script

NEED_NO_DATABASE = {"get_meta", "hear_apple", "sign_in_with_provider"}
"""What is the same for everybody, and a sign-in that finds no provider here."""

type Operation = tuple[str, str, dict[str, Any]]


def listing(app: FastAPI, code: str) -> Iterator[Operation]:
    """The operations whose document lists the code, but for those that redirect a browser."""
    for method, path, operation in operations(app):
        answers = operation["responses"].values()
        is_listed = any(code in answer.get("x-error-codes", ()) for answer in answers)
        if is_listed and operation["operationId"] not in BROWSER:
            yield method, path, operation


async def test_a_token_that_is_made_up_or_too_old_is_refused(
    app: FastAPI, script: Script, clock: FakeClock
) -> None:
    caller = script.stage.api
    forger = caller.sibling()
    forger.access = f"{caller.access}x"
    clock.advance(seconds=31 * 60)
    for code, stranger in (("token_invalid", forger), ("token_expired", caller)):
        asked = list(listing(app, code))
        assert len(asked) > 100
        for method, path, operation in asked:
            expect(await script.send(method, path, operation, stranger), 401, code)


async def test_a_body_that_is_no_text_is_refused(app: FastAPI, stage: Stage) -> None:
    asked = [each for each in listing(app, "bad_request") if "requestBody" in each[2]]
    assert len(asked) > 40
    for method, path, operation in asked:
        form = "multipart/form-data" in operation["requestBody"]["content"]
        kind = {"Content-Type": "multipart/form-data; boundary=b"} if form else JSON
        answer = await stage.api.call(method, stage.path(path), content=b"\xff", headers=kind)
        expect(answer, 400, "bad_request")


async def test_beyond_the_rate_every_route_refuses(
    app: FastAPI, script: Script, runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = [
        (each, await script.caller(each[2]["operationId"])) for each in listing(app, "rate_limited")
    ]
    runtime.limiter = RateLimiter(enabled=True)
    for rates in (rate_limit.PER_USER, rate_limit.PER_ADDRESS):
        for name in rates:
            monkeypatch.setitem(rates, name, (Quota(0, 60),))
    for (method, path, operation), caller in asked:
        expect(await script.send(method, path, operation, caller), 429, "rate_limited")


@pytest.fixture
async def without_database(settings: Settings, test_database: str) -> AsyncIterator[FastAPI]:
    """An app whose database takes no connections."""
    url = make_url(test_database).set(host="127.0.0.1", port=1)
    app = create_app(settings)
    app.state.runtime = Runtime.build(settings, url.render_as_string(hide_password=False))
    yield app
    await app.state.runtime.close()


async def test_without_a_database_every_route_that_needs_it_is_unavailable(
    app: FastAPI, script: Script, without_database: FastAPI
) -> None:
    async with AppClient(without_database) as client:
        for method, path, operation in listing(app, "service_unavailable"):
            name = operation["operationId"]
            person, caller = await script.caller(name), Api(without_database, client)
            caller.access, caller.email = person.access, person.email
            caller.password, caller.refresh_token = person.password, person.refresh_token
            if name not in NEED_NO_DATABASE:
                answer = await script.send(method, path, operation, caller)
                expect(answer, 503, "service_unavailable")


BEFORE_MFA = {"pass_mfa", "end_session", "end_other_sessions"}
"""What a session that has not passed the second step may write. Signing out needs no token."""


async def ask(world: World, each: Operation, caller: Api) -> httpx.Response:
    """Send the example of an operation, about things that do not exist."""
    method, path, operation = each
    names = [each["name"] for each in operation.get("parameters", ())]
    script = Script(Stage(caller, dict.fromkeys(names, UNKNOWN_ID)), world, "", UNKNOWN_ID)
    return await script.send(method, path, operation, caller)


def writes(app: FastAPI) -> list[Operation]:
    """The writes that need a caller."""
    return [each for each in operations(app) if each[0] != "GET" and each[2].get("security")]


async def test_a_session_before_its_second_step_writes_nothing(app: FastAPI, world: World) -> None:
    admin = await world.admin()
    await sql(world, "UPDATE users SET mfa_since = now()")
    asked = writes(app)
    assert len(asked) > 60
    for each in asked:
        name, answer = each[2]["operationId"], await ask(world, each, admin)
        if name not in BEFORE_MFA:
            expect(answer, 403, "mfa_required")
        elif name != "pass_mfa":
            assert answer.status_code in (204, 404), name
    promised = {each[2]["operationId"] for each in listing(app, "mfa_required")}
    assert {each[2]["operationId"] for each in asked} - BEFORE_MFA <= promised
    expect(await admin.get("/users/me/export"), 403, "mfa_required")
    for read in ("/users/me", "/auth/sessions", "/users/me/identities", "/posts", "/changes"):
        expect(await admin.get(read), 200)


async def test_who_has_confirmed_no_address_is_refused_wherever_others_would_see(
    app: FastAPI, world: World
) -> None:
    world.configure(publish_needs="verified_email")
    member = await world.member()
    asked = list(listing(app, "email_unverified"))
    assert len(asked) >= 10
    for each in asked:
        expect(await ask(world, each, member), 403, "email_unverified")


class TestWithASecondStep:
    """Where admins need a second step, an admin without one may do nothing as an admin."""

    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return settings.model_copy(update={"admin_mfa": "required"})

    async def test_every_route_of_admins_asks_for_it(self, app: FastAPI, world: World) -> None:
        admin = await world.admin()
        asked = [each for each in listing(app, "mfa_required") if "/admin/" in each[1]]
        assert len(asked) >= 30
        for each in asked:
            expect(await ask(world, each, admin), 403, "mfa_required")
        expect(await admin.patch("/users/me", json={"bio": "まだ何も設定していない"}), 200)
