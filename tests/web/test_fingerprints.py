"""What is kept of a request with an `Idempotency-Key`, to know the request again."""

import hashlib
import hmac
import json
from typing import Annotated, Any

import httpx
import pytest
from pydantic import Field
from starlette.requests import Request

from app.auth.schemas import Proof
from app.core.keys import derived_key
from app.core.schemas import Exact, RequestModel, Secret
from app.web.idempotency import form_holds_secret, get_once, sends_secret
from app.web.openapi import api_routes
from tests.support.api import PREFIX, Api, expect
from tests.support.methods import METHODS, social
from tests.support.provider import Providers
from tests.support.sql import sql
from tests.support.world import PASSWORD, World

NEW = "new:" + "n" * 40
"""Another signing key."""

BY_THE_GUARD, BY_THE_SERVICE = "/posts", "/reports"
"""A route whose own statements compare fingerprints (ADR 0053), and one that runs in `Once.run`."""


class Sender:
    """Sends one request with one key, again and again."""

    def __init__(self, api: Api, path: str, form: dict[str, Any]) -> None:
        self._api, self._path, self._form = api, path, form

    async def send(self) -> httpx.Response:
        return await self._api.post(self._path, json=self._form, key="k")

    def digest(self) -> bytes:
        """The digest that the previous release kept."""
        spelled = f"POST {PREFIX}{self._path}\0{json.dumps(self._form, sort_keys=True)}"
        return hashlib.sha256(spelled.encode()).digest()


@pytest.fixture(params=[BY_THE_GUARD, BY_THE_SERVICE])
async def sender(request: pytest.FixtureRequest, world: World) -> Sender:
    api, path = await world.member(), str(request.param)
    if path == BY_THE_GUARD:
        form = {"lounge_id": (await world.lounge())["id"], "title": "題", "body": "文"}
    else:
        post = await world.post(await world.member())
        form = {"target_type": "post", "target_id": post["id"], "reason": "spam"}
    return Sender(api, path, form)


def use_keys(world: World, *keys: str) -> None:
    """As after a restart with other signing keys. Tokens are read with those of before."""
    changed = world.runtime.settings.model_copy(update={"jwt_keys": keys})
    changed.__dict__.pop("signing_keys", None)
    world.runtime.settings = changed


async def kept(world: World) -> bytes:
    (row,) = await sql(world, "SELECT fingerprint FROM idempotency_keys")
    return bytes(row["fingerprint"])


async def test_a_digest_is_kept_that_each_release_knows(world: World, sender: Sender) -> None:
    # 0.1.0 knows nothing else, and may answer the retry: beside this release, or after a way back.
    expect(await sender.send(), 201)
    assert await kept(world) == sender.digest()


async def test_no_plain_digest_of_a_password_is_kept(world: World, idp: Providers) -> None:
    api = await social(world, "line", "taro")
    form = {"email": "taro@example.com", "password": PASSWORD}
    sender = Sender(api, f"{METHODS}/email", form)
    made = await sender.send()
    expect(made, 201)
    (secret,) = world.runtime.settings.signing_keys.values()
    key = derived_key(secret, "idempotency")
    assert await kept(world) == hmac.digest(key, sender.digest(), "sha256")
    use_keys(world, NEW, *world.runtime.settings.jwt_keys)
    again = await sender.send()
    assert (again.status_code, again.content) == (201, made.content)
    use_keys(world, "newer:" + "m" * 40)
    expect(await sender.send(), 422, "idempotency_key_reused")


async def test_a_retry_is_known_without_the_key_of_its_first_try(
    world: World, sender: Sender
) -> None:
    made = await sender.send()
    expect(made, 201)
    use_keys(world, NEW)
    again = await sender.send()
    assert (again.status_code, again.content) == (201, made.content)


async def test_a_retry_of_a_request_to_0_2_0_is_known(world: World, sender: Sender) -> None:
    made = await sender.send()
    expect(made, 201)
    (secret,) = world.runtime.settings.signing_keys.values()
    mac = hmac.digest(derived_key(secret, "idempotency"), sender.digest(), "sha256")
    await sql(world, "UPDATE idempotency_keys SET fingerprint = :mac", mac=mac)
    use_keys(world, NEW, *world.runtime.settings.jwt_keys)
    again = await sender.send()
    assert (again.status_code, again.content) == (201, made.content)


async def test_a_body_with_a_password_or_a_token_is_known_as_one(world: World) -> None:
    """Each route with a key stands here, so that nobody adds one without a look at its body."""
    keyed = {
        f"{route.path}".removeprefix(PREFIX): sends_secret(
            Request({"type": "http", "route": route.original_route})
        )
        for route in api_routes(world.app)
        if get_once in {each.call for each in route.dependant.dependencies}
    }
    secret = {path for path, sends in keyed.items() if sends}
    assert secret == {f"{METHODS}/email", f"{METHODS}/exchange", f"{METHODS}/{{provider}}"}
    assert keyed.keys() - secret == {
        *("/posts", "/posts/{post_id}/comments", "/images", "/lounge-requests", "/reports"),
        *("/appeals", "/admin/announcements", "/admin/lounges", "/admin/users/{user_id}/warn"),
        "/admin/lounge-requests/{request_id}/approve",
    }


class Plain(RequestModel):
    text: Annotated[str, Exact(1, 10)]


class Told(RequestModel):
    told: Annotated[Secret, Field(description="A token")]


class Inherited(Told):
    pass


class Around(RequestModel):
    parts: list[Plain | Told]


@pytest.mark.parametrize("form", [Told, Inherited, Around, Told | None, Proof])
def test_a_secret_is_found_wherever_it_stands(form: Any) -> None:
    assert form_holds_secret(form)


def test_other_bodies_hold_none() -> None:
    assert not form_holds_secret(Plain)
    assert not form_holds_secret(Plain | None)
