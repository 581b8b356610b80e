"""What is kept of a request with an `Idempotency-Key`, to know the request again."""

import hashlib
import hmac
import json
from typing import Any

import httpx
import pytest

from app.core.keys import derived_key
from tests.support.api import PREFIX, Api, expect
from tests.support.sql import sql
from tests.support.world import World

pytestmark = pytest.mark.anyio

BY_THE_GUARD, BY_THE_SERVICE = "/posts", "/reports"
"""A route whose own statements compare fingerprints (ADR 0053), and one that runs in `Once.run`."""


class Sender:
    """Sends one request with one key, again and again."""

    def __init__(self, api: Api, path: str, form: dict[str, Any]) -> None:
        self._api, self._path, self._form = api, path, form

    async def send(self) -> httpx.Response:
        return await self._api.post(self._path, json=self._form, key="k")

    def digest(self) -> bytes:
        """The digest that the release before kept."""
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


async def test_no_plain_digest_of_a_body_is_kept(world: World, sender: Sender) -> None:
    expect(await sender.send(), 201)
    assert await kept(world) != sender.digest()
    (secret,) = world.runtime.settings.signing_keys.values()
    key = derived_key(secret, "idempotency")
    assert await kept(world) == hmac.digest(key, sender.digest(), "sha256")


async def test_a_retry_is_known_after_a_rotation_of_the_keys(world: World, sender: Sender) -> None:
    made = await sender.send()
    expect(made, 201)
    use_keys(world, "new:" + "n" * 40, *world.runtime.settings.jwt_keys)
    again = await sender.send()
    assert (again.status_code, again.content) == (201, made.content)
    use_keys(world, "newer:" + "m" * 40)
    expect(await sender.send(), 422, "idempotency_key_reused")


async def test_a_retry_of_a_request_to_the_release_before_is_known(
    world: World, sender: Sender
) -> None:
    made = await sender.send()
    expect(made, 201)
    await sql(world, "UPDATE idempotency_keys SET fingerprint = :digest", digest=sender.digest())
    again = await sender.send()
    assert (again.status_code, again.content) == (201, made.content)
