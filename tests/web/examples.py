"""Requests that are made of the examples of the OpenAPI document, with the ids of a test."""

from typing import Any

import httpx

from tests.support.api import Api, expect
from tests.support.routes import Stage
from tests.support.world import World, picture

type Json = dict[str, Any]

BROWSER = {"authorize_with_provider", "return_from_provider", "return_from_apple"}
"""They redirect a browser. `tests/auth` calls them with a provider."""

OUTSIDE = {
    "verify_email": "invalid_token",
    "reset_password": "invalid_token",
    "exchange_oauth_code": "invalid_code",
    "change_email": "invalid_token",
    "sign_in_with_provider": "provider_not_enabled",
    "hear_apple": "provider_not_enabled",
    "upgrade_guest_with_provider": "provider_not_enabled",
    "link_identity": "provider_not_enabled",
    "link_identity_by_code": "invalid_code",
    "unlink_identity": "identity_not_found",
    "add_email_identity": "provider_already_linked",
    "pass_mfa": "wrong_code",
}
"""They need a secret from a mail, or a provider: this is the answer to an example without it."""


class Script:
    """The people and things that the ids of the examples stand for."""

    def __init__(self, stage: Stage, world: World, image_id: str, case_id: str) -> None:
        self.stage = stage
        self.world = world
        self.image_id = image_id
        stage.ids |= {
            "report_id": case_id,
            "provider": "apple",
            "image_id": image_id,
            "size": "full",
        }

    async def caller(self, name: str) -> Api:
        if name.startswith("upgrade_guest"):
            return await self.world.guest()
        return await self.world.member() if name == "leave" else self.stage.api

    def real(self, value: Any, caller: Api, field: str = "") -> Any:
        """An example with the ids and secrets of this test."""
        ids = {
            **self.stage.ids,
            "parent_id": self.stage.ids.get("comment_id"),
            "target_id": self.stage.ids.get("target_id"),
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

    async def send(
        self, method: str, path: str, operation: Json, caller: Api | None = None
    ) -> httpx.Response:
        name = operation["operationId"]
        caller = caller or await self.caller(name)
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


async def script_of(stage: Stage, world: World) -> Script:
    """Every list has something: a report, a notification, a favorite and so on."""
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
    for reason in ("理由", "別の理由"):
        expect(await api.post(f"/admin/users/{api.id}/warn", json={"reason": reason}), 201)
    unread, appealed = (await api.items("/notifications"))[:2]
    form = {"notification_id": appealed["id"], "text": "誤解です"}
    expect(await api.post("/appeals", json=form), 201)
    form = {"title_ja": "題", "body_ja": "本文", "publish_at": "2030-01-01T00:00:00Z"}
    announced = expect(await api.post("/admin/announcements", json=form), 201)
    stage.ids |= {"notification_id": unread["id"], "announcement_id": announced["id"]}
    return Script(stage, world, (await world.image(api))["id"], case["id"])
