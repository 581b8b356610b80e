"""What clients send and get when a user leaves."""

from datetime import datetime
from typing import Any, Final

from pydantic import Field

from app.auth.schemas import LineAccessToken
from app.core.schemas import RequestModel, ResponseModel, Secret
from app.post.models import POST_MARKS


class Leave(RequestModel):
    """The password, if the account has one; and LINE's access token, to unlink the app there."""

    password: Secret | None = None
    line_access_token: LineAccessToken | None = None


class ProviderNotification(RequestModel):
    """What Apple's server posts."""

    payload: Secret = Field(
        description="A JWT, signed by Apple", examples=["eyJhbGciOiJSUzI1NiJ9.e30.c2lnbmVk"]
    )


class Heard(ResponseModel):
    """The notification was received, even if it changed nothing."""

    heard: bool = Field(description="Always true", examples=[True])


class Leaving(ResponseModel):
    """The account was deleted and will be erased."""

    completes_by: datetime = Field(description="When everything is erased, at the latest")
    unlink_at_provider: bool = Field(
        description="Whether the app is still linked in LINE, where only the user can unlink it",
        examples=[False],
    )


_POST: Final = "019a4f2e-1b2c-7d3e-8f40-5a6b7c8d9e0f"
_WHEN: Final = "2026-11-03T09:12:45.123456Z"

EXPORT_EXAMPLE: Final[dict[str, Any]] = {
    "exported_at": "2026-11-20T03:00:00.000000Z",
    "user": {
        "id": "019a4f2e-04f8-7996-8da7-63b7a969b102",
        "email": "hanako@example.com",
        "nickname": "はなこ",
    },
    "account": [{"provider": "email", "status": "active", "warning_count": 0}],
    "identities": [
        {"provider": "email", "email": "hanako@example.com", "email_verified": True},
        {"provider": "line", "email": None, "email_verified": False},
    ],
    "second_step": [],
    "connected_apps": [],
    "sessions": [{"user_agent": "App/1.4 (iOS)", "created_at": _WHEN, "ended_at": None}],
    "active_days": [{"day": "2026-11-19"}],
    "devices": [{"install_id": "f3b1c2", "platform": "ios", "seen_at": _WHEN}],
    "blocks": [],
    "favorites": [{"lounge_id": "019a4f2e-0a11-7b22-8c33-4d44e55f6677", "created_at": _WHEN}],
    "recent_views": [],
    "lounge_notifications": [],
    "posts": [
        {
            "id": _POST,
            "title": "喫茶店めぐり",
            "body": "今日は川沿いの店へ。",
            "moderation": "visible",
        }
    ],
    "images": [{"post_id": _POST, "position": 0, "width": 1600, "height": 1200}],
    "comments": [{"post_id": _POST, "parent_id": None, "body": "また行きたいです。"}],
    **{
        mark.export: [{"post_id": _POST, "created_at": _WHEN}] if mark.is_kept else []
        for mark in (table.mark for table in POST_MARKS)
    },
    "notifications": [{"type": "comment", "post_id": _POST, "created_at": _WHEN, "read_at": None}],
    "notification_settings": [{"push_enabled": True, "comment": True, "reply": True}],
    "announcements": [],
    "warnings": [],
    "appeals": [],
    "lounge_requests": [{"name": "純喫茶", "status": "pending", "created_at": _WHEN}],
    "reports": [],
    "connections": [{"act": "signed_in", "address": "192.0.2.1", "created_at": _WHEN}],
}
"""An export, for the document. Its rows are not whole."""
