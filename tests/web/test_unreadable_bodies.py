"""Who may not call a route is refused as such, whether or not the body can be read."""

from fastapi import FastAPI

from tests.support.api import Api, expect, outcome
from tests.support.routes import JSON, Stage, json_routes, operations
from tests.support.world import World


async def suspended(world: World, stage: Stage) -> Api:
    member = await world.member()
    form = {"status": "suspended"}
    expect(await stage.api.patch(f"/admin/users/{member.id}", json=form), 200)
    return member


async def signed_out(world: World) -> Api:
    member = await world.member()
    form = {"refresh_token": member.refresh_token}
    expect(await member.post("/auth/logout", json=form), 204)
    return member


async def test_a_caller_is_refused_before_a_body_that_cannot_be_read(
    app: FastAPI, stage: Stage, world: World
) -> None:
    callers = [
        *(await world.guest(), await world.member()),
        *(await suspended(world, stage), await signed_out(world), world.anonymous()),
    ]
    signed = {(method, path) for method, path, each in operations(app) if each["security"]}
    seen = set()
    for caller in callers:
        for method, path, _ in json_routes(app):
            if (method, path) not in signed:
                continue
            url = stage.path(path)
            readable = await caller.call(method, url, json={"no_such_field": 1})
            for content in (b"{", b"\xff", b"[" * 100_000):
                broken = await caller.call(method, url, content=content, headers=JSON)
                if readable.status_code == 422:
                    assert broken.status_code in (400, 422), path
                else:
                    assert outcome(broken) == outcome(readable), (method, path)
            seen.add(outcome(readable))
    assert seen == {
        *("guest_not_allowed", "account_suspended", "session_revoked", "not_authenticated"),
        *("admin_only", "validation_failed"),
    }
