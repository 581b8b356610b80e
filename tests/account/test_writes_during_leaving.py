"""Each write of a user that waits while the same user leaves is refused."""

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from app.live_log import EVERYONE, Kind
from app.user.service import UserService
from tests.support.api import PREFIX, UNKNOWN_ID, expect
from tests.support.races import start, until_settled
from tests.support.storage import stored
from tests.support.world import PASSWORD, World, picture, token

pytestmark = pytest.mark.anyio

_LEFT = text("""
    WITH ended AS (UPDATE user_sessions SET ended_at = now() WHERE user_id = CAST(:id AS uuid))
    UPDATE users SET left_at = now() WHERE id = CAST(:id AS uuid)
""")

DEVICE = {"kind": "fid", "value": "v", "platform": "ios"}
WISH = {"name": "部屋", "description": "説明", "reason": "理由"}
FILE = {"files": {"file": ("p.jpg", picture(), "image/jpeg")}}
WRITES: dict[str, dict[str, Any]] = {
    "POST /posts": {"json": {"title": "題", "body": "本文"}},
    "PATCH /posts/{own_post_id}": {"json": {"title": "新"}},
    "PUT /posts/{own_post_id}/images": {"json": {"image_ids": []}},
    "DELETE /posts/{own_post_id}": {},
    "PUT /posts/{post_id}/like": {},
    "DELETE /posts/{post_id}/like": {},
    "PUT /posts/{post_id}/mute": {},
    "DELETE /posts/{post_id}/mute": {},
    "PUT /posts/{post_id}/watch": {},
    "DELETE /posts/{post_id}/watch": {},
    "POST /posts/{post_id}/comments": {"json": {"body": "遅れて"}},
    "PATCH /comments/{comment_id}": {"json": {"body": "新"}},
    "DELETE /comments/{comment_id}": {},
    "PUT /lounges/{lounge_id}/favorite": {},
    "DELETE /lounges/{lounge_id}/favorite": {},
    "DELETE /lounges/recent": {},
    "PUT /lounges/{lounge_id}/notifications": {"json": {"level": "all"}},
    "POST /lounge-requests": {"json": WISH},
    "DELETE /lounge-requests/{request_id}": {},
    "POST /reports": {"json": {"target_type": "lounge", "reason": "spam"}},
    "POST /appeals": {"json": {"text": "誤解です"}},
    "POST /notifications/{notification_id}/opened": {},
    "POST /notifications/read": {"json": {"all": True}},
    "PATCH /notifications/settings": {"json": {"reply": False}},
    "PUT /notifications/devices/{install_id}": {"json": DEVICE},
    "DELETE /notifications/devices/{install_id}": {},
    "PATCH /users/me": {"json": {"bio": "遅れて"}},
    "PUT /users/me/avatar": FILE,
    "DELETE /users/me/avatar": {},
    "PUT /users/{user_id}/block": {},
    "DELETE /users/{user_id}/block": {},
    "POST /images": FILE,
    "POST /auth/guest/upgrade": {
        "json": {"email": "late@example.com", "password": PASSWORD, "nickname": "遅い人"}
    },
    "DELETE /auth/sessions": {},
    "DELETE /auth/sessions/{session_id}": {},
    "POST /auth/password/change": {
        "json": {"current_password": PASSWORD, "new_password": "atarashii-kotoba-9"}
    },
    "POST /auth/mfa": {"json": {"code": "123456"}},
    "POST /auth/proof": {"json": {"password": PASSWORD}},
    "POST /auth/email/resend": {},
    "POST /users/me/email": {"json": {"email": "late@example.com", "password": PASSWORD}},
    "DELETE /users/me/identities/{door}": {"json": {"password": PASSWORD}},
}
"""The routes by which a signed-in user writes."""

ELSEWHERE = {
    "POST /auth/guest/upgrade/{provider}",
    "POST /users/me/identities/exchange",
    "POST /users/me/identities/email",
    "POST /users/me/identities/{provider}",
}
"""Writes with a provider or without a password: tests/auth/test_linking_races.py has them."""

WITHOUT_SESSION = {
    "POST /auth/register": "makes a user, who cannot leave before it commits",
    "POST /auth/guest": "makes a user, who cannot leave before it commits",
    "POST /auth/login": "locks the row in `users` when it reads it, and no other row that leaving "
    "locks; leaving then ends the new session",
    "POST /auth/refresh": "locks the session, which leaving ends before it commits; it refuses the "
    "session of a user who has left, and so never meets the erasure",
    "POST /auth/logout": "as a refresh",
    "POST /auth/nonce": "a nonce belongs to no user",
    "POST /auth/password/forgot": "enqueues a job, which reads the user again",
    "POST /auth/password/reset": None,
    "POST /auth/email/verify": None,
    "POST /auth/email/change": None,
    "POST /auth/oauth/exchange": None,
    "POST /auth/oauth/{provider}": None,
    "POST /auth/oauth/apple/callback": None,
}
"""Why a write needs no `begin_write`. None: it has it, which tests/account/test_leaving_tokens.py
shows, and tests/auth/test_native.py for providers.
"""


async def test_every_write_route_is_listed_here(world: World) -> None:
    paths = world.app.openapi()["paths"]
    routes = {
        f"{method.upper()} {path.removeprefix(PREFIX)}": bool(operation.get("security"))
        for path, methods in paths.items()
        for method, operation in methods.items()
        if method != "get"
    }
    own = {
        name.replace("own_post_id", "post_id").replace("{door}", "{provider}") for name in WRITES
    }
    signed_in = {name for name, asks_for_token in routes.items() if asks_for_token}
    # Admin routes lock the content of others that they change. No count includes admin actions.
    others = {name for name in signed_in if "/admin/" in name}
    assert signed_in - others - {"DELETE /users/me"} == own | ELSEWHERE
    assert routes.keys() - signed_in == WITHOUT_SESSION.keys()


async def test_every_write_during_leaving_is_refused(committed_world: World) -> None:
    world = committed_world
    stayer = await world.member()
    post = await world.post(stayer)
    for name, how in WRITES.items():
        leaver = await (world.guest() if "/guest/" in name else world.member())
        author = stayer if "/guest/" in name else leaver
        wish = {**WISH, "name": f"部屋 {token()}"}
        ids = {
            "post_id": post["id"],
            "own_post_id": (await world.post(author))["id"],
            "comment_id": (await world.comment(author, post))["id"],
            "lounge_id": post["lounge"]["id"],
            "request_id": expect(await author.post("/lounge-requests", json=wish), 201)["id"],
            "user_id": stayer.id,
            "install_id": "phone",
            "door": "email",
            "notification_id": UNKNOWN_ID,
            "session_id": (await leaver.ids("/auth/sessions"))[0],
        }
        method, _, path = name.format(**ids).partition(" ")
        sent = dict(how)
        targets = {
            "POST /posts": ("lounge_id", ids["lounge_id"]),
            "POST /reports": ("target_id", ids["lounge_id"]),
            "POST /appeals": ("notification_id", ids["notification_id"]),
        }
        if name in targets:
            field, target = targets[name]
            sent["json"] = {**how["json"], field: target}
        async with world.runtime.unit_of_work() as ctx:
            await UserService(ctx).begin_leaving(UUID(leaver.id))
            call = start(leaver.call(method, path, **sent))
            await until_settled(world, call)
            assert not call.done(), name
            await ctx.session.execute(_LEFT, {"id": leaver.id})
            ctx.changed(EVERYONE, Kind.AUTHOR, UUID(leaver.id))
        expect(await call, 401, "session_revoked")
    assert stored(world) == []
