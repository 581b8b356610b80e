"""Things as the server sends them, for tests without one."""

from linky_client.generated.marks import MARKS

TIME = "2026-11-25T01:34:56.953846Z"
ME = "me-myself"
OTHER = "another"


def author(id_: str) -> dict[str, object]:
    return {"id": id_, "nickname": "人", "avatar_url": None}


def comment(
    id_: str, body: str, author_id: str = OTHER, parent_id: str | None = None
) -> dict[str, object]:
    return {
        "id": id_, "post_id": "p1", "parent_id": parent_id, "author": author(author_id),
        "body": body, "created_at": TIME, "updated_at": TIME, "deleted": False, "reply_count": 0,
        "moderation": "visible", "url": f"https://example.com/p/p1/c/{id_}",
    }  # fmt: skip


def post(id_: str, author_id: str = OTHER) -> dict[str, object]:
    return {
        "id": id_, "lounge": {"id": "l1", "name": "猫"}, "author": author(author_id),
        "title": "題", "body": "本文", "images": [], "comment_count": 0, "like_count": 0,
        **MARKS["post"], "moderation": "visible", "created_at": TIME,
        "updated_at": TIME, "url": f"https://example.com/p/{id_}",
    }  # fmt: skip


def notification(id_: str, actor_id: str = OTHER) -> dict[str, object]:
    return {
        "id": id_, "type": "comment", "read": False, "created_at": TIME,
        "actor": author(actor_id), "post_id": "p1", "comment_id": None, "parent_id": None,
        "lounge_id": None, "lounge_request_id": None, "title": "題", "body": "本文", "url": None,
    }  # fmt: skip
